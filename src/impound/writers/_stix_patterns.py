"""What an indicator looks for, as a pattern that other programs read, and the observable that was met."""

from __future__ import annotations

import re
from dataclasses import dataclass

from impound.writers._stix_maker import Object, address, observable

TEMPLATE = "impound-template"
"""``pattern_type`` of templates: RE2 over the lines of a message's face, which no other language can say."""
_NUMBERS = ("telephone",)
_WRITTEN = ("wallet", "bank-account")
_HOST = re.compile(r"(?:(?!-)(?:[^\W_]|-){1,63}(?<!-)(?:\.(?=.)|\Z))+")
"""A name as the standard has domain names (RFC 1034; STIX 2.1, 6.4): mail also shows names with an underscore."""
GAP = "[^0-9A-Za-z]{0,3}"
"""What may stand between two digits of a telephone number, or two groups of an account's, however it is set."""


@dataclass(frozen=True)
class Pattern:
    """A pattern, its language, and the observable it stands for (None where there is none)."""

    text: str
    language: str = "stix"
    met: Object | None = None


def pattern(kind: str, value: str, contact: str | None = None) -> Pattern | None:
    """The pattern of an indicator; ``contact`` is the kind of a reply contact. None for what no pattern can say."""
    if kind == "address":
        met = address(value)
        return Pattern(f"[{met['type']}:value = {quoted(value)}]", met=met)
    if kind == "domain":
        below = f" OR domain-name:value LIKE {quoted('%.' + value)}" if "_" not in value and "%" not in value else ""
        named = observable("domain-name", value=value) if _HOST.fullmatch(value) else None
        return Pattern(f"[domain-name:value = {quoted(value)}{below}]", met=named)
    if kind == "file":
        met = observable("file", hashes={"SHA-256": value})
        return Pattern(f"[file:hashes.'SHA-256' = {quoted(value)}]", met=met)
    if kind == "url-pattern":
        return Pattern(f"[url:value MATCHES {quoted(value)}]")
    if kind == "template":
        return Pattern(value, TEMPLATE)
    return _contact(value, contact) if kind == "contact" else None


def _contact(value: str, kind: str | None) -> Pattern | None:
    if kind == "mailbox":
        return Pattern(f"[email-addr:value = {quoted(value)}]", met=observable("email-addr", value=value))
    bare = value.rpartition(":")[2]
    letters = re.sub(r"[^0-9A-Za-z]", "", bare)
    if kind in _NUMBERS and len(letters) >= 7:
        return Pattern(f"[email-message:body MATCHES {quoted(GAP.join(letters))}]")
    if kind in _WRITTEN and len(letters) >= 10:
        return Pattern(f"[email-message:body MATCHES {quoted(GAP.join(letters) if len(letters) < 40 else letters)}]")
    return None  # a messenger's name, a reference: too short to be told from ordinary words


def quoted(text: str) -> str:
    """A string literal of the patterning language (STIX 2.1, 9.3)."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
