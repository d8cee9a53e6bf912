"""What is never listed again: an address, a network, a domain, a contact, a file or an expression, each with a reason.

An event says so and another one takes it back; finders ``hosts`` and ``indicators`` go by them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from impound import canonical
from impound.case import FINDERS, Case
from impound.decisions import _events
from impound.errors import UsageError

ACTOR, ALLOWED, JUDGED = "allow", "allowed", "judged"
WIDEST = {4: 8, 6: 19}
"""The shortest prefix of a network that may be allowed: the largest blocks that registries give to one holder."""
_SHA256, _PICTURE = re.compile(r"[0-9a-f]{64}\Z"), re.compile(r"[0-9a-f]{16}\Z")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,30}\Z")


@dataclass(frozen=True)
class Value:
    """What is allowed: ``type`` is that of an indicator, or network."""

    type: str
    value: str

    @property
    def subject(self) -> str:
        """Its name in ``events``."""
        return f"{self.type} {self.value}"


def allow(
    case: Case,
    text: str,
    reason: str,
    *,
    undo: bool = False,
    progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> Value:
    """Allow a value, or with ``undo`` judge it again, and find anew what depends on it.

    Raises UsageError for what is no value, is allowed already, or was not allowed.
    """
    value, why = value_of(case, text), _events.said(reason, "our own newsletter")
    known = {row["subject"] for row in allowances(case)}
    if undo and value.subject not in known:
        raise UsageError(f"{value.value} is not allowed", "impound allow CASE lists what is")
    if not undo and value.subject in known:
        raise UsageError(f"{value.value} is allowed already", "impound allow CASE lists what is, and why")
    step = (ALLOWED, JUDGED) if undo else (None, ALLOWED)
    _events.decided(case, ACTOR, ("indicator", value.subject), step, why)
    case.touched(ACTOR, type=value.type, value=value.value, state=step[1], reason=why)
    if anew := _finders(case, value):
        case.find(anew, progress=progress)
    return value


def allowances(case: Case) -> list[dict[str, Any]]:
    """What is allowed now, the earliest first: the rows of ``events`` that say so."""
    now: dict[str, dict[str, Any]] = {}
    for row in _events.by(case, ACTOR):
        now.pop(row["subject"], None)
        if row["to_state"] == ALLOWED:
            now[row["subject"]] = row
    return list(now.values())


def value_of(case: Case, text: str) -> Value:
    """What a text means: an indicator of the case that is spelt so, else by its form. Raises UsageError for neither."""
    said = text.strip()
    sql = "SELECT i.type FROM indicators i WHERE i.value = :value ORDER BY i.type"
    listed = case.query(sql, {"value": said}, ["indicators"]).to_pylist()
    if len(listed) == 1:
        return Value(listed[0]["type"], said)
    if (address := canonical.ip(said)) is not None:
        return Value("address", address)
    if found := _network(said) or _written(said):
        return found
    raise UsageError(
        f"{said}: an address, network, domain, contact, SHA-256 or listed expression was expected",
        "impound show CASE indicators lists values as they are written here",
    )


def _network(said: str) -> Value | None:
    """A network in CIDR notation. Raises UsageError for one so wide that half the world would be allowed."""
    if "/" not in said:
        return None
    try:
        net = ipaddress.ip_network(said, strict=False)
    except ValueError:
        return None
    if net.prefixlen < WIDEST[net.version]:
        raise UsageError(f"{net} is too wide to be one holder's", f"at most a /{WIDEST[net.version]}")
    if net.num_addresses == 1:
        return Value("address", str(net.network_address))
    return Value("network", str(net))


def _written(said: str) -> Value | None:
    """A hash, contact or domain by its form; a domain is taken as somebody registered it, for so it is listed."""
    lower = said.lower()
    if _SHA256.match(lower):
        return Value("file", lower)
    if _PICTURE.match(lower) and not lower.isdigit():
        return Value("image", lower)
    if "@" in said.strip("@") and " " not in said:
        return Value("contact", lower)
    if _TELEPHONE.match(said):
        return Value("contact", re.sub(r"[^0-9]", "", said))
    host = canonical.host(said)
    if host is None:
        return Value("contact", said) if re.match(r"[a-z-]{2,20}:[^\s/]", said) else None
    return Value("domain", canonical.registrable_domain(host) or ".".join(host.split(".")[-2:]))


def _finders(case: Case, value: Value) -> tuple[str, ...]:
    """The finders whose findings change; none in a case in which nothing was found yet."""
    if not case.found("indicators"):
        return ()
    first = "hosts" if value.type in ("address", "network") else "indicators"
    return FINDERS[FINDERS.index(first) :]
