"""Where a mailbox is cut, and what is taken for mail."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impound.readers import _mbox
from impound.readers._mbox import BLOCK, MAX_MESSAGE, REST, TOO_LONG, cut, looks_like_mail, unquote

FROM = b"From ann@example.com Mon Aug 26 20:15:19 2002\n"
HEADER = b"From: ann@example.com\nSubject: one\n"
MAIL = FROM + HEADER + b"\nHello.\n\n"
GIT = b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"


def cuts(data: bytes) -> list[bytes]:
    """The stretches of a source, after checking that they are the source."""
    found = list(cut(io.BytesIO(data), len(data)))
    assert b"".join(c.data for c in found) == data
    assert [c.offset for c in found] == list(accumulate((len(c.data) for c in found[:-1]), initial=0))[: len(found)]
    return [c.data for c in found]


def test_a_mailbox_is_cut_where_its_messages_begin() -> None:
    assert cuts(MAIL * 3) == [MAIL] * 3


def test_an_empty_source_has_no_cuts() -> None:
    assert cuts(b"") == []


def test_a_source_that_does_not_begin_with_a_from_line_is_one_message() -> None:
    source = HEADER + b"\nsee below\n\n" + MAIL
    assert cuts(source) == [source]


@pytest.mark.parametrize("preamble", [b"\xef\xbb\xbf", b"\n\n", b"\xef\xbb\xbf\r\n \r\n"])
def test_a_mark_and_blank_lines_before_the_first_message_are_part_of_it(preamble: bytes) -> None:
    assert cuts(preamble + MAIL + MAIL) == [preamble + MAIL, MAIL]


@pytest.mark.parametrize(
    "line",
    [
        b"From - Wed Aug 26 00:22:09 2009",
        b"From MAILER-DAEMON Thu Sep 18 17:54:04 2008",
        b"From ann@example.com  Mon Aug  6 20:15:19 2002",
        b'From "A B <admin"@example.com  Fri Apr 20 23:57:05 2007',
        b"From ann@example.com Mon Aug 26 20:15 2002",
        b"From ann@example.com Mon Aug 26 20:15:19 MET DST 2002",
        b"From ann@example.com Mon Aug 26 20:15:19 2002 +0200",
        b"From 1234567890@xxx Mon Apr 20 23:57:05 +0000 2007",
        b"From ann Mon Aug 26 20:15:19 2002 remote from uucphost",
        b"From ann@example.com Wed, 2 May 2001 10:10:26 +0200",
        b"From ann at example.com  Mon Aug 26 20:15:19 2002",
        b"From ???@??? Mon Jan 01 00:00:00 1997",
        b"From  Mon Aug 26 20:15:19 2002",
    ],
)
@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_many_forms_of_the_line_separate(line: bytes, eol: bytes) -> None:
    second = (line + b"\n" + HEADER + b"\nbody\n\n").replace(b"\n", eol)
    first = MAIL.replace(b"\n", eol)
    assert cuts(first + second + first) == [first, second, first]


@pytest.mark.parametrize(
    "text",
    [
        b"From what I hear, Monday Aug 26 at 10:00 the year 2009 began: it was late.\nNote: nothing.\n",
        b"From Monday, 10:30 on we meet.\nWhere: at home\n",
        b"From: bob@example.com\nDate: Mon Aug 26 20:15:19 2002\n",
        b"From ann@example.com Mon Aug 26 20:15:19 2002\nand that was all\n",
        b">From ann@example.com Mon Aug 26 20:15:19 2002\nSubject: quoted\n",
        b"From ann@example.com Mon Aug 26 20:15:19\nSubject: no year\n",
        GIT + b"From: Ann <ann@example.com>\nSubject: [PATCH] x\n",
    ],
)
def test_text_that_begins_alike_does_not_separate(text: bytes) -> None:
    message = MAIL + text + b"\n"
    assert cuts(message + MAIL) == [message, MAIL]


def test_a_mailbox_of_patches_is_cut_at_its_own_kind_of_line() -> None:
    patch = GIT + b"From: Ann <ann@example.com>\nSubject: [PATCH] x\n\n--\n2.1\n\n"
    assert cuts(patch * 3) == [patch] * 3


def test_a_mailbox_with_its_own_form_of_date_is_cut_at_that_form_only() -> None:
    first = b"From ann@example.com 2007-04-20T10:11:12Z\n" + HEADER + b"\nFrom Bob, who wrote\nSubject: hi\n\n"
    second = b"From bob@example.com 2008-12-01T00:00:00Z\n" + HEADER + b"\nbody\n\n"
    assert cuts(first + second + first) == [first, second, first]


def test_without_a_blank_line_only_a_complete_line_before_a_header_separates() -> None:
    glued = FROM + HEADER + b"\nno line end follows the text\n"
    assert cuts(glued + MAIL) == [glued, MAIL]
    told = FROM + HEADER + b"\nit said\nFrom old friends Mon Aug 26 20:15:19 2002\nSubject: x\n\n"
    assert cuts(told + MAIL) == [told, MAIL]
    bare = FROM + HEADER + b"\nit said\n" + FROM + b"no header\n\n"
    assert cuts(bare + MAIL) == [bare, MAIL]


def test_a_second_from_line_directly_below_the_first_is_part_of_the_message() -> None:
    message = FROM + b">From bob Mon Aug 26 20:15:19 2002 remote from x\n" + HEADER + b"\nbody\n\n"
    doubled = FROM + FROM + HEADER + b"\nbody\n\n"
    assert cuts(message + doubled) == [message, doubled]


def with_length(length: int, body: bytes) -> bytes:
    return FROM + HEADER + b"Content-Length: %d\n\n" % length + body


def test_a_content_length_that_lands_on_a_separator_protects_the_body() -> None:
    body = b"forwarded:\n\n" + MAIL + b"end\n"
    message = with_length(len(body), body) + b"\n"
    assert cuts(message * 2) == [message] * 2


def test_a_content_length_that_lands_on_the_end_protects_the_body() -> None:
    message = with_length(len(MAIL), MAIL)
    assert cuts(MAIL + message) == [MAIL, message]


@pytest.mark.parametrize("lie", [0, 1, 7, 12, 60, 5_000, 2**31, 10**12 - 1])
def test_a_content_length_that_lies_is_ignored(lie: int) -> None:
    message = with_length(lie, b"hello there, this is the body\n") + b"\n"
    assert cuts(message + MAIL + MAIL) == [message, MAIL, MAIL]


def test_messages_are_cut_alike_wherever_the_blocks_end(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (MAIL + MAIL.replace(b"\n", b"\r\n") + with_length(3, b"x" * 3000) + b"\n\n") * 20
    whole = cuts(source)
    for block in (1, 2, 61, 1000, 1025):
        monkeypatch.setattr(_mbox, "BLOCK", block)
        assert cuts(source) == whole


def test_a_message_that_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mbox, "MAX_MESSAGE", 2000)
    monkeypatch.setattr(_mbox, "REST", 700)
    long = FROM + HEADER + b"\n" + b"y" * 5000 + b"\n\n"
    for block in (64, 900, 10_000):
        monkeypatch.setattr(_mbox, "BLOCK", block)
        found = list(cut(io.BytesIO(MAIL + long + MAIL), len(MAIL + long + MAIL)))
        assert b"".join(c.data for c in found) == MAIL + long + MAIL
        assert [bool(c.skipped) for c in found] == [False, False, *[True] * (len(found) - 3), False]
        assert len(found[1].data) == 2000
        assert max(len(c.data) for c in found[2:-1]) <= 700
        assert found[-1].data == MAIL


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                MAIL,
                FROM,
                HEADER,
                b"\n",
                b"\r\n",
                b"From ",
                GIT,
                b"\xef\xbb\xbf",
                b"Content-Length: 40\n",
                b"x" * 90,
                b"\0",
            ]
        )
        | st.binary(max_size=30)
    ).map(b"".join),
    st.integers(1, 300),
    st.integers(1, 200),
)
def test_the_cuts_are_always_the_source(data: bytes, limit: int, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_mbox, "MAX_MESSAGE", limit)
        patch.setattr(_mbox, "REST", max(limit // 3, 1))
        patch.setattr(_mbox, "BLOCK", block)
        assert all(0 < len(piece) <= limit for piece in cuts(data))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=200).map(lambda b: b.replace(b"From ", b">From ")), min_size=1, max_size=8))
def test_every_quoted_message_comes_out_as_it_went_in(bodies: list[bytes]) -> None:
    messages = [FROM + HEADER + b"\n" + body + b"\n\n" for body in bodies]
    assert cuts(b"".join(messages)) == messages


class LongLine(io.RawIOBase):
    """``size`` bytes without a line end, made as they are read."""

    def __init__(self, size: int) -> None:
        self.left, self.block = size, b"z" * BLOCK

    def read(self, count: int = -1) -> bytes:
        data = self.block[: min(count, self.left)]
        self.left -= len(data)
        return data


@pytest.mark.parametrize("first", [b"Subject: ", FROM + b"Subject: "])
def test_a_line_of_2_gib_is_streamed(first: bytes) -> None:
    size = 2 << 30
    stream = LongLine(size - len(first))
    joined = io.BytesIO(first)

    class Joined(io.RawIOBase):
        def read(self, count: int = -1) -> bytes:
            return joined.read(count) or stream.read(count)

    started, total, reasons = time.process_time(), 0, []
    for piece in cut(Joined(), size):  # type: ignore[arg-type]  # read() is all that is asked of it
        assert len(piece.data) <= (REST if piece.skipped else MAX_MESSAGE)
        total += len(piece.data)
        reasons.append(piece.skipped)
    assert total == size
    assert reasons == ["", *[TOO_LONG] * (len(reasons) - 1)]
    assert time.process_time() - started < 30


def hostile() -> Iterator[bytes]:
    size = 1 << 20
    for piece in (
        b"\nFrom ",
        b"\nFrom 1:23",
        b"\n\nFrom Mon Aug 26 20:15:19",
        b"\n\nFrom Mon" + b" " * 400 + b"Mon Aug",
        b"\n\nFrom " + b"Mon,  " * 60 + b"1:11\nA: b",
        b"\n\nFrom x Mon Aug 26 20:15:19" + b" A" * 200 + b"!\nA: b",
        b"\n\n" + b">" * 1000 + b"From \n",
        b"\n",
        b"\r",
        b"A: b\nContent-Length: 30000000\n\nhello\n\n" + FROM,
        FROM + b"A: b\n",
        FROM + b"\n",
    ):
        yield FROM + piece * (size // len(piece))
    yield b"From x\n" + b"\n\nFrom y\n" * (size // 9)


@pytest.mark.parametrize("data", list(hostile()), ids=lambda data: repr(data[46:70]))
def test_hostile_mailboxes_take_linear_time(data: bytes) -> None:
    started = time.process_time()
    cuts(data[: 1 << 20])
    looks_like_mail(data[: 64 << 10])
    unquote(data)
    assert time.process_time() - started < 5


def test_one_level_of_quoting_is_taken_from_the_body() -> None:
    assert unquote(HEADER + b"\n>From here\n>>From there\n> From\n") == HEADER + b"\nFrom here\n>From there\n> From\n"
    assert unquote(b"A: b\r\n\r\n>From here\r\n") == b"A: b\r\n\r\nFrom here\r\n"


def test_the_header_and_a_message_without_body_are_left_alone() -> None:
    for data in (FROM + b">From x remote from y\n" + HEADER + b"\nbody\n", b">From x\nA: b", b"", MAIL):
        assert unquote(data) == data


@pytest.mark.parametrize(
    "head",
    [
        MAIL,
        HEADER + b"\nbody\n",
        HEADER,
        HEADER.replace(b"\n", b"\r\n"),
        HEADER.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + HEADER,
        b"\n\n \n" + HEADER,
        b">From x\n" + HEADER,
        GIT + b"Subject: x\n",
        b"Return-Path: <>\nReceived: from x\n\tby y\nDate: Mon\n\n",
        b"Received: from x\nzufaellige Zeile\n\x80\xe9\xff\nSubject: \xfc\nTo: a@example.com\n\n",
        b"Subject: hi\n\nbody\n",
    ],
)
def test_mail_is_known(head: bytes) -> None:
    assert looks_like_mail(head) >= 0.4


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\n\n\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"<!DOCTYPE html>\n<html><head><title>From: me</title>\n",
        b"Jul  9 10:17:31 mx postfix/smtpd[1]: connect from unknown[192.0.2.1]\n" * 5,
        b'{"from": "a@example.com",\n "to": "b@example.com"}\n',
        b"#!/usr/bin/env python3\nimport re\nfrom x import y\nclass A:\n    pass\n",
        b"HTTP/1.1 200 OK\nDate: Mon\nContent-Type: text/html\n\n",
        b"name: impound\nversion: 1\nurl: http://example.com\n",
        b"From what I hear\nthis is prose.\n",
        b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\nFrom: a@example.com\nTo: b@example.com\nSubject: x\n",
        b"body first\n\nFrom: ann@example.com\n",
    ],
)
def test_other_things_are_not_taken_for_mail(head: bytes) -> None:
    assert looks_like_mail(head) < 0.1


@settings(max_examples=300)
@given(st.binary(max_size=2000))
def test_the_score_is_a_share(head: bytes) -> None:
    assert 0 <= looks_like_mail(head) <= 1
