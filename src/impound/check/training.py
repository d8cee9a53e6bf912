"""Labelled messages to a model: the same messages give the same bytes, in whatever order they are handed in.

Features wait on disk, so memory does not grow with the mail. Learning is online logistic regression (:mod:`._linear`);
what each message scored *before* it was learnt from gives calibration and threshold (progressive validation: A. Blum,
A. Kalai and J. Langford, Beating the hold-out, COLT 1999).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from impound.check._features import Features, features
from impound.check._linear import Linear, platt
from impound.check.classifier import SHIPPED_SCALES, Model
from impound.check.mail import Mail
from impound.errors import UsageError

PASSES, VISIBLE_RATE, RAW_RATE = 2, 1.0, 5.0
"""Passes over one's own mail, and the steps: of 1, 2 and 4, and of 2.5, 5 and 8, these did best on TREC 2007."""
ENOUGH = 100
"""Messages of each class from which calibration is learnt; with fewer the starting model's is kept."""
HIT_SHARE = 0.001
"""Share of ham above the threshold."""
SWAPPED = 0.3
"""Area under the ROC curve by the starting model below which the folders are taken to be swapped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the shipped model is learnt: what did best on sites left out, see ``benchmarks/classifier_ideas.py``.

    ``passes`` over the mail, of which the later half is averaged (B. Polyak's averaging), in steps of ``rate``; a
    message of a source with n of its class counts ``n ** -power``; ``scales``: what text and build count.
    """

    passes: int = 4
    rate: float = 1.5
    power: float = 0.3
    scales: tuple[float, float] = SHIPPED_SCALES


SHIPPED = Plan()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one message's features lie in the spool, as counts of numbers."""

    digest: bytes
    spam: bool
    source: str
    at: int
    sizes: tuple[int, int, int, int]


@dataclass(slots=True)
class Spool:
    """Labelled messages as features in a nameless file. A context manager; the file is gone with it."""

    folder: Path | None = None
    places: list[_Place] = field(default_factory=list)
    _file: tempfile.SpooledTemporaryFile[bytes] = field(init=False)
    _end: int = 0

    def __post_init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=64 << 20, dir=str(self.folder) if self.folder else None)  # noqa: SIM115 - closed on exit

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()

    def add(self, mail: Mail, raw: bytes, spam: bool, source: str = "") -> None:
        """Keep one message. ``source``: where it comes from, for :func:`fit`'s balance."""
        found = features(mail, raw)
        data = b"".join(part.tobytes() for part in found)
        self._file.seek(4 * self._end)
        self._file.write(data)
        sizes = (len(found.text), len(found.shape), len(found.words), len(found.raw))
        self.places.append(_Place(hashlib.sha256(raw).digest(), spam, source, self._end, sizes))
        self._end += sum(sizes)

    def read(self, place: _Place) -> Features:
        """The features of one message."""
        self._file.seek(4 * place.at)
        whole = np.frombuffer(self._file.read(4 * sum(place.sizes)), np.uint32)
        ends = np.cumsum(place.sizes)[:-1]
        return Features(*np.split(whole, ends))


@dataclass(frozen=True, slots=True)
class Sorted:
    """What of a spool is learnt from: each message once, none that is called both; in an order of their hashes."""

    places: list[_Place]
    twice: int
    both: int


def sorted_out(spool: Spool) -> Sorted:
    """Each distinct message once. ``twice``: how many copies were left out, ``both``: messages called spam and ham."""
    labels: dict[bytes, set[bool]] = {}
    for place in spool.places:
        labels.setdefault(place.digest, set()).add(place.spam)
    distinct = {place.digest: place for place in reversed(spool.places)}
    kept = [place for digest, place in sorted(distinct.items()) if len(labels[digest]) == 1]
    return Sorted(kept, len(spool.places) - len(distinct), len(distinct) - len(kept))


def train(start: Model, spool: Spool) -> tuple[Model, Sorted]:
    """A model of one's own from a starting one. Raises UsageError where the mail cannot teach what is spam.

    With both classes at hand, or to correct a model of one's own (``start.raw``) with either.
    """
    given = sorted_out(spool)
    _check(start, spool, given)
    model = Model(
        start.visible.copy(),
        start.raw.copy() if start.raw else Linear((1.0,)),
        *(start.slope, start.offset, start.threshold),
        known=start.known.copy(),
        facts={"kind": "own", "spam": start.facts.get("spam", 0), "ham": start.facts.get("ham", 0)},
    )
    if start.raw is None:
        model.facts.update(spam=0, ham=0)
    before = np.array([learn(model, spool.read(place), place.spam) for place in given.places])
    for _ in range(PASSES - 1):
        for place in given.places:
            learn(model, spool.read(place), place.spam)
    spam = np.array([place.spam for place in given.places], bool)
    half = len(before) // 2
    calibrate(model, before[half:], spam[half:])
    model.facts["spam"] += int(spam.sum())
    model.facts["ham"] += int((~spam).sum())
    return model, given


def learn(model: Model, found: Features, spam: bool) -> float:
    """One message; gives what it scored before."""
    model.meet(found.words)
    before = model.visible.learn(spam, VISIBLE_RATE, found.text, found.shape)
    if model.raw is not None and len(found.raw):
        before += model.raw.learn(spam, RAW_RATE, found.raw)
    return before


def calibrate(
    model: Model,
    logits: NDArray[np.float64],
    spam: NDArray[np.bool_],
    weights: NDArray[np.float64] | None = None,
) -> None:
    """Set slope, offset and threshold from messages that were not learnt from; too few of them change nothing."""
    if min(spam.sum(), (~spam).sum()) < ENOUGH:
        return
    model.slope, model.offset = platt(logits, spam, np.ones(len(logits)) if weights is None else weights)
    model.threshold = model.probability(float(np.quantile(logits[~spam], 1 - HIT_SHARE)))


def _check(start: Model, spool: Spool, given: Sorted) -> None:
    counts = [sum(place.spam is spam for place in given.places) for spam in (True, False)]
    if not given.places:
        both = f": {given.both:,} messages are called both spam and ham" if given.both else ""
        raise UsageError(f"there is no message to learn from{both}", "give folders with mail to --spam and --ham")
    if start.raw is None and 0 in counts:
        missing = "spam" if counts[0] == 0 else "ham"
        raise UsageError(f"there is no {missing} to learn from", f"a new model needs both: add --{missing} PATH")
    if min(counts) < ENOUGH:
        return
    sample = given.places[:: max(1, len(given.places) // 2000)]
    logits = np.array([start.logit(spool.read(place)) for place in sample])
    area = area_under(logits, np.array([place.spam for place in sample], bool))
    if area < SWAPPED:
        raise UsageError("what is called spam looks like ham, and the other way round", "are --spam and --ham swapped?")


def area_under(logits: NDArray[np.float64], spam: NDArray[np.bool_]) -> float:
    """The area under the ROC curve: how often a spam scores above a ham (ties count half)."""
    spams, hams = int(spam.sum()), int((~spam).sum())
    if not spams or not hams:
        return 0.5
    ham = np.sort(logits[~spam])
    below = np.searchsorted(ham, logits[spam], "left").sum() + np.searchsorted(ham, logits[spam], "right").sum()
    return float(below) / 2 / (spams * hams)


def balance(places: list[_Place], power: float = SHIPPED.power) -> NDArray[np.float64]:
    """What each message counts: classes alike, and within one the sources by ``power``; 1 in the mean."""
    sizes: dict[tuple[bool, str], int] = {}
    for place in places:
        key = (place.spam, place.source)
        sizes[key] = sizes.get(key, 0) + 1
    counts = np.array([sizes[place.spam, place.source] ** -power for place in places])
    spam = np.array([place.spam for place in places], bool)
    for cls in (spam, ~spam):
        if cls.any():
            counts[cls] /= counts[cls].sum()
    return np.asarray(counts * len(places) / counts.sum(), np.float64)


def fit(spool: Spool, places: list[_Place], seed: int = 0, plan: Plan = SHIPPED) -> Model:
    """A model of visible features from nothing: passes in shuffled order, the later half of them averaged."""
    model, weights = Model(Linear(plan.scales)), balance(places, plan.power)
    total, bias, kept = np.zeros(len(model.visible.weights)), 0.0, 0
    rows = [spool.read(place)[:3] for place in places]
    for _, _, words in rows:
        model.meet(words)
    chance = np.random.default_rng(seed)
    for turn in range(plan.passes):
        rate = plan.rate / (1 + turn / 2)
        for i in chance.permutation(len(places)):
            model.visible.learn(places[i].spam, rate * weights[i], *rows[i][:2])
        if turn >= plan.passes // 2:
            total, bias, kept = total + model.visible.weights, bias + model.visible.bias, kept + 1
    model.visible.weights, model.visible.bias = (total / kept).astype(np.float32), bias / kept
    return model


def left_out(
    spool: Spool, places: list[_Place], seed: int = 0
) -> Iterator[tuple[str, NDArray[np.float64], list[_Place]]]:
    """For each site: what its messages score by a model that was trained on the others.

    Sources whose names begin alike up to a hyphen are of one site.
    """
    for site in sorted({_site(place) for place in places}):
        rest = [place for place in places if _site(place) != site]
        out = [place for place in places if _site(place) == site]
        if len({place.spam for place in rest}) == 2:
            model = fit(spool, rest, seed)
            yield site, np.array([model.logit(spool.read(place)) for place in out]), out


def _site(place: _Place) -> str:
    return place.source.partition("-")[0]


def facts_of(places: list[_Place]) -> Mapping[str, object]:
    """What a model was trained on, in numbers: spam and ham, also by source."""
    counts: dict[str, dict[str, int]] = {}
    for place in places:
        row = counts.setdefault(place.source, {"spam": 0, "ham": 0})
        row["spam" if place.spam else "ham"] += 1
    totals = {kind: sum(row[kind] for row in counts.values()) for kind in ("spam", "ham")}
    return {**totals, "sources": dict(sorted(counts.items()))}
