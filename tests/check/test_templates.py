"""Given signatures, then a message meets those it matches, and no text makes one slow."""

from __future__ import annotations

import time

import pytest

from impound.check.face import LINES, TEXT, face, parts, text
from impound.check.mail import Link, Mail
from impound.check.templates import Matcher, Signature, compiled, word

HEAD = ".*\n" * (len(LINES) - 1)


def test_a_message_meets_the_signatures_it_matches() -> None:
    one = Signature(1, HEAD + "The golden house of [A-Za-z]+ opens", ("The golden house of ", " opens"))
    other = Signature(2, HEAD + "The golden house is shut", ("The golden house is shut",))
    short = Signature(3, HEAD + "The .*opens", ("The ",))
    matcher = Matcher([other, short, one])
    assert matcher.match(Mail(text="The golden\nhouse of\tBela opens today")) == [1, 3]
    assert matcher.match(Mail(text="Nothing of the kind")) == []


def test_a_signature_is_looked_up_by_a_word_that_stands_whole_in_its_fixed_text() -> None:
    assert word("the golden house, of") == "golden"
    assert word("golden house") == word("golden") == ""


def test_what_an_expression_asks_of_the_other_lines_is_asked_too() -> None:
    head = HEAD.replace(".*\n", "[^\n]*Pinewood[^\n]*\n", 1)
    matcher = Matcher([Signature(1, head + ".*the golden house of cards", ("the golden house of cards",))])
    assert matcher.match(Mail(header_order="From,X-Pinewood", text="to the golden house of cards")) == [1]
    assert matcher.match(Mail(header_order="From", text="to the golden house of cards")) == []
    assert [s.id for s in matcher.match_text("to the golden house of cards")] == [1]


def test_spaces_of_any_kind_and_what_nobody_sees_are_one_space() -> None:
    assert text("a\x00\x1f b\u200b\u00a0\u2028c\u00ad d \x85") == "a b c d"
    assert text("a\x7f \t b") == "a b"


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="missing"):
        compiled("a(b")


def test_a_face_has_each_part_on_a_line_and_forgets_who_received_it() -> None:
    mail = Mail(
        header_order="Received,From,To,X-Spam-Status,Subject",
        subject="Two\nlines",
        text="x" * 9000,
        links=(Link(url="mailto:a@b.example", scheme="mailto"), Link(url="http://c.example/", scheme="http")),
    )
    shown = parts(mail)
    assert shown["order"] == "From,To,Subject"
    assert (shown["subject"], shown["links"], len(shown["text"])) == ("Two lines", "http://c.example/", TEXT)
    assert face(mail).count("\n") + 1 == len(LINES)


def test_lone_surrogates_and_control_characters_do_no_harm() -> None:
    matcher = Matcher([Signature(1, HEAD + ".*opens", ())])
    assert matcher.match(Mail(text="\udc80 \x00\x0b opens", subject="\ud800")) == [1]


def test_the_time_of_an_expression_grows_with_the_text_alone() -> None:
    regex = "(?:a|a )*" + ".*the [a-z ]{0,60}" * 8 + "end"
    took = []
    for size in (100_000, 1_000_000):
        raw = (b"the a " * size)[:size]
        start = time.process_time()
        assert compiled(regex).match(raw) is None
        took.append(time.process_time() - start)
    assert took[1] < 30 * max(took[0], 0.01)
