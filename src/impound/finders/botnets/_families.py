"""Hypotheses: whether a botnet's mail looks as what was published of a family of spam bots.

Traits stand in ``families.toml`` with who published them and of which year's mail they speak. A hypothesis needs two
traits that half of the botnet's messages show each. It stays a hypothesis: programs are sold, copied and rewritten,
and the table is older than the mail. It says how old.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from impound.finders._mail import Flags, Numbers
from impound.plugin import Engine

ENOUGH = 2
"""Traits that must be shown."""
SHARE = 0.5
"""Share of a botnet's messages that must show a trait."""
READ = ("mailer", "header_order", "from_addr")
"""The columns of ``messages`` that a pattern may ask."""


@dataclass(frozen=True, eq=False)
class Trait:
    """What was published of a family's mail: patterns by column, all of which must match."""

    says: str
    year: int
    source: str
    patterns: dict[str, str]

    def shown(self, rows: pa.Table) -> Flags:
        """Which rows show it."""
        found = np.ones(len(rows), bool)
        for column, pattern in self.patterns.items():
            matched = pc.fill_null(pc.match_substring_regex(rows[column], pattern), False)
            found &= matched.to_numpy(zero_copy_only=False).astype(bool)
        return found


@dataclass(frozen=True)
class Family:
    """A family of spam bots, when and how it ended, and its traits."""

    name: str
    last: date
    ended: str
    traits: tuple[Trait, ...]


@lru_cache
def families() -> tuple[Family, ...]:
    """Those that are shipped."""
    text = resources.files("impound.finders.botnets").joinpath("families.toml").read_text("utf-8")
    return tuple(
        Family(f["name"], f["last"], f["ended"], tuple(Trait(**t) for t in f["trait"]))
        for f in tomllib.loads(text)["family"]
    )


def hypotheses(
    engine: Engine, botnets: dict[int, Numbers], known: tuple[Family, ...] | None = None
) -> list[dict[str, Any]]:
    """The rows of ``botnet_hypotheses``, for botnets by id with their messages; from the view ``messages``."""
    known = families() if known is None else known
    if not botnets:
        return []
    messages = np.unique(np.concatenate(list(botnets.values())))
    engine.view("botnet_mail", pa.table({"message_id": messages}))
    traits = [trait for family in known for trait in family.traits]
    shown, at = _shown(engine, messages, traits)
    found = []
    for number, mine in sorted(botnets.items()):
        rows = np.searchsorted(messages, mine)
        share = dict(zip(traits, shown[:, rows].mean(axis=1).tolist(), strict=True))
        found += [_row(number, family, share, int(at[rows].max())) for family in known if _enough(family, share)]
    return found


def _shown(engine: Engine, messages: Numbers, traits: list[Trait]) -> tuple[Flags, Numbers]:
    """For each trait which messages show it; and the time of each message."""
    shown, at = np.zeros((len(traits), len(messages)), bool), np.zeros(len(messages), np.int64)
    for batch in engine.stream(_ASKED):
        rows = pa.Table.from_batches([batch])
        place = np.searchsorted(messages, rows["id"].to_numpy())
        at[place] = rows["seen_at"].cast(pa.int64()).fill_null(0).to_numpy() // 1_000_000
        for n, trait in enumerate(traits):
            shown[n, place] = trait.shown(rows)
    return shown, at


def _enough(family: Family, share: dict[Trait, float]) -> bool:
    return sum(share[trait] >= SHARE for trait in family.traits) >= ENOUGH


def _row(number: int, family: Family, share: dict[Trait, float], at: int) -> dict[str, Any]:
    found = [trait for trait in family.traits if share[trait] >= SHARE]
    return {
        "botnet_id": number,
        "family": family.name,
        "share": round(min(share[trait] for trait in found), 6),
        "reasons": [f"{t.says}, in {share[t]:.0%} of its messages ({t.source}; mail of {t.year})" for t in found],
        "why": " ".join(_age(family, found, datetime.fromtimestamp(at, UTC).date())),
    }


def _age(family: Family, found: list[Trait], last: date) -> Iterator[str]:
    """How old what is known is against the botnet's newest message."""
    years = (last - family.last).days / 365.25
    seen = sorted({trait.year for trait in found})
    yield f"{len(found)} of {len(family.traits)} published traits, of mail of {', '.join(map(str, seen))}."
    if years > 0:
        old = f"{years:.0f} years" if years >= 2 else "less than two years"
        yield f"{family.name} ended {old} before this mail ({family.last}: {family.ended}): rather a copy of it."
    yield "A hypothesis: programs are sold and copied."


_ASKED = f"""
SELECT m.id, m.seen_at, {", ".join(f"m.{name}" for name in READ)}
FROM messages m JOIN botnet_mail b ON b.message_id = m.id
"""
