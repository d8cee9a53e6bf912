"""Software by its headers: what the program named cannot have written, what many networks share, who writes alike."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finders import cases
from impound import canonical
from impound.finders.software import _headers, _programs
from impound.finders.software._headers import Header
from impound.plugin import Engine

SENT = datetime(2011, 4, 4, 10, 0, tzinfo=UTC)
EXPRESS = "Microsoft Outlook Express 6.00.2900.2180"
OUTLOOK = "Microsoft Office Outlook, Build 11.0.5510"
ORDER = "Message-ID,From,To,Subject,Date,MIME-Version,Content-Type,X-Priority,X-MSMail-Priority,X-Mailer,X-MimeOLE"


def windows_id(at: datetime, machine: str = "0601a8c0", ticks: int = 0, counter: str = "0011") -> str:
    """A Message-ID as Outlook Express computes it."""
    whole = (int(at.timestamp()) + 11_644_473_600) * 10_000_000 + ticks
    return f"<{counter}{whole >> 32:08x}${whole & 0xFFFFFFFF:08x}${machine}@desk>"


def header(mailer: str = EXPRESS, message_id: str = "", **more: Any) -> Header:
    return Header(
        **{"mailer": mailer, "rfc_message_id": message_id, "sent_at": SENT.timestamp(), "header_order": ORDER} | more
    )


GENUINE = [
    (EXPRESS, windows_id(SENT)),
    (EXPRESS, windows_id(SENT - timedelta(minutes=47))),  # it waited in the outbox
    (EXPRESS, "<201104041000.p34A0abc012345@mail.example>"),  # a sendmail server gave it
    (EXPRESS, "<20110404100001.A78B717006B@mail.example>"),  # Postfix
    (EXPRESS, "<E1Hjzni-0002A8-00@mail.example>"),  # Exim
    (EXPRESS, "<BAY141-DAV766E7C9CDF08585DB26DB8F500@phx.gbl>"),
    (OUTLOOK, "<MAILSRV3sllNY30kkZI00000908@mailsrv.example>"),
    ("Microsoft Outlook IMO, Build 9.0.2416 (9.0.2911.0)", "<ILEHJNJFPDLMDEKNIAKCOELACCAA.ann@host.example>"),
    ("Microsoft Outlook 14.0", windows_id(SENT, machine="f702a9e1").replace("@", "$@")),
    ("Microsoft CDO for Windows 2000", windows_id(SENT, counter="00104c11")),
    ("The Bat! (v3.0.1.33) Professional", "<1969532938.20110404100000@host.example>"),
    ("Thunderbird 1.5.0.10 (Windows/20070221)", f"<{int(SENT.timestamp()):08X}.3000901@host.example>"),
    ("Mozilla Thunderbird", "<c5db6944-37fc-401e-bd06-68140f59c6e7@host.example>"),
    ("Evolution 2.8.1", f"<{int(SENT.timestamp())}.3329.56.camel@localhost.localdomain>"),
    ("QUALCOMM Windows Eudora Version 5.0", "<5.0.0.25.2.20110404095527.02eb33d8@mail.example>"),
    ("SquirrelMail/1.4.9a", "<1234.192.0.2.7.1176166095.squirrel@webmail.example>"),
    ("A program of my own 1.0", "<anything at all>"),
]


@pytest.mark.parametrize(("mailer", "message_id"), GENUINE)
def test_nothing_speaks_against_what_the_program_writes(mailer: str, message_id: str) -> None:
    assert _headers.contradictions(header(mailer, message_id)) == []


FALSE = [
    (EXPRESS, windows_id(SENT, ticks=1234), "not one that the program can write"),
    (EXPRESS, windows_id(SENT + timedelta(hours=3)), "whole half hours"),
    (EXPRESS, windows_id(SENT, machine="f702a9e1"), "the address of no machine"),
    (EXPRESS, windows_id(SENT - timedelta(days=400)), "more than a month"),
    (EXPRESS, windows_id(SENT)[:1] + "674e" + windows_id(SENT)[1:], "a form that the program never gives"),
    (OUTLOOK, "<00A0B015711FCE2.8F4DB9ABAD@host.example>", "a form that the program never gives"),
    ("The Bat! (v3.71.04)", "<789922419.92440966155400@host.example>", "digits that are no time"),
    ("Mozilla Thunderbird 1.5 (Windows/20060111)", "<111g459q.1107222@host.example>", "a form that the program never"),
    ("Microsoft Outlook Express V6.00.2900.2180", windows_id(SENT), "spelt as it never spells itself"),
    ("%XMAILER", "", "spelt as it never spells itself"),
]


@pytest.mark.parametrize(("mailer", "message_id", "reason"), FALSE)
def test_what_the_program_cannot_have_written_is_said_in_words(mailer: str, message_id: str, reason: str) -> None:
    found = _headers.contradictions(header(mailer, message_id))
    assert len(found) == 1
    assert reason in found[0]


def test_a_wrong_clock_of_the_machine_is_in_both_and_no_contradiction() -> None:
    wrong = datetime(2002, 1, 1, tzinfo=UTC)
    given = header(message_id=windows_id(wrong), sent_at=wrong.timestamp(), received_at=SENT.timestamp())
    assert _headers.contradictions(given) == []


def test_an_id_from_a_news_server_is_nobodys_contradiction() -> None:
    given = header("Thunderbird 2.0.0.24 (X11/20100328)", "<Ab-cd9.Zz@news.example>", header_order="Newsgroups,From")
    assert _headers.contradictions(given) == []


def test_an_id_that_names_a_server_on_the_way_was_given_there() -> None:
    given = header(message_id="<B0005493613@mail.firm.example>")
    assert _headers.contradictions(given) != []
    assert _headers.contradictions(given._replace(servers=("mx.receiver.example", "mail.firm.example"))) == []


def test_priorities_that_are_missing_count_only_where_the_programs_other_marks_were_kept() -> None:
    without = ORDER.replace("X-Priority,X-MSMail-Priority,", "")
    assert "missing" in _headers.contradictions(header(header_order=without))[0]
    stripped_by_a_list = without.replace(",X-MimeOLE", "")
    assert _headers.contradictions(header(header_order=stripped_by_a_list)) == []


def test_an_id_that_the_receiving_server_had_to_give_is_a_contradiction_for_programs_that_always_give_one() -> None:
    given = "<201104041000.p34A0abc012345@mx.receiver.example>"
    (reason,) = _headers.contradictions(header(message_id=given, queue_id="p34A0abc012345"))
    assert "came without a Message-ID" in reason
    assert _headers.contradictions(header(message_id=given, queue_id="p34A0zzz000001")) == []
    assert _headers.contradictions(header(OUTLOOK, given, queue_id="p34A0abc012345")) == []


def test_a_body_with_a_type_but_without_mime_version_is_not_outlooks() -> None:
    without = ORDER.replace("MIME-Version,", "")
    assert "MIME-Version is missing" in _headers.contradictions(header(header_order=without))[0]
    assert _headers.contradictions(header(header_order=without.replace("Content-Type,", ""))) == []


@pytest.mark.parametrize(
    ("boundary", "wrong"),
    [
        ("----=_NextPart_000_0012_01C77A0B.4E2F1234", False),
        ("===============1234567890==", False),  # Mailman wraps
        ("------------010203040506070809010203", True),
        ("----=_NextPart_7A2_01C7_01C77A0B.4E2F1234", True),
    ],
)
def test_a_boundary_of_another_program(boundary: str, wrong: bool) -> None:
    given = header(boundary_shape=canonical.shape(boundary))
    assert bool(_headers.contradictions(given)) is wrong


def test_messages_of_one_program_have_one_fingerprint_and_lists_do_not_change_it() -> None:
    one = header(message_id=windows_id(SENT), date_shape="w{3}, 9{1} w{3} 9{4} 9{2}:9{2}:9{2} +9{4}")
    other = header(
        message_id=windows_id(SENT + timedelta(days=3), "99999911"),
        date_shape="w{3}, 9{2} w{3} 9{4} 9{2}:9{2}:9{2} -9{4}",
        header_order=f"Return-Path,Received,{ORDER},Cc,X-Spam-Status,List-Id",
    )
    assert _headers.fingerprint(one) == _headers.fingerprint(other)
    assert _headers.fingerprint(one) != _headers.fingerprint(header(OUTLOOK, windows_id(SENT)))


def test_random_lengths_fall_into_one_form() -> None:
    shapes = [canonical.message_id_shape(f"<{'7' * n}.{'4' * 14}@host.example>") for n in (9, 10, 11)]
    made = {_headers.fingerprint(header("Nobody knows 1.0", "<x@y>", message_id_shape=s)) for s in shapes}
    assert len(made) == 1


def test_words_of_any_length_fall_into_one_form() -> None:
    shapes = [canonical.message_id_shape(f"<3{word}B@host.example>") for word in ("stoop.wade", "intransigent.antwerp")]
    made = {_headers.fingerprint(header("Nobody knows 1.0", "<x@y>", message_id_shape=s)) for s in shapes}
    assert len(made) == 1


def test_parts_that_innocents_share_are_not_looked_at() -> None:
    assert _headers.id_fields("<001101c77b84$cd28c850$6401a8c0@desk>") == [
        ("$$ 1", "001101c77b84"),
        ("$$ 2", "cd28c850"),
    ]
    assert ("$$ 3", "6c822ecf") in _headers.id_fields("<01c785a1$49b86a80$6c822ecf@word>")
    assert _headers.id_fields("<201104041000.p34A0abc012345@mail.example>") == []
    assert _headers.id_fields("<20110404100000.camel.000000@x>") == []


def test_the_program_without_its_version() -> None:
    assert _programs.name(EXPRESS) == "outlook express"
    assert _programs.name("Mailing Robot 3.2 (build 7)") == "mailing robot"
    assert _programs.name(None) == _programs.name("  ") == ""


def _messages(machines: list[str], step: timedelta) -> list[dict[str, Any]]:
    pick = random.Random(7)
    rows = []
    for n, machine in enumerate(machines):
        at = SENT + n * step
        ticks = 10_000 * pick.randrange(1000)
        rows.append(
            {"id": n, "seen_at": at, "sent_at": at, "mailer": OUTLOOK, "rfc_message_id": windows_id(at, machine, ticks)}
        )
    return rows


def _software(engine: Engine, messages: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    nets = [f"198.51.{row['id']}.0/24" for row in messages]
    origins = [{"message_id": row["id"], "client_net": net} for row, net in zip(messages, nets, strict=True)]
    engine.view("messages", cases.given("messages", messages))
    engine.view("origins", cases.given("origins", origins))
    _headers.headers(engine)
    _headers.software(engine)
    return _rows(engine, "header_constants"), _rows(engine, "message_software")


def _rows(engine: Engine, view: str) -> list[dict[str, Any]]:
    return [row for batch in engine.stream(f"SELECT * FROM {view}") for row in batch.to_pylist()]


def test_a_constant_is_what_many_networks_share_hour_after_hour(engine: Engine) -> None:
    pick = random.Random(3)
    innocent = [f"{pick.randrange(1 << 24):06x}{pick.randrange(80, 100):02x}" for _ in range(30)]
    messages = _messages(["6c822ecf"] * 12 + ["6401a8c0"] * 12 + innocent, timedelta(minutes=31))
    constants, found = _software(engine, messages)
    assert constants == [{"program": "outlook 11", "field": "$$ 3", "value": "6c822ecf", "nets": 12, "messages": 12}]
    assert {row["message_id"] for row in found if row["constant"] == "6c822ecf"} == set(range(12))
    assert len(found) == len(messages)
    assert {row["contradictions"] for row in found} == {None}
    assert {row["program"] for row in found} == {"outlook 11"}


def test_the_reasons_against_a_message_stand_in_one_text(engine: Engine) -> None:
    row = {"id": 1, "mailer": EXPRESS, "rfc_message_id": windows_id(SENT, "f702a9e1", 77), "sent_at": SENT}
    (found,) = _software(engine, [row])[1]
    assert found["contradictions"].count("; ") == 1
    row |= {"rfc_message_id": "<1@relay.example>", "received": [{"by": "mx.example"}, {"by": "Relay.example"}]}
    assert _software(engine, [row])[1][0]["contradictions"] is None


def test_what_is_shared_within_minutes_or_by_few_is_no_constant(engine: Engine) -> None:
    messages = _messages(["6c822ecf"] * 12, timedelta(minutes=1)) + [
        row | {"id": 100 + row["id"]} for row in _messages(["71aa22ee"] * 9, timedelta(hours=1))
    ]
    assert _software(engine, messages)[0] == []


TEXT = st.none() | st.text(max_size=400)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC)).map(datetime.timestamp)


@given(st.builds(Header, TEXT, TEXT, TIMES, TIMES, st.none() | st.integers(-(2**31), 2**31 - 1), *[TEXT] * 5))
def test_no_header_is_too_strange(strange: Header) -> None:
    assert all(isinstance(reason, str) for reason in _headers.contradictions(strange))
    assert len(_headers.fingerprint(strange)) == 16
    assert isinstance(_headers.id_fields(strange.rfc_message_id), list)


@given(st.sampled_from(GENUINE), st.text(max_size=30), TIMES)
def test_no_ending_of_a_genuine_id_is_too_strange(genuine: tuple[str, str], tail: str, at: float | None) -> None:
    _headers.contradictions(header(genuine[0], genuine[1][:-9] + tail, sent_at=at))


@pytest.mark.parametrize(
    "unit", ["a", "1", "<", "1.", "a-", "$", "@", ",x-mailer", "9{1}", "{", "Mozilla/5.0 (", "rv:"]
)
def test_long_headers_take_no_longer(unit: str) -> None:
    long = unit * 200_000
    strange = Header(long, "<" + long, SENT.timestamp(), SENT.timestamp(), 0, long, long, long, long, long)
    begun = time.process_time()
    for mailer in (long, EXPRESS, "The Bat! (v3)", "Mozilla/5.0 (" + long, "Thunderbird 1"):
        _headers.contradictions(strange._replace(mailer=mailer))
        _headers.fingerprint(strange._replace(mailer=mailer))
    _headers.id_fields(strange.rfc_message_id)
    assert time.process_time() - begun < 1
