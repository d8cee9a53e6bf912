"""A text as its words and a sketch that tells how alike two texts are, without keeping either.

The words are those a reader sees, without what varies by counting: links, addresses, numbers and the recipient become
one word each; quoted lines, signatures and the footers of lists and mailbox providers are left out, since they are
shared by people who have nothing to do with each other.

The sketch is a MinHash of word triples (Broder, "On the resemblance and containment of documents", 1997): the share of
equal places in two sketches estimates the Jaccard similarity of the triples, with a standard error below 0.045.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from zlib import crc32

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from impound.check.own_words import own_words
from impound.tables import TABLES

BANDS, ROWS = 42, 3
"""Two texts are compared when one of 42 bands of 3 places is equal: those that share a fifth of their triples are, in
29 of 100 cases, those that share a third in 80, those that share half in 99.6 (1 - (1 - s^3)^42)."""
PLACES = BANDS * ROWS
MAX_WORDS = 600
"""Words of a text that are looked at: a page and a half of a book. What comes later is mostly filler."""
MAX_RUN = 200
"""Characters without a space that are looked at together."""
MAX_KEPT = 1 << 17
"""Runs whose hashes are kept, in each of two generations."""
MAX_TRIPLES = 400
"""Triples that enter a sketch: the smallest hashes, the same ones in every text that has them."""

HEAD_WORDS, HEAD_PLACES, HEAD_BANDS = 40, 32, 10
"""The beginning of a text has a sketch of its own: boilerplate and filler stand at the end."""

SKETCHES = TABLES["sketches"].schema

_TOKEN = re.compile(r"\{\{to\.[a-z]{1,8}\}\}")
_WORD = re.compile(r"[^\W_]+")
_LINK = re.compile(r"://|\bwww\.|@.*\.")
_LOOKS = str.maketrans("013457@$!", "oieastasi")
_MASK = (1 << 63) - 1


def words(text: str) -> list[str]:
    """The words of a text as a template would show them: in lower case, ``#`` for a number, ``link`` for a link."""
    return [word for run in _runs(text) for word in _words(run)]


def _runs(text: str) -> list[str]:
    """What stands between spaces in the part of a text that says something."""
    body = own_words(text)
    return (_TOKEN.sub(" ", body) if "{{to." in body else body).lower().split()


def _words(run: str) -> tuple[str, ...]:
    """The words in a run of characters without a space."""
    if run.isalpha():
        return (run,)
    if _LINK.search(run):
        return ("link",)
    if "@" in run or "$" in run or "!" in run:
        run = _SIGN.sub(lambda sign: sign[0].translate(_LOOKS), run)
    return tuple(word if word.isalpha() else _letters(word) for word in _WORD.findall(run))


_SIGN = re.compile(r"(?<=[^\W\d_])[@$!](?=[^\W\d_])")


def _letters(word: str) -> str:
    """A word with digits read as the letters they look like; ``#`` for what is a number rather than a word."""
    letters = sum(c.isalpha() for c in word)
    return word.translate(_LOOKS) if 2 * letters > len(word) else "#"


class _Hashes(dict[str, bytes]):
    """Four bytes for each word in a run, kept: joining bytes is several times as fast as making an array of integers.

    What was not asked for in a whole generation is forgotten; to know the order of use would cost as much as hashing.
    """

    def __init__(self) -> None:
        self._before: dict[str, bytes] = {}

    def __missing__(self, run: str) -> bytes:
        if len(self) >= MAX_KEPT:
            self._before = dict(self)
            self.clear()
        hashed = self._before.get(run)
        if hashed is None:
            hashed = b"".join(map(_hash, (run,) if run.isalpha() and len(run) <= MAX_RUN else _words(run[:MAX_RUN])))
        self[run] = hashed
        return hashed


def _hash(word: str) -> bytes:
    return crc32(word.encode("utf-8", "replace")).to_bytes(4, "little")


_HASHES = _Hashes()


def hashes(text: str) -> NDArray[np.uint64]:
    """The words of a text as numbers, at most MAX_WORDS."""
    runs, found, most = _runs(text), b"", 4 * MAX_WORDS
    for start in range(0, len(runs), MAX_WORDS):
        found += b"".join(map(_HASHES.__getitem__, runs[start : start + MAX_WORDS]))
        if len(found) >= most:
            break
    return np.frombuffer(found[:most], dtype="<u4").astype(np.uint64)


def _odd(seed: str, count: int) -> NDArray[np.uint64]:
    """Odd multipliers that are the same everywhere."""
    drawn = hashlib.shake_256(seed.encode()).digest(8 * count)
    return np.frombuffer(drawn, dtype="<u8").astype(np.uint64) | np.uint64(1)


_TRIPLE = _odd("impound triple", 4)
_PLACES = _odd("impound places", PLACES).astype(np.uint32)
_PRODUCTS = np.empty((PLACES, MAX_TRIPLES), np.uint32)
"""Where a sketch is worked out: new memory for every text would cost more than the multiplications."""


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Values spread over all 64 bits, in place (the finaliser of SplitMix64; Steele, Lea and Flood, 2014)."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        values ^= values >> np.uint64(shift)
        values *= np.uint64(factor)
    values ^= values >> np.uint64(31)
    return values


def triples(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hashes of word triples, the MAX_TRIPLES smallest of them; of fewer than three words, of them all."""
    if len(words) < 3:
        words = np.append(words, np.zeros(3 - len(words), np.uint64))
    joined = words[:-2] * _TRIPLE[0]
    joined += words[1:-1] * _TRIPLE[1]
    joined += words[2:] * _TRIPLE[2]
    found = _mixed(joined)
    return found if len(found) <= MAX_TRIPLES else np.partition(found, MAX_TRIPLES)[:MAX_TRIPLES]


def couples(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hashes of each word with the next one and with the one after it: what is left when every slot varies."""
    if len(words) < 3:
        words = np.append(words, np.zeros(3 - len(words), np.uint64))
    near = words[:-1] * _TRIPLE[0] + words[1:] * _TRIPLE[1]
    far = words[:-2] * _TRIPLE[1] + words[2:] * _TRIPLE[2]
    return _mixed(np.concatenate([near, far]))


def sketch(parts: NDArray[np.uint64], places: int = PLACES) -> NDArray[np.uint16]:
    """The MinHash of some hashes: so many numbers of 16 bits."""
    high = (parts >> np.uint64(32)).astype(np.uint32)
    room = _PRODUCTS[:places, : len(high)] if len(high) <= MAX_TRIPLES else None
    smallest: NDArray[np.uint32] = np.multiply.outer(_PLACES[:places], high, out=room).min(axis=1)
    return smallest.astype(np.uint16)


def text_key(words: NDArray[np.uint64]) -> int:
    """A number that stands for the words, equal where they are."""
    digest = hashlib.blake2b(words.astype("<u4").tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "big") & _MASK


def sketches(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of SKETCHES for rows of ``bodies``; the HTML text where there is one, for that is what is shown."""
    names, texts, pages = (batch.column(c).to_pylist() for c in ("body_sha256", "text", "html_text"))
    rows = [(name, *_row(hashes(page or text or ""))) for name, text, page in zip(names, texts, pages, strict=True)]
    columns = list(zip(*rows, strict=True)) or [()] * len(SKETCHES)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, SKETCHES, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=SKETCHES)


def _row(words: NDArray[np.uint64]) -> tuple[int, int, bytes, bytes]:
    whole = sketch(triples(words)).astype("<u2").tobytes()
    head = sketch(couples(words[:HEAD_WORDS]), HEAD_PLACES).astype("<u2").tobytes()
    return text_key(words), len(words), whole, head
