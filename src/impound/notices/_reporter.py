"""Who reports, and the name of a report."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

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


def ticket(case: str, contact: str, at: datetime, ips: Sequence[str], taken: Container[str] = frozenset()) -> str:
    """The name of a notice: its day and six characters that follow from what it says; never one that was there."""
    n = 0
    while True:
        said = "\0".join((case, contact, f"{at:%Y-%m-%d}", str(n), *ips)).encode("utf-8", "replace")
        name = f"IMP-{at:%Y%m%d}-{base64.b32encode(hashlib.sha256(said).digest())[:6].decode()}"
        if name not in taken:
            return name
        n += 1
