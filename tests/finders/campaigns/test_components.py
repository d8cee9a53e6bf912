"""Connected components, against a union-find that is plain to see."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from impound.finders.campaigns._components import components

NODES = 40
EDGES = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=80)


def plain(nodes: int, edges: list[tuple[int, int]]) -> list[int]:
    """The smallest member of each node's component, by walking."""
    label = list(range(nodes))
    changed = True
    while changed:
        changed = False
        for one, other in edges:
            low = min(label[one], label[other])
            if label[one] != low or label[other] != low:
                label[one] = label[other] = low
                changed = True
    return label


@given(EDGES)
def test_the_components_are_those_of_a_plain_walk(edges: list[tuple[int, int]]) -> None:
    ends, others = (np.array([e[side] for e in edges], dtype=np.int64) for side in (0, 1))
    assert components(NODES, ends, others).tolist() == plain(NODES, edges)


def test_a_path_of_a_hundred_thousand_nodes_is_one_component() -> None:
    order = np.random.default_rng(1).permutation(100_000)
    assert not components(100_000, order[:-1], order[1:]).any()
