"""No page for the public names anybody: every address in the mail of a drill and in its tables is searched for."""

from __future__ import annotations

import re

import pytest

from impound import Case
from impound.drill import Settings, write

MAILBOX = re.compile(rb"[A-Za-z0-9._%+=-]+@[A-Za-z0-9.-]+")
ADDRESS = re.compile(rb"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")


def leaks(pages: str, secrets: set[str]) -> list[str]:
    """Which of the secrets stand in the pages, in any case of letters, defanged or not."""
    plain = pages.lower().replace("[.]", ".").replace("[@]", "@")
    return sorted(s for s in secrets if s.lower() in plain)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, set[str]]:
    place = tmp_path_factory.mktemp("personal")
    write(place / "mail", Settings(messages=900, bots=90, innocents=60, days=4))
    raw = b"".join(p.read_bytes() for p in (place / "mail").rglob("*") if p.is_file() and p.suffix != ".json")
    secrets = {found.decode() for found in (*MAILBOX.findall(raw), *ADDRESS.findall(raw))}
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "mail")])
        case.find()
        for table, column in (("hosts", "ip"), ("origins", "client_ip"), ("hosts", "net"), ("hosts", "name")):
            secrets |= {str(v) for batch in case.rows(table) for v in batch.column(column).to_pylist() if v}
        site = case.write("public", place / "site")
    return "\n".join(p.read_text("utf-8") for p in site.rglob("*.html")), secrets


def test_no_address_of_a_sender_recipient_or_host_is_published(searched: tuple[str, set[str]]) -> None:
    pages, secrets = searched
    assert "<h2" in pages and len(secrets) > 500
    assert leaks(pages, secrets) == []


def test_the_search_would_find_one(searched: tuple[str, set[str]]) -> None:
    pages, secrets = searched
    secret = max(secrets)
    assert leaks(pages + secret.upper().replace(".", "[.]"), secrets)
