"""Draw pairs of messages to judge: ``python benchmarks/draw_pairs.py CASE LABELS [--seed N] [--each N] > pairs.tsv``.

CASE is a case that has read the TREC set, LABELS its table of labels. Written are first, second (the numbers of the two
inmail files) and the stratum they were drawn for. The strata look for what makes grouping hard; no grouping is used to
find them, only equal fields, shared word triples and words of a topic. A message of a frequent kind is drawn more
rarely than its numbers, and no rough kind gives more than LIMIT pairs, so that the loudest sender does not dominate.

With --inside the pairs come from the campaigns that the case already has, to put a finder to the test on what it did:
the least alike pairs within its campaigns, where it may have joined too much, and the most alike pairs between two of
them, where it may have split.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, islice
from pathlib import Path

import duckdb
import numpy as np

LIMIT = 4
"""The most pairs of one landing domain or subject shape."""
BANDS = 6
WEEK = 7 * 86400
TOPICS = {
    "medicines": r"viagra|cialis|pharmac|\bmeds?\b|pills?\b|medication|levitra",
    "watches": r"rolex|watch(es)?\b|replica",
    "stocks": r"\b(stock|ticker|symbol|trading|shares|price)\b",
    "software": r"adobe|photoshop|\boem\b|windows (xp|vista)|autocad",
    "casino": r"casino|poker|jackpot|roulette",
    "loans": r"mortgage|refinanc|\bloans?\b|\brates?\b",
    "growth": r"enlarge|penis|inches|\bsize\b",
    "degrees": r"diploma|degree|universit",
    "money": r"lottery|next of kin|beneficiary|western union|bank account|million (us|dollars|pounds)",
    "letters": r"\b(i am|my name is|dear friend|girl|lonely)\b",
}
SQL = """
SELECT s.paths[1] path, m.subject_shape subject, m.header_order headers, m.mime_shape mime, m.list_id list,
       CASE WHEN coalesce(length(b.text), 0) >= coalesce(length(b.html_text), 0) THEN b.text ELSE b.html_text END words,
       u.hosts, u.shapes, a.images, a.sizes
FROM '{0}/messages/*.parquet' m JOIN '{0}/sources/*.parquet' s ON s.id = m.source_id
LEFT JOIN (SELECT body_sha256, min(text) "text", min(html_text) html_text FROM '{0}/bodies/*.parquet' GROUP BY ALL) b
  USING (body_sha256)
LEFT JOIN (SELECT message_id, list(DISTINCT "domain" ORDER BY "domain") hosts,
                  list(DISTINCT path_shape ORDER BY path_shape) shapes
           FROM '{0}/urls/*.parquet' WHERE "domain" <> 'w3.org' GROUP BY ALL) u ON u.message_id = m.id
LEFT JOIN (SELECT message_id, list(DISTINCT image_hash ORDER BY image_hash) images,
                  list(DISTINCT bytes ORDER BY bytes) sizes
           FROM '{0}/attachments/*.parquet' WHERE image_hash IS NOT NULL GROUP BY ALL) a ON a.message_id = m.id
"""

MEMBERS = """
SELECT s.paths[1], c.campaign_id FROM '{0}/campaign_members/*.parquet' c
JOIN '{0}/messages/*.parquet' m ON m.id = c.message_id JOIN '{0}/sources/*.parquet' s ON s.id = m.source_id
"""
LARGEST, SMALLER, LEAST = 80, 40, 5
"""Campaigns looked into: so many of the largest, so many others by lot, none of fewer messages than the last."""
SAMPLE = 40
"""Messages compared of one campaign, or of one bucket between campaigns."""
ACROSS = 20


@dataclass(slots=True)
class Mail:
    """What the strata look at of one message."""

    number: int
    spam: bool
    at: int
    subject: str
    layout: tuple[str, str]
    list_id: str
    text: str
    hosts: list[str]
    shapes: list[str]
    images: list[str]
    sizes: list[int]
    topics: list[str] = field(default_factory=list)
    triples: frozenset[int] = frozenset()
    lowest: list[int] = field(default_factory=list)

    @property
    def rough(self) -> Hashable:
        """A kind, for the sake of drawing evenly: a landing domain, or else the subject."""
        return self.hosts[0] if self.hosts else self.subject or self.layout


def alike(a: Mail, b: Mail) -> float:
    """The Jaccard measure of the word triples of two messages."""
    both = len(a.triples & b.triples)
    return both / (len(a.triples) + len(b.triples) - both) if both else 0.0


def near_pictures(a: Mail, b: Mail) -> bool:
    """Whether two messages have pictures within eight bits of each other."""
    return any((int(x, 16) ^ int(y, 16)).bit_count() <= 8 for x in a.images for y in b.images)


def likeness(a: Mail, b: Mail) -> float:
    """How much two messages have in common, of text, landing domain, picture, subject and order of headers."""
    subject, headers = bool(a.subject) and a.subject == b.subject, a.layout[0] == b.layout[0]
    host = bool(set(a.hosts) & set(b.hosts))
    return alike(a, b) + host + near_pictures(a, b) + subject / 2 + headers / 4


def load(case: Path, labels: Path) -> list[Mail]:
    """Every message of the case that has a label."""
    with labels.open(encoding="utf-8", newline="") as lines:
        known = {row["file"]: row for row in csv.DictReader(lines, delimiter="\t")}
    rng = np.random.default_rng(1)
    odd, add = rng.integers(1, 2**32, (2, BANDS, 1), dtype=np.uint64)
    mails = []
    for path, subject, headers, mime, list_id, text, hosts, shapes, images, sizes in (
        duckdb.connect().execute(SQL.format(case / "tables")).fetchall()
    ):
        row = known.get(Path(path).name)
        if not row or row["label"] not in ("spam", "ham"):
            continue
        words = re.findall(r"\w+", (text or "").lower())[:600]
        triples = {zlib.crc32(" ".join(words[i : i + 3]).encode()) for i in range(len(words) - 2)}
        mail = Mail(
            int(Path(path).suffix[1:]), row["label"] == "spam", int(row["received_epoch"] or 0), subject or "",
            (headers or "", mime or ""), list_id or "", " ".join(words), hosts or [], shapes or [], images or [],
            sizes or [], [name for name, pattern in TOPICS.items() if re.search(pattern, " ".join(words))],
            frozenset(triples),
        )  # fmt: skip
        if triples:
            hashed = (np.fromiter(triples, np.uint64)[None, :] * (odd | np.uint64(1)) + add) >> np.uint64(16)
            mail.lowest = (hashed & np.uint64(0xFFFFFFFF)).min(axis=1).tolist()
        mails.append(mail)
    return sorted(mails, key=lambda m: m.number)


class Draw:
    """Pairs from the buckets of a key: a bucket by lot, then two of its messages, by lot again."""

    def __init__(self, mails: list[Mail], seed: int, layouts: int) -> None:
        self.mails = mails
        self.layouts = layouts or len(mails)
        self.lot = random.Random(seed)
        self.used: Counter[Hashable] = Counter()
        self.taken: set[tuple[int, int]] = set()
        sizes = Counter(m.rough for m in mails)
        self.weight = {m.number: sizes[m.rough] ** -0.5 for m in mails}

    def pairs(self, key: Callable[[Mail], list[Hashable]], tries: int = 60_000) -> Iterator[tuple[Mail, Mail]]:
        """Two messages with a value of the key in common, without end but for the tries."""
        buckets: dict[Hashable, list[Mail]] = defaultdict(list)
        for mail in self.mails:
            for value in key(mail):
                buckets[value].append(mail)
        full = [bucket for bucket in buckets.values() if len(bucket) > 1]
        for _ in range(tries if full else 0):
            bucket = self.lot.choice(full)
            a, b = self.lot.choices(bucket, [self.weight[m.number] for m in bucket], k=2)
            if a is not b:
                yield a, b

    def take(
        self, count: int, key: Callable[[Mail], list[Hashable]], fits: Callable[[Mail, Mail], bool], week: bool = True
    ) -> list[tuple[int, int]]:
        """Up to count pairs that fit, within a week of each other or beyond it, and of no kind too often."""
        taken: list[tuple[int, int]] = []
        layouts: Counter[Hashable] = Counter()
        for a, b in self.pairs(key):
            if len(taken) == count:
                break
            kinds = {a.rough, b.rough, ("subject", a.subject), ("subject", b.subject)} - {("subject", "")}
            pair = (min(a.number, b.number), max(a.number, b.number))
            if pair in self.taken or (abs(a.at - b.at) <= WEEK) != week or not fits(a, b):
                continue
            both = {(m.layout, *m.topics) for m in (a, b)}
            if any(self.used[kind] >= LIMIT for kind in kinds) or any(layouts[kind] >= self.layouts for kind in both):
                continue
            self.used.update(kinds)
            layouts.update(both)
            self.taken.add(pair)
            taken.append(pair)
        return taken


def campaigns(case: Path, mails: list[Mail]) -> list[list[Mail]]:
    """The campaigns of the case, the largest first, each with its messages by number."""
    by_number = {mail.number: mail for mail in mails}
    found: dict[int, list[int]] = defaultdict(list)
    for path, campaign in duckdb.connect().execute(MEMBERS.format(case / "tables")).fetchall():
        if (number := int(Path(path).suffix[1:])) in by_number:
            found[campaign].append(number)
    ordered = sorted((sorted(numbers) for numbers in found.values()), key=lambda n: (-len(n), n))
    return [[by_number[number] for number in numbers] for numbers in ordered]


def inside(groups: list[list[Mail]], lot: random.Random) -> Iterator[tuple[int, int]]:
    """The two least alike pairs of each of the largest campaigns, and one of each of some smaller; no message twice."""
    full = [group for group in groups if len(group) >= LEAST]
    smaller = lot.sample(full[LARGEST:], min(SMALLER, len(full[LARGEST:])))
    for group, count in [(group, 2) for group in full[:LARGEST]] + [(group, 1) for group in smaller]:
        used: set[int] = set()
        for _, first, second in ranked(combinations(lot.sample(group, min(SAMPLE, len(group))), 2)):
            if len(used) == 2 * count:
                break
            if not used & {first, second}:
                used |= {first, second}
                yield first, second


def between(groups: list[list[Mail]], lot: random.Random) -> Iterator[tuple[int, int]]:
    """The most alike pairs of two campaigns, no campaign more than twice and no two campaigns again."""
    of = {mail.number: place for place, group in enumerate(groups) for mail in group}
    buckets: dict[Hashable, list[Mail]] = defaultdict(list)
    for group in groups:
        for mail in lot.sample(group, min(SAMPLE, len(group))):
            parts = [("part", h[i : i + 4]) for h in mail.images for i in (0, 4, 8, 12)]
            for value in dict.fromkeys([*mail.hosts, *enumerate(mail.lowest), *parts]):
                buckets[value].append(mail)
    close: dict[tuple[int, int], float] = {}
    for bucket in buckets.values():
        some = lot.sample(bucket, min(SAMPLE, len(bucket)))
        pairs = ((a, b) for a, b in combinations(some, 2) if of[a.number] != of[b.number])
        close.update({(first, second): score for score, first, second in ranked(pairs)})
    used: Counter[Hashable] = Counter()
    for first, second in sorted(close, key=lambda pair: (-close[pair], pair)):
        kinds: list[Hashable] = [of[first], of[second], frozenset((of[first], of[second]))]
        if used[kinds[0]] < 2 and used[kinds[1]] < 2 and not used[kinds[2]]:
            used.update(kinds)
            yield first, second


def ranked(pairs: Iterable[tuple[Mail, Mail]]) -> list[tuple[float, int, int]]:
    """How alike the pairs are, and their numbers, the least alike first."""
    return sorted((likeness(a, b), min(a.number, b.number), max(a.number, b.number)) for a, b in pairs)


def strata(draw: Draw, each: int) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Every stratum with its pairs."""

    def topic(m: Mail) -> list[Hashable]:
        return list(m.topics) if m.spam else []

    def near(m: Mail) -> list[Hashable]:
        return list(enumerate(m.lowest))

    def quiet(m: Mail) -> list[Hashable]:
        return [t for t in m.topics if t in ("stocks", "money", "letters")] if m.spam and not m.hosts else []

    def images(m: Mail) -> list[Hashable]:
        return [("part", h[i : i + 4]) for h in m.images for i in (0, 4, 8, 12)] + [("size", s) for s in m.sizes]

    def spam(a: Mail, b: Mail) -> bool:
        return a.spam and b.spam

    third = each // 3
    yield "a", draw.take(each - each // 4, topic, lambda a, b: alike(a, b) < 0.05)
    yield "a", draw.take(each // 4, topic, lambda a, b: alike(a, b) < 0.05, week=False)
    yield "b", draw.take(third, lambda m: [(*m.layout, m.subject)], lambda a, b: spam(a, b) and alike(a, b) < 0.1)
    yield (
        "b",
        draw.take(
            third,
            lambda m: [s for s in m.shapes if m.spam and len(s) > 4],
            lambda a, b: spam(a, b) and alike(a, b) < 0.1 and a.rough != b.rough,
        ),
    )
    yield "b", draw.take(third, lambda m: list(m.hosts) if m.spam else [], lambda a, b: alike(a, b) < 0.1)
    yield "c", draw.take(each, near, lambda a, b: (a.spam or b.spam) and 0.1 <= alike(a, b) <= 0.5)
    yield "d", draw.take(each - third, near, lambda a, b: spam(a, b) and alike(a, b) > 0.5)
    yield "d", draw.take(third, near, lambda a, b: not (a.spam or b.spam or a.list_id) and alike(a, b) > 0.5)
    yield "e", draw.take(each, images, lambda a, b: spam(a, b) and seen_alike(a, b))
    yield "f", draw.take(third, lambda m: list(m.hosts), lambda a, b: a.spam != b.spam)
    yield "f", draw.take(third, near, lambda a, b: a.spam != b.spam or (not a.spam and alike(a, b) < 0.5))
    yield "f", draw.take(third, lambda m: [m.list_id] if m.list_id else [], lambda a, b: not a.spam)
    yield "g", draw.take(each, lambda m: [m.at // 86400] if m.spam else [], spam)
    yield "h", draw.take(third, quiet, spam)
    yield "h", draw.take(each - third, lambda m: near(m) if quiet(m) else [], lambda a, b: alike(a, b) < 0.7)
    yield "b", draw.take(third, lambda m: [(m.layout, t) for t in topic(m)], lambda a, b: alike(a, b) < 0.03)
    yield "c", draw.take(third, near, lambda a, b: spam(a, b) and 0.01 < alike(a, b) < 0.1 and apart(a, b))
    yield "d", draw.take(third, near, lambda a, b: spam(a, b) and alike(a, b) > 0.5 and apart(a, b))
    yield (
        "e",
        draw.take(third, lambda m: [m.layout] if m.images else [], lambda a, b: spam(a, b) and not seen_alike(a, b)),
    )


def apart(a: Mail, b: Mail) -> bool:
    """Whether two messages have links, and none to one domain."""
    return bool(a.hosts and b.hosts) and not set(a.hosts) & set(b.hosts)


def seen_alike(a: Mail, b: Mail) -> bool:
    """Whether two messages with few words have pictures of one size in bytes, or within eight bits of each other."""
    return len(a.text) + len(b.text) < 1200 and (near_pictures(a, b) or bool(set(a.sizes) & set(b.sizes)))


def main() -> None:
    """Load, draw, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("case", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--seed", type=int, default=2007)
    parser.add_argument(
        "--layouts", type=int, default=4, help="pairs of one layout and topic in a part of a stratum (4)"
    )
    parser.add_argument("--each", type=int, default=45, help="pairs of one stratum (45)")
    parser.add_argument("--inside", action="store_true", help="stratum i alone, from the campaigns of the case")
    args = parser.parse_args()
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    out.writerow(["first", "second", "stratum"])
    mails = load(args.case, args.labels)
    if args.inside:
        lot, groups = random.Random(args.seed), campaigns(args.case, mails)
        out.writerows([first, second, "i"] for first, second in inside(groups, lot))
        out.writerows([first, second, "i"] for first, second in islice(between(groups, lot), ACROSS))
        return
    for name, pairs in strata(Draw(mails, args.seed, args.layouts), args.each):
        out.writerows([first, second, name] for first, second in pairs)


if __name__ == "__main__":
    main()
