"""Texts side by side: what all have is fixed, what differs is counted, and hostile words cost no more than others."""

from __future__ import annotations

import itertools
import random
import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from impound.portrait import Segment, aligned
from impound.portrait._segments import SHOWN, matches

WORDS = st.lists(st.sampled_from(["a", "b", "c", "\n"]), max_size=12).map(tuple)


def told(text: str, *others: str) -> list[tuple[str, int]]:
    texts = [tuple(t.split(" ")) for t in (text, *others)]
    return [(s.text, s.values) for s in aligned(texts[0], texts)]


def test_equal_texts_are_one_fixed_segment() -> None:
    assert told("buy it now", "buy it now") == [("buy it now", 1)]


def test_a_word_that_differs_says_over_how_many_values() -> None:
    assert told("buy soma now", "buy xanax now", "buy valium now") == [("buy", 1), ("soma", 3), ("now", 1)]


def test_what_the_others_have_there_is_named_the_most_frequent_first() -> None:
    texts = [tuple(t.split()) for t in ("buy it now", "buy two now", "buy three four now", "buy three four now")]
    gap = aligned(texts[0], texts)[1]
    assert gap == Segment("it", 3, ("three four", "two"))
    assert not gap.fixed


def test_a_gap_where_the_example_has_nothing_is_shown_too() -> None:
    assert told("buy now", "buy it now", "buy two now") == [("buy", 1), ("", 3), ("now", 1)]


def test_one_text_in_ten_that_differs_changes_nothing() -> None:
    assert told("buy it now", *["buy it now"] * 8, "quite another thing") == [("buy it now", 1)]


def test_nine_of_ten_is_the_limit() -> None:
    assert told("a x", *["a x"] * 7, "a y", "a z") == [("a", 1), ("x", 3)]


def test_a_long_stretch_is_cut_and_counted() -> None:
    gap = aligned(tuple(f"w{n}" for n in range(50)), [tuple(f"w{n}" for n in range(50)), ("other",)])[0]
    assert (len(gap.text.split()), gap.more) == (SHOWN, 50 - SHOWN)


def test_line_breaks_around_a_gap_are_layout() -> None:
    assert told("a \n x \n b", "a \n y \n b", "a z b") == [("a\n", 1), ("x", 3), ("\nb", 1)]


def test_nothing_gives_nothing() -> None:
    assert aligned((), []) == aligned((), [()]) == ()


@given(WORDS, st.lists(WORDS, max_size=5))
@settings(max_examples=200, deadline=None)
def test_the_words_of_the_example_are_all_there_in_order(base: tuple[str, ...], others: list[tuple[str, ...]]) -> None:
    shown = " ".join(s.text for s in aligned(base, [base, *others]))
    assert shown.split() == [w for w in base if w != "\n"]


@given(WORDS, st.lists(WORDS, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_match_is_a_longest_common_subsequence(base: tuple[str, ...], texts: list[tuple[str, ...]]) -> None:
    for text, places in zip(texts, matches(base, texts), strict=True):
        used = [(i, int(p)) for i, p in enumerate(places) if p >= 0]
        assert all(base[i] == text[p] for i, p in used)
        assert all(a < b for (_, a), (_, b) in itertools.pairwise(used))
        assert len(used) == _longest(base, text)


def _longest(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    table = np.zeros((len(one) + 1, len(other) + 1), int)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i + 1, j + 1] = table[i, j] + 1 if a == b else max(table[i, j + 1], table[i + 1, j])
    return int(table[-1, -1])


def test_words_that_repeat_cost_no_more() -> None:
    chance = random.Random(1)
    texts = [tuple(chance.choice("ab") for _ in range(300)) for _ in range(30)]
    began = time.process_time()
    aligned(texts[0], texts)
    assert time.process_time() - began < 5
