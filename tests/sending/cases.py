"""Made-up cases of which notices are sent, and what they hold afterwards."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from impound import Case
from impound.tables import TABLES

NOW = datetime(2026, 3, 10, tzinfo=UTC)
DAY = 86_400
CONTACTS = "198.51.100.0/24,abuse@one.example\n203.0.113.0/24,abuse@two.example\n"


def at(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp() + days * DAY)))


def host(ip: str, day: int = 9, verdict: str = "infected") -> dict[str, Any]:
    seen = datetime(2026, 3, day, 10, 30, 5, tzinfo=UTC)
    return {"ip": ip, "first_at": seen, "last_at": seen, "messages": 2, "verdict": verdict}


HOSTS = [host("198.51.100.7"), host("198.51.100.8"), host("203.0.113.9"), host("192.0.2.1"),
         host("203.0.113.10", verdict="relay"), host("203.0.113.11", verdict="unclear")]  # fmt: skip


def made(place: Path, port: int, hosts: list[dict[str, Any]] = HOSTS, drill: bool = True, **notices: Any) -> Path:
    with Case.open_or_create(place, write=True, key=b"k" * 32) as case:
        source = [{"id": 1, "drill": drill, "vantage": "inbound"}]
        for name, rows in (("hosts", hosts), ("sources", source)):
            case._store.replace({name: pa.Table.from_pylist(rows, TABLES[name].schema).to_batches()})
    (place / "contacts.csv").write_text(CONTACTS)
    chosen = {"port": port, "sender": "desk@ours.example", "contacts": "contacts.csv", "per_minute": 100_000} | notices
    lines = [f"{k} = {v!r}".replace("'", '"') for k, v in chosen.items()]
    (place / "impound.toml").write_text("[notices]\n" + "\n".join(lines) + "\n")
    return place


def notices(case: Path) -> list[dict[str, Any]]:
    return Case.open(case).query("SELECT ip, audience, state, contact FROM notices ORDER BY ip").to_pylist()


def table(message: EmailMessage) -> list[dict[str, str]]:
    """The hosts in the table that a notice carries."""
    (part,) = (p for p in message.walk() if p.get_content_type() == "text/csv")
    return list(csv.DictReader(io.StringIO(part.get_content())))


def whats(case: Path) -> list[str]:
    return [entry["what"] for entry in Case.open(case).custody() if entry["what"].startswith("notify")]
