"""Who sends too much waits; who it is cannot be told from what is kept, and all is forgotten every hour."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from impound.services.tips import _limits
from impound.services.tips._limits import Limits, Refused


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def status(limits: Limits, address: str) -> int:
    """200, or what a body of that address is refused with."""
    try:
        with limits.coming(address):
            return 200
    except Refused as refused:
        return refused.status


def test_an_address_may_send_so_many_tips_an_hour() -> None:
    clock = Clock()
    limits = Limits(each=3, now=clock)
    assert [status(limits, "192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert status(limits, "192.0.2.2") == 200
    clock.now = 3600
    assert status(limits, "192.0.2.1") == 200


def test_everybody_together_too() -> None:
    limits = Limits(everybody=10)
    assert [status(limits, f"192.0.2.{n}") for n in range(12)].count(429) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("nonsense", "other nonsense", True),
    ],
)
def test_a_line_counts_once(one: str, other: str, same: bool) -> None:
    assert (_limits.subject(one) == _limits.subject(other)) is same
    limits = Limits(each=1)
    assert (status(limits, one), status(limits, other)) == (200, 429 if same else 200)


def test_no_address_is_in_memory_and_the_key_changes() -> None:
    clock = Clock()
    limits = Limits(now=clock)
    status(limits, "192.0.2.77")
    before = set(limits._tips)
    assert all(len(who) == 16 for who in before) and "192.0.2.77" not in repr(vars(limits))
    clock.now = 3601
    status(limits, "192.0.2.77")
    assert len(limits._tips) == 1 and not before & set(limits._tips)


def test_the_number_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_limits, "ADDRESSES", 100)
    limits = Limits(each=1)
    for n in range(1_000):
        status(limits, f"10.0.{n // 250}.{n % 250}")
        assert limits.known <= 100
    assert status(limits, "10.0.3.249") == 429  # heard of last, so not forgotten


def test_bodies_on_their_way_are_few() -> None:
    limits = Limits()
    with ExitStack() as open_bodies:
        for _ in range(_limits.BODIES_EACH):
            open_bodies.enter_context(limits.coming("192.0.2.1"))
        assert status(limits, "192.0.2.1") == 503
        for n in range(_limits.BODIES - _limits.BODIES_EACH):
            open_bodies.enter_context(limits.coming(f"198.51.100.{n}"))
        assert status(limits, "203.0.113.1") == 503
    assert status(limits, "192.0.2.1") == 200


def test_memory_for_bodies_is_bounded_and_given_back() -> None:
    limits = Limits()
    limits.hold(_limits.HELD)
    with pytest.raises(Refused):
        limits.hold(1)
    limits.hold(-_limits.HELD)
    limits.hold(1)
    assert limits.held == 1
