"""Addresses for a RADIUS server: what FreeRADIUS reads when a session begins, what radclient sends to a running one.

Users: a file of FreeRADIUS's module ``files``, an entry for each address with the attribute for the access server.
Changes: RFC 5176, section 3: a CoA-Request names the session by its address and gives the attribute; a
Disconnect-Request ends the session, and the next one begins without the entry. Nothing is sent from here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from impound.errors import UsageError

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
LONGEST = 247
"""Bytes of a value that also fit into a vendor's attribute (RFC 2865, 5 and 5.26)."""


@dataclass(frozen=True)
class Reply:
    """The attribute that walls a session in. Raises UsageError for what no RADIUS server could take for one."""

    attribute: str = "Filter-Id"
    value: str = "walled-garden"

    def __post_init__(self) -> None:
        if not _ATTRIBUTE.fullmatch(self.attribute):
            raise UsageError(f"{self.attribute!r} is no RADIUS attribute", "--set attribute=Filter-Id")
        if not (self.value.isascii() and self.value.isprintable() and 0 < len(self.value) <= LONGEST):
            raise UsageError("value is no line of plain letters", "--set value=walled-garden")

    @property
    def quoted(self) -> str:
        """The value in single quotes, in which FreeRADIUS expands nothing."""
        escaped = self.value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"


def users(ips: Iterable[str], reply: Reply) -> Iterator[str]:
    """Entries of ``mods-config/files/authorize``; the entries after them are still looked at."""
    yield "# Include this at the head of mods-config/files/authorize: $INCLUDE /path/walled.users\n"
    for ip in ips:
        yield f"\nDEFAULT {_name(ip)} == {ip}\n\t{reply.attribute} := {reply.quoted},\n\tFall-Through = Yes\n"


def changes(ips: Iterable[str], reply: Reply) -> Iterator[str]:
    """Packets for ``radclient -f FILE SERVER coa SECRET``."""
    for ip in ips:
        yield f"{_name(ip)} = {ip}\n{reply.attribute} = {reply.quoted}\n\n"


def ends(ips: Iterable[str]) -> Iterator[str]:
    """Packets for ``radclient -f FILE SERVER disconnect SECRET``."""
    for ip in ips:
        yield f"{_name(ip)} = {ip}\n\n"


def _name(ip: str) -> str:
    """The attribute for an address (RFC 2865, 5.8; RFC 6911, 3.1); nothing but an address gets past here."""
    return "Framed-IP-Address" if ipaddress.ip_address(ip).version == 4 else "Framed-IPv6-Address"
