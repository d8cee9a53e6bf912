"""Given headers that a program writes, then what it fixes in them, where it fixes a constant that gives it away."""

from __future__ import annotations

import random

from impound.check.face import face
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature, compiled
from impound.finders.patterns import _heads

TREE = "multipart/related(multipart/alternative(text/plain,text/html),image/gif)"


def made(n: int, constant: str = "5c1f00d7", tree: str = TREE, order: str = "Message-ID,From,To,Subject") -> Mail:
    chance = random.Random(n)
    return Mail(
        header_order=order,
        mailer=f"Pinewood Mail {2 + n % 2}.1",
        rfc_message_id=f"<{chance.getrandbits(48):012x}${chance.getrandbits(32):08x}${constant}@host{n}.example>",
        mime_shape=tree,
        charset=chance.choice(("utf-8", "us-ascii")),
        boundary_shape="----=_w{8}",
        subject=f"{chance.random()}",
    )


def found(mails: list[Mail]) -> _heads.Head:
    head = _heads.head([face(mail) for mail in mails])
    assert head is not None
    return head


def test_later_mail_of_the_program_matches_whatever_its_words_and_others_do_not() -> None:
    head = found([made(n) for n in range(40)])
    assert (head.constant, head.learnt, _heads.letters(head)) == ("5c1f00d7", tuple(range(40)), 8)
    matches = compiled(head.regex).match
    assert all(matches(face(made(n)).encode()) for n in range(40, 80))
    assert not matches(face(made(1, constant="5c1f00d8")).encode())
    assert not matches(face(made(1, tree="text/plain")).encode())
    assert not matches(face(made(1, order="From,To,Subject")).encode())


def test_a_signature_of_headers_is_found_by_its_constant_and_told_after_those_of_words() -> None:
    head = found([made(n) for n in range(40)])
    words = Signature(2, ".*\n" * 10 + ".*golden", ())
    matcher = Matcher([Signature(1, head.regex, (head.constant,)), words])
    assert matcher.match(made(99)) == [1]
    assert matcher.match(Mail(text="a golden house")) == [2]
    shown = face(made(99)) + "a golden house"
    assert matcher.match_face(shown) == [2, 1]


def test_what_any_machine_has_is_no_constant() -> None:
    assert _heads.constants("<000f01c77ad4$db215a40$6402a8c0@pc>") == {"000f01c77ad4", "db215a40"}
    assert _heads.constants("<1$0000000a$05f6f40a@pc>") == _heads.constants("<20110404100000.7445.qmail@pc>") == set()
    assert _heads.constants("<1$deadbeef@5c1f00d7.example>") == set(), "words and hosts are none"


def test_without_a_constant_that_most_share_there_is_no_template() -> None:
    assert _heads.head([face(made(n, constant=f"5c1f{n:04x}")) for n in range(40)]) is None
    assert _heads.head([face(made(n)) for n in range(4)]) is None
    assert _heads.head([face(Mail()) for _ in range(40)]) is None


def test_a_header_that_is_new_with_every_message_gives_no_template() -> None:
    assert _heads.head([face(made(n, tree=f"multipart/mixed({n})")) for n in range(40)]) is None
