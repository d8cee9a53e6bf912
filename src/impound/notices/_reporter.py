"""Who reports, and the name of a report."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from impound import canonical
from impound.config import Config
from impound.errors import ConfigError

MOST_HOSTS = 5_000
"""Machines in one notice: with its reports that is a message of under 10 MB, the least that large providers take."""


@dataclass(frozen=True)
class Reporter:
    """The organisation that reports: its name, a mailbox that answers, its domain, postal address and public page."""

    name: str
    mailbox: str
    domain: str
    address: str = ""
    page: str = ""


def reporter(settings: Config) -> Reporter:
    """Who reports by the settings. Raises ConfigError where no mailbox is named: a report nobody can answer is none."""
    ours = settings.organisation
    box = (ours.contact or settings.notices.sender).strip()
    domain = canonical.host(box.rpartition("@")[2])
    if "@" not in box or domain is None or not box.isprintable() or " " in box:
        raise ConfigError("nobody is named whom a network can answer", "[organisation] contact in impound.toml")
    return Reporter(ours.name or domain, box, domain, ours.address, ours.page)


class Tickets:
    """The names of the notices of a case: of each its day and six characters that follow from what it says.

    Six characters are 30 bits: of ten thousand letters a day two would have one name every third week, and one
    Message-ID, so names that are ``taken`` are never given again.
    """

    def __init__(self, case: str, at: datetime, taken: Iterable[str] = ()) -> None:
        self._case, self._at, self._taken = case, at, set(taken)

    def of(self, contact: str, ips: Sequence[str]) -> str:
        """The name of a notice to a contact that tells of some machines."""
        name = next(name for name in self._names(contact, ips) if name not in self._taken)
        self._taken.add(name)
        return name

    def _names(self, contact: str, ips: Sequence[str]) -> Iterator[str]:
        for n in count():
            said = "\0".join((self._case, contact, f"{self._at:%Y-%m-%d}", str(n), *ips)).encode("utf-8", "replace")
            yield f"IMP-{self._at:%Y%m%d}-{base64.b32encode(hashlib.sha256(said).digest())[:6].decode()}"
