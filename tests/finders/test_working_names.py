"""Working names: two neutral words, no two ids with one name."""

from __future__ import annotations

from impound.finders._working_names import working_names


def test_a_name_is_two_words_and_the_same_again() -> None:
    names = working_names([7, 8], {})
    assert names == working_names([7, 8], {})
    assert all(len(name.split()) == 2 for name in names.values())


def test_no_two_ids_share_a_name_however_many_there_are() -> None:
    names = working_names(range(30_000), {})
    assert len(set(names.values())) == 30_000


def test_who_has_a_name_keeps_it_and_nobody_else_gets_it() -> None:
    first = working_names([5], {})[5]
    names = working_names([5, 6], {6: first})
    assert names[6] == first
    assert names[5] != first
