"""What became of clusters from one find to the next."""

from __future__ import annotations

from impound.finders._events import Change, add, changes
from impound.plugin import Engine
from impound.tables import EVENTS


def became(shared: dict[tuple[int, int], int], before: dict[int, int], after: list[int]) -> dict[int, Change]:
    """By id what became of clusters of some sizes."""
    names = {number: f"Old {number}" for number in before}
    found = changes(
        shared, {n: (names[n], size) for n, size in before.items()}, {n: names.get(n, f"New {n}") for n in after}
    )
    return {change.number: change for change in found}


def test_what_keeps_its_id_is_no_event() -> None:
    assert became({(1, 1): 90, (1, 2): 10, (2, 2): 50}, {1: 100, 2: 50}, [1, 2]) == {}


def test_a_cluster_without_an_old_one_is_found() -> None:
    found = became({(1, 1): 90}, {1: 90}, [1, 2])
    assert (found[2].before, found[2].after) == (None, "found")


def test_a_cluster_whose_members_went_to_another_is_merged_into_it() -> None:
    found = became({(1, 1): 90, (2, 1): 40}, {1: 90, 2: 50}, [1])
    assert (found[2].before, found[2].after) == ("found", "merged")
    assert found[2].reason == "Old 2: 40 of 50 now belong to Old 1 (1)"


def test_a_new_cluster_of_an_old_ones_members_is_split_off() -> None:
    found = became({(1, 1): 60, (1, 7): 40}, {1: 100}, [1, 7])
    assert (found[7].after, found[7].reason) == ("split", "40 of 100 belonged to Old 1 (1)")


def test_a_few_members_of_a_large_cluster_make_no_split() -> None:
    assert became({(1, 1): 95, (1, 7): 5}, {1: 100}, [1, 7])[7].after == "found"


def test_a_cluster_that_fell_apart_is_gone() -> None:
    found = became({(2, 1): 10, (1, 1): 90}, {1: 90, 2: 50, 3: 5}, [1])
    assert [found[n].after for n in (2, 3)] == ["gone", "gone"]
    assert found[2].reason.endswith("; 10 of 50 belong to Old 1 (1)")


def test_rows_are_added_to_those_of_before(engine: Engine) -> None:
    engine.view("events", EVENTS.schema.empty_table())
    add(engine, "campaigns", "campaign", [Change(1, "found", "gone", "so")], 1_300_000_000)
    add(engine, "botnets", "botnet", [Change(2, None, "found", "so")], 1_300_000_000)
    rows = [
        row
        for batch in engine.stream("SELECT subject, actor FROM events ORDER BY subject")
        for row in batch.to_pylist()
    ]
    assert rows == [{"subject": "1", "actor": "campaigns"}, {"subject": "2", "actor": "botnets"}]
