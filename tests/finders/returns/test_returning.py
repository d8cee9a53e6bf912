"""When something is enough for an alarm: whatever the order and number of messages, networks within days decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from impound.finders.returns._returning import Window, alarm

START = datetime(2026, 2, 1, tzinfo=UTC)


def row(hours: int, net: str | None, message: int = 0, tells: bool = True, lone: bool = False) -> dict[str, Any]:
    return {"seen_at": START + timedelta(hours=hours), "net": net, "message_id": message, "tells": tells, "lone": lone}


def test_the_third_network_raises_it_and_the_proof_is_one_message_of_each() -> None:
    made = alarm([row(0, "a", 1), row(1, "a", 2), row(2, "b", 3), row(3, "c", 4), row(4, "d", 5)], 3, 10, 7)
    assert made is not None
    assert (made.at, made.tells, made.proof) == (START + timedelta(hours=3), True, [2, 3, 4])


def test_a_message_without_a_network_and_one_that_tells_nothing_do_not_count() -> None:
    assert alarm([row(0, "a"), row(1, None), row(2, "b"), row(3, "c", tells=False)], 3, 10, 7) is None


def test_one_kind_alone_needs_its_own_number_of_networks() -> None:
    rows = [row(n, f"net{n}", n, tells=False, lone=True) for n in range(10)]
    assert alarm(rows[:9], 3, 10, 7) is None
    made = alarm(rows, 3, 10, 7)
    assert made is not None and not made.tells and made.proof == [0, 1, 2, 3, 4]


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from("abcdef")), max_size=40), st.integers(1, 4))
def test_it_is_the_first_moment_at_which_so_many_networks_lie_within_the_days(
    met: list[tuple[int, str]], networks: int
) -> None:
    met.sort()
    made = alarm([row(hour, net) for hour, net in met], networks, 99, 7)
    reached = [h for h, _ in met if len({n for at, n in met if h - 168 <= at <= h}) >= networks]
    if not reached:
        assert made is None
    else:
        assert made is not None and made.at == START + timedelta(hours=reached[0])


def test_a_flood_of_few_networks_costs_no_memory() -> None:
    window = Window(3, 7)
    for n in range(10_000):
        assert not window.add(START, f"net{n % 2}", n)
    assert len(window.met) == 2
