"""Curves, bands, medians and tests, against scipy and against figures that were published."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from impound.finders.effects import _survival

TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
"""Weeks in remission of leukaemia, with and without 6-mercaptopurine: Freireich et al., Blood 21 (1963); the example of
Cox (1972) and of Kalbfleisch & Prentice (1980)."""


def drawn(seed: int, hosts: int, ties: bool = False) -> tuple[_survival.Days, _survival.Flags]:
    """Times and whether they ended; with ``ties`` whole days, and some at 0."""
    rng = np.random.default_rng(seed)
    ends, leaves = rng.exponential(20, hosts), rng.uniform(0, 50, hosts)
    days = np.minimum(ends, leaves)
    return (np.floor(days / 3) if ties else days), ends <= leaves


def curve_of(days: _survival.Days, ended: _survival.Flags) -> tuple[_survival.Curve, object]:
    data = stats.CensoredData(uncensored=days[ended], right=days[~ended])
    return _survival.curve(days, ended), stats.ecdf(data).sf


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined:RuntimeWarning")
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_curve_and_its_band_are_those_of_scipy(seed: int, ties: bool) -> None:
    made, known = curve_of(*drawn(seed, 200, ties))
    assert np.allclose(made.share, known.evaluate(made.days))  # type: ignore[attr-defined]  # scipy's curve
    band = known.confidence_interval(method="log-log")  # type: ignore[attr-defined]
    inside = (made.share > 0) & (made.share < 1)
    assert inside.sum() > 10
    assert np.allclose(made.low[inside], band.low.evaluate(made.days[inside]))
    assert np.allclose(made.high[inside], band.high.evaluate(made.days[inside]))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_log_rank_test_is_that_of_scipy(seed: int, ties: bool) -> None:
    first, second = drawn(seed, 150, ties), drawn(seed + 100, 90, ties)
    known = stats.logrank(*(stats.CensoredData(uncensored=d[e], right=d[~e]) for d, e in (first, second)))
    days, ended = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    found = _survival.logrank(days, ended, np.repeat([False, True], [150, 90]))
    assert found.statistic == pytest.approx(known.statistic**2)
    assert found.p == pytest.approx(known.pvalue)
    assert sum(found.expected) == pytest.approx(sum(found.ended))


def test_the_remissions_are_as_published() -> None:
    """Of treated children 0.753 are in remission after 10 weeks and half of them for 23, of the others for 8; 16.79."""
    treated, relapsed = np.array(TREATED, float), np.array(RELAPSED) == 1
    placebo = np.array(PLACEBO, float)
    made, other = _survival.curve(treated, relapsed), _survival.curve(placebo, np.ones(21, bool))
    assert [round(float(made.share[made.days == d][0]), 4) for d in (6, 7, 10, 13, 16, 22, 23)] == [
        0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482
    ]  # fmt: skip
    assert made.variance[made.days == 10][0] ** 0.5 == pytest.approx(0.0963, abs=5e-5)
    assert made.median() == (23, 13, None)
    assert other.median() == (8, 4, 11)
    found = _survival.logrank(
        np.concatenate([treated, placebo]), np.concatenate([relapsed, np.ones(21, bool)]), np.repeat([False, True], 21)
    )
    assert found.statistic == pytest.approx(16.79, abs=0.005)
    assert [round(e, 2) for e in found.expected] == [19.25, 10.75]


def test_a_share_is_known_for_as_long_as_somebody_was_watched() -> None:
    made = _survival.curve(np.array([0.0, 2, 2, 5]), np.array([True, True, False, False]))
    assert [made.at(day).share for day in (0, 1, 2, 5) if made.at(day)] == [0.75, 0.75, 0.5, 0.5]  # type: ignore[union-attr]
    assert made.at(5.1) is None
    assert _survival.curve(np.array([3.0]), np.array([True])).at(2) == _survival.Share(1.0, 1.0, 1.0, 0.0)
    over = _survival.curve(np.array([3.0]), np.array([True])).at(9)
    assert over is not None and over.share == 0.0 and np.isnan(over.low)


def test_nobody_and_nothing_that_ended() -> None:
    nobody = np.array([]), np.array([], bool)
    assert _survival.curve(*nobody).median() == (None, None, None)
    assert _survival.curve(*nobody).at(0) is None
    assert _survival.logrank(*nobody, np.array([], bool)).p == 1.0
    still = _survival.curve(np.array([4.0, 9.0]), np.array([False, False]))
    assert still.median() == (None, None, None)
    assert list(still.high) == [1.0, 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_ranks_are_those_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, second = np.floor(rng.exponential(9, 80)), np.arange(80) >= 50
    known = stats.mannwhitneyu(values[:50], values[50:], use_continuity=False, method="asymptotic")
    assert _survival.rank_sum(values, second) == pytest.approx(known.pvalue)
    assert _survival.rank_sum(np.ones(80), second) == 1.0
