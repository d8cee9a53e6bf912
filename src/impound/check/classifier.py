"""Spam or not: a calibrated probability and its reasons, from a model that ships or from one of one's own.

The shipped model looks at the visible text and at how a message is built, at nothing that names a site, so that it
holds on other people's mail; a model of one's own adds the raw bytes (see :mod:`._features`). Where the words of a
message are new to the model it says so and answers nearer to 0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from impound.check import _model_file
from impound.check._features import Features, features
from impound.check._hashes import BITS, Hashes
from impound.check._linear import Linear, sigmoid
from impound.check._reasons import reasons
from impound.check._shapes import shapes
from impound.check.mail import Mail
from impound.errors import InputError

SHIPPED = "shipped.model"
TEXT_SCALE, SHAPE_SCALE, RAW_SCALE = 1.0, 1.5, 1.0
"""What a group of features counts in a model of one's own that begins with nothing."""
SHIPPED_SCALES = (1.0, 1.0)
"""The same for the shipped one: of 0.7, 1, 1.5 and 2 for the build, 1 did best on sites left out (see its card)."""
_SCALES = {"text_scale": TEXT_SCALE, "shape_scale": SHAPE_SCALE}
"""How a model file names them, and what holds where it does not."""
UNKNOWN_SHARE = 0.6
"""Share of known words up to which an answer is drawn towards 0.5; see the model card for
what it does to mail of other languages."""
LEAST_WORDS = 8
"""With fewer words their share says nothing."""


@dataclass(frozen=True, slots=True)
class Score:
    """``spam``: probability, 0 to 1, not rounded; ``reasons``: plain sentences, the strongest first."""

    spam: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Model:
    """Weights, calibration, and which words were met in training. ``facts`` say what it was trained on."""

    visible: Linear = field(default_factory=lambda: Linear((TEXT_SCALE, SHAPE_SCALE)))
    raw: Linear | None = None
    slope: float = 1.0
    offset: float = 0.0
    threshold: float = 0.5
    """The probability above which 0.1 % of the ham lay that it was calibrated on, none of it learnt before."""
    known: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1 << (BITS - 3), np.uint8))
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """The model in a file, or the shipped one. Raises InputError where the file is no whole model."""
        if path is None:
            data = files("impound.check").joinpath("models", SHIPPED).read_bytes()
            return cls._made(*_model_file.load(data, SHIPPED), SHIPPED)
        return cls._made(*_model_file.read(path), str(path))

    @classmethod
    def _made(cls, facts: dict[str, Any], arrays: _model_file.Arrays, path: str) -> Self:
        try:
            numbers = {n: float(facts[n]) for n in ("slope", "offset", "threshold", "bias", "raw_bias")}
            sizes = {name: len(array) for name, array in arrays.items()}
            if not all(map(math.isfinite, numbers.values())) or sizes.get("visible") != 1 << BITS:
                raise ValueError("weights are missing")
            if sizes.get("known") != 1 << (BITS - 3) or sizes.get("raw", 1 << BITS) != 1 << BITS:
                raise ValueError("an array has another length")
            text, shape = (float(facts.get(n, scale)) for n, scale in _SCALES.items())
            if not (0 < text < 100 and 0 < shape < 100):
                raise ValueError("a scale is out of range")
            visible = Linear((text, shape), arrays["visible"].astype(np.float32), numbers["bias"])
            raw = (
                Linear((RAW_SCALE,), arrays["raw"].astype(np.float32), numbers["raw_bias"]) if "raw" in arrays else None
            )
            told = {k: v for k, v in facts.items() if k not in numbers and k not in _SCALES}
            slope, offset, threshold = numbers["slope"], numbers["offset"], numbers["threshold"]
            return cls(visible, raw, slope, offset, threshold, arrays["known"].astype(np.uint8), told)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(path, 0, f"a model that does not hold together ({error})") from error

    def save(self, path: Path, half: bool = False) -> None:
        """Write it down; ``half``: with weights of 16 bits, as the shipped one has them."""
        kind = np.float16 if half else np.float32
        arrays: _model_file.Arrays = {"visible": self.visible.weights.astype(kind), "known": self.known}
        if self.raw is not None:
            arrays["raw"] = self.raw.weights.astype(kind)
        numbers = {"slope": self.slope, "offset": self.offset, "threshold": self.threshold}
        biases = {"bias": self.visible.bias, "raw_bias": self.raw.bias if self.raw else 0.0}
        scales = dict(zip(_SCALES, self.visible.scales, strict=True))
        _model_file.write(path, {**self.facts, **numbers, **biases, **scales}, arrays)

    def score(self, mail: Mail, raw: bytes | None = None) -> Score:
        """How likely the message is spam, and why. ``raw``: its bytes, which a model of one's own looks at too."""
        build = shapes(mail)
        found = features(mail, raw if self.raw else None, build)
        share = self.known_share(found.words)
        said = reasons(self.visible, mail, build, share, len(found.words))
        return Score(self.probability(self.logit(found), share), said)

    def spam(self, mail: Mail) -> float:
        """The probability of :meth:`score` of a message without its bytes, and nothing else."""
        found = features(mail)
        return self.probability(self.logit(found), self.known_share(found.words))

    def score_words(self, mail: Mail) -> float:
        """The probability by the words alone, of a page that is no message; half as certain as of a message."""
        found = features(mail)
        logit = self.visible.logit(found.text, found.shape[:0]) / 2
        return self.probability(logit, self.known_share(found.words))

    def logit(self, found: Features) -> float:
        """How much speaks for spam before calibration; of two kinds of evidence the sum."""
        logit = self.visible.logit(found.text, found.shape)
        return logit + self.raw.logit(found.raw) if self.raw is not None and len(found.raw) else logit

    def probability(self, logit: float, share: float = 1.0) -> float:
        """The calibrated probability; nearer to 0.5 when fewer than ``UNKNOWN_SHARE`` of the words are known."""
        return sigmoid((self.slope * logit + self.offset) * min(1.0, share / UNKNOWN_SHARE))

    def known_share(self, words: Hashes) -> float:
        """Which share of a message's words was met in training; 1 where there are too few to tell."""
        if len(words) < LEAST_WORDS:
            return 1.0
        met = (self.known.take(words >> 3) >> (words & 7).astype(np.uint8)) & 1
        return int(np.count_nonzero(met)) / len(words)

    def meet(self, words: Hashes) -> None:
        """Remember words as known."""
        np.bitwise_or.at(self.known, words >> 3, (1 << (words & 7)).astype(np.uint8))


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The shipped model, read once; not to be changed."""
    return Model.load()
