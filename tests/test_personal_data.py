"""Nothing of a recipient stands in a case or its report: from mail to tables, and the search itself can fail."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from impound import Case

ROOT = Path(__file__).parents[1]
ADDRESS = "kmelnik7@mail.example.com"
WORDS = frozenset("our sales dear friend rose mark garden the is not here martin martinis".split()) - {"martin"}  # noqa: SIM905

LETTER = """\
Return-Path: <bounce-17-kmelnik7=mail.example.com@news.example>
Received: from kmelnik7.dsl.example (kmelnik7.dsl.example [192.0.2.7])
\tby mx.example.com (Postfix) with ESMTP id ABC123
\tfor <KMelnik7@Mail.Example.COM>; Mon, 4 Apr 2011 10:00:00 +0000
Message-ID: <20110404.kmelnik7@news.example>
From: "kmelnik7@mail.example.com" <kmelnik7@mail.example.com>
Reply-To: kmelnik7-offers@news.example
To: "Karla Melnik" <KMelnik7@Mail.Example.COM>
Cc: Tom Oldoak <tom.oldoak@example.com>, =?utf-8?q?J=C3=BCrgen?= <juergen.x@example.com>
Subject: kmelnik7, your parcel
Date: Mon, 4 Apr 2011 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

Dear Karla, dear KMELNIK7@mail.example.com (tom.oldoak at example.com)!
http://kmelnik7.shop.example/?e=kmelnik7%40mail.example.com&m={md5}
http://shop.example/{b64}/{url64}/{hex} juergen.x=40example.com
--b
Content-Type: text/html

<p>Hi <b>Melnik, Karla</b> <a href="http://x.example/u?{sha1}">kmelnik7</a>
<span style="display:none">kmelnik7@mail.example.com</span></p>
--b
Content-Type: application/octet-stream; name="kmelnik7.zip"
Content-Transfer-Encoding: base64

AAAA
--b--
"""


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    """The program in ``benchmarks``, as a module."""
    spec = importlib.util.spec_from_file_location("personal_data", ROOT / "benchmarks" / "personal_data.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["personal_data"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def letter() -> bytes:
    raw = ADDRESS.encode()
    codes = {
        "md5": hashlib.md5(raw, usedforsecurity=False).hexdigest(),
        "sha1": hashlib.sha1(raw, usedforsecurity=False).hexdigest().upper(),
        "hex": raw.hex(),
        "b64": base64.b64encode(b"KMelnik7@Mail.Example.COM").decode(),
        "url64": base64.urlsafe_b64encode(b"e=" + raw + b"&n=1").decode(),
    }
    return LETTER.format(**codes).encode()


def all_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from all_strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from all_strings(item)


def test_nothing_of_the_recipients_of_a_letter_stands_in_any_table(
    checker: ModuleType, letter: bytes, tmp_path: Path
) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "1.eml").write_bytes(letter)
    with Case.open_or_create(tmp_path / "case", write=True) as case:
        case.read([str(tmp_path / "mail")])
        case.find()
        tables = ("messages", "bodies", "urls", "attachments", "origins", "rejects")
        rows = {t: [row for batch in case.rows(t) for row in batch.to_pylist()] for t in tables}
        text = "\n".join(all_strings(list(rows.values()))).lower()
        found = checker.check(case, WORDS)
        page = case.written("report").decode().lower()
    for piece in ("kmelnik7", "melnik", "tom.oldoak", "juergen.x", ADDRESS.encode().hex()):
        assert piece not in text
        assert piece not in page
    assert len(rows["messages"][0]["recipients"]) == 3
    assert found.searched == 1
    assert not found.counts


def test_the_made_mail_holds_none_of_its_recipients(
    checker: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runpy.run_path(str(ROOT / "tests" / "made_mail.py"))["main"]([str(tmp_path / "mail")])
    assert checker.main([str(tmp_path / "mail")]) == 0
    printed = capsys.readouterr().out
    assert "298 messages searched" in printed
    assert "\naddress: 0 places" in printed
    assert "\ncoded address: 0 places" in printed
    assert "\nlocal part: 0 places" in printed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to KMelnik7@mail.example.com now", "address"),
        ("?e=kmelnik7%40mail.example.com&", "address"),
        ("bounce-kmelnik7=mail.example.com@news.example", "address"),
        (base64.b64encode(b"e=kmelnik7@mail.example.com").decode(), "coded address"),
        (ADDRESS.encode().hex().upper(), "coded address"),
        (hashlib.sha256(ADDRESS.encode()).hexdigest(), "coded address"),
        ("dear Kmelnik7!", "local part"),
        ("http://xkmelnik7y.example/", "local part"),
        ("nothing of hers: melnik7, mail.example.com", ""),
        ("", ""),
    ],
)
def test_the_search_finds_what_is_there(checker: ModuleType, text: str, kind: str) -> None:
    searcher = checker.Searcher(WORDS)
    searcher.search(1, [("bodies.text", text)], checker.recipients(b"To: <KMelnik7@Mail.Example.com>\n\n"))
    assert {k for k, columns in searcher.found.counts.items() if columns} == ({kind} if kind else set())


@pytest.mark.parametrize(
    ("recipient", "text", "kinds"),
    [
        ("sales@example.com", "our sales", set()),
        ("postmaster@example.com", "the postmaster", set()),
        ("jd@example.com", "jd here", set()),
        ("martin@example.com", "martinis", set()),
        ("martin@example.com", "Martin is not here", {"local part"}),
        ("mark.rose@example.com", "mark.rose is here", {"local part"}),
        ("desk@desk.example.com", "mx.desk.example.com", {"local part: the organisation's own host name"}),
    ],
)
def test_the_search_tells_names_from_words(checker: ModuleType, recipient: str, text: str, kinds: set[str]) -> None:
    searcher = checker.Searcher(WORDS)
    searcher.search(1, [("messages.subject", text)], checker.recipients(f"To: {recipient}\n\n".encode()))
    assert {k for k, columns in searcher.found.counts.items() if columns} == kinds


def test_the_search_reads_every_header_that_names_a_recipient(checker: ModuleType) -> None:
    raw = (
        b"Received: from a by b for <one@example.com>; Mon, 4 Apr 2011 10:00:00 +0000\nDelivered-To: two@example.com\n"
        b"X-Original-To: three@example.com\nResent-To: x <four@example.com>\nApparently-To: five@example.com\n"
        b"Bcc: =?utf-8?q?six=40example=2Ecom?=\nTo: undisclosed-recipients:;\nFrom: seven@example.com\n\n"
    )
    names = {person.local for person in checker.recipients(raw)}
    assert names == {"one", "two", "three", "four", "five", "six"}
