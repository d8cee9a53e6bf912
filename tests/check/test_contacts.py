"""Contacts in made-up letters: found however they are disguised, and not where nobody is told to answer."""

from __future__ import annotations

import time

import pytest

from impound.check import _checksums, contacts
from impound.check.contacts import Contact, in_text
from impound.check.mail import Link, Mail

OFFER = "You have won a prize of $500,000 in our lottery. To claim your fund "


def found(text: str) -> set[tuple[str, str]]:
    return {(c.kind, c.value) for c in in_text(OFFER + text).contacts}


@pytest.mark.parametrize(
    "text",
    [
        "contact claims@two.example.",
        "contact claims (at) two (dot) example.",
        "contact claims @ two . example.",
        "contact claims at two dot example.",
        "contact CLAIMS@TWO.EXAMPLE.",
        "contact \uff43laims\uff20two.example.",
    ],
)
def test_a_mailbox_is_found_in_every_disguise(text: str) -> None:
    assert found(text) == {("mailbox", "claims@two.example")}


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("call +44 7700 900123 now", "447700900123"),
        ("call 0044 7700 900123 now", "447700900123"),
        ("call 1-206-555-0142", "12065550142"),
        ("telephone: 7700900123", "7700900123"),
        ("call 2 0 6 - 5 5 5 - 0 1 4 2", "2065550142"),
    ],
)
def test_a_telephone_is_found_however_it_is_written(text: str, digits: str) -> None:
    assert found(text) == {("telephone", digits)}


def test_messengers_and_receivers_of_transfers_are_named_with_their_service() -> None:
    assert found("add me on skype: claims.office1") == {("messenger", "skype:claims.office1")}
    assert found("ICQ 555-0142-9") == {("messenger", "icq:55501429")}
    text = "pay by Western Union. Receiver's name: Ada Dale\nCity: Somewhere"
    assert ("transfer", "western union:ada dale") in found(text)


def test_a_wallet_counts_with_its_checksum_right() -> None:
    right, wrong = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"
    assert found(f"send bitcoin to {right} today") == {("wallet", f"bitcoin:{right}")}
    assert found(f"send bitcoin to {wrong} today") == set()


def test_checksums_are_those_of_the_standards_own_examples() -> None:
    assert _checksums.iban("GB82 WEST 1234 5698 7654 32") == "GB82WEST12345698765432"  # ISO 13616 (Wikipedia's example)
    assert _checksums.iban("GB82 WEST 1234 5698 7654 33") is None
    assert _checksums.wallet("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4") == "bitcoin"  # BIP 173
    assert _checksums.wallet("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0") == "bitcoin"  # BIP 350
    assert _checksums.wallet("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") == "ethereum"  # ERC-55
    assert _checksums.wallet("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD") is None
    assert _checksums.keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.parametrize(
    "text",
    [
        "\n\nTo be removed from this mailing list write to claims@two.example.",
        "write to no-reply@two.example.",
        "\n> contact claims@two.example\n",
        "\n-- \nPat, pat@two.example",
    ],
)
def test_nobody_is_told_to_answer_where_a_mailbox_only_stands(text: str) -> None:
    assert found(text) == set()


def test_a_letter_between_people_gives_nothing() -> None:
    assert in_text("See you on Monday. Call me on +44 7700 900123 or write to pat@two.example.").contacts == ()


def test_a_link_to_a_mailbox_counts_when_its_words_ask_to_use_it() -> None:
    page = OFFER + "see below. Click here to reply. Or unsubscribe."
    link = Link(
        url="mailto:claims@two.example?subject=yes", scheme="mailto", place="html", link_text="Click here to reply"
    )
    quiet = Link(url="mailto:out@two.example", scheme="mailto", place="html", link_text="unsubscribe")
    assert contacts.contacts(Mail(html_text=page, links=(link, quiet))) == (Contact("mailbox", "claims@two.example"),)


def test_a_flood_of_addresses_is_no_request_to_answer() -> None:
    assert found("contact " + ", ".join(f"a{n}@two.example" for n in range(100))) == set()


@pytest.mark.parametrize(
    "evil",
    [
        "a@" * 500_000,
        "+1 " * 300_000,
        "receiver " * 100_000,
        "ref batch " * 100_000,
        "(at) " * 200_000,
        "1" * 1_000_000,
    ],
)
def test_a_megabyte_of_almost_contacts_takes_no_time(evil: str) -> None:
    began = time.process_time()
    in_text(OFFER + evil)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text",
    [
        "Dear Ann, ann@two.example, you are lucky. Call now.",  # the reader's own
        "For a small price get a short mail address like: ann@two.example today.",  # an example
        "write to claims@two.comare you ready",  # run into the next word
        "write to {{to.local}}claims@two.example",  # half of a name
        "To be removed just send an email to:\n\n\nclaims@two.example",
        'Send an email to "claims@two.example"\nif you no longer wish to hear of us.',
        "Click here to be removed. You can also write to claims@two.example.",
        "To discontinue, write to out@two.example or by fax at 206-555-0142.",
    ],
)
def test_neither_the_readers_own_mailbox_nor_one_to_leave_by_counts(text: str) -> None:
    assert found(text) == set()


def test_a_mailbox_to_leave_by_counts_nowhere_else_either() -> None:
    assert found("write to out@two.example. To be removed write to out@two.example.") == set()


def test_an_account_of_a_central_bank_is_named_for_good_looks() -> None:
    iban = "GB82WEST12345698765432"
    assert ("bank-account", f"iban:{iban}") in found(f"Beneficiary: Ada Dale. IBAN {iban}, deposit there")
    assert found(f"Beneficiary: National Bank of Somewhere. IBAN {iban}, deposit there") == set()


def spam(text: str, **more: object) -> Mail:
    return Mail(subject="You have won", text=OFFER + text, from_domain="one.example", **more)  # type: ignore[arg-type]


def test_wanted_mail_has_no_contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = spam("contact claims@two.example.")
    assert contacts.contacts(mail) == (Contact("mailbox", "claims@two.example"),)
    monkeypatch.setattr(contacts.classifier.Model, "spam", lambda model, mail: 0.01)
    assert contacts.contacts(mail) == ()


def test_periodicals_have_no_contacts() -> None:
    mail = spam("contact claims@two.example.")
    issue = Mail(subject="Lottery Exchange, Issue #12", text=mail.text, from_domain="one.example")
    assert contacts.contacts(mail) and not contacts.contacts(issue)


def test_phish_with_a_page_names_the_firms_own_line() -> None:
    text = "Your account is limited: verify your account. Payment and credit card, price. Call us at 206-555-0142."
    page = Link(url="http://two.example/", scheme="http", host="two.example", place="html", link_text="Log in")
    with_page = Mail(subject="Verify your account", text=text, from_domain="one.example", links=(page,))
    without = Mail(subject="Verify your account", text=text, from_domain="one.example")
    assert contacts.contacts(without) == (Contact("telephone", "2065550142"),)
    assert contacts.contacts(with_page) == ()


def test_a_link_counts_only_where_its_words_do_not_say_how_to_leave() -> None:
    link = Link(url="mailto:claims@two.example", scheme="mailto", place="html", link_text="click here")
    for page, wanted in (("To claim it click here.", True), ("To be removed, please click here.", False), ("", False)):
        found_ = contacts.contacts(Mail(html_text=OFFER + page, subject="You have won", links=(link,)))
        assert bool(found_) is wanted
