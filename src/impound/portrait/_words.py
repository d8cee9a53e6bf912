"""Hostile text as words that can be compared, and shown without anybody following them by accident."""

from __future__ import annotations

from impound.canonical import harmless

WORDS = 300
"""Words of a text that are compared: about a page."""
CHARACTERS = 6_000
"""Characters of a text that are looked at."""


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
