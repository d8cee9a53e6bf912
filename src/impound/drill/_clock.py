"""Time in a drill: seconds since its first midnight, and how headers write them."""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache

START = datetime(2024, 3, 4, tzinfo=UTC)
"""The first midnight of every drill: a Monday."""
DAY = 86_400
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_QUIET_HOUR = 3
"""When least mail arrives, UTC."""
_SWING = 0.6
"""How much less arrives then, and more twelve hours later."""


@lru_cache(maxsize=64)
def _date(day: int) -> tuple[str, str, str]:
    at = START + timedelta(days=day)
    name, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{name}, {at.day} {month} {at.year}", f"{name} {month} {at.day:2d}", f" {at.year}"


@lru_cache(maxsize=1)
def _times() -> list[str]:
    """Every second of a day as ``10:02:33``: three of them stand in every message."""
    return [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY)]


def header(at: int, zone: int = 0) -> str:
    """As a Date header has it, in a zone of ``zone`` minutes east: ``Mon, 4 Mar 2024 10:02:33 +0100``."""
    day, seconds = divmod(at + zone * 60, DAY)
    return f"{_date(day)[0]} {_times()[seconds]} {offset(zone)}"


@lru_cache(maxsize=64)
def offset(zone: int) -> str:
    """``+0100``."""
    return f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02d}{abs(zone) % 60:02d}"


def mailbox(at: int) -> str:
    """As a ``From `` line has it: ``Mon Mar  4 10:02:33 2024``."""
    day, seconds = divmod(at, DAY)
    _, name, year = _date(day)
    return f"{name} {_times()[seconds]}{year}"


def iso(at: int) -> str:
    """``2024-03-04T10:02:33Z``."""
    day, seconds = divmod(at, DAY)
    date = _numbered(day)
    return f"{date[:4]}-{date[4:6]}-{date[6:]}T{_times()[seconds]}Z"


def compact(at: int) -> str:
    """``20240304100233``, as some programs put it into a Message-ID."""
    day, seconds = divmod(at, DAY)
    return _numbered(day) + _times()[seconds].replace(":", "")


@lru_cache(maxsize=64)
def _numbered(day: int) -> str:
    return f"{START + timedelta(days=day):%Y%m%d}"


def epoch(at: int) -> int:
    """Seconds since 1970."""
    return int(START.timestamp()) + at


def filetime(at: int, milliseconds: int = 0) -> tuple[str, str]:
    """The two halves, as 8 hexadecimal digits, of Windows' count of 100 ns since 1601: in Outlook's Message-IDs."""
    count = (epoch(at) + 11_644_473_600) * 10_000_000 + milliseconds * 10_000
    return f"{count >> 32:08x}", f"{count & 0xFFFFFFFF:08x}"


def shares(messages: int, days: int) -> list[int]:
    """How many messages arrive on each day: fewer on Saturdays and Sundays, ``messages`` in all."""
    weights = [0.7 if day % 7 >= 5 else 1.0 for day in range(days)]
    total, out, done, given = sum(weights), [], 0.0, 0
    for weight in weights:
        done += weight
        out.append(round(messages * done / total) - given)
        given += out[-1]
    return out


@lru_cache(maxsize=1)
def _curve() -> list[float]:
    """Which share of a day's mail has arrived at each full hour."""
    rate = [1 - _SWING * math.cos((hour - _QUIET_HOUR) * math.pi / 12) for hour in range(24)]
    total = sum(rate)
    return [sum(rate[:hour]) / total for hour in range(25)]


def arrival(share: float) -> int:
    """The second of the day at which ``share`` of its mail has arrived."""
    curve = _curve()
    hour = min(bisect_right(curve, share) - 1, 23)
    return min(DAY - 1, int((hour + (share - curve[hour]) / (curve[hour + 1] - curve[hour])) * 3600))
