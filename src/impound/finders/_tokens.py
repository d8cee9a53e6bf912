"""Text cut into tokens that can be laid side by side: words and signs as they are, typed fields as their type.

A price, a link or a mail address is filled in by the template's machine even where it happens to be the same in every
message that was seen, so it stands for its type and never for its value.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LINK, MAILBOX, NUMBER, WORD, SIGN = "link", "mailbox", "number", "word", "sign"

_TOKEN = re.compile(
    r"(?P<link>(?:https?|ftp)://[^\s<>\"']+|www\.[^\s<>\"']+"
    r"|(?<![\w@.-])(?:[A-Za-z0-9-]{1,63}\.){1,8}(?:com|net|org|info|biz|[a-z]{2})(?:/[^\s<>\"']*)?(?![\w@-]|\.\w))"
    r"|(?P<mailbox>[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63})"
    r"|(?P<number>\d+(?:[.,:/-]\d+)*(?![^\W_]))"
    r"|(?P<word>\{\{to\.[a-z]+\}\}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a text and its type; ``symbol`` is what it is compared by."""

    kind: str
    text: str

    @property
    def symbol(self) -> str:
        """The text itself, or the type of a typed field (in brackets, as no token of a text is)."""
        return self.text if self.kind in (WORD, SIGN) else f"<{self.kind}>"


def tokens(text: str) -> list[Token]:
    """The tokens of a text: put together again they are the text."""
    return [Token(found.lastgroup or SIGN, found.group()) for found in _TOKEN.finditer(text)]


def letters(text: str) -> int:
    """How many letters and digits a text has: what makes it recognisable."""
    return sum(map(str.isalnum, text))
