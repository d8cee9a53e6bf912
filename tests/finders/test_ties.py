"""Ties between messages: what chains, what does not, and that nothing grows with the square of the messages."""

from __future__ import annotations

import numpy as np
import pytest

from impound.finders import _sketch, _ties, campaigns
from impound.finders._mail import Files, Mail
from impound.finders._summary import owners_in_a_week

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
