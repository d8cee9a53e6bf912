"""The guards: what each of them withholds, and that nothing stands between a plain landing domain and its release."""

from __future__ import annotations

from typing import Any

import pytest

from impound.finders._guards import PROPOSED, RELEASED, WITHHELD, Facts, Params, state

PLAIN: dict[str, Any] = {"messages": 50, "networks": 40, "campaigns": 1, "linked": 50}


def judged(value: str = "landing.org", kind: str = "domain", **changed: Any) -> str:
    return state(Facts(kind, value, **PLAIN | changed), Params())[0]


def test_a_plain_landing_domain_is_released() -> None:
    assert judged() == RELEASED


@pytest.mark.parametrize(
    "changed",
    [
        {"value": "google.com"},
        {"value": "github.io"},
        {"value": "gmail.com"},
        {"value": "shop.example"},
        {"value": "example.com"},
        {"ham": 1},
        {"campaigns": 3},
        {"lead": 0.5},
        {"decoys": 60.0},
        {"singles": 2_000, "linked": 20_000},
    ],
)
def test_each_guard_withholds(changed: dict[str, Any]) -> None:
    assert judged(**changed) == WITHHELD


def test_more_mail_never_releases_what_ham_shows() -> None:
    assert judged(ham=1, messages=1_000_000, networks=100_000) == WITHHELD


@pytest.mark.parametrize("changed", [{"messages": 4}, {"networks": 2}, {"infected": False}])
def test_too_little_is_proposed(changed: dict[str, Any]) -> None:
    assert judged(**changed) == PROPOSED


def test_garbage_does_not_hide_a_domain_that_rises_above_it() -> None:
    assert judged(messages=500, singles=2_000, linked=20_000) == RELEASED


def test_an_address_needs_a_second_message() -> None:
    assert judged("8.0.1.7", "address", messages=1, networks=1) == PROPOSED
    assert judged("8.0.1.7", "address", messages=2, networks=1) == RELEASED


@pytest.mark.parametrize("address", ["192.0.2.7", "198.18.3.4", "240.1.2.3", "2001:db8::7", "agent@one.example"])
def test_what_is_kept_for_documentation_is_withheld_outside_drills(address: str) -> None:
    assert judged(address, "address") == WITHHELD
    assert judged(address, "address", drill=True) == RELEASED
