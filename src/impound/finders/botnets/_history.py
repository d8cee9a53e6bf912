"""A botnet's life, day by day: how much it sends, how many addresses it gains, what it begins to send."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from impound.finders._mail import Numbers

DAY = 86_400


class Day(NamedTuple):
    """A day (in days since 1970, UTC) on which a botnet sent something. New is what it was never met with before."""

    day: int
    messages: int
    hosts: int
    new_hosts: int
    campaigns: int
    new_campaigns: int
    new_programs: int


def history(at: Numbers, address: Numbers, campaign: Numbers, program: Numbers) -> list[Day]:
    """The days of a botnet, of its messages in the order of their times (``at``, in seconds); 0 is no program."""
    day = at // DAY
    days, messages = np.unique(day, return_counts=True)
    named = program != 0
    columns = (
        messages,
        *(_met(days, day, address), _new(days, day, address)),
        *(_met(days, day, campaign), _new(days, day, campaign)),
        _new(days, day[named], program[named]),
    )
    return [Day(*values) for values in zip(days.tolist(), *(c.tolist() for c in columns), strict=True)]


def quiet(days: list[Day]) -> int:
    """Days without a message between the first and the last one."""
    return days[-1].day - days[0].day + 1 - len(days) if days else 0


def _met(days: Numbers, day: Numbers, value: Numbers) -> Numbers:
    """How many different values each day has."""
    return _count(days, np.unique(np.stack([day, value]), axis=1)[0])


def _new(days: Numbers, day: Numbers, value: Numbers) -> Numbers:
    """How many values are met for the first time on each day."""
    return _count(days, day[np.unique(value, return_index=True)[1]])


def _count(days: Numbers, day: Numbers) -> Numbers:
    found: Numbers = np.bincount(np.searchsorted(days, day), minlength=len(days))
    return found
