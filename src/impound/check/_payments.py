"""Where money is to be sent, and the numbers that a made-up prize or fund goes by.

An IBAN and a wallet's address count with their checksum right (:mod:`impound.check._checksums`), an account's number
where the text names a bank beside it, a transfer service where it names who fetches the money, and a number of a
reference, batch, ticket or prize where the text speaks of a prize or a fund: shops have order numbers too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from impound.check import _checksums
from impound.check._written import Span

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_IBAN_START = re2.compile(r"\b[A-Z]{2}\d{2}[ ]?[A-Z0-9]{4}")
_WALLET = re.compile(r"\b(?:bc1[a-z0-9]{11,87}|BC1[A-Z0-9]{11,87}|ltc1[a-z0-9]{11,86}|0x[0-9a-fA-F]{40}"
                     r"|[13LM][1-9A-HJ-NP-Za-km-z]{25,34})\b")  # fmt: skip
_COINS = ("btc", "bitcoin", "wallet", "crypto", "ethereum", "litecoin", "usdt", "bc1")
_ACCOUNT = re.compile(
    r"(?:\ba/c|\baccount|\bacct|\bkonto|\bcuenta|\bcompte)[ ]{0,2}(?:no|number|num|nr|n°|#)[ .]{0,2}[ :#.-]{0,4}"
    r"(\d[\d -]{5,20}\d)(?![\d-])"
)
_BANK = re2.compile(
    r"\b(?:swift|routing|sort code|\bbic\b|iban|bank name|name of (?:the )?bank|beneficiary|account name)"
)
_SERVICES = ("western union", "moneygram", "money gram", "worldremit", "remitly")
_RECEIVER = re.compile(
    r"\breceivers?(?:'s|s')?(?: full)?(?: name)?s?[ ]{0,3}[:=-]{1,6}[ ]{0,3}"
    r"([^\W\d_][\w.'-]*(?:[ ][^\W\d_][\w.'-]*){0,4})"
)
_NEAR = 800
"""Characters behind a transfer service's name in which its receiver stands."""
_REFERENCE = re.compile(
    r"\b(?:ref(?:erence)?s?|batch|ticket|serial|winning|lucky|draws?|claims?|file|security|secret|identification|coupon"
    r"|prize|lottery|pin|approval|payment|transaction|grant)\b[ /a-z]{0,24}?"
    r"(?:\b(?:nos?|numbers?|num|nr|code|id|figures?)\b|#)?[ ]{0,2}[.:;#=(]{1,4}[ ]{0,3}\(?([a-z0-9][a-z0-9/.,&-]{4,39})"
)
_NEXT_WORD = re.compile(r"[.,](?=[a-z]{3})")
"""Where the next sentence begins without a space."""
_ROW = re.compile(
    r"\b(?:winning|lucky|draw|bonus) (?:numbers?|nos?|balls?)\b[^\d\n]{0,30}((?:\d{1,2}[ ,.-]{1,3}){4,8}\d{1,2})(?!\d)"
)
_CENTRAL = re.compile(r"beneficiary[^:\n]{0,20}:? *(?:the )?(?:national|central|reserve) bank of")
_PRIZE = re2.Set.SearchSet()
for _words in (
    r"lotter|lotto|loter[ií]a|loterij|sweepstake|\bdraws?\b|promo|raffle",
    r"winn|\bwon\b|jackpot|lucky|ganador|gagnant|gewinn",
    r"prize|award|premio|lump sum|cheque",
    r"\bclaim|beneficiar|\bagent\b|fiduciary|courier",
    r"fund|compensation|inherit|atm card|payment file|diplomat",
):
    _PRIZE.Add(_words)
_PRIZE.Compile()
_PRIZES = 3
"""How many of those a text must speak of before its numbers are a prize's or a fund's."""
_AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d\d)?\Z|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\Z")
"""Sums of money and dates, which are no references."""


def payments(text: str, low: str) -> Iterator[Span]:
    """Accounts, wallets, transfers and references in a text; ``low`` is the same in lower case, letter for letter."""
    yield from _accounts(text, low)
    if any(coin in low for coin in _COINS):
        for found in _WALLET.finditer(text):
            if coin := _checksums.wallet(found[0]):
                value = found[0] if coin == "ethereum" or found[0][0] in "13LM" else found[0].lower()
                yield Span(found.start(), found.end(), "wallet", f"{coin}:{value}")
    yield from _transfers(low)
    yield from _references(low)


def _accounts(text: str, low: str) -> Iterator[Span]:
    if "iban" in low or _IBAN_START.search(text):
        for found in _IBAN.finditer(text):
            if (code := _longest_iban(found[0])) and not _is_public(low, found.start()):
                yield Span(found.start(), found.end(), "bank-account", f"iban:{code}", "iban" in low)
    if ("account" in low or "a/c" in low or "konto" in low or "cuenta" in low or "compte" in low) and _BANK.search(low):
        for found in _ACCOUNT.finditer(low):
            digits = re.sub(r"\D", "", found[1])
            if 7 <= len(digits) <= 18 and not _is_public(low, found.start()):
                yield Span(found.start(1), found.end(), "bank-account", f"account:{digits}", True)


def _is_public(low: str, start: int) -> bool:
    """Whether an account is said to be a central bank's: a false appeal names it for good looks."""
    return _CENTRAL.search(low, max(0, start - 250), start) is not None


def _longest_iban(text: str) -> str | None:
    """The IBAN at the beginning of a text, behind which a word in capitals may follow."""
    code = "".join(text.split())
    return _checksums.iban(code[: _checksums.IBAN_LENGTHS.get(code[:2], 0)])


def _transfers(low: str) -> Iterator[Span]:
    for service in _SERVICES:
        at = low.find(service)
        while at >= 0:
            found = _RECEIVER.search(low, at, at + _NEAR)
            if found:
                yield Span(
                    found.start(),
                    found.end(),
                    "transfer",
                    f"{service.replace('money gram', 'moneygram')}:{found[1]}",
                    True,
                )
                break
            at = low.find(service, at + 1)


def _references(low: str) -> Iterator[Span]:
    if len(_PRIZE.Match(low) or ()) < _PRIZES:
        return
    for found in _REFERENCE.finditer(low):
        value = _NEXT_WORD.split(found[1])[0].rstrip(".,/-&")
        if sum(c.isdigit() for c in value) >= 3 and len(value) >= 5 and not _AMOUNT.match(value):
            yield Span(found.start(), found.end(), "reference", value.upper(), True)
    for found in _ROW.finditer(low):
        yield Span(found.start(), found.end(), "reference", "-".join(re.findall(r"\d+", found[1])), True)
