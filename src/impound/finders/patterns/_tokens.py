"""Text cut into tokens that can be laid side by side: words and signs as they are, typed fields as their type.

A price, a link or a mail address is filled in by the template's machine even where it happens to be the same in every
message that was seen, so it stands for its type and never for its value.
"""

from __future__ import annotations

import re
from functools import lru_cache

LINK, MAILBOX, NUMBER, WORD, SIGN = "link", "mailbox", "number", "word", "sign"
REMEMBERED = 8_192
"""Tokens whose type is remembered: the words of some campaigns, and at most 32 MiB of the longest links."""

_LINK = (
    r"(?:https?|ftp)://[^\s<>\"']+|www\.[^\s<>\"']+"
    r"|(?<![\w@.-])(?:[A-Za-z0-9-]{1,63}\.){1,8}(?:com|net|org|info|biz|[a-z]{2})(?:/[^\s<>\"']*)?(?![\w@-]|\.\w)"
)
_MAILBOX = r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}"
_NUMBER = r"\d+(?:[.,:/-]\d+)*(?![^\W_])"
_WORD = r"\{\{to\.[a-z]+\}\}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
_PLAIN = r" |[A-Za-z]+(?= )"
"""Most tokens of a text: nothing else that could follow begins like them."""

_TOKEN = re.compile("|".join((_PLAIN, _LINK, _MAILBOX, _NUMBER, _WORD, ".")), re.DOTALL)
_TYPES = tuple((kind, re.compile(form)) for kind, form in
               ((LINK, _LINK), (MAILBOX, _MAILBOX), (NUMBER, _NUMBER), (WORD, _WORD)))  # fmt: skip


def tokens(text: str) -> list[str]:
    """The tokens of a text: put together again they are the text."""
    return _TOKEN.findall(text)


@lru_cache(REMEMBERED)
def kind(token: str) -> str:
    """The type of a token."""
    return next((name for name, form in _TYPES if form.fullmatch(token)), SIGN)


@lru_cache(REMEMBERED)
def symbol(token: str) -> str:
    """What a token is compared by: itself, or the type of a typed field (in brackets, as no token of a text is)."""
    found = kind(token)
    return token if found in (WORD, SIGN) else f"<{found}>"


def letters(text: str) -> int:
    """How many letters and digits a text has: what makes it recognisable."""
    return sum(map(str.isalnum, text))
