"""A message as the buckets of its features: what the classifier adds up.

*Text*: byte 4-grams, words and word pairs of subject and text. *Build*: :mod:`._shapes`. *Raw*, for a model of one's
own: byte 4-grams of the message's first bytes as they stand, headers and all (G. Cormack, University of Waterloo
participation in the TREC 2007 spam track: logistic regression on binary byte 4-grams).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from impound.check._hashes import Hashes, grams, pairs, pieces
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
_DIGITS = str.maketrans("123456789", "000000000")


class Features(NamedTuple):
    """The buckets of one message, each kind sorted and each bucket once; ``words`` are those of ``text`` alone."""

    text: Hashes
    shape: Hashes
    words: Hashes
    raw: Hashes


def features(mail: Mail, raw: bytes | None = None, build: list[str] | None = None) -> Features:
    """The buckets of a message; without its raw bytes those of ``raw`` are empty. ``build``: its shapes, if known."""
    text, words = _of_text(mail)
    bare = grams(raw[:RAW], 4, RAW_GRAM) if raw else _NONE
    return Features(np.unique(text), np.unique(of_shapes(build or shapes(mail))), np.unique(words), np.unique(bare))


def of_shapes(names: list[str]) -> Hashes:
    """The bucket of each feature of the build, in their order."""
    return pieces("\n".join(names).encode("utf-8", "replace"), 10, SHAPE)[1]


def of_words(words: list[str]) -> Hashes:
    """The bucket of each word of :func:`words_of`, in their order."""
    return pieces(" ".join(words).encode("utf-8", "replace"), 32, WORD)[1]


def words_of(text: str) -> list[str]:
    """The words of a text as they are hashed."""
    return _NO_WORD.sub(" ", readable(text)).split()


def readable(text: str) -> str:
    """The first characters of a text in lower case, spaces folded, digits made 0, without tokens and list footers.

    A footer begins with a ruled line, and what follows speaks of a list, of subscribing or of a sponsor.
    """
    text = text[: 2 * TEXT]
    for ruled in _RULE.finditer(text):
        if _FOOTER.search(text, ruled.end(), ruled.end() + 400):
            text = text[: ruled.start()]
            break
    text = _TOKEN.sub(" ", text)
    return " ".join(text.split())[:TEXT].lower().translate(_DIGITS)


def _of_text(mail: Mail) -> tuple[Hashes, Hashes]:
    text, subject = readable(mail.words), readable(_TAG.sub("", mail.subject))
    whole, words = pieces(_words(text), 32, WORD)
    whole_subject, subject_words = pieces(_words(subject), 32, SUBJECT)
    found = [
        grams(text.encode("utf-8", "replace"), 4, GRAM),
        words,
        pairs(whole, PAIR),
        grams(b"  " + subject.encode("utf-8", "replace"), 4, GRAM),
        subject_words,
        pairs(whole_subject, SUBJECT_PAIR),
    ]
    return np.concatenate(found), words


def _words(text: str) -> bytes:
    return _NO_WORD.sub(" ", text).encode("utf-8", "replace")


_NONE: Hashes = np.empty(0, np.uint32)
