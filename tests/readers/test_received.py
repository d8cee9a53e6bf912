"""``Received`` lines in every program's way of writing, and what a hostile client cannot make of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from impound.readers import _received
from impound.readers._received import FORMS, Hop, parse
from impound.tables import HOP

DATE = "; Thu, 19 Apr 2007 08:00:00 -0400 (EDT)"
NOON = datetime(2007, 4, 19, 12, 0, 0, tzinfo=UTC)
IP, BAIT = "203.0.113.7", "192.0.2.9"

LINES: list[tuple[str, dict[str, Any]]] = [
    # Sendmail
    (
        "from pc (host.example.com [203.0.113.7]) by mx.example.org (8.12.8/8.12.5) with ESMTP id l3A1"
        " for <a@b.example>",
        {"form": "sendmail", "helo": "pc", "name": "host.example.com", "by": "mx.example.org", "protocol": "ESMTP"}
        | {"queue_id": "l3A1", "for": "a@b.example"},
    ),
    (
        "from pc (host.example.com [203.0.113.7] (may be forged)) by mx.example.org (8.13.8/8.13.8) with SMTP id l3A1",
        {"form": "sendmail", "helo": "pc", "name": "host.example.com"},
    ),
    (
        "from pc (IDENT:me@host.example.com [203.0.113.7]) by mx.example.org (8.11.6/8.11.6) with ESMTP id l3A1",
        {"form": "sendmail", "helo": "pc", "name": "host.example.com"},
    ),
    ("from pc (me@[203.0.113.7]) by mx.example.org (8.11.6/8.11.6) with SMTP id l3A1", {"helo": "pc", "name": None}),
    (
        "from pc ([203.0.113.7]) (authenticated bits=0) by mx.example.org (8.12.5/8.12.5) with ESMTP id l3A1",
        {"form": "sendmail", "authenticated": True},
    ),
    (
        "(from me@localhost) by mx.example.org (8.13.1/8.13.1/Submit) id l44G for a@b.example",
        {"form": "sendmail", "ip": None, "helo": None, "queue_id": "l44G", "for": "a@b.example"},
    ),
    (
        "from pc (sslwrap@host.example.com [203.0.113.7]) by mx.example.org (8.11.6/8.11.6) with ESMTP id l3A1",
        {"name": "host.example.com"},
    ),
    # Postfix
    (
        "from pc (unknown [203.0.113.7]) by mx.example.org (Postfix) with ESMTP id 6D18 for <a@b.example>",
        {"form": "postfix", "helo": "pc", "name": None, "queue_id": "6D18", "for": "a@b.example"},
    ),
    (
        "from pc (host.example.com [IPv6:2001:db8::7]) (using TLSv1.3 with cipher X (256/256 bits)"
        ' key-exchange X25519 server-signature ECDSA (P-256)) (Client CN "x", Issuer "y" (not verified))'
        " by mx.example.org (Postfix) with ESMTPS id 6D18",
        {"form": "postfix", "ip": "2001:db8::7", "name": "host.example.com", "authenticated": False},
    ),
    (
        "from [198.51.100.2] (host.example.com [203.0.113.7]) (Authenticated sender: someone) by mx.example.org"
        " (Postfix) with ESMTPSA id 6D18",
        {"helo": "[198.51.100.2]", "authenticated": True},
    ),
    (
        "by mx.example.org (Postfix, from userid 33) id 6D18",
        {"form": "postfix", "ip": None, "by": "mx.example.org", "queue_id": "6D18"},
    ),
    ("from pc (host.example.com [203.0.113.7])by mx.example.org (Postfix) with ESMTP id 6D18", {"helo": "pc"}),
    # Exim
    (
        "from host.example.com ([203.0.113.7] helo=pc ident=me) by mx.example.org with esmtp (Exim 4.60)"
        " (envelope-from <x@client.example>) id 1HiC-0005 for a@b.example",
        {"form": "exim", "helo": "pc", "name": "host.example.com", "protocol": "esmtp", "for": "a@b.example"},
    ),
    (
        "from [203.0.113.7] (port=4711 helo=[198.51.100.2]) by mx.example.org with asmtp (Exim 4.60) id 1HiC-0005",
        {"form": "exim", "helo": "[198.51.100.2]", "name": None, "port": 4711, "authenticated": True},
    ),
    (
        "from host.example.com ([203.0.113.7]:4711 helo=pc) by mx.example.org with esmtpsa (TLS1.3)"
        " tls TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <x@client.example>) id 1qDs",
        {"form": "exim", "port": 4711, "protocol": "esmtpsa", "authenticated": True},
    ),
    (
        "from host.example.com ([203.0.113.7]) by mx.example.org with esmtp (Exim 3.36 #1 (Debian)) id 1Hl7"
        " for <a@b.example>",
        {"form": "exim", "helo": "host.example.com", "name": "host.example.com", "for": "a@b.example"},
    ),
    ("from [203.0.113.7] by mx.example.org with smtp (Exim 4.60) id 1Hl7", {"form": "exim", "helo": None}),
    (
        "from www-data by mx.example.org with local (Exim 4.62) (envelope-from <w@client.example>) id 1Hc",
        {"form": "exim", "ip": None, "helo": None, "protocol": "local"},
    ),
    (
        "from host.example.com ([203.0.113.7] helo=pc) by mx.example.org with esmtp id 1HiC",
        {"form": "exim", "helo": "pc"},
    ),
    # qmail and its kin
    (
        "from unknown (HELO pc) (203.0.113.7) by mx.example.org with SMTP",
        {"form": "qmail", "helo": "pc", "name": None, "protocol": "SMTP"},
    ),
    (
        "from host.example.com (HELO pc) (me@203.0.113.7) by mx.example.org with SMTP",
        {"form": "qmail", "helo": "pc", "name": "host.example.com"},
    ),
    (
        "from host.example.com (203.0.113.7) by mx.example.org with SMTP",
        {"form": "qmail", "helo": "host.example.com", "name": "host.example.com"},
    ),
    (
        "from unknown (HELO pc) (me@[203.0.113.7]) (envelope-sender <x@client.example>) by mx.example.org"
        " (qmail-ldap-1.03) with SMTP for <a@b.example>",
        {"form": "qmail", "helo": "pc", "for": "a@b.example"},
    ),
    ("(qmail 12345 invoked by uid 500)", {"form": "qmail", "ip": None, "by": None}),
    ("(qmail 12345 invoked from network)", {"form": "qmail", "ip": None}),
    ("(qmail 1 messnum 2 invoked from network[203.0.113.7/host.example.com])", {"name": "host.example.com"}),
    ("from unknown (HELO pc) (203.0.113.7) by 0 with SMTP", {"form": "qmail", "by": "0", "by_ip": None}),
    (
        "from host.example.com (HELO pc) (203.0.113.7) by mx.example.org (qpsmtpd/0.31) with ESMTP",
        {"form": "qpsmtpd", "helo": "pc", "name": "host.example.com"},
    ),
    (
        "from host.example.com (HELO pc) ([203.0.113.7]) by mx.example.org with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384",
        {"form": "ironport", "helo": "pc", "name": "host.example.com"},
    ),
    (
        "from unknown (HELO pc) (me@203.0.113.7 with login) by smtp1.mail.yahoo.com with SMTP",
        {"form": "yahoo", "helo": "pc", "authenticated": True},
    ),
    ("from [203.0.113.7] by web1.mail.yahoo.com via HTTP", {"form": "yahoo", "helo": None, "protocol": "HTTP"}),
    (
        "from host.example.com (EHLO pc) [203.0.113.7] by mail.example.org (mp026) with SMTP",
        {"helo": "pc", "name": "host.example.com"},
    ),
    # Microsoft and Google
    (
        "from A.example.com (203.0.113.7) by B.mail.protection.outlook.com (198.51.100.25) with Microsoft SMTP Server"
        " (version=TLS1_2, cipher=X) id 15.20.6277.31 via Frontend Transport",
        {"form": "outlook", "helo": "A.example.com", "name": None, "by_ip": "198.51.100.25"}
        | {"protocol": "Microsoft SMTP Server", "queue_id": "15.20.6277.31"},
    ),
    (
        "from A.example.com (2001:db8::7) by B.example.org (2001:db8::25) with HTTPS",
        {"ip": "2001:db8::7", "by_ip": "2001:db8::25"},
    ),
    (
        "from A.example.com ([2001:db8::7]) by B.example.org ([2001:db8::7%3]) with mapi id 15.20.6340.030",
        {"form": "exchange", "ip": "2001:db8::7", "by_ip": "2001:db8::7", "protocol": "mapi"},
    ),
    (
        "from pc ([203.0.113.7]) by mx.example.org with Microsoft SMTPSVC(6.0.3790.1830)",
        {"form": "exchange", "helo": "pc", "protocol": "Microsoft SMTPSVC"},
    ),
    ("from pc - 203.0.113.7 by mx.example.org with Microsoft SMTPSVC(5.5.1775.675.6)", {"helo": "pc"}),
    (
        "from mail pickup service by mx.example.org with Microsoft SMTPSVC",
        {"form": "exchange", "helo": None, "ip": None},
    ),
    (
        "from pc (host.example.com. [203.0.113.7]) by mx.google.com with ESMTPS id n24si51 for <a@b.example>"
        " (version=TLS1_3 cipher=X bits=256/256)",
        {"form": "gmail", "helo": "pc", "name": "host.example.com", "for": "a@b.example"},
    ),
    ("by 10.1.2.3 with SMTP id p22mr965344faa.47.1271685024693", {"form": "gmail", "ip": None, "by_ip": "10.1.2.3"}),
    (
        "by 2002:a05:6504:245:0:0:0:0 with SMTP id a1csp12",
        {"form": "gmail", "ip": None, "by_ip": "2002:a05:6504:245::"},
    ),
    # the others
    (
        "from mail.example.com [203.0.113.7] by localhost with POP3 (fetchmail-5.9.0) for user@localhost (single-drop)",
        {"form": "fetchmail", "helo": None, "name": "mail.example.com", "protocol": "POP3", "for": "user@localhost"},
    ),
    (
        'from pc ([203.0.113.7]:56394 "EHLO pc" rhost-flags-OK-OK-OK-OK) by lists.example.org with ESMTP id S1'
        " (ORCPT <rfc822;a@b.example>)",
        {"form": "zmailer", "helo": "pc", "port": 56394, "for": "a@b.example"},
    ),
    (
        'from pc ([203.0.113.7]:4711 "HELO pc" smtp-auth: <none>) by lists.example.org with ESMTP id S1',
        {"form": "zmailer", "port": 4711, "authenticated": False},
    ),
    (
        "(majordomo@lists.example.org) by lists.example.org via listexpand id S1 (ORCPT <rfc822;a@b.example>)",
        {"form": "zmailer", "ip": None, "protocol": "listexpand", "for": "a@b.example"},
    ),
    (
        "from mx.example.org ([203.0.113.7]) by localhost (mx.example.org [127.0.0.1]) (amavisd-new, port 10024)"
        " with LMTP id 24193-32",
        {"form": "amavis", "by": "localhost", "by_ip": "127.0.0.1", "protocol": "LMTP"},
    ),
    (
        "from [203.0.113.7] (account someone@client.example HELO [198.51.100.2]) by mx.example.org"
        " (CommuniGate Pro SMTP 4.2.10) with ESMTP id 33",
        {"form": "communigate", "helo": "[198.51.100.2]", "authenticated": True},
    ),
    (
        "from pc (softdnserr [::ffff:203.0.113.7]) (AUTH: LOGIN someone) by mx.example.org with esmtp",
        {"name": None, "authenticated": True},
    ),
    ("from pc (203.0.113.7:23198) by mx.example.org with [XMail 1.20 ESMTP Server] id <S72E>", {"port": 23198}),
    ("from pc (203.0.113.7) by mx.example.org (PowerMTA(TM) v3.2r2) id h4u", {"form": "powermta", "queue_id": "h4u"}),
    ("from pc [203.0.113.7] by mx.example.org [198.51.100.25] with SMTP (MDaemon.v5.R)", {"by_ip": "198.51.100.25"}),
    ("from pc [203.0.113.7] by mx.example.org with ESMTP (SMTPD32-7.07) id A4CE", {"form": "imail", "helo": "pc"}),
    ("from host.example.com(203.0.113.7) by mx.example.org via smap (V1.3) id xma", {"helo": "host.example.com"}),
    (
        'from host.example.com(203.0.113.7), claiming to be "pc" via SMTP by mx.example.org, id smtpdE',
        {"helo": "pc", "name": "host.example.com", "by": "mx.example.org", "queue_id": "smtpdE"},
    ),
    ("from 203.0.113.7 (SquirrelMail authenticated user x) by www.example.org with HTTP", {"authenticated": True}),
    ("from source ([203.0.113.7]) by exprod5mx1.postini.com ([198.51.100.25]) with SMTP", {"helo": None}),
    ("from pc ([203.0.113.7]) (not authenticated) by mx.example.org with ESMTP id 7", {"helo": "pc"}),
    ("from pc (203.0.113.7) by mx.example.org (7.2.072.3) id 7", {"by_ip": None}),
    ("from [10.0.0.5] ([203.0.113.7:54172] helo=pc) by mx.example.org (ecelerity 2.2) with ESMTP id 7", {"helo": "pc"}),
    (
        "FROM pc (host.example.com [203.0.113.7]) BY mx.example.org ID 434B",
        {"by": "mx.example.org", "queue_id": "434B"},
    ),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line[:60] for line, _ in LINES])
def test_each_program_s_way_of_writing_is_understood(line: str, expected: dict[str, Any]) -> None:
    hop, recipient = parse(line + DATE)
    assert hop.at == NOON
    said = hop._asdict() | {"for": recipient}
    wanted = {"ip": IP, "authenticated": False, **expected}
    if "authenticated" not in expected and "not authenticated" in line:
        wanted.pop("authenticated")
    assert {key: said[key] for key in wanted} == wanted
    assert hop.form in FORMS


def test_a_hop_has_exactly_the_fields_of_the_table() -> None:
    assert list(Hop._fields) == [HOP.field(i).name for i in range(HOP.num_fields)]


@pytest.mark.parametrize(
    "line",
    [
        "from 192.0.2.9 by 198.51.100.25",
        "from [192.0.2.9] by mx.example.org with ESMTP",
        "from 192.0.2.9 by mx.example.org (MDaemon) with SMTP",
        "from pc (host.example.com 192.0.2.9) by mx.example.org (8.12.8/8.12.5) with SMTP id 1",
        "from pc (host.example.com [192.0.2.999]) by mx.example.org (Postfix) with SMTP id 1",
        "from 192.0.2.9",
        "from 192.0.2.9 by",
    ],
)
def test_a_helo_is_never_taken_for_the_address_that_the_server_saw(line: str) -> None:
    assert parse(line + DATE)[0].ip is None


HOSTILE = [
    "x ([192.0.2.9])",
    "x (bait.example [192.0.2.9])",
    "foo (bar [192.0.2.9]) by evil.example",
    "foo (bar [192.0.2.9]) by evil.example (Postfix) with ESMTP id 1; Thu, 19 Apr 2007 08:00:00 -0400 (",
    "foo ([192.0.2.9] helo=bar) by evil.example with esmtp (Exim 4.60) id 1",
    "foo ([192.0.2.9] helo=bar",
    "(bait.example [192.0.2.9]",
    "x) (bait.example [192.0.2.9]",
    "[192.0.2.9]",
    "192.0.2.9",
    "x (HELO y) (192.0.2.9)",
    "x (192.0.2.9) (using TLSv1",
    "x ([192.0.2.9]) (Authenticated sender: boss)",
    'x ([192.0.2.9]:1 "EHLO x" rhost-flags-OK',
    "x(192.0.2.9), HELO y",
    'x(192.0.2.9), claiming to be "y"',
    "x - 192.0.2.9",
    "192.0.2.9 (SquirrelMail authenticated user x)",
    "x via 192.0.2.9",
    "x, claiming to be (192.0.2.9)",
]
CLAIM_FIRST = [
    "from {} (host.example.com [203.0.113.7]) by mx.example.org (8.12.8/8.12.5) with ESMTP id 1 for <a@b.example>",
    "from {} (unknown [203.0.113.7]) by mx.example.org (Postfix) with ESMTP id 1 for <a@b.example>",
    "from {} (h.example.com [203.0.113.7]) (using TLSv1 with cipher X (1/1 bits))"
    " by mx.example.org (Postfix) with ESMTPS id 1",
    "from {} ([203.0.113.7]) by mx.example.org with Microsoft SMTPSVC(6.0.3790.1830)",
    "from {} (203.0.113.7) by mx.example.org (198.51.100.25) with Microsoft SMTP Server id 15.1",
    "from {} (host.example.com. [203.0.113.7]) by mx.google.com with ESMTPS id n24si51 for <a@b.example>",
    "from unknown (HELO {}) (203.0.113.7) by mx.example.org with SMTP",
    "from unknown (HELO {}) (203.0.113.7) by mx.example.org (qpsmtpd/0.31) with SMTP",
    "from {} [203.0.113.7] by mx.example.org with ESMTP (SMTPD32-7.07) id A4CE",
    "from {} (203.0.113.7) by mx.example.org (PowerMTA(TM) v3.2r2) id h4u",
]
SEEN_FIRST = [
    "from host.example.com ([203.0.113.7] helo={}) by mx.example.org with esmtp (Exim 4.60) id 1HiC for a@b.example",
    "from host.example.com ([203.0.113.7]:4711 helo={}) by mx.example.org with esmtp (Exim 4.60) id 1HiC",
    "from [203.0.113.7] (helo={}) by mx.example.org with smtp (Exim 3.36 #1 (Debian)) id 1HiC",
    "from [203.0.113.7] (port=4711 helo={} ident=me) by mx.example.org with smtp (Exim 4.60) id 1HiC",
]


@pytest.mark.parametrize("helo", HOSTILE)
@pytest.mark.parametrize("line", CLAIM_FIRST + SEEN_FIRST)
def test_no_helo_smuggles_in_an_address_or_a_server(line: str, helo: str) -> None:
    hop, _ = parse(line.format(helo) + DATE)
    assert hop.ip in (IP, None)
    assert hop.by in ("mx.example.org", "mx.google.com")
    assert hop.at == NOON
    if helo.count("(") == helo.count(")") or line in CLAIM_FIRST:
        assert hop.ip == IP


@pytest.mark.parametrize(
    ("line", "verified"),
    [
        ("from pc (h.example.com [203.0.113.7]) by mx.example.org (8.13.8/8.13.8) with SMTP id 1", True),
        (
            "from pc (h.example.com [203.0.113.7] (may be forged)) by mx.example.org (8.13.8/8.13.8) with SMTP id 1",
            False,
        ),
        ("from pc (h.example.com [203.0.113.7]) by mx.example.org (Postfix) with SMTP id 1", True),
        ("from pc (unknown [203.0.113.7]) by mx.example.org (Postfix) with SMTP id 1", None),
        ("from h.example.com ([203.0.113.7] helo=pc) by mx.example.org with smtp (Exim 4.60) id 1", True),
        ("from h.example.com (HELO pc) (203.0.113.7) by mx.example.org with SMTP", None),
    ],
)
def test_a_name_is_verified_where_the_program_says_so(line: str, verified: bool | None) -> None:
    assert parse(line + DATE)[0].verified is verified


def test_the_repeated_helo_of_zmailer_cannot_move_the_address() -> None:
    for helo in HOSTILE:
        client = f'from {helo} ([203.0.113.7]:4711 "EHLO {helo}" rhost-flags-OK-OK-OK-OK)'
        line = client + " by lists.example.org with ESMTP id S1"
        assert parse(line + DATE)[0].ip in (IP, None), helo


def test_an_envelope_sender_or_recipient_after_by_changes_nothing() -> None:
    for bait in ('"x ([192.0.2.9]) by evil.example with SMTP (Postfix"', '"(Exim 4) by evil.example "'):
        exim = "from h.example.com ([203.0.113.7] helo=pc) by mx.example.org with esmtp (Exim 4.6)"
        postfix = "from pc (h.example.com [203.0.113.7]) by mx.example.org (Postfix) with SMTP id 1"
        sender, recipient = f"{exim} (envelope-from <{bait}@c.example>) id 1", f"{postfix} for <{bait}@b.example>"
        for line in (sender, recipient):
            hop, _ = parse(line + DATE)
            assert (hop.ip, hop.by, hop.helo) == (IP, "mx.example.org", "pc")


RECIPIENT = "victim@b.example"


@pytest.mark.parametrize(
    "line",
    [
        "from pc (h.example.com [203.0.113.7]) by mx.example.org (Postfix) with SMTP id 1 for <victim@b.example>",
        "from victim@b.example (h.example.com [203.0.113.7])"
        " by mx.example.org (Postfix) with SMTP id 1 for <victim@b.example>",
        "from x ([203.0.113.7] helo=victim@b.example) by mx.example.org with smtp (Exim 4.6) id 1 for victim@b.example",
        "from unknown (HELO victim@b.example) (203.0.113.7)"
        " by victim@b.example with SMTP id victim@b.example for victim@b.example",
        "from pc (victim@[203.0.113.7]) by mx.example.org with SMTP for victim@b.example",
        "from mail.example.com [203.0.113.7] by localhost with POP3 (fetchmail-5.9) for victim@b.example (single-drop)",
        "by 0 with SMTP; not a date for victim@b.example",
        "(majordomo@lists.example.org) by lists.example.org via listexpand (ORCPT <rfc822;victim@b.example>)",
        "from mx.example.com (mx.example.com [203.0.113.7]) for <victim@b.example>",
    ],
)
def test_the_recipient_stands_beside_the_hop_and_never_in_it(line: str) -> None:
    hop, recipient = parse(line + DATE)
    assert recipient == RECIPIENT
    assert not [value for value in hop if isinstance(value, str) and "victim" in value]


def test_the_envelope_sender_is_not_a_recipient() -> None:
    line = (
        "from h.example.com ([203.0.113.7]) by mx.example.org with esmtp (Exim 4.6) (envelope-from <x@c.example>) id 1"
    )
    assert parse(line + DATE)[1] is None


def test_folding_and_missing_parts_are_no_matter() -> None:
    folded = (
        "from pc (h.example.com\r\n\t[203.0.113.7])\r\n\tby mx.example.org (Postfix)\r\n\twith SMTP id 1\r\n\t" + DATE
    )
    assert parse(folded) == parse(" ".join(folded.split()))
    assert parse("") == (Hop(), None)
    assert parse("by mx.example.org")[0] == Hop(by="mx.example.org")
    assert parse("from pc by mx.example.org")[0] == Hop(helo="pc", by="mx.example.org")


def test_a_date_without_a_semicolon_is_found() -> None:
    hop, _ = parse("from pc ([203.0.113.7]) by mx.example.org with ESMTP id 1 Thu, 19 Apr 2007 08:00:00 -0400 (EDT)")
    assert (hop.at, hop.queue_id) == (NOON, "1")


def test_a_line_beyond_the_limit_gives_its_time_alone() -> None:
    line = f"from {'x' * _received.MAX_LINE} (h.example.com [203.0.113.7]) by mx.example.org (Postfix) with SMTP id 1"
    assert parse(line + DATE) == (Hop(at=NOON), None)


@given(st.text(max_size=200))
@example("from ( by [")
@example("from x (HELO) by y with id ;")
@example("by ")
@example("from  by  with  id  for ;")
@example("(from [")
def test_no_text_is_an_error_and_every_field_keeps_its_promise(text: str) -> None:
    for line in (
        text,
        f"from {text} by {text} with {text} id {text} for {text}; {text}",
        f"from x ([203.0.113.7]) by {text}",
    ):
        hop, _ = parse(line)
        assert hop.form in FORMS
        assert hop.port is None or 0 <= hop.port < 65536
        assert hop.by is None or "@" not in hop.by
        assert hop.queue_id is None or "@" not in hop.queue_id


@given(st.text(alphabet="x.()[]<>\"' @;byfrom192024:-=HELO", max_size=60), st.sampled_from(CLAIM_FIRST))
def test_whatever_a_client_claims_the_server_s_parenthesis_wins(helo: str, line: str) -> None:
    hop, _ = parse(line.format(helo) + DATE)
    assert hop.ip in (IP, None)


@pytest.mark.parametrize(
    "piece",
    ["(", ")", "[", "]", "<", '"', " ", " from", " by ", "a", "; ", "(a ", "[1.1.1.1] ", '<"', " for <", "helo="],
)
def test_hostile_length_costs_nothing(piece: str) -> None:
    frame = "from {} (h.example.com [203.0.113.7]) by mx.example.org (8.1.1/8.1.1) {} with SMTP id 1 {}" + DATE
    long, full = piece * (65536 // len(piece)), piece * (1300 // len(piece))
    before = time.process_time()
    for text in (
        long,
        frame.format(long, "", ""),
        full * 3,
        frame.format(full, full, full),
        frame.format(full * 2, "", ""),
    ):
        parse(text)
        parse(text.replace("from", "(from", 1))
    assert time.process_time() - before < 0.5
