"""What a host's names say: none, a line's, a false HELO, or nothing at all. Addresses are reserved ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impound.finders._naming import naming

IP = "203.0.113.9"

LINES = [
    "203-0-113-9.isp.example",
    "9.113.0.203.isp.example",
    "dsl-113-9.isp.example",
    "host203-0-113-9.in-addr.isp.example",
    "chello203000113009.isp.example",
    "20300113009.user.isp.example",
    "f000113009.isp.example",
    "pCB007109.isp.example",
    "X7109.isp.example",
    "9.subnet203-0-113.isp.example",
    "pool-7.isp.example",
    "ts1-85.dialup.isp.example",
    "a1.catv.isp.example",
    "dynamic-47.isp.example",
    "S0106000f3d3e2dc1.isp.example",
]
SERVERS = [
    "mail.firm.example",
    "mx1.firm.example",
    "smtp-out-9.firm.example",
    "mta05-113-9.firm.example",
    "static-203-0-113-9.isp.example",
    "9.Red-203-0-113.staticIP.isp.example",
    "server2.firm.example",
    "lists.firm.example",
    "hypatia.math.university.example",
    "firm.example",
    "nz-out-1112.firm.example",
]


@pytest.mark.parametrize("name", LINES)
def test_the_name_of_a_line_is_dynamic(name: str) -> None:
    assert naming(IP, name, name).kind == "dynamic"
    assert name.lower() in naming(IP, name, name).reason


@pytest.mark.parametrize("name", SERVERS)
def test_the_name_of_a_server_says_nothing(name: str) -> None:
    assert naming(IP, name, name) == ("", "")


@pytest.mark.parametrize("name", [None, "", "unknown", IP, f"[{IP}]"])
def test_no_reverse_name_is_strong_where_the_receiver_looks_them_up(name: str | None) -> None:
    assert naming(IP, name, "mail.firm.example") == ("none", "it has no reverse name")
    assert naming(IP, name, "mail.firm.example").strong
    assert naming(IP, name, "mail.firm.example", looked_up=False).kind == ""


@pytest.mark.parametrize(
    ("helo", "word"),
    [
        ("198.51.100.7", "not its address"),
        ("[198.51.100.7]", "not its address"),
        ("localhost", "no host's full name"),
        ("localhost.localdomain", "no host's full name"),
        ("friend", "no host's full name"),
        ("mx.receiver.com", "the receiving organisation"),
        ("bank.com", "but its reverse name is"),
    ],
)
def test_a_helo_that_is_clearly_false_is_weak(helo: str, word: str) -> None:
    found = naming(IP, "office.firm.net", helo, own_domains=("receiver.com",))
    assert found.kind == "helo"
    assert word in found.reason
    assert not found.strong


@pytest.mark.parametrize("helo", [None, "", IP, f"[{IP}]", "gate.firm.net", "mail.other.org", "office.firm.net."])
def test_a_helo_that_only_differs_says_nothing(helo: str | None) -> None:
    assert naming(IP, "office.firm.net", helo).kind == ""


def test_a_servers_other_domain_is_usual() -> None:
    assert naming(IP, "mail.firm.net", "alerts.other.org").kind == ""


def test_a_false_helo_is_told_beside_a_strong_reason() -> None:
    assert naming(IP, None, "localhost").reason == "it has no reverse name; it calls itself localhost, " + (
        "which is no host's full name"
    )


def test_ipv6() -> None:
    assert naming("2001:db8::1:2", "mail.firm.example", None).kind == ""
    long = "2001-0db8-0000-0000-aaaa-bbbb-cccc-dddd.isp.example"
    assert naming("2001:db8::aaaa:bbbb:cccc:dddd", long, None).kind == "dynamic"


def test_without_an_address_nothing_is_said() -> None:
    assert naming(None, "203-0-113-9.isp.example", "localhost").kind == ""


TEXT = st.none() | st.text(max_size=300)


@given(st.none() | st.text(max_size=50) | st.ip_addresses().map(str), TEXT, TEXT)
def test_no_name_is_too_strange(ip: str | None, name: str | None, helo: str | None) -> None:
    found = naming(ip, name, helo)
    assert found.kind in ("none", "dynamic", "helo", "")
    assert bool(found.reason) == bool(found.kind)


@pytest.mark.parametrize("unit", ["1", "a", "1.", "1-", "-", ".", "dsl", "[", "é"])
def test_long_names_take_no_longer(unit: str) -> None:
    begun = time.process_time()
    naming(IP, unit * 200_000, unit * 200_000)
    assert time.process_time() - begun < 0.5
