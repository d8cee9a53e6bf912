"""Seeded chance: the same name gives the same draws on every machine and Python."""

from __future__ import annotations

import random
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Self, TypeVar

T = TypeVar("T")
_ALPHABET = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LOWER, _MIXED = (bytes(_ALPHABET[byte % size] for byte in range(256)) for size in (26, len(_ALPHABET)))
"""What each of the 256 bytes is made into."""
_SPREAD = 0.9
"""Exponent of the power law by which hosts are active: the busiest tenth of 300 bots sends about 59 % of
their mail."""


class Chance(random.Random):
    """A source of chance. Only ``random`` and ``getrandbits`` are used: what they give is promised to stay."""

    @classmethod
    def of(cls, *names: object) -> Self:
        """The source that belongs to some names, such as the seed, a kind of thing and its number."""
        return cls("/".join(map(str, names)))

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[int(self.random() * len(options))]

    def below(self, end: int) -> int:
        """A whole number from 0 up to, not including, ``end``."""
        return int(self.random() * end)

    def between(self, first: int, last: int) -> int:
        """A whole number, both ends included."""
        return first + int(self.random() * (last - first + 1))

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """``count`` different ones (or all) in a random order."""
        left = list(options)
        for place in range(min(count, len(left))):
            other = place + int(self.random() * (len(left) - place))
            left[place], left[other] = left[other], left[place]
        return left[:count]

    def hex(self, digits: int) -> str:
        """So many hexadecimal digits in lower case."""
        return f"{self.getrandbits(4 * digits):0{digits}x}"

    def letters(self, count: int) -> str:
        """So many small letters."""
        return self.getrandbits(8 * count).to_bytes(count, "big").translate(_LOWER).decode("ascii")

    def token(self, count: int) -> str:
        """So many letters, large and small, and digits."""
        return self.getrandbits(8 * count).to_bytes(count, "big").translate(_MIXED).decode("ascii")


class Weighted:
    """Numbers below ``count``, drawn by a power law: few often, many seldom. A list of ``singles`` comes once each.

    Holds 8 bytes for each number. ``expected`` is about how often it will be asked: the singles are spread over that.
    """

    def __init__(self, count: int, singles: int = 0, expected: int = 0) -> None:
        self.count, steady = count, max(count - singles, 1)
        self._weights = array("d", accumulate((rank + 1) ** -_SPREAD for rank in range(steady)))
        self._total = self._weights[-1]
        self._singles: Iterator[int] = iter(range(steady, count))
        self._share = min(0.9, singles / expected) if expected else 0.0

    def draw(self, chance: Chance) -> int:
        """One number."""
        if self._share and chance.random() < self._share:
            single = next(self._singles, None)
            if single is not None:
                return single
            self._share = 0.0
        return bisect_right(self._weights, chance.random() * self._total)
