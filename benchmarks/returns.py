"""Returns: ``python benchmarks/returns.py [--seeds FIRST END] [--unrelated] [--messages N] [--botnets N]``.

For each seed a drill whose botnets stop, and come back with other machines, words and campaigns; with ``--unrelated``
others come in their place. Its first days are read and found, and the case is closed; then its last days are read, and
the finders run that ``returns`` needs. Printed are the alarms: which botnet they name, how many days after its first
new message, and what was known of it when the case was closed. Leaves with 1 when an unrelated drill raised one.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
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
    botnet: str
    alarm: float | None
    known: str
    kinds: str = ""


def one(settings: drill.Settings, tmp: Path) -> list[Outcome]:
    """The outcome for each botnet of a drill that was found before the case was closed."""
    out, days = tmp / "drill", range(1, settings.days + 1)
    drill.write(out, settings)
    boxes = {day: str(out / f"day-{day:03d}.mbox") for day in days if (out / f"day-{day:03d}.mbox").exists()}
    with Case.open_or_create(tmp / "case", write=True) as case:
        case.read([box for day, box in boxes.items() if day < settings.returns])
        case.find()
        names = _names(case, out)
        decisions.move(case, decisions.CLOSED, "the drill's botnets are silent")
        known = case.query("SELECT botnet_id, kind, COUNT(*) AS n FROM baselines GROUP BY ALL ORDER BY ALL").to_pylist()
        case.read([box for day, box in boxes.items() if day >= settings.returns])
        case.find(NEEDED)
        found = {r["botnet_id"]: r for r in decisions.alarms(case)}
    began = _began(out, settings)
    return [
        Outcome(
            settings.seed, name, _days(found.get(number), began.get(f"{name}-again", min(began.values()))),
            " ".join(f"{r['kind']}:{r['n']}" for r in known if r["botnet_id"] == number and r["kind"] in STRONG),
            " ".join(found[number]["kinds"]) if number in found else "",
        )
        for number, name in sorted(names.items())
    ]  # fmt: skip


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
    parser.add_argument("--unrelated", action="store_true")
    for name, default in (("messages", 3000), ("bots", 300), ("innocents", 200), ("botnets", 2), ("difficulty", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = vars(parser.parse_args())
    seeds, found = given.pop("seeds"), list[Outcome]()
    for seed in range(*seeds):
        with _data.scratch("returns") as tmp:
            found += one(drill.Settings(seed=seed, days=20, stops=11, returns=14, **given), Path(tmp))
        for o in (o for o in found if o.seed == seed):
            late = "no alarm" if o.alarm is None else f"alarm after {o.alarm:.1f} days by {o.kinds}"
            print(f"{o.seed} {o.botnet}: {late}; known: {o.known or 'its program alone'}", flush=True)
    _print(found, given["unrelated"])
    sys.exit(1 if given["unrelated"] and any(o.alarm is not None for o in found) else 0)


def _print(found: list[Outcome], unrelated: bool) -> None:
    drills = {o.seed for o in found}
    raised = {o.seed for o in found if o.alarm is not None}
    within = {o.seed for o in found if o.alarm is not None and o.alarm <= 1}
    who = "unrelated ones" if unrelated else "the same ones"
    print(f"{len(drills)} drills, {len(found)} botnets known when closed; {who} came later")
    print(f"drills with an alarm: {len(raised)}, within a day of the return: {len(within)}")
    for what, some in (("of all", found), ("of those with more than a program known", [o for o in found if o.known])):
        named = [o.alarm for o in some if o.alarm is not None]
        print(f"botnets named {what}: {len(named)} of {len(some)}, within a day {sum(a <= 1 for a in named)}")


if __name__ == "__main__":
    main()
