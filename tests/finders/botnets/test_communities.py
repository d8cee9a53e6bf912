"""Strands and what joins them: hosts that pass between them, constants, programs; and what must not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from impound.finders import botnets
from impound.finders.botnets import _strands
from impound.finders.botnets._communities import Communities, Params, Programs
from impound.finders.botnets._strands import BURST, MOST_STEPS, Sightings, Strands, steps

HOUR = 3600


def sightings(rows: list[tuple[int, int, int, int, int]]) -> Sightings:
    """From (host, hour, campaign, software, constant), in any order."""
    ordered = sorted(rows, key=lambda r: (r[0], r[1]))
    host, hour, campaign, software, constant = (np.array(c, np.int64) for c in zip(*ordered, strict=True))
    ips = pa.array([f"198.51.100.{n % 256} {n}" for n in range(int(host.max()) + 1)])
    return Sightings(np.arange(len(ordered)), hour * HOUR, host, host, campaign, software, constant, ips, {})


def crowd(
    first: int, hosts: int, campaigns: tuple[int, ...], software: int, constant: int = 0
) -> list[tuple[int, ...]]:
    """Hosts that send each campaign in turn, an hour apart."""
    return [
        (first + n, turn * 3 + n % 3, campaigns[(turn + n) % len(campaigns)], software, constant)
        for n in range(hosts)
        for turn in range(4)
    ]


def groups(rows: list[tuple[int, ...]], genuine: dict[int, int] | None = None) -> list[set[tuple[int, int]]]:
    """The groups as sets of (campaign, software)."""
    seen = sightings(rows)  # type: ignore[arg-type]
    strands = Strands.among(seen, 2)
    params = Params()
    label = Communities(strands, steps(seen, strands), Programs(strands, genuine or {}, params), params).labels()
    found: dict[int, set[tuple[int, int]]] = {}
    for n, group in enumerate(label.tolist()):
        found.setdefault(group, set()).add((int(strands.campaign[n]), int(strands.software[n])))
    return sorted(found.values(), key=sorted)


def test_campaigns_that_the_same_hosts_send_are_one_botnet() -> None:
    assert groups(crowd(0, 20, (1, 2), 7) + crowd(50, 20, (3, 4), 8)) == [{(1, 7), (2, 7)}, {(3, 8), (4, 8)}]


def test_a_rented_campaign_belongs_to_both_and_glues_nothing() -> None:
    rows = crowd(0, 20, (1, 2, 9), 7) + crowd(50, 20, (3, 4, 9), 8)
    assert groups(rows) == [{(1, 7), (2, 7), (9, 7)}, {(3, 8), (4, 8), (9, 8)}]


def test_one_program_bought_by_two_does_not_make_them_one() -> None:
    rows = crowd(0, 30, (1, 2), 7) + crowd(50, 30, (3, 4), 7)
    assert groups(rows) == [{(1, 7), (2, 7)}, {(3, 7), (4, 7)}]


def test_a_few_double_infections_glue_nothing() -> None:
    doubles = [(n, 13, 3, 8, 0) for n in range(2)] + [(50 + n, 13, 1, 7, 0) for n in range(2)]
    rows = crowd(0, 20, (1, 2), 7) + crowd(50, 20, (3, 4), 8) + doubles
    assert groups(rows) == [{(1, 7), (2, 7)}, {(3, 8), (4, 8)}]


def once(first: int, hosts: int, campaign: int, software: int, constant: int) -> list[tuple[int, ...]]:
    return [(first + n, n, campaign, software, constant) for n in range(hosts)]


@pytest.mark.parametrize(("constant", "together"), [(5, True), (0, False)])
def test_a_constant_joins_what_no_host_joins(constant: int, together: bool) -> None:
    rows = once(0, 20, 1, 7, constant) + once(50, 20, 2, 8, constant)
    assert (len(groups(rows)) == 1) is together


def test_a_program_of_ones_own_needs_a_step_of_a_host_beside_it() -> None:
    rows = once(0, 20, 1, 7, 0) + once(50, 20, 2, 7, 0)
    assert len(groups(rows)) == 2
    assert len(groups([*rows, (0, 40, 2, 7, 0)])) == 1
    assert len(groups([*rows, (0, 40, 2, 7, 0)], genuine={7: 30})) == 2, "innocent hosts write with it"


def test_a_burst_is_one_order_and_no_step() -> None:
    rows = [(0, 0, 1, 7, 0), (0, 0, 2, 7, 0), (1, 0, 1, 7, 0), (1, 0, 2, 7, 0)]
    seen = sightings(rows)
    assert len(steps(seen, Strands.among(seen, 2)).source) == 0
    assert BURST < HOUR


def test_one_busy_address_counts_with_a_bounded_number_of_steps() -> None:
    seen = sightings([(0, n, 1 + n % 2, 7, 0) for n in range(500)] + [(1, 0, 1, 7, 0), (1, 1, 2, 7, 0)])
    assert len(steps(seen, Strands.among(seen, 2)).source) == MOST_STEPS + 1


def test_what_stays_together_without_a_tenth_is_held_fully() -> None:
    seen = sightings(crowd(0, 40, (1, 2), 7) + crowd(60, 40, (3, 4), 8))  # type: ignore[arg-type]
    strands, params = Strands.among(seen, 2), Params()
    programs = Programs(strands, {}, params)
    label = botnets.gathered(seen, strands, programs, params)
    assert botnets.stability(seen, strands, programs, label, params) == pytest.approx(
        dict.fromkeys(set(label.tolist()), 1.0)
    )


def test_nothing_seen_gives_nothing() -> None:
    seen = sightings([(0, 0, 1, 7, 0)])
    strands = Strands.among(seen, 2)
    assert len(strands.hosts) == 0 and len(steps(seen, strands).source) == 0


def test_of_more_strands_than_can_be_compared_those_with_most_hosts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_strands, "MOST_STRANDS", 2)
    rows = crowd(0, 4, (1,), 7) + crowd(50, 9, (2,), 8) + crowd(90, 6, (3,), 9)
    strands = Strands.among(sightings(rows), 2)  # type: ignore[arg-type]
    assert strands.campaign.tolist() == [2, 3]
    assert np.count_nonzero(strands.of < 0) == 4 * 4
