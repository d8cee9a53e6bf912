"""Lives over mail that was really read: a date to come, wherever it stands, closes nobody's life."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from impound import Case
from impound.tables import TABLES

MESSAGE = """Received: from pool.isp.example ([{ip}]) by mx.receiver.example (Postfix)
 with ESMTP id {n}; {received}
From: sender{n}@isp.example
To: desk@receiver.example
Subject: letter {n}
Date: {date}

Text {n}.
"""
READ = datetime(2026, 3, 9, tzinfo=UTC)
ORDINARY = "Sun, 8 Mar 2026 10:00:00 +0000"
FUTURE = "Thu, 1 Jan 2099 00:00:00 +0000"
INFECTED = {"ip": "198.51.100.7", "first_at": datetime(2026, 3, 1, tzinfo=UTC), "messages": 3, "verdict": "infected",
            "last_at": datetime(2026, 3, 1, 9, tzinfo=UTC)}  # fmt: skip


def states(place: Path, mail: list[tuple[str, str, str]]) -> list[str]:
    """What becomes of a host last seen eight days ago, in a case with mail of these clients and two dates each."""
    with Case.open_or_create(place / "case", write=True) as case:
        for n, (ip, received, date) in enumerate(mail):
            (place / f"{n}.eml").write_text(MESSAGE.format(n=n, ip=ip, received=received, date=date))
            case.read([str(place / f"{n}.eml")])
        case.find(["senders"])
        hosts = pa.Table.from_pylist([INFECTED], TABLES["hosts"].schema)
        case._store.replace({"hosts": hosts.to_batches()})
        case.find(["lives"])
        return [row["to_state"] for row in case.query("SELECT to_state FROM events ORDER BY events.at").to_pylist()]


CLIENTS = ("192.0.2.1", "203.0.113.1", "198.51.100.200")
BEFORE = [(ip, ORDINARY, ORDINARY) for ip in CLIENTS]


@pytest.fixture(autouse=True)
def _read_on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(READ.timestamp())))


@pytest.mark.parametrize(("networks", "found"), [(3, ["confirmed", "quiet"]), (2, ["confirmed"])])
def test_mail_of_three_networks_says_how_late_it_is(tmp_path: Path, networks: int, found: list[str]) -> None:
    assert states(tmp_path, BEFORE[:networks]) == found


@pytest.mark.parametrize(
    ("received", "date"),
    [(FUTURE, FUTURE), ("at some time", FUTURE), (ORDINARY, FUTURE)],
    ids=["a clock of ours is wrong", "only the sender says when", "the sender lies"],
)
def test_mail_from_2099_closes_nothing(tmp_path: Path, received: str, date: str) -> None:
    assert states(tmp_path, [*BEFORE, *((ip, received, date) for ip in CLIENTS)]) == ["confirmed", "quiet"]
