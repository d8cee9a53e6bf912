"""Country and network name of an address, from databases in MaxMind's format that the user names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from impound.errors import InputError, MissingExtra


class Geo:
    """Looks addresses up in a country and an ASN database; either may be left out.

    Raises InputError for a file that is no such database, MissingExtra when the extra ``geo`` is not installed.
    """

    def __init__(self, country: str = "", asn: str = "") -> None:
        self._country = _open(country) if country else None
        self._asn = _open(asn) if asn else None
        self.has_country, self.has_asn = self._country is not None, self._asn is not None

    def country(self, ip: str) -> str:
        """The two letters of the country, or an empty string."""
        found = _get(self._country, ip)
        inner = found.get("country") or found.get("registered_country") or {}
        code = inner.get("iso_code") if isinstance(inner, dict) else inner
        return str(code or found.get("country_code") or "")

    def asn(self, ip: str) -> str:
        """The autonomous system as ``AS64500 Example Networks``, or an empty string."""
        found = _get(self._asn, ip)
        number = found.get("autonomous_system_number") or found.get("asn") or ""
        owner = found.get("autonomous_system_organization") or found.get("as_name") or found.get("name") or ""
        return f"AS{str(number).removeprefix('AS')} {owner}".strip() if number else ""

    def number(self, ip: str) -> int | None:
        """The number of the autonomous system, or None."""
        said = self.asn(ip).partition(" ")[0].removeprefix("AS")
        return int(said) if said.isascii() and said.isdigit() and int(said) < 1 << 32 else None

    def as_of(self) -> list[str]:
        """Each database with the day it was built, for a note under the tables."""
        used = (("Country", self._country), ("Owner (AS)", self._asn))
        return [f"{what}: {_built(database)}" for what, database in used if database is not None]


def _open(path: str) -> Any:
    try:
        import maxminddb
    except ModuleNotFoundError as missing:
        raise MissingExtra("maxminddb, which reads country and ASN databases,", "geo") from missing
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise InputError(path, 0, f"no database in MaxMind's format ({type(error).__name__})") from error


def _get(database: Any, ip: str) -> dict[str, Any]:
    if database is None:
        return {}
    try:
        found = database.get(ip)
    except ValueError:  # an IPv6 address asked of a database that holds IPv4 only
        return {}
    return found if isinstance(found, dict) else {}


def _built(database: Any) -> str:
    metadata = database.metadata()
    return f"{metadata.database_type}, as of {datetime.fromtimestamp(metadata.build_epoch, UTC):%Y-%m-%d}"
