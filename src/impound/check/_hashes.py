"""Texts to numbers: the hashes of all n-grams, words and word pairs of a text at once, with numpy and no Python loop.

A polynomial hash over bytes, modulo 2⁶⁴: with the sums over all prefixes, the hash of any stretch is one subtraction
and one multiplication (R. Karp and M. Rabin, Efficient randomized pattern-matching algorithms, 1987), so stretches of
any length cost the same. A last mixing step spreads the result over the buckets (S. Vigna's splitmix64).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
"""Bucket numbers, 0 to ``2 ** BITS - 1``."""
Wide = NDArray[np.uint64]

BITS = 20
"""Of the hash kept: 1,048,576 weights."""
LONGEST = 16_384
"""Bytes of one text that are hashed; the rest is not looked at."""
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2⁶⁴
_MASK = (1 << 64) - 1


def _powers(base: int) -> Wide:
    """1, base, base², … modulo 2⁶⁴."""
    found = np.full(LONGEST + 1, base, np.uint64)
    found[0] = 1
    return np.multiply.accumulate(found)


_UP, _DOWN = _powers(_BASE), _powers(pow(_BASE, -1, 1 << 64))


def grams(data: bytes, length: int) -> Wide:
    """The hash of each stretch of ``length`` bytes, eight at most."""
    text = np.frombuffer(data[:LONGEST], np.uint8).astype(np.uint64)
    if len(text) < length:
        return np.empty(0, np.uint64)
    count = len(text) - length + 1
    found = np.zeros(count, np.uint64)
    for i in range(length):  # shorter than a prefix sum for the few bytes of a gram
        found <<= np.uint64(8)
        found |= text[i : i + count]
    return found


def pieces(data: bytes, between: int) -> Wide:
    """The hash of each stretch between bytes that are ``between``; empty ones left out."""
    text = np.frombuffer(data[: LONGEST - 1] + bytes([between]), np.uint8)
    ends = np.flatnonzero(text == between)
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    filled = ends > starts
    starts, ends = starts[filled], ends[filled]
    sums = np.zeros(len(text) + 1, np.uint64)
    np.cumsum((text.astype(np.uint64) + np.uint64(1)) * _UP[: len(text)], out=sums[1:])
    return (sums[ends] - sums[starts]) * _DOWN[starts]


def pairs(whole: Wide) -> Wide:
    """The hash of each stretch of :func:`pieces` together with the next."""
    return whole[:-1] * np.uint64(0xD6E8FEB86659FD93) + whole[1:]


def buckets(*kinds: tuple[int, Wide]) -> Hashes:
    """The buckets of hashes, of one kind after the other; a kind keeps the spaces of different features apart."""
    return _bucket(np.concatenate([wide + np.uint64((kind + 1) * _BASE & _MASK) for kind, wide in kinds]))


def distinct(buckets: Hashes) -> Hashes:
    """Each bucket once, in order; by sorting, which for so few is ten times as fast as ``numpy.unique``."""
    if len(buckets) < 2:
        return buckets
    found = np.sort(buckets)
    new = np.empty(len(found), bool)
    new[0] = True
    np.not_equal(found[1:], found[:-1], out=new[1:])
    return found[new]


def _bucket(mixed: Wide) -> Hashes:
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(64 - BITS)).astype(np.uint32)
