"""Disguised words are read as people read them; what is not disguised stays as it is; time stays linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.check import _plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Вuy теdѕ", "buy teds"),  # Cyrillic capital and small letters among Latin ones
        ("vi\u00adag\u200bra", "viagra"),
        ("c\u0332a\u0332sino", "casino"),
        ("Ｌｏｔｔｏ", "lotto"),
        ("Glückwunsch", "gluckwunsch"),
        ("Straße", "strasse"),
    ],
)
def test_marks_and_lookalikes_are_undone(written: str, read: str) -> None:
    assert " ".join(_plain.fold(written).split()) == read


@pytest.mark.parametrize("written", ["V I A G R A", "v.i.a.g.r.a", "_V_I_A_G_R_A_", "V-I-A-G-R-A", "now V I A G R A !"])
def test_spaced_words_are_put_together(written: str) -> None:
    assert "viagra" in _plain.words(written)


@pytest.mark.parametrize("written", [r"\/iagra", "Vi@gr@", "V!agra", "V|agra", "vi@gra"])
def test_signs_among_letters_are_read(written: str) -> None:
    assert "viagra" in _plain.words(f"buy {written} here")


@pytest.mark.parametrize("written", ["vlagra", "v1agra", "viaagra", "viagrra", "vlaqra"])
def test_what_looks_alike_has_one_skeleton(written: str) -> None:
    assert _plain.skeleton(written) == _plain.skeleton("viagra")


def test_moved_letters_have_one_scramble() -> None:
    assert _plain.scramble("vaigra") == _plain.scramble("viagra") != _plain.scramble("vigara"[::-1])


def test_a_mail_address_is_no_disguise() -> None:
    assert _plain.words("write to ann@mail.example") == ("write", "to", "ann", "mail", "example")


@given(st.text(max_size=300))
def test_any_text_becomes_plain_words(text: str) -> None:
    for word in _plain.words(text):
        assert word and " " not in word and word == word.casefold()


@pytest.mark.parametrize(
    "piece", ["a ", "@", "a@", "a@a", "\\/", "а", "\u200b", "1$", "v i a g r a ", "x" * 50 + "@", "𝐯", "a\u0301"]
)
def test_a_megabyte_of_the_worst_stays_linear(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * size)[:size]
        best = 9.0
        for _ in range(2):
            start = time.process_time()
            _plain.cut.__wrapped__(text)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(100_000), seconds(1_000_000)
    assert large < 25 * small + 0.2, (small, large)
