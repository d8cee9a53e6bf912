"""From sending to the effect: whom ``notify`` told and whom its lots left out are the two sides that are compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from impound import Case
from impound.tables import TABLES
from sending.cases import NOW, at, host, made
from sending.sink import Sink

HOSTS = [host(f"198.51.100.{n}") for n in range(1, 201)]


def later(place: Path, held: set[str], days: int) -> None:
    """What is read until then: hosts that were told of send for three days more, the others for seventeen."""
    end = NOW + timedelta(days=days)
    lasts = {row["ip"]: 17 if row["ip"] in held else 3 for row in HOSTS}
    rows: dict[str, list[dict[str, Any]]] = {
        "hosts": [row | {"last_at": NOW + timedelta(days=lasts[row["ip"]])} for row in HOSTS],
        "sources": [{"id": 1, "drill": True, "vantage": "inbound", "read_at": datetime(2027, 1, 1, tzinfo=UTC)}],
        "messages": [{"id": n, "source_id": 1, "seen_at": end, "clock": "receiver"} for n in range(3)],
        "origins": [{"message_id": n, "client_net": f"192.0.2.{n}/32", "trusted_hops": 1} for n in range(3)],
    }
    with Case.open(place, write=True) as case:
        for name, found in rows.items():
            case._store.replace({name: pa.Table.from_pylist(found, TABLES[name].schema).to_batches()})
        case.find(["lives", "effects"])


def test_those_told_and_those_left_out_by_lots_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sink() as sink:
        place = made(tmp_path / "case", sink.port, HOSTS, hold_out=50, repeat_days=90)
        planned, _ = Case.open(place).notify(send=True)
        held = set(planned.held_out)
        at(monkeypatch, 20)
        later(place, held, 20)
        Case.open(place).notify(send=True)  # what is held out stays so, and what was told is not told again
    with Case.open(place, write=True) as case:
        case.find(["effects"])
    rows = Case.open(place).query("SELECT * FROM effects ORDER BY side DESC").to_pylist()
    assert [(r["side"], r["hosts"], r["stopped"]) for r in rows] == [
        ("told", 200 - len(held), 200 - len(held)), ("held-out", len(held), 0)
    ]  # fmt: skip
    assert rows[0]["median_days"] == 3.0 and "those told of stop sooner" in rows[0]["why"]
    last = Case.open(place).query("SELECT subject, to_state FROM events WHERE subject_type = 'host'").to_pylist()
    assert {e["subject"] for e in last if e["to_state"] == "held-out"} == held
    assert {e["subject"] for e in last if e["to_state"] == "clean"} == {r["ip"] for r in HOSTS} - held


def test_right_after_sending_nothing_can_be_said(tmp_path: Path) -> None:
    with Sink() as sink:
        place = made(tmp_path / "case", sink.port, HOSTS, hold_out=50)
        Case.open(place).notify(send=True)
    (told, _) = Case.open(place).query("SELECT * FROM effects ORDER BY side DESC").to_pylist()
    assert told["recent"] > 60 and told["why"].startswith("nothing can be said of what telling does: 0 told and 0 held")
