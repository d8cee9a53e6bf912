"""What telling does, in simulated cases where it is known: ``python benchmarks/effect.py [--seeds N] [--hosts N]``.

Machines are infected one after the other, send now and then, are cleaned sooner in one network than in another, and
some are infected again. Notices go out once a day; lots leave a part of the hosts untold, by the same hash with the
case key as in ``impound notify``. Being told of makes what is left of an infection shorter by a factor: 2 in one half
of the cases and 1 (nothing) in the other. Printed: in how many cases an effect was claimed; how far the shares that
still send after 14 days are from the true ones; how often their intervals hold the truth.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from impound.finders.effects import Effects
from impound.plugin import load
from impound.sending._plan import held_out
from impound.tables import TABLES

START = datetime(2026, 1, 1, tzinfo=UTC)
EACH = 10
"""Hosts of a network."""


@dataclass(frozen=True)
class World:
    """What happens in a simulated case; times in days."""

    hosts: int = 600
    percent: int = 30
    """Hosts that are left untold."""
    factor: float = 2.0
    """By how much being told of shortens what is left."""
    half: float = 20.0
    """Days after which half of the infections of a middling network are gone by themselves."""
    alike: float = 0.7
    """How unlike networks are in that (standard deviation of the logarithm)."""
    often: float = 1.0
    """Messages a day of a middling host."""
    again: float = 0.1
    """Share of the hosts that are infected again."""
    infecting: float = 90.0
    first_notice: float = 10.0
    end: float = 125.0


@dataclass(frozen=True)
class Truth:
    """A host as it was: its side, and what was left of its infection when its time began."""

    held: bool
    left: float


def at(day: float) -> datetime:
    """A day of the simulation as a time."""
    return START + timedelta(days=float(day))


def case(world: World, seed: int) -> tuple[dict[str, pa.Table], list[Truth]]:
    """The tables of a simulated case, and what is true of the hosts that were told of or left untold."""
    rng, key = np.random.default_rng(seed), seed.to_bytes(32, "big")
    hosts: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    truths: list[Truth] = []
    speeds = np.exp(rng.normal(0, world.alike, -(-world.hosts // EACH)))
    for number in range(world.hosts):
        net = number // EACH
        ip = f"198.{18 + net // 256}.{net % 256}.{1 + number % EACH}"
        held = held_out(key, ip, world.percent)
        begun, rate = rng.uniform(0, world.infecting), world.often * np.exp(rng.normal(0, 0.5))
        lasts = rng.exponential(world.half / np.log(2) / speeds[net])
        first = begun + rng.exponential(1 / rate)
        told = max(world.first_notice, np.ceil(first)) + 1 / 3  # the daily run, at eight in the morning
        if first < begun + lasts and told < world.end:
            if told < begun + lasts and not held:
                lasts = told - begun + (begun + lasts - told) / world.factor
            truths.append(Truth(held, max(0.0, begun + lasts - told)))
            state = {"audience": "none", "state": "held-out"} if held else {"audience": "network", "state": "sent"}
            notices.append({"ip": ip, "at": at(told), **state})
        spans = [(first, begun + lasts)]
        if rng.random() < world.again:
            once_more = begun + lasts + rng.exponential(40)
            spans.append((once_more, once_more + rng.exponential(world.half)))
        hosts += _stretches(ip, f"198.{18 + net // 256}.{net % 256}.0/24", _seen(rng, spans, rate, world.end))
    return _tables(hosts, notices, world), truths


def _seen(rng: np.random.Generator, spans: list[tuple[float, float]], rate: float, end: float) -> list[float]:
    """When a host was seen: at the beginning of each span, and by chance until its end."""
    found = []
    for first, last in spans:
        if first < min(last, end):
            more = rng.poisson(rate * (min(last, end) - first))
            found += [first, *rng.uniform(first, min(last, end), more)]
    return sorted(found)


def _stretches(ip: str, net: str, seen: list[float]) -> list[dict[str, Any]]:
    """Rows of ``hosts``: a new one after seven quiet days."""
    cuts = [0, *(i for i in range(1, len(seen)) if seen[i] - seen[i - 1] >= 7), len(seen)]
    pieces = [seen[a:b] for a, b in pairwise(cuts) if a < b]
    return [{"ip": ip, "net": net, "first_at": at(p[0]), "last_at": at(p[-1]), "messages": len(p),
             "verdict": "infected"} for p in pieces]  # fmt: skip


def _tables(hosts: list[dict[str, Any]], notices: list[dict[str, Any]], world: World) -> dict[str, pa.Table]:
    end = at(world.end)
    rows: dict[str, list[dict[str, Any]]] = {
        "hosts": hosts,
        "notices": notices,
        "sources": [{"id": 1, "vantage": "trap", "read_at": end}],
        "messages": [{"id": n, "source_id": 1, "seen_at": end, "clock": "receiver"} for n in range(3)],
        "origins": [{"message_id": n, "client_net": f"203.0.113.{n}/32", "trusted_hops": 1} for n in range(3)],
    }
    return {name: pa.Table.from_pylist(found, TABLES[name].schema) for name, found in rows.items()}


def found(tables: dict[str, pa.Table]) -> dict[str, dict[str, Any]]:
    """What the finder says of each side."""
    engine = load("engines", "duckdb")()
    try:
        for name, table in tables.items():
            engine.view(name, table)
        Effects().find(engine)
        rows = [row for batch in engine.stream("SELECT * FROM effects") for row in batch.to_pylist()]
    finally:
        engine.close()
    return {row["side"]: row for row in rows}


def claimed(sides: dict[str, dict[str, Any]]) -> bool:
    """Whether it is said that telling does something."""
    return "those told of stop" in str(sides["told"]["why"])


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--hosts", type=int, default=World.hosts)
    chosen = parser.parse_args()
    for factor in (2.0, 1.0):
        world = World(hosts=chosen.hosts, factor=factor)
        said, off, holds = 0, [], 0
        for seed in range(1, chosen.seeds + 1):
            tables, truths = case(world, seed)
            sides = found(tables)
            said += claimed(sides)
            for name, held in (("told", False), ("held-out", True)):
                true = float(np.mean([t.left > 14 for t in truths if t.held == held]))
                off.append(sides[name]["share"] - true)
                holds += sides[name]["share_low"] <= true <= sides[name]["share_high"]
        words = "notices halve what is left" if factor == 2 else "notices do nothing"
        print(f"{words}: an effect claimed in {said} of {chosen.seeds} cases of {world.hosts} hosts, "
              f"{world.percent} of 100 held out")  # fmt: skip
        print(f"  share that still sends after 14 days: off by {np.mean(off):+.3f} ± {np.std(off):.3f}; "
              f"interval holds the truth {holds} times of {len(off)}")  # fmt: skip
        print(f"  the last one: {sides['told']['why']}")


if __name__ == "__main__":
    main()
