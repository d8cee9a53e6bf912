"""Many hashes at once are those of each piece alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from impound.check._hashes import BITS, LONGEST, buckets, distinct, grams, pairs, pieces


@given(st.lists(st.binary(min_size=1, max_size=20).filter(lambda b: 32 not in b), min_size=1, max_size=30))
def test_a_piece_has_the_same_hash_wherever_it_stands(words: list[bytes]) -> None:
    whole = pieces(b" ".join(words), 32)
    alone = [pieces(word, 32) for word in words]
    assert [int(w) for w in whole] == [int(w[0]) for w in alone]
    assert [int(b) for b in buckets((1, whole))] == [int(buckets((1, w))[0]) for w in alone]


@given(st.binary(max_size=300))
def test_grams_are_as_many_as_there_are_places_and_inside_the_table(data: bytes) -> None:
    found = buckets((0, grams(data, 4)))
    assert len(found) == max(len(data) - 3, 0)
    assert not len(found) or int(found.max()) < 1 << BITS


def test_kinds_are_kept_apart_and_order_of_a_pair_counts() -> None:
    word = pieces(b"word", 32)
    one, other = buckets((1, word), (2, word))
    assert one != other and one == buckets((1, word))[0]
    assert pairs(pieces(b"a b", 32))[0] != pairs(pieces(b"b a", 32))[0]
    assert len(pairs(word)) == len(pairs(word[:0])) == 0


@given(st.lists(st.integers(0, 40)))
def test_each_bucket_once_is_what_numpy_says(given_: list[int]) -> None:
    found = distinct(np.array(given_, np.uint32))
    assert found.tolist() == sorted(set(given_)) and found.dtype == np.uint32


def test_what_is_longer_than_any_text_is_cut_and_not_refused() -> None:
    long = b"x" * (3 * LONGEST)
    assert len(grams(long, 4)) == LONGEST - 3
    assert len(pieces(long, 32)) == 1
    assert len(pieces(b"", 32)) == 0 and buckets((0, pieces(b"   ", 32))).dtype == np.uint32
