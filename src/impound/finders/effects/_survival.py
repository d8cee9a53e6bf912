"""How long things last when not all have ended yet: curves with bands, the median, and whether two sides differ.

Each thing has a time in days and whether it ended then; where it did not, it was watched for so long and no longer
(censored). Plain numpy over columns, no row loops.

References: Kaplan & Meier, "Nonparametric estimation from incomplete observations" (JASA 53, 1958) for the curve;
Greenwood (1926) for its variance, taken on the scale log(-log S) so that bands stay between 0 and 1 (Kalbfleisch &
Prentice, "The statistical analysis of failure time data", 1980); Brookmeyer & Crowley (Biometrics 38, 1982) for the
median's interval; Mantel (1966) and Peto & Peto (1972) for the log-rank test; Mann & Whitney (1947) for ranks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Z = 1.959963984540054
"""Standard errors on either side of 95 %."""
_EXACT = 1e-9
"""Shares that differ by less are one."""


@dataclass(frozen=True)
class Share:
    """A share that has not ended, its 95 % interval and its variance (no numbers where all have ended)."""

    share: float
    low: float
    high: float
    variance: float


@dataclass(frozen=True)
class Curve:
    """The share that has not ended, just after each time at which something ended or left, with its 95 % band.

    The band is not a number where all that were left ended at once: nothing is known of the share then.
    """

    days: Days
    at_risk: Counts
    ended: Counts
    left: Counts
    share: Days
    low: Days
    high: Days
    variance: Days
    """Of the share (Greenwood)."""

    def at(self, day: float) -> Share | None:
        """The share so many days after the beginning; None when nobody was watched for so long."""
        if not len(self.days) or (self.days[-1] < day and self.share[-1] > 0):
            return None
        place = int(np.searchsorted(self.days, day, "right")) - 1
        if place < 0:
            return Share(1.0, 1.0, 1.0, 0.0)
        columns = (self.share, self.low, self.high, self.variance)
        return Share(*(float(column[place]) for column in columns))

    def median(self) -> tuple[float | None, float | None, float | None]:
        """When half have ended, with its 95 % interval; None for what is not reached."""
        return self._reached(self.share), self._reached(self.low), self._reached(self.high)

    def _reached(self, share: Days) -> float | None:
        below = np.flatnonzero(share <= 0.5 + _EXACT)  # what is no number is never below
        return float(self.days[below[0]]) if len(below) else None


def curve(days: Days, ended: Flags) -> Curve:
    """The Kaplan–Meier curve of some things."""
    times, place = np.unique(days, return_inverse=True)
    dead = np.bincount(place[ended], minlength=len(times)).astype(np.int64)
    gone = np.bincount(place[~ended], minlength=len(times)).astype(np.int64)
    risk = len(days) - np.concatenate([[0], np.cumsum(dead + gone)])[:-1].astype(np.int64)
    share = np.cumprod(1 - dead / risk, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.cumsum(dead / (risk * (risk - dead)))
        error = np.where(spread > 0, np.sqrt(spread) / -np.log(share), 0.0)
        low: Days = share ** np.exp(Z * error)
        high: Days = share ** np.exp(-Z * error)
        variance: Days = share**2 * spread
    low[share <= 0] = high[share <= 0] = variance[share <= 0] = np.nan
    return Curve(times, risk, dead, gone, share, low, high, variance)


@dataclass(frozen=True)
class Test:
    """The log-rank test of two sides: how many were to end on each if both were alike, and the chance of the rest."""

    ended: tuple[int, int]
    expected: tuple[float, float]
    statistic: float
    """Chi-square with one degree of freedom; 0 where nothing ended."""
    p: float


def logrank(days: Days, ended: Flags, second: Flags) -> Test:
    """Whether those marked ``second`` end at other times than the rest (Mantel, with the hypergeometric variance)."""
    times = np.unique(days[ended])
    first = ~second
    risk = [_at_risk(days[side], times) for side in (first, second)]
    dead = [_at(days[side & ended], times) for side in (first, second)]
    whole, died = risk[0] + risk[1], dead[0] + dead[1]
    share = risk[0] / whole
    expected = float((died * share).sum())
    spare = np.where(whole > 1, (whole - died) / np.maximum(whole - 1, 1), 0.0)
    variance = float((died * share * (1 - share) * spare).sum())
    got = int(dead[0].sum()), int(dead[1].sum())
    statistic = (got[0] - expected) ** 2 / variance if variance > 0 else 0.0
    return Test(got, (expected, sum(got) - expected), statistic, math.erfc(math.sqrt(statistic / 2)))


def _at_risk(days: Days, times: Days) -> Counts:
    return len(days) - np.searchsorted(np.sort(days), times, "left").astype(np.int64)


def _at(days: Days, times: Days) -> Counts:
    ordered = np.sort(days)
    return (np.searchsorted(ordered, times, "right") - np.searchsorted(ordered, times, "left")).astype(np.int64)


def rank_sum(values: Days, second: Flags) -> float:
    """The chance that two sides differ so much in their ranks or more if they are alike (normal, ties corrected)."""
    n, m = int((~second).sum()), int(second.sum())
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(ties) - (ties - 1) / 2
    off = float(middle[place][~second].sum()) - n * (n + m + 1) / 2
    whole = n + m
    tied = float((ties.astype(np.float64) ** 3 - ties).sum()) / max(whole * (whole - 1), 1)
    variance = n * m / 12 * (whole + 1 - tied)
    return math.erfc(abs(off) / math.sqrt(2 * variance)) if variance > 0 else 1.0
