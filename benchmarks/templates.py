"""Templates on later mail, on ham and on drills: ``python benchmarks/templates.py CASE [--against CASE …]``.

CASE is one that was read and looked through (``impound investigate``). From the first messages of every campaign of a
hundred or more, in order of arrival, templates are learnt; the share of the rest that one of them matches is printed,
in the median and for each campaign. Templates are learnt from a campaign alone, so no ham was seen by any: then all of
them are tried on the mail of the other cases, where every match is named, for somebody to read. ``--labels`` does the
same on the ham of CASE by the labels of the TREC set, without the campaigns that have ham in them. The curve shows the
misses by the number of messages learnt from. The CPU of matching with a thousand templates is printed as well.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import _data
import campaigns

from impound import Case
from impound.check.face import face
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature, compiled
from impound.finders import _whole
from impound.finders._learn import learn

LARGE = 100
CURVE = (5, 10, 20, 35, 50, 75)
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
    """The signatures of the first messages."""
    return [Signature(n, t.regex, t.anchors) for n, t in enumerate(learn(shown[:first]))]


def share(signatures: list[Signature], shown: list[str]) -> float:
    """How many of the messages one of the signatures matches."""
    matcher = Matcher(signatures)
    return sum(bool(matcher.match_face(s)) for s in shown) / len(shown)


def later(mail: Faces, found: dict[int, list[int]], first: int) -> dict[int, list[Signature]]:
    """Print what templates of the first messages match of the rest; gives the templates."""
    made, shares = {}, {}
    for campaign, members in found.items():
        shown = [mail[m][0] for m in members]
        made[campaign] = learnt(shown, first)
        shares[campaign] = share(made[campaign], shown[first:])
    for campaign, matched in sorted(shares.items(), key=lambda s: -len(found[s[0]])):
        print(f"  {campaign:19} {len(found[campaign]):5,} messages {len(made[campaign])} templates {matched:.3f}")
    strong = [s for c, s in shares.items() if made[c]]
    print(f"of the rest, after the first {first}: median {statistics.median(shares.values()):.4f} of {len(shares)}"
          f" campaigns; of the {len(strong)} that have a signature {statistics.median(strong or [0]):.4f}")  # fmt: skip
    return made


def curve(mail: Faces, found: dict[int, list[int]]) -> None:
    """Print the misses by how many messages were learnt from; campaigns that get a signature from 50."""
    for first in CURVE:
        misses = []
        for members in found.values():
            shown = [mail[m][0] for m in members]
            if learnt(shown, 50):
                misses.append(1 - share(learnt(shown, first), shown[max(CURVE) :]))
        print(f"learnt from {first:3}: misses in the median {statistics.median(misses):.4f}, "
              f"campaigns under 1 %: {sum(m < 0.01 for m in misses)} of {len(misses)}")  # fmt: skip


def ham(matcher: Matcher, mail: Faces, name: str) -> int:
    """Print which messages are matched; gives how many."""
    matched = [(path, found) for shown, path in mail.values() if (found := matcher.match_face(shown))]
    for path, found in matched[:20]:
        print(f"  {name}: {path} matched by {found}")
    print(f"{name}: {len(matched)} of {len(mail):,} matched")
    return len(matched)


def cost(mail: Faces, signatures: list[Signature]) -> None:
    """Print the CPU that a thousand templates add to making faces, and what a megabyte of the worst costs."""
    many = [replace(signatures[n % len(signatures)], id=n) for n in range(1000)]
    some = list(mail.values())[:5000]
    matcher = Matcher(many)
    start = time.process_time()
    for shown, _ in some:
        matcher.match_face(shown)
    print(f"1,000 templates: {1e6 * (time.process_time() - start) / len(some):.0f} µs of CPU a message")
    for size in (250_000, 500_000, 1_000_000):
        print(f"  {size:9,} bytes of its own first fixed texts, the slowest of all expressions: "
              f"{max(_seconds(s, size) for s in signatures):.3f} s")  # fmt: skip


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
    cost(mail, signatures)
    if given.curve:
        curve(mail, found)
    sys.stdout.flush()


if __name__ == "__main__":
    assert _data.SCRATCH
    main()
