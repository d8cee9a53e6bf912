"""Given which old examples new signatures match, then each keeps the id that it continues, and no id is given twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from impound.finders.patterns._lineage import ids


def test_a_signature_keeps_the_id_of_the_one_it_continues() -> None:
    assert ids([10, 11, 12], {(1, 10): 3, (2, 11): 1, (1, 11): 2}) == {10: 1, 11: 2, 12: 12}


def test_of_two_that_continue_one_the_one_that_matches_more_of_it_keeps_the_id() -> None:
    assert ids([10, 11], {(1, 10): 1, (1, 11): 3}) == {10: 10, 11: 1}
    assert ids([1, 11], {(1, 1): 3, (1, 11): 3}) == {1: 1, 11: 11}, "of two alike the one that has it already"


def test_an_id_that_another_continues_is_given_up() -> None:
    found = ids([1, 11], {(1, 11): 3})
    assert found[11] == 1 and found[1] not in (1, 11)


NUMBERS = st.integers(0, 9)


@given(st.sets(NUMBERS, min_size=1), st.dictionaries(st.tuples(NUMBERS, NUMBERS), st.integers(1, 3)))
def test_no_id_is_given_twice(new: set[int], shared: dict[tuple[int, int], int]) -> None:
    found = ids(new, {pair: n for pair, n in shared.items() if pair[1] in new})
    assert found.keys() == new and len(set(found.values())) == len(new)
