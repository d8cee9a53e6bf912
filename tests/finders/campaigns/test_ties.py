"""Ties between messages: what chains, what does not, and that nothing grows with the square of the messages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from impound.finders import _sketch, campaigns
from impound.finders._mail import Files, Mail
from impound.finders.campaigns import _ties
from impound.finders.campaigns._summary import owners_in_a_week

DAY = 86_400
NONE = np.empty(0, np.int64)
NO_FILES = Files(NONE, NONE, NONE, NONE.astype(np.uint64), NONE.astype(bool), NONE)


def mail(texts: list[str], at: list[int] | None = None, software: list[int] | None = None) -> Mail:
    """Messages with these texts, one each, and nothing else in common."""
    n = len(texts)
    words = [_sketch.hashes(text) for text in texts]
    nothing = np.zeros(n, np.int64)
    return Mail(
        ids=np.arange(1, n + 1),
        at=np.array(at or [DAY] * n, np.int64),
        text=np.arange(n),
        text_key=np.array([_sketch.text_key(w) for w in words], np.int64),
        words=np.array([len(w) for w in words], np.int64),
        software=np.array(software or [0] * n, np.int64),
        subject=nothing,
        subject_words=nothing,
        mime=nothing,
        net=nothing,
        host=nothing,
        owner=nothing,
        quiet=np.zeros(n, bool),
        bounce=np.zeros(n, bool),
        sketches=np.stack([_sketch.sketch(_sketch.triples(w)) for w in words]),
        heads=np.stack([_sketch.sketch(_sketch.couples(w[: _sketch.HEAD_WORDS]), _sketch.HEAD_PLACES) for w in words]),
    )


def clusters(given: Mail, **params: float) -> list[int]:
    rules = _ties.Rules(given, _ties.Params(**params))  # type: ignore[arg-type]  # numbers of both kinds
    rules.texts(NO_FILES)
    return campaigns.clustered(given, rules, rules.params)[0].tolist()


OFFER = "our garden shop sells {} kettles and {} lanterns to all who ask for {} before the {} of the month comes again"
COLOURS = ["blue", "green", "copper", "little"]


def variant(n: int) -> str:
    return OFFER.format(COLOURS[n % 4], COLOURS[n // 4 % 4], ("them", "both")[n % 2], ("end", "third")[n // 2 % 2])


def test_a_template_whose_slots_vary_is_one_cluster() -> None:
    assert set(clusters(mail([variant(n) for n in range(16)], software=[1] * 16))) == {0}


def test_filler_behind_unlike_offers_joins_nothing() -> None:
    book = " ".join(f"chapter{chr(97 + i % 26)} word{chr(97 + i // 26 % 26)}" for i in range(200))
    one = "a certified chemist ships blue tablets to your door tonight without any questions at half of the price " * 2
    other = "this watch looks like the famous one and nobody in the club will ever tell them apart so order yours " * 2
    given = mail([one + book, other + book], software=[1, 1])
    assert clusters(given) == [0, 1]


@pytest.mark.parametrize(("apart", "same"), [(6 * DAY, True), (8 * DAY, False)])
def test_short_texts_are_tied_within_seven_days(apart: int, same: bool) -> None:
    given = mail(["have a look there now my friend"] * 2, at=[DAY, DAY + apart], software=[1, 1])
    assert (clusters(given)[1] == 0) is same


def test_the_number_of_proposed_pairs_grows_with_the_messages_not_with_their_square() -> None:
    texts = [variant(n % 16) + f" extra{'abcdefghij'[n % 10]}" for n in range(4_000)]
    pairs = [len(ends) for ends, _ in _ties.proposed(mail(texts, software=list(range(4_000))))]
    assert max(pairs) <= 3 * _ties.NEIGHBOURS * 4_000


LETTER = (
    "dear all the meeting about the {0} moved to {1} and we paid a lot for the {2} "
    "which {3} would never have guessed {4}"
)
FREE = ["garden", "copper", "monday", "lantern", "sister", "harbour", "orchard", "parcel", "doctor", "summer"]


def letters(count: int, tail: str) -> list[str]:
    return [
        LETTER.format(*(FREE[(n * k + k) % 10] for k in (1, 3, 7, 9)), tail.format(FREE[n % 10])) for n in range(count)
    ]


def test_short_letters_with_a_phrase_in_common_are_not_one_campaign_for_their_program() -> None:
    given = mail(letters(2, "and {} greets you"), software=[1, 1])
    assert 0.2 <= _ties.similarity(given.sketches, given.text[:1], given.text[1:])[0] < 0.35
    assert clusters(given) == [0, 1]
    assert clusters(given, part_words=12) == [0, 0]


def test_copies_of_one_text_are_one_witness() -> None:
    gathered = np.array([0] * 20 + [20] * 20)
    ends, others = np.arange(5), np.arange(20, 25)
    copies, texts = np.zeros(40, np.int64), np.arange(40)
    assert [len(side) for side in campaigns.supported(gathered, ends, others, 0.3, texts=copies, most=5)] == [0, 0]
    assert [side.tolist() for side in campaigns.supported(gathered, ends, others, 0.3, texts=texts, most=5)] == [
        [0],
        [20],
    ]


def test_the_layout_joins_only_what_better_ties_have_gathered() -> None:
    """A text of many words alike in part, and nothing else the same but the layout."""
    common = " ".join(f"{a}{b}" for a in FREE[:4] for b in FREE)
    own = [" ".join(f"{c}{b}{a}" for a in FREE[4:8] for b in FREE) for c in FREE[:2]]
    given = mail([f"{common} {text}" for text in own])
    given = replace(given, mime=np.ones(2, np.int64))
    found = clusters(given, alike=0.9)
    assert found == [0, 1]
    assert clusters(given, alike=0.9, layout_messages=1) == [0, 0]


def test_a_weak_tie_needs_a_share_of_the_smaller_side() -> None:
    gathered = np.array([0, 0, 0, 0, 4, 4, 4, 4])
    few = campaigns.supported(gathered, np.array([0]), np.array([4]), 0.3)
    many = campaigns.supported(gathered, np.array([0, 1]), np.array([4, 5]), 0.3)
    assert [len(side) for side in few] == [0, 0]
    assert [side.tolist() for side in many] == [[0], [4]]


def test_pictures_near_each_other_are_found_and_others_are_not() -> None:
    hashes = np.array([0xF0E1D2C3B4A59687, 0xF0E1D2C3B4A59684, 0x0F1E2D3C4B5A6978], np.uint64)
    ends, others = _ties.pictures(hashes, np.arange(3), 8)
    assert list(zip(ends.tolist(), others.tolist(), strict=True)) in ([(0, 1)], [(1, 0)])
    assert [len(side) for side in _ties.pictures(hashes, np.empty(0, np.int64), 8)] == [0, 0]


def test_owners_are_counted_in_the_week_that_had_most() -> None:
    at = np.array([0, DAY, 2 * DAY, 20 * DAY, 21 * DAY])
    assert owners_in_a_week(at, np.array([1, 2, 2, 3, 4])) == 2
    assert owners_in_a_week(at, np.array([1, 2, 3, 4, 0])) == 3
    assert owners_in_a_week(at[:0], at[:0]) == 0
