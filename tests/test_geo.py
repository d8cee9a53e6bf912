"""Country and network of an address, from databases made here."""

from __future__ import annotations

from pathlib import Path

import pytest

import made_databases
from impound.errors import InputError
from impound.geo import Geo

pytest.importorskip("maxminddb")


@pytest.fixture
def country(tmp_path: Path) -> str:
    rows = {"192.0.2.0/24": {"country": {"iso_code": "AT"}}, "198.51.100.0/25": {"country_code": "NL"}}
    return str(made_databases.write(tmp_path / "country.mmdb", rows))


@pytest.fixture
def asn(tmp_path: Path) -> str:
    rows = {
        "192.0.2.0/24": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Networks"},
        "198.51.100.0/25": {"asn": "AS64501", "name": "Other"},
        "203.0.113.0/24": {"asn": "none of yours"},
    }
    return str(made_databases.write(tmp_path / "asn.mmdb", rows))


def test_an_address_has_the_country_and_network_of_its_range(country: str, asn: str) -> None:
    geo = Geo(country, asn)
    assert [geo.country(ip) for ip in ("192.0.2.9", "198.51.100.9", "198.51.100.200")] == ["AT", "NL", ""]
    assert [geo.asn(ip) for ip in ("192.0.2.9", "198.51.100.9")] == ["AS64500 Example Networks", "AS64501 Other"]
    assert [geo.number(ip) for ip in ("192.0.2.9", "198.51.100.9", "198.51.100.200")] == [64500, 64501, None]


def test_what_is_no_number_is_none(asn: str) -> None:
    assert Geo(asn=asn).number("203.0.113.7") is None


def test_an_address_of_another_family_and_a_database_left_out_say_nothing(country: str) -> None:
    assert Geo(country).country("2001:db8::1") == ""
    assert Geo(country).number("192.0.2.9") is None


def test_the_day_of_the_database_is_told(country: str) -> None:
    assert Geo(country).as_of() == ["Country: Made, as of 2011-03-13"]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"no database")
    with pytest.raises(InputError, match=r"x\.mmdb"):
        Geo(str(tmp_path / "x.mmdb"))
