"""Advice is there for every lure, short, and easy to read."""

from __future__ import annotations

import re

import pytest

from impound import config
from impound.check import advice

LURES = [name for name in config.LURES if name != "ham"]


def reading_ease(text: str) -> float:
    """Flesch's reading ease (A New Readability Yardstick, 1948): 60 is plain English, 90 a child's."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = len(re.findall(r"[.!?;:]+(?:\s|$)", text))
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * sum(map(syllables, words)) / len(words)


def syllables(word: str) -> int:
    """Runs of vowels; a silent e at the end is none."""
    word = word.lower()
    count = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and count > 1
    return max(1, count - silent)


def test_the_measure_tells_plain_from_hard() -> None:
    assert reading_ease("The cat sat on the mat. It was fat.") > 100
    assert (
        reading_ease("Notwithstanding the aforementioned considerations, institutional remediation is indicated.") < 10
    )


@pytest.mark.parametrize("lure", LURES)
def test_every_lure_has_advice_that_is_short_and_plain(lure: str) -> None:
    text = advice.advice(lure)
    assert reading_ease(text) >= 80, round(reading_ease(text), 1)
    assert 30 <= len(text.split()) <= 90
    found = advice.parts(lure)
    assert found and all((found.what, found.is_, found.happens, found.do))


def test_ham_and_what_nobody_knows_have_none() -> None:
    assert advice.advice("ham") == advice.advice("nonsense") == ""
    assert advice.parts("ham") is None
