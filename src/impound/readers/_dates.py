"""The instant a mail's date names: RFC 5322, 3.3 and 4.3, and what real mail writes instead.

What is read, and how:

- ``Thu, 19 Apr 2007 06:42:43 -0400 (EDT)``: weekday, seconds and comment may be missing, months may be written out,
  hyphens may join the day, a comment may stand in front, and a weekday that does not fit, or is in another language,
  is not held against the date.
- ``Thu Apr 19 06:42:43 2007 -0400``, ``Thu Apr 19 06:42:43 EDT 2007`` (C ``asctime``, ``date``), ISO 8601, and
  ``Apr, 19 2007 6:42:43 AM -0400``, which no standard knows but spam programs of 2002–2003 wrote.
- Years of two digits: 00–49 are 2000–2049, 50–99 are 1950–1999; of three digits: 1900 is added (RFC 5322, 4.3).
- Zones: ``+hhmm``, ``UT``, ``GMT``, ``Z`` and the American names. Military letters and other names say nothing that
  can be relied on (RFC 5322, 4.3), nor does ``-0000`` (3.3), a missing zone, or one no place on Earth keeps, such as
  ``-3000`` or ``+0480``: the time is then taken as UTC and the offset is None. (Spam programs of 2007 wrote minutes
  for hours, ``+0480`` in China, beside a time that was UTC: of 614 such dates of the TREC 2007 set with 180, 360 or
  480, 509 fit the time of receipt within 90 minutes when read as UTC, 14 when the zone is applied.)
- A leap second becomes the second before it. A day that does not exist, or a year outside 1970–2100, gives None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

MAX_DATE = 200
"""Characters of a date that are read: an ordinary one has 31, one with a written-out zone in a comment 60."""

FIRST_YEAR, LAST_YEAR = 1970, 2100
"""Years believed: before Unix time there was no such mail, and a later year is a forger's or a broken clock's."""

MAX_OFFSET = 14 * 60
"""The widest offset that any place keeps, in minutes: Kiritimati, UTC+14 (IANA time zone database, 2024)."""

Parsed = tuple[datetime | None, int | None]

_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTHS = {spelt: number for number, name in enumerate(_NAMES, 1) for spelt in (name, name.title(), f"{number:02}")}
_ZONES = {"UT": 0, "UTC": 0, "GMT": 0, "Z": 0}
_ZONES |= {"EDT": -240, "EST": -300, "CDT": -300, "CST": -360, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480}

_PAST_THE_HOUR = {f"{m:02}:{s:02}": timedelta(minutes=m, seconds=s) for m in range(60) for s in range(60)}
_ORDINARY = re.compile(
    r"\s*(?:[^\s\d,:(]{1,20},?\s+|[A-Za-z]{2,9},)?(\d{1,2})(?:\s+|-)([A-Za-z]{3})[a-z]{0,6}\.?(?:\s+|-)(\d{2,4})\s+"
    r"(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d{1,9})?(?:\s*([+-]\d{4})|\s+([A-Za-z]{1,5}))?(?:\s*\(.*|\s*)\Z",
    re.DOTALL,
)
_ZONE = r"[+-]\d{4}|[A-Za-z]{1,5}"
_ASCTIME = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s+"
    rf"(?:({_ZONE})\s+)?(\d{{4}})(?:\s+({_ZONE}))?\s*(?:\(.*)?\Z",
    re.DOTALL,
)
_AMERICAN = re.compile(
    r"([A-Za-z]{3})[a-z]{0,6},?\s+(\d{1,2}),?\s+(\d{4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?"
    rf"(?:\s+([AP])M)?(?:\s+({_ZONE}))?\s*(?:\(.*)?\Z",
    re.DOTALL,
)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T\s]\s?(\d\d):(\d\d)(?::(\d\d))?(?:[.,]\d{1,9})?(?:\s?(Z|[+-]\d\d:?\d\d))?(?:\s.*)?\Z",
    re.DOTALL,
)
_COMMENTS = re.compile(r"(?:\([^()]*\)\s*)+")
_WRITTEN_ZONE = re.compile(r"\s([+-]\d{4}|UTC?|GMT|[ECMP][SD]T)\b")
_FROM_DATE = re.compile(r"\s(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s")


def parse(value: str) -> Parsed:
    """The instant in UTC that a mail date names, and its offset in minutes east; None for what it does not say."""
    value = value[:MAX_DATE]
    colon = value.find(":")
    past = _PAST_THE_HOUR.get(value[colon + 1 : colon + 6])
    if past is not None:
        hour, offset = _hour(value[:colon], value[colon + 6 :])
        if hour is not None:
            return hour + past, offset
    found = _ORDINARY.match(value)
    return _pieces(found) if found else _unusual(value)


def from_line(line: bytes) -> datetime | None:
    """The instant at the end of an mbox ``From `` line (RFC 4155), or None; UTC is assumed where no zone is written."""
    text = line.partition(b"\r")[0].rstrip()[-MAX_DATE:].decode("latin-1")
    starts = [found.start() for found in _FROM_DATE.finditer(text)]
    if not starts:
        return parse(text.split(None, 2)[-1])[0] if text.count(" ") > 1 else None
    return parse(text[starts[-1] :].strip())[0]


@lru_cache(maxsize=8192)
def _hour(before: str, after: str) -> Parsed:
    """The full hour of an ordinary date in two pieces: mail comes in runs, and most dates share it with another."""
    found = _ORDINARY.match(f"{before}:00:00{after}")
    return _pieces(found) if found else (None, None)


def _pieces(found: re.Match[str]) -> Parsed:
    day, name, year, hour, minute, second, number, word = found.groups()
    return _moment(year, name, (day, hour, minute, second), number or word)


def _unusual(value: str) -> Parsed:
    text = value.strip()
    if text[:1] == "(" and (comments := _COMMENTS.match(text)):
        return parse(text[comments.end() :])
    if found := _ASCTIME.match(text):
        name, day, hour, minute, second, before, year, after = found.groups()
        return _moment(year, name, (day, hour, minute, second), after or before)
    if found := _AMERICAN.match(text):
        name, day, year, hour, minute, second, half, zone = found.groups()
        if half:
            hour = str(int(hour) % 12 + (12 if half == "P" else 0))
        return _moment(year, name, (day, hour, minute, second), zone)
    if found := _ISO.match(text):
        year, month, day, hour, minute, second, zone = found.groups()
        return _moment(year, month, (day, hour, minute, second), zone and zone.replace(":", ""))
    return _lenient(text)


def _lenient(text: str) -> Parsed:
    """What the standard library's parser makes of a date in no known form; its zones are guesses and are not taken."""
    try:
        parts = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None, None
    if parts is None:
        return None, None
    zone = _WRITTEN_ZONE.search(text)
    year, month, day, hour, minute, second = parts[:6]
    return _at((year, month, day, hour, minute, second), _offset(zone[1]) if zone else None)


def _moment(year: str, month: str, rest: tuple[str, str, str, str | None], zone: str | None) -> Parsed:
    """The instant of a date in pieces, of which ``rest`` is day, hour, minute and second."""
    number = _MONTHS.get(month) or _MONTHS.get(month.lower())
    if number is None:
        return None, None
    full = int(year)
    if full < 1000:
        full += 2000 if full < 50 and len(year) == 2 else 1900
    day, hour, minute, second = rest
    return _at((full, number, int(day), int(hour), int(minute), int(second or 0)), _offset(zone) if zone else None)


def _at(parts: tuple[int, int, int, int, int, int], offset: int | None) -> Parsed:
    year, month, day, hour, minute, second = parts
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None, None
    try:
        local = datetime(year, month, day, hour, minute, 59 if second == 60 else second, 0, UTC)
    except (ValueError, OverflowError):  # no such day; a number that no day can be
        return None, None
    return (local - _delta(offset) if offset else local), offset


@lru_cache(maxsize=1024)
def _offset(zone: str) -> int | None:
    """Minutes east of UTC, or None for a zone that says nothing to rely on."""
    if zone[0] not in "+-":
        return _ZONES.get(zone.upper())
    minutes = int(zone[1:3]) * 60 + int(zone[3:5])
    if zone == "-0000" or minutes > MAX_OFFSET or zone[3:5] > "59":
        return None
    return -minutes if zone[0] == "-" else minutes


@lru_cache(maxsize=2 * MAX_OFFSET + 1)
def _delta(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)
