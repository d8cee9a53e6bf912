"""A message as the buckets of its features: what the classifier adds up.

*Text*: byte 4-grams, words and word pairs of subject and text. *Build*: :mod:`._shapes`. *Raw*, for a model of one's
own: byte 4-grams of the message's first bytes as they stand, headers and all (G. Cormack, University of Waterloo
participation in the TREC 2007 spam track: logistic regression on binary byte 4-grams).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from impound.check._hashes import LONGEST, Hashes, buckets, distinct, grams, pairs, pieces
from impound.check._shapes import shapes
from impound.check.mail import Mail

TEXT, RAW = 3500, 3500
"""Characters of text and bytes of the raw message that are looked at (the first of TREC 2007's best did the same)."""
GRAM, WORD, PAIR, SUBJECT, SUBJECT_PAIR, SHAPE, RAW_GRAM = range(7)
"""Kinds of features: each has a space of hashes of its own."""
_TOKEN = re.compile(r"\{\{to\.[a-z]{1,20}\}\}")
_TAG = re.compile(r"\[[^\]]{1,40}\]")
_RULE = re.compile(r"\n[ \t]*[_=-]{25,200}[ \t]*\r?\n")
_FOOTER = re.compile(r"list|subscri|sponsor", re.IGNORECASE)
_NO_WORD = re.compile(r"[^\w$'@%]+")
_WORD_OR_SPACE = bytes(32 if _NO_WORD.match(chr(code)) else code for code in range(128)).ljust(256)
MOST_TEXTS = 128
"""Texts whose buckets are remembered, for campaigns repeat them: two megabytes."""
MOST_READ = 16
"""Texts whose readable form is remembered: it is asked for again to say which words weighed most."""
MOST_KEPT = 1 << 16
"""Shapes whose buckets are remembered: some megabytes."""
_BUCKETS: dict[str, int] = {}
_DIGITS = str.maketrans("123456789", "000000000")


class Features(NamedTuple):
    """The buckets of one message, each kind sorted and each bucket once; ``words`` are those of ``text`` alone."""

    text: Hashes
    shape: Hashes
    words: Hashes
    raw: Hashes


def features(mail: Mail, raw: bytes | None = None, build: list[str] | None = None) -> Features:
    """The buckets of a message; without its raw bytes those of ``raw`` are empty. ``build``: its shapes, if known."""
    text, words = _of_text(mail.words, mail.subject)
    bare = buckets((RAW_GRAM, grams(raw[:RAW], 4))) if raw else _NONE
    return Features(text, distinct(of_shapes(build or shapes(mail))), words, distinct(bare))


def of_shapes(names: list[str]) -> Hashes:
    """The bucket of each feature of the build, in their order."""
    data = "\n".join(names).encode("utf-8", "replace")
    if len(data) >= LONGEST or data.count(b"\n") != len(names) - 1:
        return buckets((SHAPE, pieces(data, 10)))
    if new := [name for name in names if name not in _BUCKETS]:
        if len(_BUCKETS) > MOST_KEPT:
            _BUCKETS.clear()
            new = names
        found = buckets((SHAPE, pieces("\n".join(new).encode("utf-8", "replace"), 10)))
        _BUCKETS.update(zip(new, found.tolist(), strict=True))
    return np.array([_BUCKETS[name] for name in names], np.uint32)


def of_words(words: list[str]) -> Hashes:
    """The bucket of each word of :func:`words_of`, in their order."""
    return buckets((WORD, pieces(" ".join(words).encode("utf-8", "replace"), 32)))


def words_of(text: str) -> list[str]:
    """The words of a text as they are hashed."""
    return _NO_WORD.sub(" ", readable(text)).split()


@lru_cache(maxsize=MOST_READ)
def readable(text: str) -> str:
    """The first characters of a text in lower case, spaces folded, digits made 0, without tokens and list footers.

    A footer begins with a ruled line, and what follows speaks of a list, of subscribing or of a sponsor.
    """
    text = text[: 2 * TEXT]
    for ruled in _RULE.finditer(text):
        if _FOOTER.search(text, ruled.end(), ruled.end() + 400):
            text = text[: ruled.start()]
            break
    text = _TOKEN.sub(" ", text) if "{{to." in text else text
    return " ".join(text.split())[:TEXT].lower().translate(_DIGITS)


@lru_cache(maxsize=MOST_TEXTS)
def _of_text(said: str, titled: str) -> tuple[Hashes, Hashes]:
    """The buckets of a text and a subject, and those of the text's words; not to be changed."""
    text, subject = readable(said), readable(_TAG.sub("", titled))
    words, title = pieces(_words(text), 32), pieces(_words(subject), 32)
    found = buckets(
        (WORD, words),
        (GRAM, grams(text.encode("utf-8", "replace"), 4)),
        (PAIR, pairs(words)),
        (GRAM, grams(b"  " + subject.encode("utf-8", "replace"), 4)),
        (SUBJECT, title),
        (SUBJECT_PAIR, pairs(title)),
    )
    return distinct(found), distinct(found[: len(words)])


def _words(text: str) -> bytes:
    if text.isascii():
        return text.encode("ascii").translate(_WORD_OR_SPACE)
    return _NO_WORD.sub(" ", text).encode("utf-8", "replace")


_NONE: Hashes = np.empty(0, np.uint32)
