"""What is an ordinary word and what addresses the reader: the questions that decide whether a recipient is meant.

The words come from a list with frequencies (pyspellchecker's, counted on film subtitles), without those that English
writes with a capital; the names of duties from RFC 2142.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import lru_cache
from importlib.resources import files

from impound.readers._proper_names import PROPER_NAMES

WORD_FREQUENCY = 200
"""A word met fewer times in the list (counted on film subtitles) is taken for a name rather than a word."""
SHORTEST = 3
"""A local part with fewer characters (``1@``, ``jd@``) stands in too many other words: replaced in addresses only."""
ROLES = frozenset(
    """abuse admin administrator billing careers catchall contact enquiries feedback ftp help helpdesk hostmaster info
    inquiries jobs kontakt list lists mail mailer marketing media news noc noreply office orders postmaster press
    registrar root sales security service services spam support team test usenet user uucp vertrieb ventas web
    webmaster www""".split()  # noqa: SIM905  (a list of quoted words is harder to read)
)
"""Mailboxes that name a duty, not a person (RFC 2142 and its common kin)."""
GENERIC = frozenset(
    """all colleague colleagues customer customers everybody everyone folks friend friends gentleman gentlemen guest
    list madam member members partner reader sir sirs subscriber team there user users winner""".split()  # noqa: SIM905
)
"""What a salutation calls anybody: no name, whatever the recipient's is."""

_CUE = re.compile(
    r"(?:(?:\A|\x1f|\n[ \t>]{0,8}\n)[ \t>]{0,8}"
    r"|\b(?:dear|hi|hello|hey|hallo|greetings|welcome|attn|attention|good (?:morning|day|evening)|sehr geehrter?"
    r"|lieber?|bonjour|cher|ch[eè]re|hola|estimad[oa]|car[oa]|ciao)[ \t,:!-]{1,3}"
    r"(?:(?:mr|mrs|ms|miss|dr|herr|frau)\.?[ \t])?)\Z",
    re.IGNORECASE,
)
"""What stands before a word that addresses the reader: a salutation, or the beginning of a paragraph."""
_CUE_SPAN = 32


def lower(text: str) -> str:
    """The text in lower case and as long as before, so that places in one are places in the other."""
    low = text.lower()
    if len(low) != len(text):  # a few capitals become two characters
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    """The list as the package ships it: its own class takes twice the time, and every process that reads needs it."""
    packed = files("spellchecker").joinpath("resources", "en.json.gz").read_bytes()
    counted: dict[str, int] = json.loads(gzip.decompress(packed))
    return frozenset(word for word, times in counted.items() if times >= WORD_FREQUENCY) - PROPER_NAMES


@lru_cache(maxsize=65536)
def is_word(text: str) -> bool:
    """Whether a local part is an ordinary word (or several joined by hyphens), a role, or too short.

    Words joined by a dot or an underscore are somebody's name more often than not.
    """
    if len(text) < SHORTEST:
        return True
    return all(w in ROLES or (len(w) >= SHORTEST and w in _words()) for w in text.split("-"))


def greeted(text: str, place: int) -> bool:
    """Whether a salutation stands before a place."""
    cue = _CUE.search(text, max(0, place - _CUE_SPAN), place)
    return cue is not None and bool(cue[0].strip(" \t>\n\x1f"))


def addressed(text: str, place: int, end: int) -> bool:
    """Whether a word between these places addresses the reader: greeted, or heading a paragraph before a comma."""
    cue = _CUE.search(text, max(0, place - _CUE_SPAN), place)
    return cue is not None and bool(cue[0].strip(" \t>\n\x1f") or text[end : end + 2].lstrip(" \t")[:1] in (",", "!"))
