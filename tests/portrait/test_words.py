"""Words of hostile text: bounded, harmless to click, recipients as the tokens they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.canonical import WORD
from impound.portrait import harmless, words
from impound.portrait._words import WORDS


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("http://shop.example/a.html", "hxxp://shop[.]example/a.html"),
        ("(https://a.example/x", "(hxxps://a[.]example/x"),
        ("www.shop.example", "www[.]shop[.]example"),
        ("shop.example", "shop[.]example"),
        ("write:joe@mail.example", "write:joe[at]mail[.]example"),
        ("http://a.example/?u=joe@mail.example", "hxxp://a[.]example/?u=joe[at]mail.example"),
        ("ftp://a.example", "ftp://a[.]example"),
        ("news://a.example", "news[:]//a[.]example"),
        ("$1.99", "$1.99"),
        ("{{to.local}}", "{{to.local}}"),
        ("Dear{{to.name}}.Click", "Dear{{to.name}}.Click"),
        ("http://a.example/{{to.code}}", "hxxp://a[.]example/{{to.code}}"),
    ],
)
def test_a_word_is_harmless(word: str, shown: str) -> None:
    assert harmless(word) == shown


def test_a_word_without_end_is_cut() -> None:
    assert len(harmless("x" * 100_000)) == WORD + 1
    assert len(words("x" * 100_000)) == 1


def test_a_text_is_cut_after_a_page() -> None:
    assert len(words("a b c d e f g h\n" * 900)) <= WORDS + 1


def test_line_breaks_are_kept_and_blank_lines_become_one() -> None:
    assert words("\n\na b\n\n\n\nc\nd\n\n") == ("a", "b", "\n\n", "c", "\n", "d")


@given(st.text())
def test_nothing_raises_and_nothing_links(text: str) -> None:
    shown = "".join(words(text))
    assert "http://" not in shown.lower()
    assert "@" not in shown
