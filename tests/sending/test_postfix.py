"""The notices and letters of a drill through a real Postfix, which has a folder of its own and is stopped again."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections import Counter
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from impound import Case
from impound.drill import Settings, write
from sending.cases import at

pytest.importorskip("reportlab")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def runner() -> ModuleType:
    """What starts Postfix for the benchmark."""
    spec = importlib.util.spec_from_file_location("_postfix", BENCHMARKS / "_postfix.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


POSTFIX = runner()
needs_postfix = pytest.mark.skipif(bool(POSTFIX.missing()), reason=f"NO POSTFIX, nothing was sent: {POSTFIX.missing()}")
SETTINGS = """
[notices]
port = {port}
sender = "desk@ours.example"
contacts = "contacts.csv"
fresh_days = 0
per_minute = 100000
"""
REFUSALS = {"gone@customers.example": "550 5.1.1 nobody is called gone", "away@customers.example": "450 4.2.0 away"}


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("postfix")
    write(place / "mail", Settings(messages=500, bots=40, innocents=30, days=3))
    with Case.open_or_create(place / "case", write=True) as case:
        case.read([str(place / "mail")])
        case.find()
    return place / "case"


def configured(case: Path, port: int) -> list[str]:
    """The infected hosts, each with an owner; two of them have mailboxes that are not taken."""
    sql = "SELECT DISTINCT ip FROM hosts WHERE verdict = 'infected' AND last_at IS NOT NULL ORDER BY ip"
    ips = [row["ip"] for row in Case.open(case).query(sql, tables=["hosts"]).to_pylist()]
    owners = ["gone", "away", *(f"owner{n}" for n in range(len(ips)))]
    lines = (f"{ip},,,{who}@customers.example,en\n" for ip, who in zip(ips, owners, strict=False))
    (case / "customers.csv").write_text("".join(lines))
    (case / "contacts.csv").write_text("240.0.0.0/8,abuse@one.example\n198.18.0.0/15,abuse@two.example\n")
    (case / "impound.toml").write_text(SETTINGS.format(port=port))
    return ips


def sent(case: Path, wanted: int) -> tuple[Any, list[EmailMessage]]:
    """What ``notify`` says it did, and what Postfix delivered."""
    with tempfile.TemporaryDirectory() as folder, POSTFIX.postfix(Path(folder), REFUSALS) as (port, box):
        assert len(configured(case, port)) == wanted
        _, done = Case.open(case).notify(send=True, letters=case / "customers.csv")
        POSTFIX.at_rest(box, most=120)
        return done, list(POSTFIX.delivered(box))


@needs_postfix
def test_what_is_sent_arrives_once_and_what_is_refused_is_written_down(
    drill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 0)
    hosts = len(configured(drill, 25))
    done, came = sent(drill, hosts)
    entries = Case.open(drill).custody()
    ids = Counter(message["Message-ID"].strip("<>") for message in came)
    begun = {e["message_id"]: e for e in entries if e["what"] == "notify sending"}
    letters = [m for m in came if m["To"].endswith("@customers.example")]
    assert hosts > 10 and len(letters) == hosts - 2 and (done.refused, done.later) == (1, 1)
    assert set(ids.values()) == {1} and len(ids) == done.taken == len(begun) - 2 and set(ids) < set(begun)
    assert all("by mail.example (Postfix)" in m["Received"] for m in came)
    for letter in letters:
        (ip,) = begun[letter["Message-ID"].strip("<>")]["hosts"]
        assert ip in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    answers = {e["what"]: e["answer"] for e in entries if e["what"] in ("notify refused", "notify later")}
    assert answers == {"notify refused": "550 5.1.1", "notify later": "450 4.2.0"}
    assert Case.open(drill).verify() == []
