"""Hostile text as words that can be compared, and shown without anybody following them by accident."""

from __future__ import annotations

import re

from impound.canonical import defang

WORDS = 300
"""Words of a text that are compared: about a page."""
WORD = 40
"""Characters of a word that are kept; what has no spaces is no word of a text."""
CHARACTERS = 6_000
"""Characters of a text that are looked at."""

_TOKEN = re.compile(r"(\{\{to\.[a-z]+\}\})")
_DOT = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_])")
_LINK = re.compile(r"(?i)(?:https?|ftp)://|www\.")


def words(text: str) -> tuple[str, ...]:
    """The words of a text and its line breaks, at most ``WORDS``, made harmless to click."""
    found: list[str] = []
    for line in text[:CHARACTERS].splitlines():
        found += [harmless(word) for word in line.split()[: WORDS - len(found)]]
        if len(found) >= WORDS:
            break
        if found and found[-1] == "\n":
            found[-1] = "\n\n"
        elif found and found[-1] != "\n\n":
            found.append("\n")
    while found and found[-1].isspace():
        found.pop()
    return tuple(found)


def harmless(word: str) -> str:
    """A word of hostile text: links, names and mail addresses defanged; tokens of recipients stay as they are."""
    kept = word[:WORD]
    parts = _TOKEN.split(kept) if "{{" in kept else [kept]
    parts[::2] = map(_defanged, parts[::2])
    return "".join(parts) + ("…" if len(word) > WORD else "")


def _defanged(part: str) -> str:
    if found := _LINK.search(part):
        return _defanged(part[: found.start()]) + defang(part[found.start() :]).replace("@", "[at]")
    if "." in part:
        part = _DOT.sub("[.]", part)
    return part.replace("://", "[:]//").replace("@", "[at]")
