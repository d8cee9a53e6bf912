"""Texts as words, and sketches that tell how alike they are."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.finders import _sketch

WORDS = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(600)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Blue Kettles!", ["blue", "kettles"]),
        ("only $19.99 for 3 of them", ["only", "#", "#", "for", "#", "of", "them"]),
        ("see http://a.example/x?y=1 or us@a.example now", ["see", "link", "or", "link", "now"]),
        ("pr1ce of k3ttles", ["price", "of", "kettles"]),
        ("Dear {{to.name}}, hello", ["dear", "hello"]),
        ("yes\n> no\n| never\nperhaps", ["yes", "perhaps"]),
        ("hello\n-- \nPat, kettle department", ["hello"]),
        ("hello\n_______________\nthe tea list\nleave it here", ["hello"]),
        ("", []),
    ],
)
def test_words_are_what_a_template_would_show(text: str, words: list[str]) -> None:
    assert _sketch.words(text) == words


@given(st.text(max_size=3000))
def test_any_text_has_words_a_key_and_a_sketch(text: str) -> None:
    found = _sketch.hashes(text)
    assert len(found) <= _sketch.MAX_WORDS
    assert 0 <= _sketch.text_key(found) < 1 << 63
    assert _sketch.sketch(_sketch.triples(found)).shape == (_sketch.PLACES,)
    assert _sketch.sketch(_sketch.couples(found), _sketch.HEAD_PLACES).shape == (_sketch.HEAD_PLACES,)


@pytest.mark.parametrize("kept", [0.95, 0.7, 0.4])
def test_the_share_of_equal_places_estimates_the_jaccard_similarity(kept: float) -> None:
    draw = random.Random(7)
    errors = []
    for _ in range(20):
        first = [draw.choice(WORDS) for _ in range(300)]
        second = [w if draw.random() < kept else draw.choice(WORDS) for w in first]
        one, other = (_sketch.triples(_sketch.hashes(" ".join(t))) for t in (first, second))
        true = len(np.intersect1d(one, other)) / len(np.union1d(one, other))
        errors.append(float((_sketch.sketch(one) == _sketch.sketch(other)).mean()) - true)
    assert abs(np.mean(errors)) < 0.03


def test_a_row_for_each_body_the_page_before_the_plain_text() -> None:
    rows = {
        "body_sha256": ["a", "b", "c"],
        "text": ["kettles for all", "nothing", None],
        "html_text": [None, "kettles for all", ""],
    }
    (found,) = _sketch.sketches(pa.RecordBatch.from_pydict(rows))
    keys = found["text_key"].to_pylist()
    assert keys[0] == keys[1] != keys[2]
    assert found["word_count"].to_pylist() == [3, 3, 0]


def test_no_rows_give_an_empty_batch() -> None:
    empty = pa.RecordBatch.from_pydict({"body_sha256": [], "text": [], "html_text": []})
    assert next(iter(_sketch.sketches(empty))).num_rows == 0
