"""Connected components of a graph given as two columns of ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def components(nodes: int, ends: Indices, others: Indices) -> Indices:
    """For each of ``nodes`` nodes the smallest node it is connected with.

    Hooking and pointer jumping (Shiloach and Vishkin, "An O(log n) parallel connectivity algorithm", Journal of
    Algorithms 3, 1982): a few passes over the edges, whatever the shape of the graph.
    """
    label = np.arange(nodes, dtype=np.int64)
    while True:
        here, there = label[ends], label[others]
        apart = here != there
        if not apart.any():
            return label
        ends, others, here, there = ends[apart], others[apart], here[apart], there[apart]
        np.minimum.at(label, np.maximum(here, there), np.minimum(here, there))
        label = _rooted(label)


def _rooted(label: Indices) -> Indices:
    """Every node under the root of its tree."""
    while not np.array_equal(above := label[label], label):
        label = above
    return label
