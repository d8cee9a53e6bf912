"""Templates on later mail, on ham and on drills: ``python benchmarks/templates.py CASE [--against CASE …]``.

CASE is one that was read and looked through (``impound investigate``). From the first messages of every campaign of a
hundred or more, in order of arrival, templates are learnt; the share of the rest that one of them matches is printed,
in the median and for each campaign. Templates are learnt from a campaign alone, so no ham was seen by any: then all of
them are tried on the mail of the other cases, where every match is named, for somebody to read. ``--labels`` does the
same on the ham of CASE by the labels of the TREC set, without the campaigns that have ham in them, and counts of the
pairs of messages judged the same campaign those that one template of the finder matches both of. Templates of headers
alone count where they match the first messages of their own campaign and next to none of the others', as the finder
demands. ``--curve`` shows the misses by the number of messages learnt from, ``--cost`` the CPU of ``impound check``
with a thousand different templates and with none, on a thousand messages of CASE.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import _data
import campaigns

from impound import Case
from impound.check.classifier import shipped
from impound.check.face import face
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature, compiled
from impound.checking import Checker
from impound.finders import _whole
from impound.finders.patterns import _heads
from impound.finders.patterns._learn import learn
from impound.finders.patterns.templates import OWN

LARGE = 100
MANY = 1_000
CURVE = (5, 10, 20, 35, 50, 75)
MESSAGES = 1_000
Faces = dict[int, tuple[str, str]]


def faces(case: Case) -> Faces:
    """The face of every message, and the path of its source."""
    sql = "SELECT m.id, s.paths FROM messages m JOIN sources s ON s.id = m.source_id"
    paths = {r["id"]: r["paths"][0] for r in case.query(sql).to_pylist()}
    return {number: (face(mail), paths[number]) for number, mail in _mails(case)}


def _mails(case: Case) -> Iterator[tuple[int, Mail]]:
    with case._viewing(_whole.READS) as engine:
        _whole.whole(engine)
        for batch in engine.stream("SELECT * FROM whole"):
            yield from _whole.mails(batch)


def groups(case: Case) -> dict[int, list[int]]:
    """The messages of each large campaign in order of arrival."""
    sql = f"""SELECT m.campaign_id, m.message_id FROM campaign_members m JOIN campaigns c ON c.id = m.campaign_id
      JOIN messages t ON t.id = m.message_id WHERE c.messages >= {LARGE} ORDER BY t.seen_at, t.id"""
    found: dict[int, list[int]] = {}
    for r in case.query(sql).to_pylist():
        found.setdefault(r["campaign_id"], []).append(r["message_id"])
    return found


def learnt(shown: list[str], first: int) -> list[Signature]:
    """The signatures of the first messages, by their words and, the last one, by their headers."""
    made = [Signature(n, t.regex, t.anchors) for n, t in enumerate(learn(shown[:first]))]
    head = _heads.head(shown[:first])
    return [*made, Signature(len(made), head.regex, (head.constant,))] if head else made


def telling(made: dict[int, list[Signature]], firsts: dict[int, list[str]]) -> dict[int, list[Signature]]:
    """Without those of headers alone that tell a program: they match the first messages of other campaigns too."""
    kept: dict[int, list[Signature]] = {}
    for campaign, signatures in made.items():
        kept[campaign] = [s for s in signatures if not s.wordless or _own(s, campaign, firsts) >= OWN]
    return kept


def _own(signature: Signature, campaign: int, firsts: dict[int, list[str]]) -> float:
    """Of the first messages of all campaigns that a signature matches the share that is its own campaign's."""
    matcher = Matcher([signature])
    counts = {c: sum(bool(matcher.match_face(s)) for s in shown) for c, shown in firsts.items()}
    return counts[campaign] / max(1, sum(counts.values()))


def share(signatures: list[Signature], shown: list[str]) -> float:
    """How many of the messages one of the signatures matches."""
    matcher = Matcher(signatures)
    return sum(bool(matcher.match_face(s)) for s in shown) / len(shown)


def later(mail: Faces, found: dict[int, list[int]], first: int) -> dict[int, list[Signature]]:
    """Print what templates of the first messages match of the rest; gives the templates."""
    firsts = {campaign: [mail[m][0] for m in members[:first]] for campaign, members in found.items()}
    made = telling({campaign: learnt(shown, first) for campaign, shown in firsts.items()}, firsts)
    shares, words = {}, []
    for campaign, members in found.items():
        rest = [mail[m][0] for m in members[first:]]
        shares[campaign] = share(made[campaign], rest)
        words.append(share([s for s in made[campaign] if not s.wordless], rest))
    for campaign, matched in sorted(shares.items(), key=lambda s: -len(found[s[0]])):
        print(f"  {campaign:19} {len(found[campaign]):5,} messages {len(made[campaign])} templates {matched:.3f}")
    strong = [s for c, s in shares.items() if made[c]]
    print(f"of the rest, after the first {first}: median {statistics.median(shares.values()):.4f} of {len(shares)}"
          f" campaigns; of the {len(strong)} that have a signature {statistics.median(strong or [0]):.4f}")  # fmt: skip
    print(f"by their words alone: median {statistics.median(words):.4f}")
    return made


def pairs(case: Case, mail: Faces) -> None:
    """Print of the pairs judged the same campaign how many one template of the finder matches both of."""
    rows = case.query("SELECT id, regex, anchors, state FROM templates WHERE regex IS NOT NULL").to_pylist()
    place = {int(path.rpartition(".")[2]): shown for shown, path in mail.values()}
    judged = [p for p in campaigns.pairs() if p.same and p.first in place and p.second in place]
    for name, states in (("proposed", ("proposed",)), ("learnt", ("proposed", "withheld"))):
        matcher = Matcher(Signature(r["id"], r["regex"], tuple(r["anchors"])) for r in rows if r["state"] in states)
        met = {n: set(matcher.match_face(place[n])) for p in judged for n in (p.first, p.second)}
        both, one = (sum(bool(found) for found in by) for by in zip(*(
            (met[p.first] & met[p.second], met[p.first] | met[p.second]) for p in judged), strict=True))  # fmt: skip
        print(f"pairs judged the same: {len(judged)}; one template that is {name} matches both of {both}, "
              f"some template one of {one}")  # fmt: skip


def curve(mail: Faces, found: dict[int, list[int]]) -> None:
    """Print the misses by how many messages were learnt from; campaigns that get a signature from 50."""
    for first in CURVE:
        shown = {campaign: [mail[m][0] for m in members] for campaign, members in found.items()}
        known = telling({c: learnt(s, 50) for c, s in shown.items()}, {c: s[:50] for c, s in shown.items()})
        made = telling({c: learnt(s, first) for c, s in shown.items()}, {c: s[:first] for c, s in shown.items()})
        misses = [1 - share(made[c], s[max(CURVE) :]) for c, s in shown.items() if known[c]]
        print(f"learnt from {first:3}: misses in the median {statistics.median(misses):.4f}, "
              f"campaigns under 1 %: {sum(m < 0.01 for m in misses)} of {len(misses)}")  # fmt: skip


def ham(matcher: Matcher, mail: Faces, name: str) -> int:
    """Print which messages are matched; gives how many."""
    matched = [(path, found) for shown, path in mail.values() if (found := matcher.match_face(shown))]
    for path, found in matched[:20]:
        print(f"  {name}: {path} matched by {found}")
    print(f"{name}: {len(matched)} of {len(mail):,} matched")
    return len(matched)


def worst(signatures: list[Signature]) -> None:
    """Print what a text costs that is made to be slow."""
    for size in (250_000, 500_000, 1_000_000):
        print(f"  {size:9,} bytes of its own first fixed texts, the slowest of all expressions: "
              f"{max(_seconds(s, size) for s in signatures):.3f} s")  # fmt: skip


def thousand(case: Case, mail: Faces) -> list[Signature]:
    """A thousand different signatures, each of ten messages of some campaign."""
    members: dict[int, list[int]] = {}
    for r in case.query("SELECT campaign_id, message_id FROM campaign_members ORDER BY 1, 2").to_pylist():
        members.setdefault(r["campaign_id"], []).append(r["message_id"])
    some, chance = [m for m in members.values() if len(m) >= 5], random.Random(7)
    found: dict[str, Signature] = {}
    while len(found) < MANY:
        drawn = chance.choice(some)
        for made in learn([mail[m][0] for m in chance.sample(drawn, min(10, len(drawn)))]):
            found.setdefault(made.regex, Signature(len(found), made.regex, made.anchors))
    return list(found.values())


class _Told:
    """What a checker asks for the template of a message."""

    def __init__(self, signatures: list[Signature]) -> None:
        self.matcher = Matcher(signatures)

    def of(self, mail: Mail) -> tuple[int | None, int | None]:
        """The first template, and no campaign."""
        found = self.matcher.match(mail)
        return (found[0] if found else None), None


def cost(case: Case, mail: Faces) -> None:
    """Print the CPU of checks with a thousand templates and with none."""
    rows = case.query(f"SELECT m.source_id, m.offset FROM messages m ORDER BY m.id LIMIT {MESSAGES}").to_pylist()
    with _data.scratch("templates") as place:
        for n, r in enumerate(rows):
            (Path(place) / f"{n}.eml").write_bytes(case.original(r["source_id"], r["offset"]))
        checkers = {name: Checker(shipped()) for name in ("none", "1,000")}
        checkers["1,000"]._templates = _Told(thousand(case, mail))  # type: ignore[assignment]
        took = dict.fromkeys(checkers, math.inf)
        for _ in range(4):  # the first time expressions are compiled
            for name, checker in checkers.items():
                start = time.process_time()
                sum(v.template is not None for v in checker.check([str(place)]))
                took[name] = min(took[name], time.process_time() - start)
    print(f"check of {len(rows):,} messages: {took['none']:.2f} s of CPU without templates, {took['1,000']:.2f} s with "
          f"1,000: {100 * (took['1,000'] / took['none'] - 1):.0f} % more")  # fmt: skip


def _seconds(signature: Signature, size: int) -> float:
    """CPU for a text that keeps an expression hoping: its fixed texts but the last, again and again."""
    again = " ".join(signature.anchors[:-1]).encode()
    raw = b"\n" * 10 + (again + b" ") * (size // (len(again) + 1))
    start = time.process_time()
    compiled(signature.regex).match(raw)
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("case", type=Path)
    parser.add_argument("--against", type=Path, nargs="*", default=[])
    parser.add_argument("--first", type=int, default=50)
    parser.add_argument("--labels", action="store_true", help="the ham of CASE too, by the labels of the TREC set")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--cost", action="store_true")
    given = parser.parse_args()
    case = Case.open(given.case)
    mail, found = faces(case), groups(case)
    made = later(mail, found, given.first)
    said = campaigns.labels() if given.labels else {}
    label = {n: said.get(int(path.rpartition(".")[2])) for n, (_, path) in mail.items()} if said else {}
    spam = {c: s for c, s in made.items() if not any(label.get(m) == "ham" for m in found[c][: given.first])}
    signatures = [replace(s, id=n) for n, s in enumerate(s for each in spam.values() for s in each)]
    matcher = Matcher(signatures)
    if label:
        ham(matcher, {n: m for n, m in mail.items() if label[n] == "ham"}, f"ham of {given.case.name}")
    for other in given.against:
        ham(matcher, faces(Case.open(other)), other.name)
    worst([s for s in signatures if not s.wordless])
    if label:
        pairs(case, mail)
    if given.cost:
        cost(case, mail)
    if given.curve:
        curve(mail, found)
    sys.stdout.flush()


if __name__ == "__main__":
    assert _data.SCRATCH
    main()
