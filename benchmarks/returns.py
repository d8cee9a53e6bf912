"""Returns: ``python benchmarks/returns.py [--seeds FIRST END] [--messages N] [--botnets N] [--difficulty N]``.

For each seed two drills: botnets that stop and come back with other machines, words and campaigns, and the same botnets
in whose place others come. Their first days are the same; they are read and found, and the case is closed. A copy of it
gets the last days of each drill, and the finders run that ``returns`` needs. Printed are the alarms: which botnet they
name, how many days after its first new message, and what was known of it when the case was closed. Leaves with 1 when
unrelated botnets raised one.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import _data

from impound import Case, decisions, drill

STRONG = ("template", "url-pattern", "contact", "constant", "domain")
NEEDED = ("senders", "software", "reply_contacts", "returns")
"""The finders that ``returns`` builds on, and itself."""
OWNERS = """SELECT b.botnet_id, s.paths, m.offset FROM botnet_members b
JOIN origins o ON b.member_type = 'host' AND o.client_ip = b.member
JOIN messages m ON m.id = o.message_id JOIN sources s ON s.id = m.source_id"""


@dataclass(frozen=True)
class Outcome:
    """A botnet that returned, or was replaced: how many days later an alarm named it, and what was known of it."""

    seed: int
    unrelated: bool
    botnet: str
    alarm: float | None
    known: str
    kinds: str = ""


def one(settings: drill.Settings, tmp: Path) -> list[Outcome]:
    """What became of each botnet that was found before the case was closed: when it comes back, when others come."""
    written = {unrelated: tmp / f"drill-{unrelated}" for unrelated in (False, True)}
    for unrelated, out in written.items():
        drill.write(out, replace(settings, unrelated=unrelated))
    with Case.open_or_create(tmp / "case", write=True) as case:
        case.read(_boxes(written[False], 1, settings.returns - 1))
        case.find()
        names = _names(case, written[False])
        decisions.move(case, decisions.CLOSED, "the drill's botnets are silent")
        known = case.query("SELECT botnet_id, kind, COUNT(*) AS n FROM baselines GROUP BY ALL ORDER BY ALL").to_pylist()
    told = {
        number: " ".join(f"{r['kind']}:{r['n']}" for r in known if r["botnet_id"] == number and r["kind"] in STRONG)
        for number in names
    }
    later = {unrelated: replace(settings, unrelated=unrelated) for unrelated in written}
    return [o for unrelated, out in written.items() for o in _later(later[unrelated], tmp / "case", out, names, told)]


def _boxes(out: Path, first: int, last: int) -> list[str]:
    boxes = (out / f"day-{day:03d}.mbox" for day in range(first, last + 1))
    return [str(box) for box in boxes if box.exists()]


def _later(
    settings: drill.Settings, closed: Path, out: Path, names: dict[int, str], told: dict[int, str]
) -> Iterator[Outcome]:
    """The outcome for each botnet when the last days of a drill come into a copy of the closed case."""
    folder = shutil.copytree(closed, out.with_suffix(".case"))
    with Case.open(folder, write=True) as case:
        case.read(_boxes(out, settings.returns, settings.days))
        case.find(NEEDED)
        found = {r["botnet_id"]: r for r in decisions.alarms(case)}
    began = _began(out, settings)
    for number, name in sorted(names.items(), key=lambda item: item[1]):
        late = _days(found.get(number), began.get(f"{name}-again", min(began.values())))
        kinds = " ".join(found[number]["kinds"]) if number in found else ""
        yield Outcome(settings.seed, settings.unrelated, name, late, told[number], kinds)


def _names(case: Case, out: Path) -> dict[int, str]:
    """The true botnet of each one found: the one that most of its addresses' messages are of."""
    truth = {(r["file"], int(r["offset"])): r["botnet"] for r in drill.rows(out, "messages")}
    votes: dict[int, Counter[str]] = {}
    for row in case.query(OWNERS).to_pylist():
        votes.setdefault(row["botnet_id"], Counter())[truth[Path(row["paths"][0]).name, row["offset"]]] += 1
    return {number: max(v.items(), key=lambda item: (item[1], item[0]))[0] for number, v in votes.items()}


def _began(out: Path, settings: drill.Settings) -> dict[str, datetime]:
    """When each botnet that came later sent its first message: by its earliest campaign."""
    began: dict[str, datetime] = {}
    for row in drill.rows(out, "campaigns"):
        for name in row["botnets"].split(","):
            at = datetime.fromisoformat(row["first_at"].replace("Z", "+00:00")).astimezone(UTC)
            later = name.endswith("-again") or int(name.partition("-")[2] or 0) > settings.botnets if name else False
            if later and (name not in began or at < began[name]):
                began[name] = at
    return began


def _days(row: dict[str, Any] | None, began: datetime) -> float | None:
    return (row["alarm_at"] - began) / timedelta(days=1) if row else None


def main() -> None:
    """Write, close, read on and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs=2, default=(501, 521), metavar=("FIRST", "END"))
    for name, default in (("messages", 3000), ("bots", 300), ("innocents", 200), ("botnets", 2), ("difficulty", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = vars(parser.parse_args())
    seeds, found = given.pop("seeds"), list[Outcome]()
    for seed in range(*seeds):
        with _data.scratch("returns") as tmp:
            made = one(drill.Settings(seed=seed, days=20, stops=11, returns=14, **given), Path(tmp))
        for o in made:
            late = "no alarm" if o.alarm is None else f"alarm after {o.alarm:.1f} days by {o.kinds}"
            who = "others came" if o.unrelated else "came back"
            print(f"{o.seed} {o.botnet} {who}: {late}; known: {o.known or 'its program alone'}", flush=True)
        found += made
    _print([o for o in found if not o.unrelated], "came back")
    _print([o for o in found if o.unrelated], "others came")
    sys.exit(1 if any(o.alarm is not None for o in found if o.unrelated) else 0)


def _print(found: list[Outcome], what: str) -> None:
    raised = {o.seed for o in found if o.alarm is not None}
    within = {o.seed for o in found if o.alarm is not None and o.alarm <= 1}
    named = [o.alarm for o in found if o.alarm is not None]
    print(
        f"{what}: {len({o.seed for o in found})} drills, {len(raised)} with an alarm, {len(within)} within a day; "
        f"{len(found)} botnets, {len(named)} named, {sum(a <= 1 for a in named)} within a day"
    )


if __name__ == "__main__":
    main()
