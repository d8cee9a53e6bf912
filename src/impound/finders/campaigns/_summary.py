"""Clusters of messages as rows of ``campaigns`` and ``campaign_members``: ids that last, names, and what to say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from impound.finders._events import Change, changes
from impound.finders._mail import Links, Mail, Numbers, key
from impound.finders._working_names import working_names
from impound.finders.campaigns import _ties
from impound.plugin import Engine

MOST_DOMAINS = 10
"""Landing domains that a campaign's row names."""
WEEK = 7 * 86_400


@dataclass(frozen=True)
class Known:
    """What the case knew before: the campaign of each message, and the campaigns' names."""

    messages: Numbers
    campaigns: Numbers
    names: dict[int, str]

    def of(self, messages: Numbers) -> Numbers:
        """The campaign that each message had, or -1."""
        if not len(self.messages):
            return np.full(len(messages), -1)
        place = np.searchsorted(self.messages, messages).clip(max=len(self.messages) - 1)
        found: Numbers = np.where(self.messages[place] == messages, self.campaigns[place], -1)
        return found


def known(engine: Engine) -> Known:
    """What an earlier run found, from the views ``campaigns`` and ``campaign_members``."""
    members = pa.Table.from_batches(
        list(engine.stream("SELECT message_id, campaign_id FROM campaign_members ORDER BY message_id"))
    )
    named = [r for b in engine.stream("SELECT c.id, c.name FROM campaigns c ORDER BY c.id") for r in b.to_pylist()]
    return Known(
        members["message_id"].to_numpy(), members["campaign_id"].to_numpy(), {r["id"]: r["name"] for r in named}
    )


class Summary:
    """The campaigns that some clusters are: those of two messages or more."""

    def __init__(self, mail: Mail, clusters: Numbers, link: Numbers, known: Known) -> None:
        self.mail, self.link, self.known = mail, link, known
        size = np.bincount(clusters, minlength=len(mail))
        self.rows = np.flatnonzero(size[clusters] >= 2)
        order = np.lexsort((mail.ids[self.rows], mail.at[self.rows], clusters[self.rows]))
        self.rows = self.rows[order]  # by cluster, in time
        label = clusters[self.rows]
        edges = np.flatnonzero(np.diff(label, prepend=-1, append=-1))  # where one cluster ends and the next begins
        self.starts, self.ends = edges[:-1], edges[1:]
        self.ids = self._ids()

    def _ids(self) -> Numbers:
        """The id of each campaign: of the old one that gives it most members, or else of its earliest message."""
        first = self.mail.ids[self.rows[self.starts]] if len(self.starts) else self.starts
        ids = first.copy()
        if not len(self.known.messages):
            return ids
        old = self.known.of(self.mail.ids[self.rows])
        claims = []
        for n, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            claims += [(-c, i, n) for i, c in Counter(old[start:end].tolist()).items() if i >= 0]
        taken: set[int] = set()
        mine: set[int] = set()
        for _, campaign, n in sorted(claims):
            if campaign not in taken and n not in mine:
                ids[n] = campaign
                taken.add(campaign)
                mine.add(n)
        for n in range(len(ids)):  # an id that another campaign has inherited
            if n not in mine and int(ids[n]) in taken:
                ids[n] = self._free(n, taken)
        return ids

    def _free(self, n: int, taken: set[int]) -> int:
        members: list[int] = self.mail.ids[self.rows[self.starts[n] : self.ends[n]]].tolist()
        return next(i for i in members if i not in taken)

    def became(self, found: list[dict[str, Any]]) -> list[Change]:
        """What became of the campaigns of an earlier find, with the new rows; nothing where there was none."""
        if not len(self.known.messages):
            return []
        old, new = self.known.of(self.mail.ids[self.rows]), np.repeat(self.ids, self.ends - self.starts)
        pairs, count = np.unique(np.stack([old, new])[:, old >= 0], axis=1, return_counts=True)
        shared = {(a, b): n for a, b, n in zip(*pairs.tolist(), count.tolist(), strict=True)}
        size = dict(zip(*(c.tolist() for c in np.unique(self.known.campaigns, return_counts=True)), strict=True))
        before = {number: (name, size.get(number, 0)) for number, name in self.known.names.items()}
        return list(changes(shared, before, {row["id"]: row["name"] for row in found}))

    def members(self) -> dict[str, Any]:
        """The columns of ``campaign_members``."""
        kinds = self.link[self.rows]
        names = pa.array([*_ties.NAMES, "nothing"])
        strength = np.array([*_ties.STRENGTH, 0.0])
        return {
            "campaign_id": np.repeat(self.ids, self.ends - self.starts),
            "message_id": self.mail.ids[self.rows],
            "link": names.take(pa.array(np.where(kinds < 0, len(_ties.NAMES), kinds))),
            "strength": strength[kinds],
        }

    def campaigns(self, engine: Engine, links: Links, params: _ties.Params) -> list[dict[str, Any]]:
        """The rows of ``campaigns``."""
        mine = set(self.ids.tolist())
        names = working_names(self.ids.tolist(), {i: n for i, n in self.known.names.items() if i in mine})
        subjects = self._texts(engine)
        domains = self._domains(engine, links, params)
        found = []
        for n, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            rows = self.rows[start:end]
            number = int(self.ids[n])
            found.append(self._campaign(rows) | {
                "id": number, "name": names[number], "subject_shape": subjects.get(n), "domains": domains.get(n, []),
            })  # fmt: skip
        return found

    def _campaign(self, rows: Numbers) -> dict[str, Any]:
        mail, kinds = self.mail, self.link[rows]
        at = mail.at[rows][mail.at[rows] > 0]
        share = Counter(kinds.tolist()).most_common(3)
        strength = np.array([*_ties.STRENGTH, 0.0])[kinds]
        return {
            "first_at": datetime.fromtimestamp(int(at[0]), UTC) if len(at) else None,
            "last_at": datetime.fromtimestamp(int(at[-1]), UTC) if len(at) else None,
            "messages": len(rows),
            "hosts": _distinct(mail.host[rows]),
            "networks": _distinct(mail.net[rows]),
            "owners": owners_in_a_week(mail.at[rows], mail.owner[rows]),
            "confidence": round(float(strength.mean()), 6),
            "why": "; ".join(f"{count:,} of {len(rows):,} by {_ties.NAMES[kind]}" for kind, count in share),
        }

    def _texts(self, engine: Engine) -> dict[int, str]:
        """The most frequent subject shape of each campaign."""
        most: dict[int, tuple[int, int]] = {}
        wanted: dict[int, list[int]] = {}
        for n, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            rows = self.rows[start:end]
            shapes, first, count = np.unique(self.mail.subject[rows], return_index=True, return_counts=True)
            best = int(np.lexsort((shapes, -count))[0])
            most[n] = (int(self.mail.ids[rows[first[best]]]), n)
            wanted.setdefault(most[n][0], []).append(n)
        engine.view("campaign_subjects", pa.table({"message_id": pa.array(sorted(wanted), pa.int64())}))
        sql = "SELECT m.id, m.subject_shape FROM messages m JOIN campaign_subjects s ON s.message_id = m.id"
        found = [r for b in engine.stream(sql) for r in b.to_pylist()]
        return {n: r["subject_shape"] for r in found for n in wanted[r["id"]]}

    def _domains(self, engine: Engine, links: Links, params: _ties.Params) -> dict[int, list[str]]:
        """The landing domains of each campaign, the most frequent first."""
        _, landing, _ = _ties.domains(self.mail, links, params)
        ids = np.full(len(self.mail), -1, np.int64)
        ids[self.rows] = np.repeat(np.arange(len(self.starts)), self.ends - self.starts)
        used = landing & (ids[links.message] >= 0)
        pairs = np.unique(np.stack([ids[links.message[used]], links.domain[used], links.message[used]]), axis=1)
        tops, count = np.unique(pairs[:2], axis=1, return_counts=True)
        order = np.lexsort((tops[1], -count, tops[0]))
        rank = np.arange(len(order)) - np.searchsorted(tops[0][order], tops[0][order])
        chosen = order[rank < MOST_DOMAINS]
        names = self._names(engine, set(tops[1][chosen].tolist()))
        found: dict[int, list[str]] = {}
        for n, domain in zip(tops[0][chosen].tolist(), tops[1][chosen].tolist(), strict=True):
            found.setdefault(n, []).append(names[domain])
        return found

    def _names(self, engine: Engine, wanted: set[int]) -> dict[int, str]:
        names = {}
        for batch in engine.stream("SELECT DISTINCT COALESCE(domain, host) AS domain FROM urls"):
            for name in batch["domain"].to_pylist():
                if (number := key(name)) in wanted:
                    names[number] = name
        return names


def _distinct(keys: Numbers) -> int:
    return len(np.unique(keys[keys != 0]))


def owners_in_a_week(at: Numbers, owner: Numbers) -> int:
    """The most owners of networks that a campaign came from in any seven days; ``at`` is in order."""
    counts: Counter[int] = Counter()
    most, start = 0, 0
    times, owners = at.tolist(), owner.tolist()
    for n, time in enumerate(times):
        if owners[n]:
            counts[owners[n]] += 1
        while time - times[start] > WEEK:
            gone = owners[start]
            start += 1
            if gone:
                counts[gone] -= 1
                if not counts[gone]:
                    del counts[gone]
        most = max(most, len(counts))
    return most
