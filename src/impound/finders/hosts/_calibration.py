"""The score of a host: how often a host with such a verdict and such evidence was infected where the truth is known.

Counted, not fitted: for each ground of a verdict the infected hosts among all with it, in two drills with many innocent
strangers, of difficulty 2 and 3 with seed 105 (237,002 hosts; ``docs/explanation/verdicts.md`` has the commands). Other
seeds are for judging it: ``benchmarks/hosts.py --calibrate`` prints what the score was worth.

Known limits: the chance depends on how many innocents write to a case, and a drill is not the world. So no score is
nearer than ``LAPSE`` to certainty, either way.
"""

from __future__ import annotations

LAPSE = 0.01
"""What a drill cannot show: of a hundred hosts one is taken to be unlike those of a drill. A choice, not measured."""

_TWO = {
    "spread naming none": (1_852, 1_854),
    "spread naming dynamic": (7_436, 7_437),
    "spread software": (100, 100),
    "spread software naming none": (1_918, 1_918),
    "spread software naming dynamic": (8_780, 8_780),
}
_ALONE = {
    "naming none": (1, 18_636),
    "naming dynamic": (6, 21_809),
    "software": (0, 2_784),
    "software naming none": (0, 299),
    "software naming dynamic": (0, 303),
}
_UNCLEAR_SPREAD = (106, 151)
"""Hosts of a spread campaign that are unclear, of whatever ground (106 of 130 at difficulty 3, none of 21 at 2)."""
_EXPLAINED = (1, 515)
"""Hosts of which something explains what was seen. Those that carry what others wrote are given the same, though in the
drill of difficulty 3 most of them in a spread campaign (115 of 128, none of 13 at 2) were bots that pretend to."""
_ROLES = {
    "nothing": (0, 169_936),
    "servers": (0, 2_339),
}
_SPREAD_ROLES = frozenset(("mixed", "server", "stray", "gateway", "quoted", "unconfirmed"))


def score(role: str, kinds: tuple[str, ...], naming: str) -> float:
    """The chance that a host is infected, by the ground of its verdict, its kinds of evidence and its names."""
    hits, of = _counted(role, kinds, naming)
    return round(LAPSE + (1 - 2 * LAPSE) * (hits + 0.5) / (of + 1), 6)


def _counted(role: str, kinds: tuple[str, ...], naming: str) -> tuple[int, int]:
    if role in _ROLES:
        return _ROLES[role]
    if role in _SPREAD_ROLES:
        return _UNCLEAR_SPREAD if "spread" in kinds else _ALONE["naming none"]
    named = ("dynamic" if naming == "dynamic" else "none",) if "naming" in kinds else ()
    said = " ".join((*kinds, *named))
    if role == "two":
        return _TWO.get(said, _TWO["spread naming none"])
    return _ALONE.get(said, _EXPLAINED) if role == "alone" else _EXPLAINED
