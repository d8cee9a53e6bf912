"""Whom it is time to tell of a machine: the one rule for what is sent and for what is written as files."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from impound import canonical

RESERVED = "an address that is nobody's"
TOLD = "told before: too short a time ago, or nothing new since"
STALE = "silent for too long to tell of"
AHEAD = "dated later than it is"
TOMORROW = timedelta(days=1)
"""How far a receiver's clock may be ahead of ours."""
HELD_OUT = "held out, so that the effect of notices can be measured"
NO_CONTACT = "nobody is known who answers for it"


@dataclass(frozen=True)
class Due:
    """The days of ``[notices]`` and the clock. In a ``drill`` addresses that are reserved count as all others.

    ``repeat_days``: nothing is said twice within so many days; 0 asks nothing of what was said before.
    ``fresh_days``: nothing is said of machines that were silent for longer, for addresses change hands; 0 = of all.
    """

    repeat_days: int
    fresh_days: int
    now: datetime
    drill: bool

    def left(self, ip: str, last_at: datetime, told: datetime | None) -> str:
        """Why a machine is not to be told of now, or nothing. ``told``: when the same people were last told of it."""
        if not self.drill and (canonical.is_reserved(ip) or not ipaddress.ip_address(ip).is_global):
            return RESERVED
        if last_at - self.now > TOMORROW:
            return AHEAD
        again = timedelta(days=self.repeat_days)
        if self.repeat_days and told is not None and (self.now - told < again or last_at <= told):
            return TOLD
        return STALE if self.fresh_days and self.now - last_at > timedelta(days=self.fresh_days) else ""


def held_out(key: bytes, ip: str, percent: int) -> bool:
    """Whether a host is left untold: by a hash with the case key, so always the same ones and nobody's choice."""
    digest = hmac.digest(key, b"hold-out\0" + ip.encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") * 100 < percent << 64
