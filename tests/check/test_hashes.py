"""Many hashes at once are those of each piece alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from impound.check._hashes import BITS, LONGEST, grams, pairs, pieces


@given(st.lists(st.binary(min_size=1, max_size=20).filter(lambda b: 32 not in b), min_size=1, max_size=30))
def test_a_piece_has_the_same_bucket_wherever_it_stands(words: list[bytes]) -> None:
    whole, buckets = pieces(b" ".join(words), 32, 1)
    alone = [pieces(word, 32, 1) for word in words]
    assert [int(b) for b in buckets] == [int(b[0]) for _, b in alone]
    assert [int(w) for w in whole] == [int(w[0]) for w, _ in alone]


@given(st.binary(max_size=300))
def test_grams_are_as_many_as_there_are_places_and_inside_the_table(data: bytes) -> None:
    found = grams(data, 4, 0)
    assert len(found) == max(len(data) - 3, 0)
    assert not len(found) or int(found.max()) < 1 << BITS


def test_kinds_are_kept_apart_and_order_of_a_pair_counts() -> None:
    assert pieces(b"word", 32, 1)[1][0] != pieces(b"word", 32, 2)[1][0]
    one, other = pairs(pieces(b"a b", 32, 1)[0], 1), pairs(pieces(b"b a", 32, 1)[0], 1)
    assert one[0] != other[0]


def test_what_is_longer_than_any_text_is_cut_and_not_refused() -> None:
    long = b"x" * (3 * LONGEST)
    assert len(grams(long, 4, 0)) == LONGEST - 3
    assert len(pieces(long, 32, 0)[1]) == 1
    assert len(pieces(b"", 32, 0)[1]) == 0 and pieces(b"   ", 32, 0)[1].dtype == np.uint32
