"""Whose an address was at a time: by a file that may be wrong in every way, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.errors import ConfigError
from impound.notices import Customer, CustomerBook, customers

IP = "198.51.100.7"
FIRST, LAST = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = Customer("ann@mail.example")


def book(place: Path, *lines: str | bytes, own: tuple[str, ...] = ()) -> CustomerBook:
    raw = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    (place / "customers.csv").write_bytes(raw)
    return CustomerBook.load(place / "customers.csv", [IP, "2001:db8::7"], own)


def whose(place: Path, *lines: str | bytes) -> Customer | str:
    return book(place, *lines).customer_of(IP, FIRST, LAST)


def test_a_line_says_who_had_an_address_and_how_he_is_written_to(tmp_path: Path) -> None:
    said = f"{IP},2026-03-01T00:00:00+01:00,,ann@mail.example,de,Europe/Berlin,Kunde 17"
    assert whose(tmp_path, "address,from,until,mailbox", "", "# ours", said) == Customer(
        "ann@mail.example", "de", "Europe/Berlin", "Kunde 17"
    )
    assert whose(tmp_path, "198.51.100.0/28,,,ann@mail.example") == ANN
    assert book(tmp_path, "2001:db8::/48,,,ann@mail.example").customer_of("2001:db8::7", FIRST, LAST) == ANN


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ((), customers.NOBODY),
        (("198.51.100.8,,,bob@mail.example",), customers.NOBODY),
        ((f"{IP},2026-03-03T00:00Z,,bob@mail.example",), customers.NOBODY),
        ((f"{IP},,2026-03-01T12:00Z,bob@mail.example",), customers.NOBODY),
        ((f"{IP},2026-03-01T12:00:01Z,,ann@mail.example",), customers.PARTLY),
        ((f"{IP},,2026-03-02T12:00:00Z,ann@mail.example",), customers.PARTLY),
        ((f"{IP},,2026-03-02T12:00:01Z,ann@mail.example",), ANN),
        ((f"{IP},,,ann@mail.example", f"{IP},,,bob@mail.example"), customers.SEVERAL),
        ((f"{IP},,,ann@mail.example", "198.51.100.0/24,,,bob@mail.example"), customers.SEVERAL),
        ((f"{IP},,,ann@mail.example,,,1", f"{IP}/32,,,ann@mail.example,,,2"), customers.SEVERAL),
        ((f"{IP},,2026-03-02T00:00Z,ann@mail.example", f"{IP},2026-03-02T00:00Z,,bob@mail.example"), customers.SEVERAL),
        ((f"{IP},,2026-03-02T00:00Z,ann@mail.example", f"{IP},2026-03-02T00:00Z,,ann@mail.example"), ANN),
        ((f"{IP},,2026-03-02T00:00Z,ann@mail.example", f"{IP},2026-03-02T00:01Z,,ann@mail.example"), customers.PARTLY),
        ((f"{IP},,,ann@mail.example", f"{IP},,,bob"), customers.UNCERTAIN),
        ((f"{IP},,,ann@mail.example", f"{IP},yesterday,,bob@mail.example"), customers.UNCERTAIN),
        ((f'{IP},,,ann@mail.example', f'"{IP}",,,"bob@mail.example'), customers.UNCERTAIN),
        ((f"{IP},,,ann@mail.example", f"{IP},2026-03-05T00:00Z,,bob"), ANN),
    ],
)  # fmt: skip
def test_only_who_alone_had_it_all_the_time_is_the_one(
    tmp_path: Path, lines: tuple[str, ...], answer: Customer | str
) -> None:
    assert whose(tmp_path, *lines) == answer


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nobody,,,ann@mail.example", "no address"),
        (",,,ann@mail.example", "no address"),
        ("0.0.0.0/0,,,ann@mail.example", "wider than /16"),
        ("2001::/16,,,ann@mail.example", "wider than /32"),
        ("198.51.100.7/24,,,ann@mail.example", "one spelling"),
        ("198.051.100.7,,,ann@mail.example", "one spelling"),
        ("::ffff:198.51.100.7,,,ann@mail.example", "written as IPv6"),
        (f"{IP};;;ann@mail.example", "no address"),
        (f"{IP},,,", "no mailbox"),
        (f"{IP},,,ann@mail.example\\r\\nBcc: all@mail.example", "no mailbox"),
        (f"{IP},,,=cmd|'/c calc'!A1@mail.example", "no mailbox"),
        (f"{IP},,,ann@mail.example,bob@mail.example", "no texts"),
        (f"{IP},,,ann@mail.example,en,Mars/Base", "no time zone"),
        (f"{IP},,,ann@mail.example,en,../../etc/passwd", "no time zone"),
        (f"{IP},2026-03-01T00:00,,ann@mail.example", "without its offset"),
        (f"{IP},2026-03-01,,ann@mail.example", "without its offset"),
        (f"{IP},1,,ann@mail.example", "no time"),
        (f"{IP},0001-01-01T00:00+14:00,,ann@mail.example", "no time"),
        (f"{IP},2026-03-02T00:00Z,2026-03-01T00:00Z,ann@mail.example", "ends before"),
        (f"{IP},2026-03-02T00:00Z,2026-03-02T00:00Z,ann@mail.example", "ends before"),
        (f"{IP},,,ann@mail.example,en,UTC,=1+1", "formula"),
        (f"{IP},,,ann@mail.example,en,UTC,see www.bad.example/login", "a link"),
        (f"{IP},,,ann@mail.example,en,UTC,ask bad.example", "a link"),
        (f"{IP},,,ann@mail.example,en,UTC,bob@mail.example", "mailbox"),
        (f"{IP},,,ann@mail.example,en,UTC,{'x' * 41}", "endless word"),
        (f"{IP},,,ann@mail.example,en,UTC,{'x ' * 51}x", "more than 100"),
        (f"{IP},,,ann@mail.example,en,UTC,a\u202eb", "cannot be printed"),
        (f"{IP},,,ann@mail.example,en,UTC,17,more", "more than seven"),
        (f'{IP},,,"ann@mail.example', "not a row"),
        (f"{IP},,,{'x' * 3000}", "longer than"),
        (b"198.51.100.7,,,j\xf6rg@mail.example", "not UTF-8"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, line: str | bytes, reason: str) -> None:
    made = book(tmp_path, line)
    assert made.refusals == 1 and made.refused[0].startswith("line 1: ") and reason in made.refused[0]
    assert not isinstance(made.customer_of(IP, FIRST, LAST), Customer)


def test_a_cell_over_two_lines_is_two_lines_and_both_are_refused(tmp_path: Path) -> None:
    made = book(tmp_path, f'{IP},,,"ann@mail.example', 'Bcc: all@mail.example"')
    assert made.refusals == 2 and made.customer_of(IP, FIRST, LAST) == customers.UNCERTAIN


def test_what_is_said_twice_is_refused_and_still_true(tmp_path: Path) -> None:
    made = book(tmp_path, f"{IP},,,ann@mail.example", f"{IP}/32,,,ann@mail.example")
    assert made.refused == ["line 2: it says what line 1 says"]
    assert made.customer_of(IP, FIRST, LAST) == ANN


def test_what_lies_outside_ones_networks_is_nobodys_to_write_to(tmp_path: Path) -> None:
    lines = (f"{IP},,,ann@mail.example", "2001:db8::7,,,bob@mail.example")
    assert book(tmp_path, *lines, own=("198.51.100.0/24", "2001:db8::/32")).refusals == 0
    made = book(tmp_path, *lines, own=("198.51.0.0/17",))
    assert made.refusals == 1 and "line 2: not in one of your networks" in made.refused[0]
    assert made.customer_of("2001:db8::7", FIRST, LAST) == customers.NOBODY


def test_a_network_with_too_many_lines_gets_no_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "LEASES", 3)
    lines = [f"{IP},2020-01-0{day}T00:00Z,2020-01-0{day + 1}T00:00Z,bob@mail.example" for day in range(1, 5)]
    made = book(tmp_path, f"{IP}/32,,,ann@mail.example", *lines)
    assert made.refusals == 2 and made.customer_of(IP, FIRST, LAST) == customers.UNCERTAIN


def test_of_others_addresses_nothing_is_kept(tmp_path: Path) -> None:
    made = book(tmp_path, *(f"203.0.113.{n},,,a{n}@mail.example" for n in range(200)), f"{IP},,,ann@mail.example")
    assert sum(map(len, made.leases.by_length.values())) == 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv"):
        CustomerBook.load(tmp_path / "none.csv", [IP])


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_no_line_breaks_it(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    made = book(tmp_path_factory.mktemp("any"), *lines, f"{IP},,,ann@mail.example")
    assert made.customer_of(IP, FIRST, LAST) in (ANN, customers.UNCERTAIN, customers.SEVERAL)


@given(st.text(max_size=200))
def test_no_reference_is_more_than_words(text: str) -> None:
    if not any(customers._unfit(text)):
        assert text.isprintable() and "://" not in text and "@" not in text and not text.startswith(("=", "+", "-"))
