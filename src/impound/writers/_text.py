"""Strings and figures made fit to print: what comes from mail is hostile, what a person reads is short and plain."""

from __future__ import annotations

import re
from datetime import datetime

from impound.canonical import PRINTED as LIMIT
from impound.canonical import clean, defang, lines, plural

__all__ = [
    "clean", "day", "lines", "long_day", "minute", "name", "number", "plural", "reason", "sentence", "share", "size",
]  # fmt: skip

_DOT = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_])")


def reason(text: str | None, limit: int = 4 * LIMIT) -> str:
    """A sentence of ours that names hosts which others chose: cleaned, and the names made harmless to click."""
    return _DOT.sub("[.]", clean(text, limit))


def name(text: str | None, limit: int = LIMIT) -> str:
    """A host name as somebody claimed it, cleaned and made harmless to click: ``mail[.]example[.]com``.

    A name has no spaces: of a line that was no name its first word is shown, so that no recipient in it gets through.
    """
    word, more, _ = clean(text, limit).partition(" ")
    return clean(defang(word), limit + limit // 4) + (" …" if more else "")


def sentence(text: str) -> str:
    """A text with its first letter as a capital, for a cell or line of its own."""
    return text[:1].upper() + text[1:]


def number(value: int | None) -> str:
    """A count with its thousands separated: ``32,686``."""
    return f"{value or 0:,}"


def share(part: int, whole: int) -> str:
    """A share in words that never rounds something to nothing: ``12 %``, ``under 1 %``, ``over 99 %``."""
    if not whole or not part:
        return "none" if not part else "all"
    if part == whole:
        return "all"
    percent = 100 * part / whole
    if percent < 1:
        return "under 1 %"
    return "over 99 %" if percent > 99 else f"{percent:.0f} %"


def size(count: int | None) -> str:
    """A length in bytes as a person says it: ``263 MB`` (powers of ten, as on disks)."""
    value, units = float(count or 0), ("bytes", "kB", "MB", "GB", "TB", "PB")
    unit = 0
    while value >= 999.5 and unit < len(units) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {units[unit]}" if unit == 0 or value >= 9.95 else f"{value:.1f} {units[unit]}"


def day(value: datetime | None) -> str:
    """A date for a table cell: ``2007-04-08``; an en dash where nobody said."""
    return f"{value:%Y-%m-%d}".zfill(10) if value else "–"


def minute(value: datetime | None) -> str:
    """A time for a table cell, in UTC: ``2007-04-08 05:06``; an en dash where nobody said."""
    return f"{day(value)} {value:%H:%M}" if value else "–"


def long_day(value: datetime) -> str:
    """A date for a sentence: ``8 April 2007``."""
    return f"{value.day} {value:%B} {value.year}"
