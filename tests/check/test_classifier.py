"""A model: what it learns, what it refuses, and that the same mail gives the same bytes."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impound.check import _model_file, training
from impound.check.classifier import SHIPPED_SCALES, Model, Score, shipped
from impound.check.mail import Mail
from impound.errors import InputError, StoreError, UsageError

SPAM = ("cheap watches for you", "buy pills without prescription", "you have won the grand prize", "casino bonus waits")
HAM = ("minutes of the meeting", "the tests fail on my machine", "see you at lunch tomorrow", "please review the patch")


def mail(text: str, number: int) -> tuple[Mail, bytes]:
    body = f"{text} {number}"
    return Mail(
        subject=text[:12], text=body, header_order="From,To,Subject"
    ), f"Subject: {text[:12]}\n\n{body}".encode()


def filled(spool: training.Spool, count: int = 40, swapped: bool = False) -> training.Spool:
    for number in range(count):
        for texts, spam in ((SPAM, True), (HAM, False)):
            spool.add(*mail(texts[number % 4], number), spam is not swapped)
    return spool


@pytest.fixture
def spool() -> Iterator[training.Spool]:
    with training.Spool() as made:
        yield made


def score(model: Model, text: str) -> float:
    return model.score(*mail(text, 999)).spam


def test_it_learns_what_is_spam_here(spool: training.Spool) -> None:
    model, _ = training.train(Model(), filled(spool))
    assert all(score(model, text) > 0.5 for text in SPAM)
    assert all(score(model, text) < 0.5 for text in HAM)


def test_the_same_messages_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    for name, turned in (("one", False), ("other", True)):
        with training.Spool() as spool:
            rows = [
                (text, n, spam) for n in range(10) for texts, spam in ((SPAM, True), (HAM, False)) for text in texts
            ]
            for text, n, spam in reversed(rows) if turned else rows:
                spool.add(*mail(text, n), spam)
            training.train(Model(), spool)[0].save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_what_is_written_scores_the_same_when_read(tmp_path: Path, spool: training.Spool) -> None:
    model, _ = training.train(Model(), filled(spool))
    model.save(tmp_path / "m")
    again = Model.load(tmp_path / "m")
    assert [score(again, t) for t in SPAM + HAM] == [score(model, t) for t in SPAM + HAM]
    assert again.facts == model.facts and again.threshold == model.threshold


def test_what_a_group_counts_is_written_with_the_weights(tmp_path: Path, spool: training.Spool) -> None:
    model = training.fit(spool, filled(spool).places)
    model.save(tmp_path / "model")
    assert Model.load(tmp_path / "model").visible.scales == model.visible.scales == SHIPPED_SCALES
    assert Model().visible.scales != SHIPPED_SCALES


def test_sources_of_one_site_are_left_out_together(spool: training.Spool) -> None:
    for at, place in enumerate(filled(spool).places):
        spool.places[at] = dataclasses.replace(place, source=("here", "here-newsletters", "there")[at % 3])
    told = {site: {p.source for p in out} for site, _, out in training.left_out(spool, spool.places)}
    assert told == {"here": {"here", "here-newsletters"}, "there": {"there"}}


def test_feedback_with_one_class_moves_the_model(spool: training.Spool) -> None:
    model, _ = training.train(Model(), filled(spool))
    wrong = "grand casino opening of the chess club"
    before = score(model, wrong)
    with training.Spool() as more:
        more.add(*mail(wrong, 999), False)
        better, _ = training.train(model, more)
    assert score(better, wrong) < before
    assert score(model, wrong) == before, "the model it started from is unchanged"
    assert better.facts["ham"] == model.facts["ham"] + 1


def test_nothing_to_learn_from_is_said(spool: training.Spool) -> None:
    with pytest.raises(UsageError, match="no message to learn from"):
        training.train(Model(), spool)


@pytest.mark.parametrize(("spam", "missing"), [(True, "no ham"), (False, "no spam")])
def test_one_class_makes_no_new_model(spool: training.Spool, spam: bool, missing: str) -> None:
    spool.add(*mail("something", 1), spam)
    with pytest.raises(UsageError, match=missing):
        training.train(Model(), spool)


def test_a_message_that_is_called_both_is_left_out_and_counted(spool: training.Spool) -> None:
    filled(spool)
    spool.add(*mail("both", 1), True)
    spool.add(*mail("both", 1), False)
    spool.add(*mail(SPAM[0], 0), True)
    _, given = training.train(Model(), spool)
    assert (given.twice, given.both, len(given.places)) == (2, 1, 80)


def test_swapped_folders_are_refused(spool: training.Spool) -> None:
    with training.Spool() as right:
        start, _ = training.train(Model(), filled(right))
    start.raw = None
    filled(spool, 120, swapped=True)
    with pytest.raises(UsageError, match="other way round"):
        training.train(start, spool)


def test_a_message_of_unknown_words_is_judged_with_less_certainty(spool: training.Spool) -> None:
    model, _ = training.train(Model(), filled(spool))
    model.raw = None
    known = " ".join(SPAM)
    strange = known + " " + " ".join(f"qwz{chr(97 + i)}{chr(97 + j)}" for i in range(10) for j in range(10))
    sure, unsure = Mail(text=known), Mail(text=strange)
    from impound.check._features import features

    share = model.known_share(features(unsure).words)
    assert share < 0.3 < model.known_share(features(sure).words)
    assert abs(model.probability(3.0, share) - 0.5) < abs(model.probability(3.0) - 0.5)
    assert "words are known" in model.score(unsure).reasons[0]


@given(st.text(max_size=2000), st.binary(max_size=2000))
@settings(deadline=None)  # the first one reads the shipped model
def test_a_score_is_a_probability_whatever_stands_there(text: str, raw: bytes) -> None:
    found = shipped().score(Mail(text=text, subject=text[:50], html_text=text[::-1]), raw)
    assert isinstance(found, Score) and 0 <= found.spam <= 1 and found.reasons


def test_the_shipped_model_is_small_and_knows_of_no_site() -> None:
    model = shipped()
    assert model.raw is None and model.facts["kind"] == "shipped"
    assert "phishing_pot" not in model.facts["sources"]
    assert len(_model_file.dump({}, {"visible": model.visible.weights.astype(np.float16)})) < 10_000_000


# -- the file ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    Model().save(tmp_path / "m", half=True)
    return tmp_path / "m"


@pytest.mark.parametrize("keep", [0, 10, 200, -33, -1])
def test_a_model_that_was_cut_is_refused(written: Path, keep: int) -> None:
    written.write_bytes(written.read_bytes()[:keep])
    with pytest.raises(InputError):
        Model.load(written)


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_model_with_one_byte_changed_is_refused(at: int, by: int) -> None:
    data = bytearray(_model_file.dump({"slope": 1.0}, {"visible": np.arange(100, dtype=np.float32)}))
    data[at % len(data)] ^= by
    with pytest.raises(InputError):
        _model_file.load(bytes(data), "m")


def _forged(facts: bytes, rest: bytes = b"") -> bytes:
    import hashlib

    body = _model_file.MAGIC + facts + b"\n" + rest
    return body + hashlib.sha256(body).digest()


@pytest.mark.parametrize(
    "facts",
    [
        b"",
        b"[]",
        b'{"arrays": [["visible", "float32", 99999999999, 10]]}',
        b'{"arrays": [["visible", "float32", -1, 10]]}',
        b'{"arrays": [["visible", "object", 1, 10]]}',
        b'{"arrays": [["visible", "float32", 4, 1e999]]}',
        b'{"arrays": 5}',
        b'{"arrays": []}',
        b"{" * 60_000,
        b"x" * 100_000,
    ],
)
def test_a_forged_model_is_refused_whatever_it_claims(tmp_path: Path, facts: bytes) -> None:
    (tmp_path / "m").write_bytes(_forged(facts))
    with pytest.raises(InputError):
        Model.load(tmp_path / "m")


def test_a_model_that_would_fill_the_memory_is_stopped(tmp_path: Path) -> None:
    import zstandard

    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 28))
    facts = f'{{"arrays": [["visible", "float32", 4, {len(bomb)}]]}}'.encode()
    with pytest.raises(InputError, match="not as long"):
        _model_file.load(_forged(facts, bomb), "m")


def test_numbers_that_are_none_are_refused() -> None:
    data = _model_file.dump({}, {"visible": np.array([1.0, np.nan], np.float32)})
    with pytest.raises(InputError, match="no number"):
        _model_file.load(data, "m")


def test_a_write_that_fails_leaves_the_old_model(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        Model().save(written)
    assert written.read_bytes() == before
    assert list(written.parent.iterdir()) == [written]
