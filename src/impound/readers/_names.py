"""Display names of recipients: which of them are people's names, and where they stand in a text.

Spam programs write anything before an address. A name counts where it is

- a person's: two to four words, not all of them ordinary ones, or sharing letters with the local part. Then it is
  replaced where it stands whole, also turned round; where all its words are ordinary, only with capitals (Rose Marsh);
- one word that shares letters with the local part and is no ordinary word: replaced where it stands in prose, unless
  the local part has a hyphen (``Debian <debian-user@…>`` is a list);
- any other word that is not generic (friend, customer): replaced behind a salutation alone.

A list's title (``R-help mailing list``) is nobody's name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from impound.readers._words import GENERIC, SHORTEST, greeted, is_word

MOST_WORDS = 4
"""Names of more words are titles and slogans."""
SHARED = 4
"""Letters of the local part that must stand in the name together."""

_ASIDE = re.compile(r"\([^()]*\)?|\bvia\b.*", re.DOTALL)
_WORD = re.compile(r"[^\W\d_][\w'’-]*\.?")
_GAP = re.compile(r"[\s.,]{1,3}")
_LETTERS = re.compile(r"[^\W\d_]+")
_TITLES = frozenset("mr mrs ms miss dr prof herr frau sir".split())  # noqa: SIM905
_LISTS = frozenset(
    """list lists mailing subscribers users members group team undisclosed unlisted recipients recipient rfc822
    discussion announce""".split()  # noqa: SIM905
)


class Name:
    """A name as it may stand in a text: ``first`` and ``last``, its outer words in lower case, and those between."""

    def __init__(self, words: tuple[str, ...], whole: bool, cased: bool) -> None:
        self.first, self.last = words[0], words[-1]
        self._whole, self._cased = whole, cased
        straight, short = words, (words[0], words[-1])
        self._forms = (straight, short) if len(words) > 2 else (straight,)

    def sub(self, text: str, low: str) -> str:
        """The text with tokens in place of the name; ``low`` is the text in lower case, as long as the text."""
        out: list[str] = []
        done = 0
        for place, word in self._places(low):
            if place < done or _inside(low, place - 1):
                continue
            end = self._end(text, low, place, word)
            if end:
                out += (text[done:place], "{{to.name}}")
                done = end
        if not out:
            return text
        out.append(text[done:])
        return "".join(out)

    def _places(self, low: str) -> list[tuple[int, str]]:
        """Where the outer words stand, in order."""
        found: list[tuple[int, str]] = []
        for word in dict.fromkeys((self.first, self.last)):
            place = low.find(word)
            while place >= 0:
                found.append((place, word))
                place = low.find(word, place + len(word))
        found.sort()
        return found

    def _end(self, text: str, low: str, place: int, word: str) -> int:
        """Where the name ends that begins at a place with one of its words; 0 where it does not stand there."""
        end = self._whole_end(low, place, word) if self._whole else 0
        if end and not (self._cased and not _capital(text[place:end])):
            return end
        end = place + len(word)
        if len(word) < SHORTEST or word in GENERIC or _inside(low, end):
            return 0
        return end if greeted(text, place) else 0

    def _whole_end(self, low: str, place: int, word: str) -> int:
        """The same for the whole name: as it is, without what stands between, or turned round behind its last word."""
        if word == self.last and self.first != self.last:
            comma = place + len(word)
            end = _following(low, comma, (self.first,))
            return end if low[comma : comma + 1] == "," else 0
        if self.first == self.last and _in_address(low, place, place + len(word)):
            return 0
        return next((end for form in self._forms if (end := _following(low, place + len(word), form[1:]))), 0)


def _following(low: str, end: int, words: tuple[str, ...]) -> int:
    """Where the words end that follow each other from a place on; 0 where they do not, or end inside another word."""
    for word in words:
        gap = _GAP.match(low, end)
        if gap is None or not low.startswith(word, gap.end()):
            return 0
        end = gap.end() + len(word)
    return 0 if _inside(low, end) else end


def _in_address(low: str, place: int, end: int) -> bool:
    """Whether what stands there is part of a link, a host name or an address, not a word of prose."""
    before, after = low[place - 1 : place], low[end : end + 2]
    return (before != "" and before in "./@-=&") or after[:1] in ("@", "-", "/", "=") or _inside(after.lstrip("."), 0)


def _inside(low: str, place: int) -> bool:
    """Whether a word goes on at a place."""
    character = low[place : place + 1] if place >= 0 else ""
    return character.isalnum() or character == "_"


def _capital(text: str) -> bool:
    return all(w[0].isupper() for w in _LETTERS.findall(text))


@lru_cache(maxsize=8192)
def name(written: str, local: str) -> Name | None:
    """The name of the recipient with that local part; None when what is written is nobody's name."""
    words = _name_words(written.lower().replace("\\", ""))
    if not words or len(words) > MOST_WORDS or not _LISTS.isdisjoint(words) or "".join(words) == local:
        return None
    related = _related(words, local)
    ordinary = all(is_word(w) for w in words)
    if len(words) > 1:
        return Name(words, related or not ordinary, ordinary)
    if len(words[0]) < SHORTEST or words[0] in GENERIC or (ordinary and not related):
        return None
    return Name(words, related and not ordinary and "-" not in local, False)


def _name_words(written: str) -> tuple[str, ...]:
    plain = _ASIDE.sub(" ", written)
    last, comma, first = plain.partition(",")
    words = [w.rstrip(".'’-") for w in _WORD.findall(f"{first} {last}" if comma else plain)]
    while words and words[0] in _TITLES:
        words = words[1:]
    return tuple(words)


def _related(words: tuple[str, ...], local: str) -> bool:
    """Whether a name shares letters with a local part: a word, a piece, or its initials."""
    joined = "".join(words)
    if any(len(w) >= SHORTEST and w in local for w in words) or "".join(w[0] for w in words) == local[: len(words)]:
        return True
    runs = _LETTERS.findall(local)
    return any(run[i : i + SHARED] in joined for run in runs for i in range(len(run) - SHARED + 1))
