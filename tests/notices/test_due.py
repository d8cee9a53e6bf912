"""Whom it is time to tell of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from impound.notices import Due
from impound.notices._due import AHEAD, RESERVED, STALE, TOLD

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def ago(days: float | None) -> datetime | None:
    return None if days is None else NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("seen", "told", "why"),
    [
        (1, None, ""),
        (30, None, ""),
        (31, None, STALE),
        (1, 6, TOLD),
        (1, 7, ""),
        (8, 7, TOLD),
        (7, 7, TOLD),
        (31, 7, TOLD),
        (-1, None, ""),
        (-1.1, 7, AHEAD),
    ],
)
def test_what_is_new_is_told_after_the_days_that_were_asked_for(seen: float, told: float | None, why: str) -> None:
    last_at = ago(seen)
    assert last_at is not None and Due(7, 30, NOW, True).left("192.0.2.1", last_at, ago(told)) == why


def test_no_days_ask_for_nothing() -> None:
    assert Due(0, 0, NOW, True).left("192.0.2.1", NOW - timedelta(days=900), NOW) == ""


@pytest.mark.parametrize("ip", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "fe80::1", "240.0.0.1", "198.18.0.1"])
def test_addresses_that_are_nobodys_are_told_of_in_drills_only(ip: str) -> None:
    assert Due(7, 30, NOW, False).left(ip, NOW, None) == RESERVED
    assert Due(7, 30, NOW, True).left(ip, NOW, None) == Due(7, 30, NOW, False).left("8.8.8.8", NOW, None) == ""
