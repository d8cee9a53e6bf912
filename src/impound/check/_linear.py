"""A linear classifier over binary features, learnt online: logistic regression by stochastic gradient descent.

Each group of a message's buckets counts with ``scale / √n``, so that a long text weighs no more than a short one
(J. Goodman and W. Yih, Online discriminative spam filter training, CEAS 2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from impound.check._hashes import BITS, Hashes

BIAS_SHARE = 0.1
"""How fast the constant learns, compared with the weights."""


@dataclass(slots=True)
class Linear:
    """Weights by bucket, and a constant. ``scales``: what each group of features counts, in their order."""

    scales: tuple[float, ...]
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros(1 << BITS, np.float32))
    bias: float = 0.0

    def logit(self, *groups: Hashes) -> float:
        """How much speaks for spam, in natural log-odds, before calibration."""
        found = self.bias
        for buckets, scale in zip(groups, self.scales, strict=True):
            if len(buckets):
                found += float(self.weights.take(buckets).sum(dtype=np.float64)) * scale / math.sqrt(len(buckets))
        return found

    def learn(self, spam: bool, rate: float, *groups: Hashes) -> float:
        """One step towards what the message is; gives the logit as it was before. ``rate``: of the step."""
        before = self.logit(*groups)
        step = rate * (float(spam) - sigmoid(before))
        for buckets, scale in zip(groups, self.scales, strict=True):
            if len(buckets):
                self.weights[buckets] += np.float32(step * scale / math.sqrt(len(buckets)))
        self.bias += BIAS_SHARE * step
        return before

    def copy(self) -> Linear:
        """The same, to be changed apart."""
        return Linear(self.scales, self.weights.copy(), self.bias)


def sigmoid(logit: float) -> float:
    """The probability of log-odds."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-min(logit, 700.0)))
    return (tail := math.exp(max(logit, -700.0))) / (1.0 + tail)


def platt(logits: NDArray[np.float64], spam: NDArray[np.bool_], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset that turn logits of messages *not* learnt from into log-odds (J. Platt, 1999; Newton's method).

    With Platt's targets, so that a perfect separation gives no infinite slope. ``weights``: what each message counts.
    """
    spams, hams = weights[spam].sum(), weights[~spam].sum()
    target = np.where(spam, (spams + 1) / (spams + 2), 1 / (hams + 2))
    slope, offset = 1.0, 0.0
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(slope * logits + offset, -30, 30)))
        error, curve = weights * (target - p), weights * p * (1 - p) + 1e-12
        a, b, c = (curve * logits * logits).sum() + 1e-3, (curve * logits).sum(), curve.sum() + 1e-3
        x, y = (error * logits).sum() - 1e-3 * (slope - 1), error.sum() - 1e-3 * offset
        determinant = a * c - b * b
        step = (c * x - b * y) / determinant, (a * y - b * x) / determinant
        slope, offset = slope + float(np.clip(step[0], -1, 1)), offset + float(np.clip(step[1], -3, 3))
        if abs(step[0]) + abs(step[1]) < 1e-9:
            break
    return max(slope, 0.01), offset
