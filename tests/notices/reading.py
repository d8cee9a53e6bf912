"""How hard a text is to read, by the formulas that are used for its language.

Syllables are counted as groups of vowels, with each language's own exceptions; against a dictionary that errs by a few
in a hundred, mostly upwards.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[.!?]+(?:\s|$)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def sentences(text: str) -> list[str]:
    """The sentences; a line of its own (a heading, a step) is one too."""
    return [s for s in _SENTENCE.split(text) if _WORD.search(s)]


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def syllables_en(word: str) -> int:
    """By groups of vowels: a silent e at the end and in ``-ed`` and ``-es`` is none."""
    low = word.lower()
    low = re.sub(r"(?<=[^aeiouylr])e$|(?<=[aeiouy][^aeiouy])e$|(?<=[^aeioutd])ed$|(?<=[^aeiouscxzhg])es$", "", low)
    return max(1, len(re.findall(r"[aeiouy]+", low)))


def syllables_de(word: str) -> int:
    return max(1, len(re.findall(r"aa|ee|oo|ie|ei|ai|au|äu|eu|[aeiouyäöü]", word.lower())))


def syllables_es(word: str) -> int:
    """Strong vowels stand alone, weak ones (i, u without an accent) go with their neighbour."""
    return max(1, len(re.findall(r"[iuü]?[aeoáéó][iuy]?(?![aeoáéóíú])|[iuü]?[aeoáéó]|[íú]|[iuüy]+", word.lower())))


def flesch_kincaid(text: str) -> float:
    """The US school grade (Kincaid et al., 1975)."""
    n, w = len(sentences(text)), words(text)
    return 0.39 * len(w) / n + 11.8 * sum(map(syllables_en, w)) / len(w) - 15.59


def coleman_liau(text: str) -> float:
    """The US school grade from letters, without syllables (Coleman and Liau, 1975)."""
    n, w = len(sentences(text)), words(text)
    return 0.0588 * 100 * sum(map(len, w)) / len(w) - 0.296 * 100 * n / len(w) - 15.8


def wiener(text: str) -> float:
    """The school grade by the first Wiener Sachtextformel (Bamberger and Vanecek, 1984)."""
    n, w = len(sentences(text)), words(text)
    syllables = [syllables_de(word) for word in w]
    counts = (sum(s >= 3 for s in syllables), sum(len(x) > 6 for x in w), sum(s == 1 for s in syllables))
    ms, iw, es = (100 * value / len(w) for value in counts)
    return 0.1935 * ms + 0.1672 * len(w) / n + 0.1297 * iw - 0.0327 * es - 0.875


def amstad(text: str) -> float:
    """Reading ease for German, 0 to 100; 60 to 70 is plain (Amstad, 1978)."""
    n, w = len(sentences(text)), words(text)
    return 180 - len(w) / n - 58.5 * sum(map(syllables_de, w)) / len(w)


def fernandez_huerta(text: str) -> float:
    """Reading ease for Spanish, 0 to 100; 60 to 70 is plain (Fernández Huerta, 1959)."""
    n, w = len(sentences(text)), words(text)
    return 206.84 - 60 * sum(map(syllables_es, w)) / len(w) - 1.02 * len(w) / n


def szigriszt(text: str) -> float:
    """Perspicuity for Spanish; on the INFLESZ scale 55 to 65 is normal, above it is easy (Szigriszt Pazos, 1993)."""
    n, w = len(sentences(text)), words(text)
    return 206.835 - 62.3 * sum(map(syllables_es, w)) / len(w) - len(w) / n
