"""A finder sees what others sent; what answers our notices is apart, on every engine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from impound import Case
from impound.case._views import Views
from impound.plugin import Engine

KEY = b"k" * 32
MESSAGE = """Received: from pool-7.isp.example (pool-7.isp.example [198.51.100.{n}]) by mx.receiver.example (Postfix)
 with ESMTP id {n}; Mon, 2 Mar 2026 10:00:0{n} +0000
From: sender{n}@isp.example
To: desk@receiver.example
Subject: letter {n}
Message-ID: <{n}@isp.example>
In-Reply-To: <notice-{n}@receiver.example>

See http://site{n}.example/page for more of letter {n}.
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("mixed")
    for n, vantage in ((1, "inbound"), (2, "reply")):
        (place / f"{n}.eml").write_text(MESSAGE.format(n=n))
        with Case.open_or_create(place / "case", write=True, key=KEY) as case:
            case.read([str(place / f"{n}.eml")], vantage=vantage)
    with Case.open(place / "case", write=True) as case:
        case.find()
    return place / "case"


def seen(case: Path, engine: Engine, table: str, **finder: Any) -> list[int]:
    held = Case.open(case)._store
    Views(held, engine, SimpleNamespace(**finder)).make(table, held.parts(table))  # type: ignore[arg-type]
    column = "offset" if table != "messages" else "bytes"
    return [row for batch in engine.stream(f"SELECT t.{column} AS n FROM {table} t") for row in batch["n"].to_pylist()]


@pytest.mark.parametrize("table", ["messages", "urls", "answers"])
def test_a_finder_does_not_see_replies_unless_it_asks(mixed: Path, engine: Engine, table: str) -> None:
    assert len(seen(mixed, engine, table)) == 1
    assert len(seen(mixed, engine, table, replies=True)) == 2


def test_a_reply_makes_no_host_no_origin_and_no_life(mixed: Path) -> None:
    case = Case.open(mixed)
    assert case.count("messages") == 2
    assert case.query("SELECT client_ip FROM origins").to_pylist() == [{"client_ip": "198.51.100.1"}]
    assert case.query("SELECT ip FROM hosts").to_pylist() == [{"ip": "198.51.100.1"}]
    assert case.query("SELECT subject FROM events WHERE subject = '198.51.100.2'").to_pylist() == []


def test_replies_read_later_change_nothing_that_was_found(mixed: Path, tmp_path: Path) -> None:
    with Case.open_or_create(tmp_path / "case", write=True, key=KEY) as case:
        case.read([str(mixed.parent / "1.eml")])
        case.find()
        before = {t: case.query(f"SELECT * FROM {t}").to_pylist() for t in ("origins", "hosts", "message_labels")}
        case.read([str(mixed.parent / "2.eml")], vantage="reply")
        case.find()
        assert before == {t: case.query(f"SELECT * FROM {t}").to_pylist() for t in before}
