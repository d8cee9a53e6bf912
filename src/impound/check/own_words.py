"""What a text says itself: without the lines it quotes, its signature, and the footers of lists and providers.

Those are shared by people who have nothing to do with each other: they make no two texts alike, and nobody is asked to
answer there.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 6_000
"""Characters of a text that are looked at."""
FOOTER_LINES = 12
"""Lines that a footer may have, below a line of dashes or the like."""
_QUOTED = re.compile(r"^[ \t]*(?:>|\|).*$\n?", re.MULTILINE)
_SIGNATURE = re.compile(r"\n-- ?\n")
_RULE = re.compile(r"\n[ \t]*[-_=*~#]{8,}[ \t]*\n")


def own_words(text: str) -> str:
    """What a text says itself: without quoted lines, signature and footer; at most MAX_CHARACTERS are looked at."""
    text = text[:MAX_CHARACTERS]
    return _unsigned(_QUOTED.sub("", text) if ">" in text or "|" in text else text)


def _unsigned(text: str) -> str:
    """A text without its signature, and without a footer under a ruled line."""
    if found := _SIGNATURE.search(text):
        text = text[: found.start()]
    for rule in reversed(list(_RULE.finditer(text))[-3:]):
        if rule.start() > 0 and text.count("\n", rule.end()) <= FOOTER_LINES:
            text = text[: rule.start()]
    return text
