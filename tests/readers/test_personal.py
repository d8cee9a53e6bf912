"""Recipients leave the stored text; ordinary words stay."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spellchecker import SpellChecker

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
    assert redact.hosts(["mx.plgx.example.com"]) == ["mx.plgx.example.com"]
    assert Redactor((Person("kmelnik7@example.com"),)).hosts(["kmelnik7.dsl.example"]) == ["{{to.local}}.dsl.example"]


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


def test_the_word_list_is_the_spell_checker_s() -> None:
    counted = SpellChecker(distance=1).word_frequency.dictionary
    words = ["the", "manager", "watches", "qwrtzp", "zyzzyva", "online"]
    assert [is_word(w) for w in words] == [counted.get(w, 0) >= 200 for w in words]


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


LOCALS = st.from_regex(r"[a-z][a-z0-9._+-]{1,18}[a-z0-9]", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z][a-z0-9-]{0,12}[a-z0-9]\.(example|example\.com)", fullmatch=True)


def forms(address: str) -> list[str]:
    """Every way of writing an address that is searched for, each between spaces or the like."""
    local, _, domain = address.partition("@")
    raw = address.encode()
    digests = [hashlib.new(n, raw, usedforsecurity=False).hexdigest() for n in ("md5", "sha1", "sha256")]
    coded = [base64.b64encode(b"\0" * shift + raw).decode() for shift in range(3)]
    signs = [f"{local}{sign}{domain}" for sign in ("@", "%40", "=40", "%2540", "&#64;", " at ", "(at)", " [at] ")]
    written = [*signs, f"b-{local}={domain}", f"?m=3D{address}", f"%3D{address}", *digests, *coded, raw.hex()]
    return [*written, *map(str.upper, signs)]


@given(LOCALS, DOMAINS, st.text("xyz ,;:<>\n'\"", max_size=20), st.randoms(use_true_random=False))
def test_no_form_of_an_address_is_left(local: str, domain: str, between: str, chance: random.Random) -> None:
    address = f"{local}@{domain}"
    written = forms(address)
    chance.shuffle(written)
    clean = Redactor((Person(address),))(f" {between} ".join(written)).lower()
    for sign in ("@", "%40", "=40", "%2540", "&#64;", "=", " at ", "(at)", " [at] "):
        assert f"{local}{sign}{domain}" not in clean
    raw = address.encode()
    for code in (raw.hex(), *(hashlib.new(n, raw, usedforsecurity=False).hexdigest() for n in ("md5", "sha256"))):
        assert code not in clean
    if not is_word(local):
        assert re.search(rf"(?<![a-z0-9]){re.escape(local)}(?![a-z0-9])", clean) is None


@given(LOCALS, DOMAINS, st.text(max_size=300))
def test_a_text_without_anything_of_the_recipient_is_unchanged(local: str, domain: str, text: str) -> None:
    person = Person(f"{local}@{domain}", "Karla Melnik")
    parts = (local, local.partition("+")[0], "karla", "melnik")
    if any(part in text.lower() for part in parts):
        return
    redact = Redactor((person,))
    assert redact(text) == text
    assert redact.hosts([text]) == [text]


@given(st.lists(st.builds(Person, st.emails().map(str.lower), st.text(max_size=30)), max_size=5), st.text(max_size=200))
def test_any_people_and_any_text_are_borne(persons: list[Person], text: str) -> None:
    redact = Redactor(tuple(persons))
    assert isinstance(redact(text), str)
    assert redact(redact(text)).count("{{to.") >= redact(text).count("{{to.address}}")


@pytest.mark.parametrize(
    ("written", "address", "text", "clean"),
    [
        # a name that is a person's: whole, turned round, without what stands between
        (
            "Karla B. Melnik",
            "kbm",
            "Karla B. Melnik, Karla Melnik, Melnik, Karla",
            "{{to.name}}, {{to.name}}, {{to.name}}",
        ),
        ("Melnik, Karla", "kbm", "Karla Melnik won. Karla won.", "{{to.name}} won. Karla won."),
        ("Melnik, Karla (Sales)", "kbm", "Dear Mrs. Melnik,", "Dear Mrs. {{to.name}},"),
        # made of ordinary words and nothing to do with the address: no name
        ("Cheap Watches", "kbm", "cheap watches! Cheap Watches!", "cheap watches! Cheap Watches!"),
        # made of ordinary words, and the address says that it is one
        ("Rose Marsh", "rmarsh", "Rose Marsh saw a rose marsh", "{{to.name}} saw a rose marsh"),
        # one word: a name where it resembles the address, in prose; else behind a salutation alone
        ("Karlan", "karlan77", "Karlan wrote to list.karlan.example", "{{to.name}} wrote to list.karlan.example"),
        ("Luna", "kbm", "Hi Luna, the Luna is up", "Hi {{to.name}}, the Luna is up"),
        ("Oaken", "oaken-user", "Oaken 2.0", "Oaken 2.0"),
        ("Customer Care", "kbm", "Dear Customer,", "Dear Customer,"),
        ("Friend", "kbm", "Dear friend, a friend", "Dear friend, a friend"),
        # titles of lists are nobody's
        ("Gardeners mailing list", "kbm", "the Gardeners mailing list", "the Gardeners mailing list"),
        ("undisclosed recipients", "kbm", "Dear undisclosed recipients", "Dear undisclosed recipients"),
    ],
)
def test_display_names(written: str, address: str, text: str, clean: str) -> None:
    assert Redactor((Person(f"{address}@mail.example.com", written),))(text) == clean


@pytest.mark.parametrize(
    ("local", "text", "clean"),
    [
        ("jonathan", "Jonathan wrote", "{{to.local}} wrote"),  # a given name is no word
        ("mark.rose", "http://x.example/mark.rose", "http://x.example/{{to.local}}"),  # nor are two words with a dot
        ("martin", "Martin drank martinis", "{{to.local}} drank martinis"),
        ("martin", "martinxy@x.example", "{{to.local}}xy@x.example"),
        ("karl", "karls, %3dkarl, =3DKarl", "karls, %3d{{to.local}}, =3D{{to.local}}"),
        ("12345", "912345 12345", "912345 {{to.local}}"),
        ("shop", "shop, go", "{{to.local}}, go"),
        ("shop", "shop: open", "shop: open"),
        ("shop", "a broken line\nshop, and so on.\n\nShop, go", "a broken line\nshop, and so on.\n\n{{to.local}}, go"),
        ("member", "Dear member,", "Dear member,"),
        ("kim+news", "kim+news or kim%2bnews or kim", "{{to.local}} or {{to.local}} or {{to.local}}"),
        ("plgx", "plgx.example.com, plgx.shop.example", "{{to.local}}.example.com, {{to.local}}.shop.example"),
    ],
)
def test_local_parts(local: str, text: str, clean: str) -> None:
    assert Redactor((Person(f"{local}@mail.example.com"),))(text) == clean


def test_the_organisation_s_own_host_is_left_in_texts_too() -> None:
    redact = Redactor((Person("plgx@plgx.example.com"),))
    assert (
        redact("see mx.plgx.example.com or plgx.shop.example") == "see mx.plgx.example.com or {{to.local}}.shop.example"
    )
    assert redact.hosts(["plgx", "plgx.shop.example"]) == ["plgx", "{{to.local}}.shop.example"]


def test_an_address_in_base64_is_found_as_it_was_spelt() -> None:
    persons = people(["<KMelnik7@Mail.Example.COM>"])
    assert "{{to.code}}" in Redactor(persons)(base64.b64encode(b"KMelnik7@Mail.Example.COM").decode())


def test_the_longer_local_part_goes_first() -> None:
    redact = Redactor((Person("karl@example.com"), Person("karl.melnik@example.com")))
    assert redact("karl.melnik@example.com karl@example.com") == "{{to.address}} {{to.address}}"


def test_names_in_comments_belong_to_the_address_before_them() -> None:
    found = people(["b@example.com (Bert Oldoak), c@example.com (Cleo), Dara <d@example.com>"])
    assert [p.name for p in found] == ["Bert Oldoak", "Cleo", "Dara"]


@pytest.mark.parametrize(
    "text", ["karlan " * 150_000, "karlan@" * 150_000, "dear karlan " * 80_000, "karlan, " * 130_000, "dear " * 200_000]
)
def test_a_mebibyte_made_of_the_recipient_takes_seconds_at_most(text: str) -> None:
    redact = Redactor(people(["Karlan Melnik <karlan@mail.example.com>"]))
    began = time.process_time()
    redact(text)
    redact.hosts([text])
    assert time.process_time() - began < 8


def test_two_thousand_recipients_of_a_long_text_take_seconds_at_most() -> None:
    persons = people([", ".join(f"Uma Vale{i} <u{i}v@example.com>" for i in range(1_500))])
    began = time.process_time()
    Redactor(persons)("nobody is named here. " * 10_000)
    assert time.process_time() - began < 10
