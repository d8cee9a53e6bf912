"""Which signature of an earlier find a new one continues: it keeps the id, so that whoever uses it can follow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from impound import canonical


def ids(new: Iterable[int], shared: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """The id of each new signature: that of the old one most of whose examples it matches, or its own.

    ``shared``: by old and new signature how many examples of the old one the new one matches. Each old id is given
    once; a new one's own id that was given to another is changed.
    """
    given: dict[int, int] = {}
    for (old, now), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0][0] != item[0][1], item[0])):
        if old not in given.values() and now not in given:
            given[now] = old
    taken = set(given.values())
    for now in sorted(new):
        if now not in given:
            given[now] = _free(now, taken)
            taken.add(given[now])
    return given


def _free(number: int, taken: set[int]) -> int:
    """The number, or one made from it that nobody has."""
    while number in taken:
        number = canonical.record_id(number.to_bytes(8, "big"), 0, "signatures")
    return number
