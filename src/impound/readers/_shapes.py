"""Shapes of many strings at once, by bytes: what :func:`impound.canonical.shape` gives, for a quarter of its time.

Message-IDs, dates, boundaries and paths hardly repeat, so nothing is gained by remembering them: they are collected
while messages are read, and their runs of letters and digits are found and measured in whole arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from impound import canonical

LIMIT = 200
"""Characters of a text that are read, as in :func:`impound.canonical.shape`."""
BLOCK = 1 << 19
"""Characters that are collected before they are worked out: arrays of some 30 times as many bytes are made of them."""

_SEPARATOR = "\n"
_DIGIT, _HEX, _LETTER, _HEX_CAPITAL, _CAPITAL = 1, 2, 4, 8, 16


def _classes() -> npt.NDArray[np.uint8]:
    """What each byte is; 0 for punctuation and for bytes of characters beyond ASCII."""
    found = np.zeros(256, np.uint8)
    found[48:58] = _DIGIT
    found[97:103], found[103:123] = _HEX, _LETTER
    found[65:71], found[71:91] = _HEX_CAPITAL, _CAPITAL
    return found


def _kind(seen: int) -> str:
    """The letter for a run in which these classes were seen; the rules of :func:`impound.canonical.shape`."""
    if seen == _DIGIT:
        return "9"
    if seen == _DIGIT | _HEX:
        return "h"
    if seen == _DIGIT | _HEX_CAPITAL:
        return "H"
    small, capital = seen & (_HEX | _LETTER), seen & (_HEX_CAPITAL | _CAPITAL)
    if small and capital:
        return "w"
    return ("b" if small else "B") if seen & _DIGIT else ("a" if small else "A")


_CLASS_OF = _classes()
_KINDS = np.array([ord(_kind(seen)) for seen in range(32)], np.uint8)


def shapes(texts: list[str]) -> list[str]:
    """The shape of each text."""
    joined = _SEPARATOR.join([text[:LIMIT] for text in texts])
    if joined.count(_SEPARATOR) != len(texts) - 1:  # never in a header or a link; and none at all
        return [canonical.shape(text, LIMIT) for text in texts]
    return _shaped(joined.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass").split(_SEPARATOR)


def _shaped(data: bytes) -> bytes:
    """The bytes with every run of letters and digits written as its kind and its length, of at most three digits."""
    source = np.frombuffer(data, np.uint8)
    classes = _CLASS_OF[source]
    outside = classes == 0
    edges = np.flatnonzero(np.diff(outside, prepend=True, append=True))
    starts, lengths = edges[0::2], edges[1::2] - edges[0::2]
    if not len(starts):
        return data
    two, three = lengths > 9, lengths > 99
    takes = outside.astype(np.int32)
    takes[starts] = 4 + two + three
    ends = np.cumsum(takes)
    written = np.empty(ends[-1], np.uint8)
    written[ends[outside] - 1] = source[outside]
    last = ends[starts] - 1
    first = last - 3 - two - three
    written[first] = _KINDS[np.bitwise_or.reduceat(classes, starts)]
    written[first + 1] = ord("{")
    written[last - 1] = 48 + lengths % 10
    written[last[two] - 2] = 48 + lengths[two] // 10 % 10
    written[last[three] - 3] = 48 + lengths[three] // 100
    written[last] = ord("}")
    return written.tobytes()


class Shapes:
    """Columns of rows that wait for the shape of a text."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._places: list[tuple[dict[str, Any], str, str]] = []
        self._size = 0

    def want(self, row: dict[str, Any], column: str, text: str, end: str = "") -> None:
        """Put the shape of a text into a column of a row, by the next :meth:`fill`; ``end`` goes behind it as it is."""
        self._texts.append(text)
        self._places.append((row, column, end))
        self._size += min(len(text), LIMIT)
        if self._size >= BLOCK:
            self.fill()

    def fill(self) -> None:
        """Work out what waits."""
        for (row, column, end), shape in zip(self._places, shapes(self._texts), strict=True):
            row[column] = shape + end if end else shape
        self._texts, self._places, self._size = [], [], 0
