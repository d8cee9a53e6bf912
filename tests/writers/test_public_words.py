"""The public page reads like a leaflet, and its languages say the same things."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import public_case as made  # its folder was put on the path just above

VOWELS = re.compile(r"[aeiouyäöüáéíóú]+")


def syllables(word: str, language: str) -> int:
    """How many syllables a word has, by its groups of vowels; an English e at the end is silent."""
    word = word.lower()
    if language == "en" and word.endswith("e") and not word.endswith("le") and len(word) > 3:
        word = word[:-1]
    if language == "en" and re.search(r"[^aeiouytd]ed$", word):
        word = word[:-2]
    return max(1, len(VOWELS.findall(word)))


def counted(text: str, language: str) -> tuple[float, float, float]:
    """Words in a sentence, syllables and letters in a word."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)
    ends = len(re.findall(r"[.?!:](?=\s|$)", text))
    number = len(words)
    return number / ends, sum(syllables(w, language) for w in words) / number, sum(map(len, words)) / number


def grades(text: str) -> tuple[float, float]:
    """English school grades: Flesch-Kincaid (Kincaid et al. 1975) and Coleman-Liau (1975)."""
    sentence, word, letters = counted(text, "en")
    return 0.39 * sentence + 11.8 * word - 15.59, 5.88 * letters - 29.6 / sentence - 15.8


def ease(text: str, language: str) -> float:
    """Reading ease, 0 to 100: Amstad (1978) for German, Fernández Huerta (1959) for Spanish."""
    sentence, word, _ = counted(text, language)
    if language == "de":
        return 180 - sentence - 58.5 * word
    return 206.84 - 60 * word - 1.02 * sentence


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, str]:
    known = made.known(legal=made.LEGAL)
    return made.write(made.case(), tmp_path / "site", known, tips="https://cert.example/tips")


def test_the_english_page_is_read_at_grade_eight_by_two_formulas(pages: dict[str, str]) -> None:
    assert all(grade <= 8 for grade in grades(made.sentences(pages["en/index.html"])))


@pytest.mark.parametrize(("language", "least"), [("de", 60), ("es", 65)])
def test_the_others_are_plain_by_the_formulas_of_their_languages(
    pages: dict[str, str], language: str, least: int
) -> None:
    assert ease(made.sentences(pages[f"{language}/index.html"]), language) >= least


def test_the_formulas_tell_a_leaflet_from_a_statute() -> None:
    hard = (
        "Notwithstanding any provision to the contrary, the aforementioned beneficiaries irrevocably relinquish "
        "whatsoever entitlements the jurisdictional authorities may subsequently determine to be transferable."
    )
    assert all(grade > 12 for grade in grades(hard))


def shape(texts: Any) -> Any:
    """The keys of a catalogue, the lengths of its lists, and the words in braces of its texts."""
    if isinstance(texts, dict):
        return {key: shape(value) for key, value in texts.items()}
    if isinstance(texts, list):
        return [shape(text) for text in texts]
    return sorted(re.findall(r"\{\w+\}", texts))


@pytest.mark.parametrize("language", made.LANGUAGES[1:])
def test_every_language_says_the_same_things(language: str) -> None:
    folder = files("impound.writers") / "texts"
    shapes = []
    for code in ("en", language):
        texts = tomllib.loads((folder / f"public.{code}.toml").read_text("utf-8"))
        texts["mine"]["systems"] = list(texts["mine"]["systems"].values())
        shapes.append(shape(texts))
    assert shapes[0] == shapes[1]
