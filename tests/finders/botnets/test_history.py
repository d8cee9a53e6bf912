"""A botnet's life, day by day."""

from __future__ import annotations

import numpy as np

from impound.finders.botnets._history import DAY, Day, history, quiet


def test_each_day_says_what_was_met_and_what_was_new() -> None:
    at = np.array([0, 100, 200, DAY, DAY + 1, 4 * DAY])
    address, campaign, program = (
        np.array([1, 2, 1, 2, 3, 1]),
        np.array([7, 7, 7, 7, 8, 8]),
        np.array([5, 0, 5, 5, 6, 0]),
    )
    days = history(at, address, campaign, program)
    assert days == [
        Day(0, messages=3, hosts=2, new_hosts=2, campaigns=1, new_campaigns=1, new_programs=1),
        Day(1, messages=2, hosts=2, new_hosts=1, campaigns=2, new_campaigns=1, new_programs=1),
        Day(4, messages=1, hosts=1, new_hosts=0, campaigns=1, new_campaigns=0, new_programs=0),
    ]
    assert quiet(days) == 2


def test_a_botnet_that_never_rests_has_no_quiet_day() -> None:
    ones = np.ones(3, np.int64)
    assert quiet(history(np.array([0, DAY, 2 * DAY]), ones, ones, ones)) == 0
    assert quiet([]) == 0
