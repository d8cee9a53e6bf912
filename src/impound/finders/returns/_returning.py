"""When what is met of a botnet is enough to say that it is back, and what then is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from impound.canonical import plural
from impound.plugin import Engine

PROOFS = 5


@dataclass
class Window:
    """The networks that handed in such mail within the last days, each with its newest message.

    It never holds as many networks as raise an alarm, so a flood costs no memory.
    """

    networks: int
    days: int
    met: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def add(self, at: datetime, net: str, message: int) -> bool:
        """Count a message, no earlier than the one before it; whether its network is the one that was still missing."""
        begins = at - timedelta(days=self.days)
        self.met = {n: m for n, m in self.met.items() if m[0] >= begins} | {net: (at, message)}
        return len(self.met) >= self.networks


@dataclass(frozen=True)
class Alarm:
    """When a botnet had shown enough, whether by messages that tell or by one kind alone, and the messages that did."""

    at: datetime
    tells: bool
    proof: list[int]


def alarm(rows: Iterable[dict[str, Any]], networks: int, lone_networks: int, days: int) -> Alarm | None:
    """The alarm that the mail of one botnet raises, rows of ``return_mail`` in the order of their times."""
    told, lone = Window(networks, days), Window(lone_networks, days)
    for row in rows:
        if row["net"] is None:
            continue
        for window, shown in ((told, row["tells"]), (lone, row["lone"])):
            if shown and window.add(row["seen_at"], row["net"], row["message_id"]):
                proof = [message for _, message in sorted(window.met.values())]
                return Alarm(row["seen_at"], window is told, proof[:PROOFS])
    return None


def alarms(engine: Engine, networks: int, lone_networks: int, days: int) -> dict[int, Alarm]:
    """The alarms by botnet, from the view ``return_mail``."""
    found: dict[int, Alarm] = {}
    for number, rows in _by_botnet(engine):
        if (made := alarm(rows, networks, lone_networks, days)) is not None:
            found[number] = made
    return found


def _by_botnet(engine: Engine) -> Iterator[tuple[int, Iterator[dict[str, Any]]]]:
    """The mail of each botnet in the order of its times, streamed."""
    rows = (row for batch in engine.stream(IN_ORDER) for row in batch.to_pylist())
    for number, mine in groupby(rows, key=lambda row: row["botnet_id"]):
        yield int(number), mine


def rows(engine: Engine, found: dict[int, Alarm]) -> list[dict[str, Any]]:
    """Rows of ``returns`` for every botnet of which something was met."""
    kinds: dict[int, list[dict[str, Any]]] = {}
    for row in (r for b in engine.stream(KINDS) for r in b.to_pylist()):
        kinds.setdefault(row["botnet_id"], []).append(row)
    return [
        _row(row, kinds.get(row["botnet_id"], []), found.get(row["botnet_id"]))
        for batch in engine.stream(SUMMED)
        for row in batch.to_pylist()
    ]


def _row(summed: dict[str, Any], kinds: list[dict[str, Any]], raised: Alarm | None) -> dict[str, Any]:
    which = "any" if raised is None else "told" if raised.tells else "lone"
    counted = {name: summed[f"{which}_{name}"] for name in ("messages", "hosts", "networks", "first_at", "last_at")}
    proof = raised.proof if raised else [summed["first_id"]]
    return {
        "botnet_id": summed["botnet_id"],
        "botnet": summed["botnet"],
        "state": "alarm" if raised else "watch",
        "alarm_at": raised.at if raised else None,
        **counted,
        "kinds": [row["kind"] for row in kinds],
        "why": _why(summed["botnet"], counted, kinds, raised),
        "proof": [{"table": "messages", "id": number} for number in proof],
    }


def _why(name: str, counted: dict[str, Any], kinds: list[dict[str, Any]], raised: Alarm | None) -> str:
    """What was met again, in words; values of expressions are in ``baseline_hits``."""
    shown = ", ".join(f"{_called(row)} ({plural(row['n'], 'message')})" for row in kinds)
    met = f"{plural(counted['messages'], 'message')} from {plural(counted['networks'], 'network')}"
    if raised is None:
        return f"something of {name} is met again, too little to say that it is back: {met} with {shown}"
    how = "two kinds or more together" if raised.tells else "one kind alone, from many networks"
    return f"{name}, or what it was made of, is back since {counted['first_at']:%Y-%m-%d}: {met} show {how} of {shown}"


def _called(row: dict[str, Any]) -> str:
    """A kind with the value met most, where that says something to people."""
    words = {"template": "its wording", "url-pattern": "its way of making links", "software": "its program"}
    return words.get(row["kind"]) or f"its {row['kind']} {row['value']}"


IN_ORDER = """
SELECT m.botnet_id, m.message_id, m.seen_at, m.net, m.tells, m.lone FROM return_mail m
WHERE m.tells OR m.lone ORDER BY m.botnet_id, m.seen_at, m.message_id
"""


def _summed(which: str, condition: str) -> str:
    def when(column: str) -> str:
        return f"CASE WHEN {condition} THEN m.{column} END"

    return (
        f"COUNT({when('message_id')}) AS {which}_messages, COUNT(DISTINCT {when('ip')}) AS {which}_hosts, "
        f"COUNT(DISTINCT {when('net')}) AS {which}_networks, MIN({when('seen_at')}) AS {which}_first_at, "
        f"MAX({when('seen_at')}) AS {which}_last_at"
    )


SUMMED = f"""
SELECT m.botnet_id, MIN(b.botnet) AS botnet, MIN(m.message_id) AS first_id,
  {_summed("any", "1 = 1")}, {_summed("told", "m.tells")}, {_summed("lone", "m.lone")}
FROM return_mail m JOIN (SELECT botnet_id, MIN(botnet) AS botnet FROM baselines GROUP BY botnet_id) b
  ON b.botnet_id = m.botnet_id
GROUP BY m.botnet_id ORDER BY m.botnet_id
"""
KINDS = """
SELECT k.botnet_id, k.kind, k.value, CAST(k.messages AS BIGINT) AS n FROM (
  SELECT v.*, SUM(v.shown) OVER (PARTITION BY v.botnet_id, v.kind) AS messages,
         ROW_NUMBER() OVER (PARTITION BY v.botnet_id, v.kind ORDER BY v.shown DESC, v.value) AS place
  FROM (SELECT b.botnet_id, b.kind, b.value, COUNT(*) AS shown FROM return_bits b
        JOIN return_mail m ON m.botnet_id = b.botnet_id AND m.message_id = b.message_id
        GROUP BY b.botnet_id, b.kind, b.value) v) k
WHERE k.place = 1 ORDER BY k.botnet_id, k.messages DESC, k.kind
"""
