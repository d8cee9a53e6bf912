"""What is said of the effect of notices, in simulated cases where it is known, and at the edges."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from impound.finders import effects
from impound.finders.effects._effect import Params
from impound.finders.effects._effect_words import _often


@pytest.fixture(scope="module")
def simulated() -> ModuleType:
    """The program in ``benchmarks``, as a module."""
    spec = importlib.util.spec_from_file_location("effect", Path(__file__).parents[3] / "benchmarks" / "effect.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["effect"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("factor", "said"), [(2.0, "stop sooner"), (0.5, "stop later")])
def test_an_effect_that_is_there_is_found_and_as_large_as_it_is(
    simulated: ModuleType, factor: float, said: str
) -> None:
    tables, truths = simulated.case(simulated.World(factor=factor), 7)
    sides = simulated.found(tables)
    assert said in sides["told"]["why"] and sides["told"]["p"] < 0.01
    for name, held in (("told", False), ("held-out", True)):
        known = [t.left > 14 for t in truths if t.held == held]
        assert sides[name]["share_low"] <= sum(known) / len(known) <= sides[name]["share_high"]
    assert sides["told"]["why"] == sides["held-out"]["why"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_none_is_claimed_where_there_is_none(simulated: ModuleType, seed: int) -> None:
    sides = simulated.found(simulated.case(simulated.World(factor=1.0), seed)[0])
    assert sides["told"]["why"].startswith("no effect of telling can be told: after 14 days ")
    assert sides["told"]["balance_p"] > 0.01 and 0.2 < sides["held-out"]["hosts"] / sides["told"]["hosts"] < 0.7


NOW = datetime(2026, 5, 1, tzinfo=UTC)


def rows(held: list[bool], before: list[float], last: list[float], begin: float = 60) -> pa.Table:
    """Columns of hosts, all of them put on their side so many days before the end; the others count from there."""
    started = NOW - timedelta(days=begin)
    made: list[dict[str, Any]] = [
        {"ip": f"192.0.2.{n}", "held": int(h), "refused": 0, "begin_at": started, "until_at": None, "now_at": NOW,
         "net": "192.0.2.0/24", "run_first": started - timedelta(days=b), "run_last": started + timedelta(days=x),
         "next_at": NOW, "returned": 0} for n, (h, b, x) in enumerate(zip(held, before, last, strict=True))
    ]  # fmt: skip
    time = pa.timestamp("us", tz="UTC")
    times = dict.fromkeys(("begin_at", "until_at", "now_at", "run_first", "run_last", "next_at"), time)
    return pa.table({n: pa.array([r[n] for r in made], times.get(n)) for n in made[0]})


SIDES = [False] * 40 + [True] * 40


def test_sides_that_are_unlike_before_anything_was_done_are_named() -> None:
    last = [float(n % 20) for n in range(80)]
    alike, _ = effects.compared(rows(SIDES, last, last), Params())
    assert "Beware" not in alike["why"][0].as_py()
    unlike, _ = effects.compared(rows(SIDES, [3.0 + h * 9 for h in SIDES], last), Params())
    assert "differ in how long they were infected before" in unlike["why"][0].as_py()


def test_too_few_that_stopped_say_nothing() -> None:
    still = [59.0] * 80
    made, steps = effects.compared(rows(SIDES, [3.0] * 80, still), Params())
    assert made["p"].to_pylist() == [None, None]
    assert made["why"][0].as_py().endswith("of 40 told 0 stopped, and of 40 held out 0: too few to compare")
    assert made["median_days"].to_pylist() == [None, None]
    assert steps.to_pylist()[0] | {"share": 1.0} == steps.to_pylist()[0]


def test_twenty_on_each_side_are_enough() -> None:
    last = [float(n % 20) for n in range(40)]
    for short, enough in ((0, True), (1, False)):
        chosen = rows(([False] * 20 + [True] * 20)[short:], last[short:], last[short:])
        made, _ = effects.compared(chosen, Params())
        assert (made["p"][0].as_py() is not None) is enough


def test_the_last_fourteen_days_of_a_case_say_nothing() -> None:
    """Who sent last nine days before the end may have stopped; it is watched until the fourteenth day before."""
    made, steps = effects.compared(rows([False] * 2, [3.0] * 2, [51.0, 46.0]), Params())
    assert [(s["after_days"], s["stopped"], s["unwatched"]) for s in steps.to_pylist()] == [(46.0, 1, 1)]
    assert made["median_days"][0].as_py() == 46.0


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.5, "50 times in 100"), (0.02, "once in 50 times"), (0.0007, "once in 1,400 times"),
     (1e-9, "less than once in a million times")],
)  # fmt: skip
def test_a_chance_is_said_in_words(p: float, words: str) -> None:
    assert _often(p) == words


def test_the_lines_are_settings() -> None:
    last = [float(n % 20) for n in range(80)]
    strict = dataclasses.replace(Params(), least_hosts=50)
    made, _ = effects.compared(rows(SIDES, last, last), strict)
    assert "40 told and 40 held out can be compared, 50 on each side are needed" in made["why"][0].as_py()
