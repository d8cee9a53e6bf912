"""What one sender, and all of them together, may ask of the server; who they are is not kept.

An address counts under its HMAC, with a key that lives in memory and is made anew every hour: then all that was
counted is forgotten. IPv6 addresses count by their /64, which is what one line gets (RFC 6177, BCP 157).
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from impound.canonical import ip

BODY = 20_000_000
"""Bytes of a tip with its files: what a mail server takes as a message, so that nobody needs another way."""
HEARD, HEARING = 5 * BODY, 60.0
"""Bytes of a body that is not taken which are listened to, so that its sender reads why; and for how many seconds."""
HELD = 4 * BODY
"""Bytes of unfinished bodies held in memory at once."""
BODIES = 32
"""Bodies on their way at once, and how many of them may be of one address."""
BODIES_EACH = 4
SECONDS = 300.0
"""How long a body may take: 20 MB at half a megabit a second."""
EACH = 20
"""Tips an hour of one address, unless the command line says otherwise."""
ALL = 600
"""Tips an hour of everybody."""
ADDRESSES = 50_000
"""Addresses that are counted; beyond that, who has not been heard of for longest is forgotten."""
HOUR = 3600.0


class Refused(Exception):
    """Why a body is not taken: the HTTP status, and the name of the text that says it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Limits:
    """Counts tips by address, and the bodies that are on their way. Not for more than one thread."""

    def __init__(self, each: int = EACH, everybody: int = ALL, now: Callable[[], float] = time.monotonic) -> None:
        self.each, self.everybody, self._now = each, everybody, now
        self.held = 0
        self._forget()

    def _forget(self) -> None:
        self._since, self._key = self._now(), secrets.token_bytes(32)
        self._tips: OrderedDict[bytes, int] = OrderedDict()
        self._total = 0
        self._coming: Counter[bytes] = Counter()

    @property
    def known(self) -> int:
        """How many addresses are counted now."""
        return len(self._tips)

    @contextmanager
    def coming(self, address: str) -> Iterator[None]:
        """A body of that address is on its way. Raises Refused where there have been, or are, too many."""
        if self._now() - self._since >= HOUR:
            self._forget()
        who, coming = self._who(address), self._coming
        done = self._tips.pop(who, 0)
        self._tips[who] = done  # at the end: heard of last
        if len(self._tips) > ADDRESSES:
            self._tips.popitem(last=False)
        if done >= self.each or self._total >= self.everybody:
            raise Refused(429, "too_many")
        if coming[who] >= BODIES_EACH or coming.total() >= BODIES:
            raise Refused(503, "busy")
        self._tips[who], self._total = done + 1, self._total + 1
        coming[who] += 1
        try:
            yield
        finally:
            coming[who] -= 1
            coming += Counter()  # drops what is zero

    def _who(self, address: str) -> bytes:
        return hmac.digest(self._key, subject(address).encode(), "sha256")[:16]

    def hold(self, size: int) -> None:
        """So many bytes more (or, negative, less) are held in memory. Raises Refused where there is no room."""
        if self.held + size > HELD:
            raise Refused(503, "busy")
        self.held += size


def subject(address: str) -> str:
    """What an address counts as: itself, an IPv6 address as its /64, whatever else as one."""
    found = ip(address)
    if found is None:
        return ""
    return str(ipaddress.ip_network((found, 64), strict=False)) if ":" in found else found
