"""Dates as mail writes them: the instant, the zone, and None for what is not said."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_tz

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers import _dates

NOON = datetime(2007, 4, 19, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("Thu, 19 Apr 2007 12:00:00 +0000", 0),
        ("Thu, 19 Apr 2007 08:00:00 -0400 (EDT)", -240),
        (" Thu, 19 Apr 2007 17:30:00 +0530", 330),
        ("19 Apr 2007 12:00:00 +0000", 0),
        ("Thu, 19 Apr 2007 12:00 +0000", 0),
        ("Thu,19 Apr 2007 12:00:00 GMT", 0),
        ("Thu, 19 Apr 07 12:00:00 UT", 0),
        ("Thu, 19 Apr 107 12:00:00 Z", 0),
        ("Thursday, 19-Apr-07 12:00:00 GMT", 0),
        ("Thu, 19 April 2007 12:00:00 +0000", 0),
        ("thu, 19 apr 2007 12:00:00 gmt", 0),
        ("THU, 19 APR 2007 12:00:00 GMT", 0),
        ("Sun, 19 Apr 2007 12:00:00 +0000", 0),
        ("Do, 19 Apr 2007 12:00:00 +0000", 0),
        ("Thu, 19 Apr 2007 12:00:00.334 +0000 (UTC)", 0),
        ("Thu, 19 Apr 2007 08:00:00 EDT", -240),
        ("Thu, 19 Apr 2007 07:00:00 EST", -300),
        ("Thu, 19 Apr 2007 05:00:00 PDT", -420),
        ("Thu, 19 Apr 2007 04:00:00 PST", -480),
        ("(queued) Thu, 19 Apr 2007 08:00:00 -0400", -240),
        ("(at 00:11:22) Thu, 19 Apr 2007 08:00:00 -0400", -240),
        ("Thu Apr 19 08:00:00 2007 -0400", -240),
        ("Thu Apr 19 08:00:00 EDT 2007", -240),
        ("Apr, 19 2007 8:00:00 AM -0400", -240),
        ("Apr, 19 2007 2:00:00 PM +0200", 120),
        ("2007-04-19T12:00:00Z", 0),
        ("2007-04-19T14:00:00.250+02:00", 120),
        ("2007-04-19 14:00:00.889545467 +0200 UTC m=+1019", 120),
    ],
)
def test_the_instant_and_the_zone_are_read(written: str, offset: int) -> None:
    assert _dates.parse(written) == (NOON, offset)


@pytest.mark.parametrize(
    "written",
    [
        "Thu, 19 Apr 2007 12:00:00 -0000",
        "Thu, 19 Apr 2007 12:00:00",
        "Thu Apr 19 12:00:00 2007",
        "2007-04-19 12:00:00",
        "Thu, 19 Apr 2007 12:00:00 A",
        "Thu, 19 Apr 2007 12:00:00 MSK",
        "Thu, 19 Apr 2007 12:00:00 -3000",
        "Thu, 19 Apr 2007 12:00:00 +0480",
        "Thu, 19 Apr 2007 12:00:00 -0060",
        "Thu, 19 Apr 2007 12:00:00 --500 (EET)",
        "Thu, 19 Apr 2007 12:00:00 Eastern Daylight Time",
    ],
)
def test_a_zone_that_says_nothing_is_taken_as_utc_and_the_offset_left_open(written: str) -> None:
    assert _dates.parse(written) == (NOON, None)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "yesterday",
        "%M5DATE",
        "Sat, 30 Feb 2007 12:00:00 +0000",
        "Thu, 19 Apr 2007 24:30:00 +0000",
        "Thu, 19 Apr 2007 12:61:00 +0000",
        "Thu, 19 Apr 2007 12:00:75 +0000",
        "Sat, 28 Feb 3610 23:09:24 +0900",
        "Thu, 19 Apr 1969 12:00:00 +0000",
        "Thu, 19 Apr 60 12:00:00 +0000",
        "Thu, 00 Apr 2007 12:00:00 +0000",
        "Thu, 19 Foo 2007 12:00:00 +0000",
        "2007-13-19T12:00:00Z",
        "20/08/2002 17:27:53",
        "(((((((",
        "0:00:00 0:00:00",
    ],
)
def test_a_date_that_names_no_instant_gives_none(written: str) -> None:
    assert _dates.parse(written) == (None, None)


def test_years_of_two_digits_are_read_as_rfc_5322_says() -> None:
    assert _dates.parse("1 Jan 49 00:00:00 +0000")[0] == datetime(2049, 1, 1, tzinfo=UTC)
    assert _dates.parse("1 Jan 99 00:00:00 +0000")[0] == datetime(1999, 1, 1, tzinfo=UTC)


def test_a_leap_second_becomes_the_second_before_it() -> None:
    assert _dates.parse("Sat, 31 Dec 2005 23:59:60 +0000")[0] == datetime(2005, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_minutes_beyond_the_hour_carry_over_with_half_hour_zones() -> None:
    assert _dates.parse("Thu, 19 Apr 2007 00:10:20 +0545")[0] == datetime(2007, 4, 18, 18, 25, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "hour"),
    [
        (b"From a@client.example Thu Apr 19 12:00:00 2007\n", 12),
        (b"From a@client.example  Thu Apr 19 12:00:00 2007\r\n", 12),
        (b"From - Thu Apr 19 12:00 2007", 12),
        (b"From a@client.example Thu Apr 19 12:00:00 2007 +0200\n", 10),
        (b"From a@client.example Thu, 19 Apr 2007 12:00:00 +0200\n", 10),
        (b'From "x Mon Jan 1 00:00:00 2001"@client.example Thu Apr 19 12:00:00 2007', 12),
        (b"From a@client.example 2007-04-19 12:00:00 +0000", 12),
    ],
)
def test_the_date_of_an_mbox_line_is_utc_unless_it_has_a_zone(line: bytes, hour: int) -> None:
    assert _dates.from_line(line) == datetime(2007, 4, 19, hour, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("line", [b"", b"From", b"From the beginning it was clear", b"From \xff\xfe", b"From : x"])
def test_a_line_without_a_date_gives_none(line: bytes) -> None:
    assert _dates.from_line(line) is None


@given(
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 12, 30)),
    st.integers(min_value=-_dates.MAX_OFFSET, max_value=_dates.MAX_OFFSET),
)
def test_what_the_standard_library_writes_is_read_back(local: datetime, minutes: int) -> None:
    moment = local.replace(microsecond=0, tzinfo=UTC) + timedelta(minutes=minutes)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    written = format_datetime(moment).replace("+0000", f"{sign}{hours:02}{rest:02}")
    assert _dates.parse(written) == (moment - timedelta(minutes=minutes), minutes)


@given(st.text(alphabet="MonTueThu, 0123456789:+-()AprEDT.\t/", max_size=60))
def test_where_the_standard_library_finds_a_plain_instant_so_do_we(text: str) -> None:
    at, offset = _dates.parse(text)
    if at is None:
        return
    assert at.tzinfo is UTC and at.year + 1 >= _dates.FIRST_YEAR and at.year <= _dates.LAST_YEAR + 1
    assert offset is None or abs(offset) <= _dates.MAX_OFFSET
    parts = parsedate_tz(text)
    if parts is not None and parts[9] is not None and offset is not None and parts[0] >= 1900 and parts[5] < 60:
        assert abs((datetime(*parts[:6], tzinfo=UTC) - timedelta(seconds=parts[9]) - at).total_seconds()) < 60


@given(st.text(max_size=300))
def test_no_text_is_an_error(text: str) -> None:
    at, offset = _dates.parse(text)
    assert at is not None or offset is None
    _dates.from_line(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("piece", ["(", ")", " ", "\t", "a", "9", ":", ", ", "Thu ", "(()", "1 Jan ", "00:00:00 ", "-"])
def test_hostile_length_costs_nothing(piece: str) -> None:
    text = piece * (65536 // len(piece))
    before = time.process_time()
    for prefix in ("", "Thu, 19 Apr 2007 12:00:00 ", "(", "Thu Apr 19 "):
        _dates.parse(prefix + text)
        _dates.from_line((prefix + text).encode())
    assert time.process_time() - before < 0.5
