"""A file of contacts from anywhere: what can be used is used, the rest is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from impound.errors import ConfigError
from impound.sending import Contacts


def contacts(tmp_path: Path, text: bytes) -> Contacts:
    (tmp_path / "contacts.csv").write_bytes(text)
    return Contacts.load(tmp_path / "contacts.csv")


def test_the_longest_prefix_answers(tmp_path: Path) -> None:
    made = contacts(tmp_path, b"network,mailbox\n192.0.2.0/24,a@x.example\n192.0.2.128/25,b@x.example\n"
                              b"2001:db8::/32,c@x.example\n")  # fmt: skip
    assert made.of("192.0.2.1") == "a@x.example"
    assert made.of("192.0.2.200") == "b@x.example"
    assert made.of("2001:db8::1") == "c@x.example"
    assert made.of("198.51.100.1") is None and made.refused == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"0.0.0.0/0,a@x.example", "a network wider than /8"),
        (b"::/0,a@x.example", "a network wider than /16"),
        (b'192.0.2.0/24,"a@x.example\r\nBcc: b@x.example"', "no mailbox"),
        (b"192.0.2.0/24,a b@x.example", "no mailbox"),
        (b"192.0.2.0/24,", "no mailbox"),
        (b"192.0.2.0/24", "no mailbox"),
        (b"192.0.2.0/24,\xff\xfe@x.example", "no mailbox"),
        (b"nothing,a@x.example", "no network"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: bytes, reason: str) -> None:
    made = contacts(tmp_path, line + b"\n198.51.100.0/24,good@x.example\n")
    assert [r.partition(": ")[2] for r in made.refused] == [reason]
    assert made.of("192.0.2.1") is None and made.of("198.51.100.1") == "good@x.example"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        Contacts.load(tmp_path / "nowhere.csv")
