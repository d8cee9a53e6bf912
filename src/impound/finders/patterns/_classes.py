"""Values as regular expressions in RE2's syntax: escaped text, alternatives, classes of characters with lengths."""

from __future__ import annotations

import re
from collections.abc import Iterable

COUNTED = 60
"""Longest repetition that is counted; RE2 unfolds a counted repetition, so that a long one costs memory."""
SIGNS = 6
"""Different signs that a class names; a value with more of them is anything."""

_SPECIAL = re.compile(r"[\\.^$|()\[\]{}*+?]")
_CLASSES = (
    ("0-9", re.compile(r"[0-9]")),
    ("a-f", re.compile(r"[a-f]")),
    ("g-z", re.compile(r"[g-z]")),
    ("A-F", re.compile(r"[A-F]")),
    ("G-Z", re.compile(r"[G-Z]")),
)
_WHOLE = {"a-fg-z": "a-z", "A-FG-Z": "A-Z", "g-z": "a-z", "G-Z": "A-Z"}


def escaped(text: str) -> str:
    """A text that matches itself, with a space left a space so that people can read it."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def either(values: Iterable[str]) -> str:
    """One of the values, the longest first; an empty one makes the others optional."""
    found = sorted(set(values), key=lambda v: (-len(v), v))
    optional = "?" if "" in found else ""
    found = [escaped(v) for v in found if v]
    if not found:
        return ""
    return escaped_one(found[0], optional) if len(found) == 1 else f"(?:{'|'.join(found)}){optional}"


def escaped_one(pattern: str, optional: str) -> str:
    """A pattern, in brackets where it is optional."""
    return f"(?:{pattern}){optional}" if optional else pattern


def repeated(values: Iterable[str]) -> str:
    """A class of characters with the lengths met, and room for lengths not met yet."""
    found = list(values)
    shortest, longest = min(map(len, found)), max(map(len, found))
    name = characters(found)
    if name == ".":
        return ".*" if longest > COUNTED // 2 else f".{{0,{2 * longest + 2}}}"
    if shortest == longest and len(found) >= 10:
        return name + (f"{{{longest}}}" if 1 < longest <= COUNTED else "" if longest == 1 else "+")
    room = max(2, longest - shortest)
    least, most = max(min(shortest, 1), shortest - room), longest + room
    return f"{name}{{{least},{most}}}" if most <= COUNTED else name + ("+" if least else "*")


def characters(values: Iterable[str]) -> str:
    """The class of all the characters in values: ``[0-9a-f]``, ``[A-Za-z ]``; ``.`` where it would be nearly all."""
    met = set().union(*values)
    ranges = [name for name, pattern in _CLASSES if any(map(pattern.match, met))]
    name = "".join(ranges)
    if "g-z" in ranges or ("a-f" in ranges and "0-9" not in ranges):
        name = name.replace("a-f", "").replace("g-z", "") + "a-z"
    if "G-Z" in ranges or ("A-F" in ranges and "0-9" not in ranges):
        name = name.replace("A-F", "").replace("G-Z", "") + "A-Z"
    others = {c for c in met if not (c.isascii() and c.isalnum())}
    wide = {c for c in others if c.isalpha()}
    signs = sorted(others - wide)
    if len(signs) > SIGNS or any(not c.isascii() for c in signs):
        return "."
    name += r"\pL" if wide else ""
    name += "".join("\\" + c if c in r"\]^[-" else c for c in signs)
    return f"[{name}]"
