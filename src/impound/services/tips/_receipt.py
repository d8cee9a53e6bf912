"""Receipts: five words that can be said, written down and typed, and the tag by which the case knows them.

A word is a proquint (Wilkerson, "A Proposal for Proquints: Identifiers that are Readable, Spellable, and
Pronounceable", arXiv:0901.4016): consonant, vowel, consonant, vowel, consonant for 16 bits. Of the 80 bits of five
words 72 are random; the last 8 check the others, so that a slip of the pen is told from a receipt without looking at
what there is. Only the tag is kept, an HMAC with a key of the case: it leads from a receipt to its tips and not back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

WORDS = 5
RANDOM = 9
"""Random bytes of a receipt; one more checks them."""
TAG = 8
"""Bytes of a tag."""
CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
_WORD = re.compile(f"[{CONSONANTS}][{VOWELS}][{CONSONANTS}][{VOWELS}][{CONSONANTS}]")


def fresh() -> str:
    """A new receipt, such as ``lusab-babad-gutih-tugad-fobin``."""
    return _spelled(secrets.token_bytes(RANDOM))


def understood(typed: str) -> str | None:
    """The receipt somebody typed, in its one spelling; None where it is none, or has a slip in it."""
    letters = re.sub(r"[^a-z]+", "", typed.lower()[:200])
    words = [letters[n : n + 5] for n in range(0, len(letters), 5)]
    if len(words) != WORDS or not all(map(_WORD.fullmatch, words)):
        return None
    said = "-".join(words)
    return said if hmac.compare_digest(_spelled(b"".join(map(_bytes, words))[:RANDOM]), said) else None


def tag(receipt: str, key: bytes) -> str:
    """What the case keeps of a receipt: 16 hex digits."""
    return hmac.digest(key, receipt.encode(), "sha256")[:TAG].hex()


def _spelled(random: bytes) -> str:
    whole = random + hashlib.sha256(b"impound receipt\0" + random).digest()[:1]
    return "-".join(_word(int.from_bytes(whole[n : n + 2], "big")) for n in range(0, 2 * WORDS, 2))


def _word(number: int) -> str:
    c, v = CONSONANTS, VOWELS
    return c[number >> 12] + v[number >> 10 & 3] + c[number >> 6 & 15] + v[number >> 4 & 3] + c[number & 15]


def _bytes(word: str) -> bytes:
    a, b, c, d, e = ((VOWELS if n % 2 else CONSONANTS).index(letter) for n, letter in enumerate(word))
    return (a << 12 | b << 10 | c << 6 | d << 4 | e).to_bytes(2, "big")
