"""Recipients leave the stored text; ordinary words stay."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.readers._personal import Person, Redactor, is_word, people, pseudonym

REDACT = Redactor((Person("kmelnik7@mail.example.com", "Karla Melnik"),))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Hello kmelnik7@mail.example.com!", "Hello {{to.address}}!"),
        ("KMELNIK7@Mail.Example.COM", "{{to.address}}"),
        ("Dear kmelnik7,", "Dear {{to.local}},"),
        ("bounce-kmelnik7=mail.example.com@list.example", "bounce-{{to.address}}@list.example"),
        ("http://x.example/?e=kmelnik7%40mail.example.com", "http://x.example/?e={{to.address}}"),
        ("http://kmelnik7.shop.example/", "http://{{to.local}}.shop.example/"),
        ("Karla Melnik has won", "{{to.name}} has won"),
        ("MELNIK, KARLA", "{{to.name}}"),
        ("Hi Karla, how are you", "Hi {{to.name}}, how are you"),
        ("Karlas Melnikov", "Karlas Melnikov"),
        ("nothing of hers", "nothing of hers"),
        ("", ""),
    ],
)
def test_what_derives_from_the_recipient_becomes_a_token(text: str, clean: str) -> None:
    assert REDACT(text) == clean


@pytest.mark.parametrize("before", ["", "a", "ab", "user=", "id=12&mail="])
@pytest.mark.parametrize("after", ["", "&z", "xyz", "|1"])
def test_an_address_in_base64_is_found_at_any_alignment(before: str, after: str) -> None:
    coded = base64.urlsafe_b64encode(f"{before}kmelnik7@mail.example.com{after}".encode()).decode()
    clean = REDACT(f"http://x.example/?{coded}")
    assert "{{to.code}}" in clean
    assert base64.urlsafe_b64encode(b"kmelnik7@mail").decode()[4:12] not in clean


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256"])
def test_an_address_as_a_digest_is_found(digest: str) -> None:
    coded = hashlib.new(digest, b"kmelnik7@mail.example.com").hexdigest()
    assert REDACT(f"?u={coded}&x") == "?u={{to.code}}&x"
    assert REDACT(coded.upper()) == "{{to.code}}"


def test_an_ordinary_word_is_left_alone_unless_it_addresses_the_reader() -> None:
    redact = Redactor((Person("sales@example.com"),))
    assert redact("Our sales rose. Sales people sell.") == "Our sales rose. Sales people sell."
    assert redact("Dear sales, buy this") == "Dear {{to.local}}, buy this"
    assert redact("sales@example.com") == "{{to.address}}"
    assert redact("sales, this is for you") == "{{to.local}}, this is for you"
    assert redact("wholesales@example.com") == "wholesales@example.com"


def test_a_short_local_part_is_replaced_between_other_letters_only() -> None:
    redact = Redactor((Person("mhln@example.com"),))
    assert redact("the mhln. amhlnb") == "the {{to.local}}. amhlnb"
    assert Redactor((Person("1@example.com"),))("1 of 11") == "1 of 11"


def test_the_organisation_s_own_host_names_stay_readable() -> None:
    redact = Redactor((Person("plgx@plgx.example.com"),))
    assert redact.hosts("mx.plgx.example.com") == "mx.plgx.example.com"
    assert Redactor((Person("kmelnik7@example.com"),)).hosts("kmelnik7.dsl.example") == "{{to.local}}.dsl.example"


def test_people_are_read_from_address_headers() -> None:
    found = people(
        ['"Karla Melnik" <KMelnik7@example.com>, b@example.com (Bert)', "c@example.com"],
        ["b@example.com", "d@example.org"],
    )
    assert [p.address for p in found] == ["kmelnik7@example.com", "b@example.com", "c@example.com", "d@example.org"]
    assert found[0].name == "Karla Melnik"


def test_a_header_of_a_million_addresses_is_bounded() -> None:
    assert len(people(["a@b.example, " * 1_000_000])) <= 2
    assert len(people([", ".join(f"u{i}@example.com" for i in range(100_000))])) <= 2000


def test_pseudonyms_need_the_key() -> None:
    assert pseudonym(b"k" * 32, "a@example.com") == pseudonym(b"k" * 32, "a@example.com")
    assert pseudonym(b"k" * 32, "a@example.com") != pseudonym(b"x" * 32, "a@example.com")
    assert "example" not in pseudonym(b"k" * 32, "a@example.com")


def test_words_are_words() -> None:
    assert is_word("manager") and is_word("debian-legal") is False and is_word("technical-support")
    assert not is_word("kmelnik7")


@given(st.text(max_size=200), st.emails())
def test_after_reduction_no_address_is_left(text: str, address: str) -> None:
    address = address.lower()
    person = people([f"<{address}>"])
    if [p.address for p in person] != [address]:
        return
    clean = Redactor(person)(f"{text} {address} {text}")
    assert address not in clean.lower()
