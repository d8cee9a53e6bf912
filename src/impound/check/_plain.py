"""Text as a reader sees it, in plain small letters: hidden marks, look-alike letters, spacing and signs undone.

Spam writes its words so that people read them and programs do not: ``v1agra``, ``V I A G R A``, ``\\/iagra``, Cyrillic
letters that look Latin, soft hyphens and marks of no width inside a word. What is undone here is what Unicode calls
confusable (Unicode Technical Standard 39, section 4), in a small table of the letters that are met in mail.

Everything is linear in the length of the text, and callers pass at most a few thousand characters.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_ALIKE = {
    "a": "аᴀɑα", "b": "ƅьᏴ", "c": "сϲ", "d": "ԁɗ", "e": "еҽєε", "f": "ƒ", "g": "ɡց", "h": "һհ", "i": "іїıɩι",
    "j": "јϳ", "k": "кκ", "l": "ӏℓɭ", "m": "м", "n": "ոη", "o": "оοօσө", "p": "рρ", "q": "ԛգ", "r": "гᴦ", "s": "ѕ",
    "t": "тτ", "u": "սυ", "v": "ѵν", "w": "ԝաω", "x": "хχ", "y": "уүγ", "z": "ᴢ",
}  # fmt: skip
CAPITALS = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧԜԌ", "abekmhopctyxijsabezhikmnoptyxwg")
"""Capitals whose small letters look like no Latin one, or like another."""
LOOKALIKES = {ord(other): letter for letter, others in _ALIKE.items() for other in others}
"""Letters of other scripts that look like a Latin small letter; after case folding."""


class _Fold(dict[int, str | None]):
    """A table for ``str.translate``, filled as characters are met: small Latin letters and digits, else a space."""

    def __missing__(self, code: int) -> str | None:
        folded = self._of(chr(code))
        if len(self) < 1 << 16:
            self[code] = folded
        return folded

    @staticmethod
    def _of(char: str) -> str | None:
        if unicodedata.category(char) in ("Mn", "Me", "Cf") or char == "\u115f":
            return None  # marks on a letter, and what has no width at all
        plain = unicodedata.normalize("NFKD", char).translate(CAPITALS).casefold()
        plain = "".join(c for c in plain if unicodedata.category(c) != "Mn").translate(LOOKALIKES)
        return plain if plain.isalnum() else " "


_FOLD = _Fold()
_ASCII = "".join(_Fold._of(chr(code)) or " " for code in range(128)).encode().ljust(256)
"""The same for bytes: what is all ASCII is folded ten times as fast."""
FEW_FOREIGN = 24
"""Kinds of foreign characters up to which it is faster to replace one after the other."""
_SPACED = re.compile(r" \w(?: \w){3,19}(?= )")
_ALONE = b"\1\1\1\1"
"""The lengths of four words of one letter each."""
_BROKEN = re.compile(r"[@$!|(](?<=[A-Za-z0-9].)(?=[A-Za-z0-9@$])(?![\w-]{0,63}\.\w)")
"""A sign between two letters, but not the one of a mail address."""
_SIGN = re.compile(rf"\\/|{_BROKEN.pattern}")
MOST_SIGNS, REACH = 40, 24
"""Signs that are looked at, and the characters around one that are taken for its word."""
_PIECE = re.compile(r"(?:[\w@$!|(]|\\/|/\\){4,24}")
_MEANT = str.maketrans("013457@$!|(", "oieastasiic")
_BARE = str.maketrans("013457@$!|(lj9q", "oieastasiiciigg")
"""Those, and letters that look alike."""
_RUN = re.compile(r"(.)\1+")


def fold(text: str) -> str:
    """A text in small Latin letters and digits, all else a space; letters of other scripts stay what they are."""
    if not text.isascii():
        text = _in_ascii(text)
        if not text.isascii():
            return text.translate(_FOLD)
    return text.encode("ascii").translate(_ASCII).decode("ascii")


def _in_ascii(text: str) -> str:
    """A text with its few foreign characters folded, one kind after the other; as it is where there are many."""
    foreign = {char for char in set(text) if char > "\x7f"}
    if len(foreign) <= FEW_FOREIGN:
        for char in foreign:
            if (plain := _FOLD[ord(char)] or "").isascii():  # what is foreign still might be folded twice
                text = text.replace(char, plain)
    return text


class Cut(NamedTuple):
    """The words of a text: spaced ones put together, those with signs for letters at the end.

    ``line`` has a space around each, so that a phrase is looked for as text.
    """

    distinct: frozenset[str]
    line: str
    number: int


@lru_cache(maxsize=16)
def cut(text: str) -> Cut:
    """The words of a text, cut once for whoever looks at them: the words of lures, the marks."""
    found = fold(text).split()
    if _ALONE in _lengths(found):
        found += [w.replace(" ", "") for w in _SPACED.findall(f" {' '.join(found)} ")]
    if "\\/" in text or _BROKEN.search(text):
        found += filter(None, map(_meant, _pieces(text)))
    return Cut(frozenset(found), f" {' '.join(found)} ", len(found))


def words(text: str) -> tuple[str, ...]:
    """The words of a text in order; see :class:`Cut`."""
    return tuple(cut(text).line.split())


def _lengths(found: list[str]) -> bytes:
    """The length of each word as a byte; 0 of a very long one."""
    try:
        return bytes(map(len, found))
    except ValueError:  # above 255
        return bytes(n if n < 256 else 0 for n in map(len, found))


def _pieces(text: str) -> Iterator[str]:
    """The words with signs for letters in them, from around the first such signs."""
    for sign in itertools.islice(_SIGN.finditer(text), MOST_SIGNS):
        yield from _PIECE.findall(text[max(0, sign.start() - REACH) : sign.end() + REACH])


@lru_cache(maxsize=16384)
def _meant(piece: str) -> str:
    """The word that a piece with signs among its letters stands for; nothing where it has none."""
    bare = piece.strip("!|(")
    if bare.isalpha() or not any(c.isalpha() for c in bare):
        return ""
    return bare.replace("\\/", "v").replace("/\\", "a").casefold().translate(_MEANT).translate(_FOLD).strip()


def skeleton(word: str) -> str:
    """What two words share that look alike: ``viagra``, ``vlaqra``, ``v11agra`` and ``viaagra`` have the same."""
    return _RUN.sub(r"\1", word.translate(_BARE).replace("vv", "w").replace("rn", "m"))


def ends(word: str) -> tuple[str, str, int]:
    """First letter, last letter and length: what two words share that have one scramble, found at once."""
    return word[0], word[-1], len(word)


def scramble(word: str) -> str:
    """What two words share whose inner letters were only moved about: ``viagra`` and ``vaigra`` have the same."""
    return word[:1] + "".join(sorted(word[1:-1])) + word[-1:]
