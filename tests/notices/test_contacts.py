"""A file of contacts from anywhere: what can be used is used, the rest is named with its line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.errors import ConfigError
from impound.notices import ContactBook
from impound.notices._book import mailbox, parsed


def book(tmp_path: Path, text: bytes, cache: list[dict[str, str]] | None = None) -> ContactBook:
    (tmp_path / "contacts.csv").write_bytes(text)
    (tmp_path / "cache.jsonl").write_text("".join(json.dumps(line) + "\n" for line in cache or []))
    return ContactBook.load(tmp_path / "contacts.csv", tmp_path / "cache.jsonl")


def box(made: ContactBook, ip: str, asn: int | None = None) -> str | None:
    found = made.contact_of(ip, asn)
    return found.mailbox if found else None


def test_the_longest_prefix_answers_then_the_autonomous_system(tmp_path: Path) -> None:
    made = book(tmp_path, b"\xef\xbb\xbfnetwork,mailbox\n# ours\n192.0.2.0/24,a@x.example\n192.0.2.128/25,b@x.example\n"
                          b"2001:db8::/32,c@x.example\nAS64500,d@x.example\n")  # fmt: skip
    assert box(made, "192.0.2.1", 64500) == "a@x.example"
    assert box(made, "192.0.2.200") == "b@x.example"
    assert box(made, "2001:db8::1") == "c@x.example"
    assert box(made, "198.51.100.1", 64500) == "d@x.example"
    assert box(made, "198.51.100.1", 64501) is None and made.refused == []


def test_a_line_may_say_the_name_the_language_and_the_time_zone_of_the_customers(tmp_path: Path) -> None:
    found = book(tmp_path, b"192.0.2.0/24,a@x.example,Net One,de,Europe/Berlin\n").contact_of("192.0.2.1")
    assert found is not None
    assert (found.name, found.language, found.time_zone, found.source) == ("Net One", "de", "Europe/Berlin", "file")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"0.0.0.0/0,a@x.example", "a network wider than /8"),
        (b"::/0,a@x.example", "a network wider than /16"),
        (b"192.0.2.0/24,a b@x.example", "no mailbox"),
        (b'192.0.2.0/24,"a@x.example,Bcc: b@x.example"', "no mailbox"),
        (b"192.0.2.0/24,a@x.example%0ABcc", "no mailbox"),
        (b"192.0.2.0/24,a@x.example\rBcc: b@y.example", "not a row of a CSV file"),
        (b"192.0.2.0/24,a@[192.0.2.1]", "no mailbox"),
        (b"192.0.2.0/24,a@x.example b@y.example", "no mailbox"),
        (b"192.0.2.0/24,..@x.example", "no mailbox"),
        (b"192.0.2.0/24,a@localhost", "no mailbox"),
        (b"192.0.2.0/24,|sh@x.example", "no mailbox"),
        (b"192.0.2.0/24,=cmd@x.example", "no mailbox"),
        (b"192.0.2.0/24,a%b.example@x.example", "no mailbox"),
        (b"192.0.2.0/24,a!b@x.example", "no mailbox"),
        (b"192.0.2.0/24,/etc/passwd@x.example", "no mailbox"),
        (b"192.0.2.0/24,\xc3\xa9@x.example", "no mailbox"),
        (b"192.0.2.0/24,", "no mailbox"),
        (b"192.0.2.0/24", "no mailbox"),
        (b"192.0.2.0/24,\xff\xfe@x.example", "not UTF-8"),
        (b"192.0.2.0/24,a\x00@x.example", "no mailbox"),
        (b"nothing,a@x.example", "no network"),
        (b"AS0,a@x.example", "no AS number"),
        (b"AS4294967296,a@x.example", "no AS number"),
        (b"192.0.2.0/24,a@x.example,,xx", "no texts in that language; there are de, en, es"),
        (b"192.0.2.0/24,a@x.example,,de,../../etc/passwd", "no time zone"),
        (b"192.0.2.0/24,a@x.example,,de,Nowhere/Else", "no time zone"),
        (b"192.0.2.0/24," + b"a" * 3_000 + b"@x.example", "longer than 2,048 bytes"),
        (b'192.0.2.0/24,"a@x.example', "not a row of a CSV file"),
        (b"198.51.100.0/24,other@x.example", "the network was named before, with another contact"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: bytes, reason: str) -> None:
    made = book(tmp_path, b"198.51.100.0/24,good@x.example\n" + line + b"\n203.0.113.0/24,last@x.example\n")
    assert made.refused == [f"line 2: {reason}"]
    assert box(made, "192.0.2.1") is None and box(made, "198.51.100.1") == "good@x.example"
    assert box(made, "203.0.113.1") == "last@x.example"


def test_a_header_in_a_cell_over_two_lines_is_refused_line_by_line(tmp_path: Path) -> None:
    made = book(tmp_path, b'192.0.2.0/24,"a@x.example\r\nBcc: b@x.example"\n')
    assert len(made.refused) == 2 and made.contact_of("192.0.2.1") is None


def test_utf_16_names_nobody_and_is_no_crash(tmp_path: Path) -> None:
    made = book(tmp_path, "192.0.2.0/24,a@x.example\n".encode("utf-16"))
    assert made.refused and made.contact_of("192.0.2.1") is None


def test_a_domain_in_letters_of_the_world_becomes_what_mail_servers_ask_for() -> None:
    assert mailbox("abuse@bücher.example") == "abuse@xn--bcher-kva.example"
    assert mailbox("Abuse@X.Example") == "Abuse@x.example"


def test_of_many_bad_lines_the_first_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    made = book(tmp_path, b"x,y\n" * 20_000 + b"192.0.2.0/24,a@x.example\n")
    assert (len(made.refused), made.refusals) == (1_000, 20_000)
    assert box(made, "192.0.2.1") == "a@x.example"


def test_lines_beyond_the_limit_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impound.notices._refusing.LINES", 2)
    made = book(tmp_path, b"192.0.2.0/24,a@x.example\n\n203.0.113.0/24,b@x.example\n")
    assert made.refused == ["line 3 and after: more than 2 lines"] and box(made, "203.0.113.1") is None


@given(st.text(max_size=60))
def test_no_text_gets_through_as_a_mailbox_that_could_end_a_header_line(text: str) -> None:
    for found in (mailbox(text), mailbox(f"a@{text}"), mailbox(f"{text}@x.example")):
        assert found is None or (found.isascii() and found.isprintable() and " " not in found and found.count("@") == 1)


@given(st.text(max_size=80))
def test_any_line_is_a_contact_a_reason_or_nothing(line: str) -> None:
    for text in (line, f"192.0.2.0/24,{line}", f"{line},a@x.example"):
        found = parsed(text)
        assert found is None or isinstance(found, str | tuple)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        ContactBook.load(tmp_path / "nowhere.csv")


ANSWER = {
    "network": "192.0.2.0/24",
    "mailbox": "r@x.example",
    "name": "N",
    "as_of": "2011-04-01",
    "server": "r.example",
}


def test_the_cache_answers_after_the_file_and_says_since_when(tmp_path: Path) -> None:
    made = book(tmp_path, b"192.0.2.0/25,a@x.example\n", [ANSWER])
    assert box(made, "192.0.2.1") == "a@x.example"
    found = made.contact_of("192.0.2.200")
    assert found is not None
    assert (found.mailbox, found.source, found.as_of) == ("r@x.example", "RDAP, r.example", "2011-04-01")
    assert not made.to_ask("192.0.2.200", None, date(2011, 4, 30)) and made.to_ask(
        "192.0.2.200", None, date(2011, 5, 2)
    )
    assert not made.to_ask("192.0.2.1", None, date(2012, 1, 1)) and made.to_ask("203.0.113.1", None, date(2011, 4, 2))


@pytest.mark.parametrize(
    "change",
    [{"network": "0.0.0.0/0"}, {"mailbox": "a@x.example\r\nBcc: b@x.example"}, {"as_of": "soon"}, {"mailbox": ["a"]},
     {"network": None}],
)  # fmt: skip
def test_a_cache_that_somebody_wrote_into_is_not_believed(tmp_path: Path, change: dict[str, str]) -> None:
    made = book(tmp_path, b"", [ANSWER | change])
    assert made.refusals == 1 and made.contact_of("192.0.2.1") is None


def test_a_later_line_of_the_cache_counts(tmp_path: Path) -> None:
    made = book(tmp_path, b"", [ANSWER, ANSWER | {"mailbox": "new@x.example", "as_of": "2011-06-01"}])
    assert box(made, "192.0.2.1") == "new@x.example"
