"""Whose mark a message abuses: :func:`abuse`.

*What it finds*: a mark in the sender's name, the subject, the text, the words of a link, or a domain made to look like
its holder's (letters that look alike, one letter wrong, the holder's name in front of another domain), while the sender
is not the holder. *Why that is evidence*: a mark tells the reader whom he deals with; who uses it to sell or to pretend
without being its holder deceives, which is also what trademark law asks (likelihood of confusion as to the source).
*Innocent causes*: newsletters and lists that speak of a firm, shops that sell its goods, quotes, means of payment. So a
mark in the text counts only where the message's lure is one that lives on marks of that kind, and lists need more.

The sender is the holder when the domain in From is one of his and nothing refutes it: DMARC that failed, or a message
that asks for an account's data with a link to elsewhere and no proof of its origin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from impound.check import _plain
from impound.check._marks import Mark, Marks, one_edit, shipped
from impound.check.lures import MOST_HEAD, MOST_TEXT, Lure, is_talk, lure
from impound.check.mail import Mail

__all__ = ["Abuse", "Mark", "Marks", "abuse", "one_edit", "shipped"]

PRETENDING = frozenset(("phishing", "lottery", "advance-fee", "job", "malware"))
"""Lures that pretend to come from somebody known."""
GOODS = {"pharmacy": "medicine", "replica": "luxury", "software": "software"}
"""Lures that sell goods under a mark, and the kind of the goods."""
OPENING = 300
"""Characters of the text in which the one who writes says who he is."""
MOST_ABUSES = 10
OFFICE = frozenset(
    [
        "account",
        "accounts",
        "alert",
        "alerts",
        "app",
        "bank",
        "bonus",
        "care",
        "card",
        "center",
        "central",
        "client",
        "com",
        "customer",
        "customers",
        "dept",
        "deals",
        "department",
        "desk",
        "en",
        "gift",
        "help",
        "helpdesk",
        "id",
        "importante",
        "inc",
        "info",
        "llc",
        "login",
        "ltd",
        "mail",
        "member",
        "membership",
        "message",
        "no",
        "noreply",
        "notice",
        "notification",
        "notifications",
        "of",
        "official",
        "online",
        "pay",
        "payments",
        "prime",
        "product",
        "promo",
        "protection",
        "renewal",
        "reply",
        "reward",
        "rewards",
        "security",
        "service",
        "services",
        "shipping",
        "store",
        "support",
        "survey",
        "surveys",
        "system",
        "team",
        "the",
        "update",
        "verification",
        "wallet",
        "web",
    ]
)
"""Words that a firm puts behind its name in a sender's name; after others it is part of another name."""


@dataclass(frozen=True, slots=True)
class Abuse:
    """A mark, where it stands (display name, subject, text, link text, domain) and one sentence why it is abused."""

    brand: str
    place: str
    why: str


def abuse(mail: Mail, said: Lure | None = None, marks: Marks | None = None) -> tuple[Abuse, ...]:
    """The marks that a message abuses, the plainest first. ``said`` is what :func:`lure` gave, where it was asked."""
    known = marks or shipped()
    said = said or lure(mail)
    talk = is_talk(mail)
    found: dict[str, Abuse] = {}
    for brand, place, why in _candidates(mail, said, known, talk):
        if brand not in found and not _is_holders(mail, said, known, brand):
            found[brand] = Abuse(brand, place, why)
    return tuple(found.values())[:MOST_ABUSES]


Candidate = tuple[str, str, str]
"""A mark, where it stands, and why that is abuse unless the sender is its holder."""


def _candidates(mail: Mail, said: Lure, known: Marks, talk: bool) -> Iterator[Candidate]:
    """Every mark that stands where a holder's would, plainest first."""
    if not talk or said.name in PRETENDING:
        yield from _in_name(mail, said, known)
        yield from _in_hosts(mail, said, known)
    if said.name in PRETENDING or said.name in GOODS:
        for place, text in (("subject", mail.subject[:MOST_HEAD]), ("text", mail.words[:MOST_TEXT])):
            yield from _in_text(place, text, said, known)
        shown = " . ".join(link.link_text for link in mail.links[:MOST_LINKS] if link.link_text)
        yield from _in_text("link text", shown[:MOST_HEAD], said, known)


def _in_name(mail: Mail, said: Lure, known: Marks) -> Iterator[Candidate]:
    """The sender calls himself by a mark: the whole name, or with the words that firms put behind it."""
    name = mail.from_name[:MOST_HEAD]
    apart = _CAMEL.sub(" ", name)
    for brand in known.named(f"{name} . {apart}" if apart != name else name):
        kinds = {mark.kind for mark in known.marks[brand]}
        own = set(_plain.fold(brand).split())
        words = _plain.words(name)
        rest = [word for word in words if word not in own and not word.isdecimal()]
        of = words[-len(own) - 1 : -len(own)] == ("from",)
        alone = bool(of) or (bool(set(words) & own) and all(word in OFFICE for word in rest))
        goods = bool(kinds & {"medicine", "luxury"}) and said.name in GOODS
        if "account" not in kinds and said.name not in GOODS:
            continue  # a person may be called Tiffany
        if alone or goods or (said.name in PRETENDING and not _is_ordinary(brand, known)):
            yield (
                brand,
                "display name",
                f"the sender calls himself {brand} and writes from {mail.from_domain or 'nowhere'}",
            )


def _in_hosts(mail: Mail, said: Lure, known: Marks) -> Iterator[Candidate]:
    """A link or an address of the sender looks like a holder's."""
    if said.name not in PRETENDING and said.name not in GOODS:
        return
    hosts = dict.fromkeys(link.host for link in mail.links[:MOST_LINKS] if link.host)
    for host in (*hosts, mail.from_domain, mail.reply_to.rpartition("@")[2]):
        brand, how = known.looks_like(host) if host else ("", "")
        if not brand:
            continue
        kinds = {mark.kind for mark in known.marks[brand]}
        fits = said.name in PRETENDING if "account" in kinds else False
        if fits or GOODS.get(said.name) in kinds:
            yield brand, "domain", how


def _in_text(place: str, text: str, said: Lure, known: Marks) -> Iterator[Candidate]:
    """A mark of the kind that the lure lives on: goods that are sold, or a firm that the text speaks for."""
    counts = known.named(text)
    opening = known.named(text[:OPENING]) if said.name in PRETENDING and counts else {}
    for brand, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        kinds = {mark.kind for mark in known.marks[brand]}
        sold = GOODS.get(said.name)
        if sold in kinds:
            yield brand, place, f"it sells {brand} and comes from neither its maker nor a licensed seller"
        elif said.name in PRETENDING and "account" in kinds:
            speaks = brand in opening if place == "text" else True
            if _is_ordinary(brand, known):
                speaks = speaks and said.name == "phishing" and (place == "subject" or count > 1)
            elif said.name == "phishing":
                speaks = speaks or count > 2
            if speaks:
                yield brand, place, f"it speaks for {brand}"


def _is_ordinary(brand: str, known: Marks) -> bool:
    return any(mark.ordinary for mark in known.marks[brand])


def _is_holders(mail: Mail, said: Lure, known: Marks, brand: str) -> bool:
    """Whether the message comes from a holder: From is one of his domains, and nothing refutes that."""
    domain = mail.from_domain
    if not domain or not known.is_holder(brand, domain):
        return False
    back = mail.return_path.rpartition("@")[2]
    aligned = bool(back) and known.is_holder(brand, back)
    if mail.dmarc == "pass" or mail.dkim == "pass" or (mail.spf == "pass" and aligned):
        return True
    if mail.dmarc in REFUTED:
        return False
    if said.name != "phishing" and said.name not in GOODS:
        return True
    return all(known.is_holder(brand, link.host) for link in mail.links[:MOST_LINKS] if link.host)


MOST_LINKS = 40
REFUTED = frozenset(("fail", "permerror"))
"""DMARC results (RFC 7489, section 11.2) with which a domain in From proves nothing, or the contrary."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
