"""Who is allowed: an address by itself or its network, a domain with every name below it, the last word counts."""

from __future__ import annotations

import ipaddress

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.finders._allowed import Allowed, allowed
from impound.plugin import Engine
from impound.tables import EVENTS


def events(*said: tuple[str, str, str]) -> pa.Table:
    rows = [
        {
            "subject_type": "indicator",
            "subject": subject,
            "actor": actor,
            "to_state": state,
            "reason": f"why {n}",
            "at": n,
        }
        for n, (actor, subject, state) in enumerate(said)
    ]
    return pa.Table.from_pylist(rows, schema=EVENTS.schema)


def test_the_last_word_counts_and_only_that_of_the_command(engine: Engine) -> None:
    engine.view(
        "events",
        events(
            ("allow", "domain firm.example", "allowed"),
            ("allow", "address 192.0.2.1", "allowed"),
            ("indicators", "domain other.example", "allowed"),
            ("allow", "address 192.0.2.1", "judged"),
            ("allow", "network 198.51.100.0/24", "allowed"),
            ("allow", "template a b c", "allowed"),
        ),
    )
    found = allowed(engine)
    assert found.reasons == {
        ("domain", "firm.example"): "why 0", ("network", "198.51.100.0/24"): "why 4", ("template", "a b c"): "why 5"
    }  # fmt: skip
    assert (found.address("198.51.100.7"), found.address("192.0.2.1")) == ("why 4", None)
    assert found.thing("template", "a b c") == "why 5" and found.thing("address", "198.51.100.7") == "why 4"


@pytest.mark.parametrize(
    ("name", "known"),
    [("firm.example", True), ("a.b.firm.example", True), ("myfirm.example", False), ("example", False), ("", False)],
)
def test_a_domain_stands_for_every_name_below_it(name: str, known: bool) -> None:
    assert (Allowed({("domain", "firm.example"): "x"}).thing("domain", name) is not None) is known


ADDRESSES = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address) | st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)


@given(ADDRESSES, st.lists(ADDRESSES, max_size=5), st.integers(0, 128))
def test_an_address_is_allowed_exactly_when_a_network_holds_it(ip, others, length) -> None:  # type: ignore[no-untyped-def]
    nets = [ipaddress.ip_network((a, min(length, a.max_prefixlen)), strict=False) for a in others]
    lengths = {v: tuple(n.prefixlen for n in nets if n.version == v)[:1] for v in (4, 6)}
    found = Allowed({("network", str(n)): str(n) for n in nets}, lengths).address(str(ip))
    assert (found is not None) == any(ip in net for net in nets)
