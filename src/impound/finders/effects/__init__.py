"""Effects: whether hosts that somebody was told of stop sooner than those that were left untold.

What it finds: for each side (told, held out) how many hosts stopped and how long half of them took (``effects``), the
curve of those that still send (``effect_steps``), and in words whether the difference is more than chance.

Why that is evidence: most machines are clean sooner or later anyway (Çetin et al., NDSS 2019: 58 to 74 of 100
without any notice), so a decline proves nothing. Lots decide who is left untold (a hash with the case key), so
what the two sides have not in common is the notice.

How it is counted:

* The time begins when a host is told of, or when it is decided to leave it untold; never when it was confirmed: a host
  must live until it is told of, and those days would be a gift to notices (immortal time; Suissa, Am. J. Epidemiology
  167, 2008). Who was put on a side stays there, also where the mail server refused the notice.
* A host stops with its last message before fourteen quiet days. Not on the fourteenth of them: that is our waiting,
  not its sending. What was silent since before the beginning stopped at 0.
* Who sent less than fourteen days before the end may have stopped and cannot be known to have. So the curves end
  fourteen days before the end of the case, for everybody; who still sends then was watched for so long (censored). So
  it is for a host that was held out and is told of later, from then on.
* What comes after fourteen quiet days is another infection: it is counted, and the first stop stands.

Known innocent causes of a difference: a network that hears of one machine may clean its neighbours too, held out or
not, and one machine has many addresses (DHCP): both make the effect look smaller than it is. Of a difference where the
sides are not alike (``balance_p``) the lots are not the only cause. Who was told of before anybody was held out, or
after, is not compared, for other things may have been otherwise then.

References: Kaplan–Meier curves, Greenwood's bands, the log-rank test (``_survival``); Cochran (Biometrics 10, 1954) for
five expected; ``docs/explanation/life-of-a-host.md`` for what simulated cases gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from impound import config
from impound.finders import _life
from impound.finders.effects import _effect, _effect_words, _survival
from impound.plugin import Engine
from impound.tables import EFFECT_STEPS, EFFECTS, LATE, LATE_READS

DAY = 86_400_000_000
"""In microseconds, as times are."""
SIDES = ("told", "held-out")
LEFT_OUT = ("unjudged", "apart", "silent", "recent")
"""Why a host is not compared, as the columns that count them are called."""


_Params = _effect.Params


class Effects:
    """Finds ``effects`` and ``effect_steps``; both are empty where nobody was told and nobody left untold."""

    name = "effects"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = ("hosts", "notices", *LATE_READS)
    writes: ClassVar[tuple[str, ...]] = ("effects", "effect_steps")
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Effects:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the views ``effects`` and ``effect_steps``."""
        engine.run("effect_sides", _effect.SIDES, keep=True)
        effects, steps = EFFECTS.schema.empty_table(), EFFECT_STEPS.schema.empty_table()
        if any(batch.num_rows for batch in engine.stream("SELECT ip FROM effect_sides LIMIT 1")):
            engine.run("life_now", LATE, {"witnesses": self.params.witnesses}, keep=True)
            engine.run("life_stretches", _life.STRETCHES, keep=True)
            engine.run("effect_runs", _effect.RUNS.format(clean=self.params.clean_days), keep=True)
            engine.run("effect_picked", _effect.PICKED, keep=True)
            effects, steps = compared(pa.Table.from_batches(list(engine.stream(_effect.HOSTS))), self.params)
        engine.view("effects", effects)
        engine.view("effect_steps", steps)


@dataclass(frozen=True)
class Watched:
    """Hosts as columns: how long each was watched in days, and what became of it."""

    held: _survival.Flags
    left_out: _survival.Counts
    """0: compared; else 1 + the place in ``LEFT_OUT`` of why not."""
    days: _survival.Days
    stopped: _survival.Flags
    before: _survival.Days
    """Days from the first message of the infection to the beginning."""


def watched(rows: pa.Table, clean_days: int) -> Watched:
    """How long each host was watched, and whether it stopped then, from the columns of ``_effect.HOSTS``."""
    begin, until, now, first, last, after = (
        _times(rows, name) for name in ("begin_at", "until_at", "now_at", "run_first", "run_last", "next_at")
    )
    clean = float(clean_days * DAY)
    end = np.where(np.isnan(now), np.nan, np.fmin(now, until))  # what is no number is not there
    follow = end - clean - begin
    known = last + clean <= end
    stopped = known & (after - last >= clean)
    # of the known that did not stop a message came later whose time nobody knows: they were watched until the last one
    days = np.where(known, np.maximum(last - begin, 0), follow) / DAY
    held = rows["held"].to_numpy() == 1
    reasons = [np.isnan(first), _apart(begin, held), last + clean <= begin, ~(follow >= 0)]
    left_out = np.select(reasons, range(1, 5), 0).astype(np.int64)
    return Watched(held, left_out, days, stopped, (begin - first) / DAY)


def _apart(begin: _survival.Days, held: _survival.Flags) -> _survival.Flags:
    """Hosts put on their side when nobody was held out (before the first, a day after the last): no lots were drawn."""
    if not held.any():
        return np.zeros(len(held), bool)
    first, last = float(begin[held].min()), float(begin[held].max())
    return np.asarray((begin < first) | (begin > last + DAY), np.bool_)


def _times(rows: pa.Table, name: str) -> _survival.Days:
    """A column of times in microseconds (which a double holds exactly), not a number where there is none."""
    values = rows[name].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return np.asarray(values, np.float64)


def compared(rows: pa.Table, params: _Params) -> tuple[pa.Table, pa.Table]:
    """The rows of ``effects`` and of ``effect_steps`` for the columns of ``_effect.HOSTS``."""
    seen = watched(rows, params.clean_days)
    sides = [
        _side(name, rows, seen, seen.held == held, params) for name, held in zip(SIDES, (False, True), strict=True)
    ]
    kept = seen.left_out == 0
    test = _survival.logrank(seen.days[kept], seen.stopped[kept], seen.held[kept])
    enough = min(row["hosts"] for row, _ in sides) >= params.least_hosts and min(test.expected) >= params.least_expected
    balance = _survival.rank_sum(seen.before[kept], seen.held[kept]) if enough else None
    for place, (row, _) in enumerate(sides):
        row |= {"expected": test.expected[place], "p": test.p if enough else None, "balance_p": balance}
    why = _effect_words.why(sides[0], sides[1], params)
    effects = pa.Table.from_pylist([row | {"why": why} for row, _ in sides], EFFECTS.schema)
    return effects, pa.concat_tables([_steps(row["side"], curve) for row, curve in sides])


def _side(
    name: str, rows: pa.Table, seen: Watched, on: _survival.Flags, params: _Params
) -> tuple[dict[str, Any], _survival.Curve]:
    """A row of ``effects`` but for what needs both sides, and the side's curve."""
    kept = on & (seen.left_out == 0)
    made = _survival.curve(seen.days[kept], seen.stopped[kept])
    few, share = rows.filter(pa.array(kept)), made.at(params.clean_days)
    median, low, high = made.median()
    row = {
        "side": name,
        "hosts": int(kept.sum()),
        "stopped": int(seen.stopped[kept].sum()),
        "returned": int((few["returned"].to_numpy()[seen.stopped[kept]] == 1).sum()),
        "refused": int((few["refused"].to_numpy() == 1).sum()),
        **{why: int((seen.left_out[on] == n).sum()) for n, why in enumerate(LEFT_OUT, 1)},
        "networks": len(few["net"].drop_null().unique()),
        "days_before": float(np.median(seen.before[kept])) if kept.any() else None,
        "median_days": median,
        "median_low": low,
        "median_high": high,
    }
    if share:
        row |= {"share": share.share, "share_low": _number(share.low), "share_high": _number(share.high)}
    return row, made


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value


def _steps(side: str, made: _survival.Curve) -> pa.Table:
    columns = {
        "side": pa.repeat(side, len(made.days)),
        "after_days": made.days,
        "at_risk": made.at_risk,
        "stopped": made.ended,
        "unwatched": made.left,
        "share": made.share,
        "share_low": pa.array(made.low, mask=np.isnan(made.low)),
        "share_high": pa.array(made.high, mask=np.isnan(made.high)),
    }
    return pa.table(columns, schema=EFFECT_STEPS.schema)
