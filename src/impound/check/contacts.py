"""Reply contacts: where a message tells its reader to answer, to call or to pay, beside the address it came from.

Mailboxes, telephones, messengers, accounts, wallets, transfer services with their receiver, and the numbers that a
prize or a fund goes by. A contact counts when a word near it asks for it, when no word in its sentence says how to
leave a list, and when the whole letter speaks of several things that strangers are offered. Otherwise it would be a
footer, a quotation, a signature or a letter between people who know each other: a false contact accuses its owner. For
the same reason the message as a whole must look like spam and have a lure: newsletters name their editors.

Method: rules, chosen by reading mail of 2001 to 2026; ``benchmarks/reply_contacts.py`` says how often they are right.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

from impound import canonical
from impound.check import _asking, _payments, _written, brands, classifier, lures
from impound.check._written import Span
from impound.check.mail import Link, Mail
from impound.check.own_words import own_words
from impound.check.webmail import WEBMAIL

KINDS = ("mailbox", "telephone", "messenger", "bank-account", "wallet", "transfer", "reference")
PRETENDING = frozenset(("phishing", "lottery", "advance-fee", "job", "extortion", "other-spam"))
"""Lures that live on the answer, so that ``Reply-To`` says where it goes."""
MOST_WORDS = 80
"""Characters of a link's words that are looked for in the text."""
MOST = 20
"""Contacts taken from one text: a list of addresses is no request to answer."""
QUIET = ("in-reply-to", "references", "list-unsubscribe", "list-post", "mailing-list", "precedence", "auto-submitted")
"""Headers of replies, lists, mailings that one can leave, and programs: no stranger asks for an answer there."""
_FORWARDED = re.compile(r"-{3,}[ ]*(?:original|forwarded) message|^[ \t]*begin forwarded message", re.IGNORECASE | re.M)
_NO_ANSWER = re.compile(
    r"unsub|rem.?ve|remv|^stop|take-?me|no-?mail|tui-?ding?|off-?list|d.?lete|leave-|opt-?out|no-?_?reply|do-?not-?reply|bounce|postmaster|webmaster|mailer-daemon|abuse|cancel"
    r"|^adresse@|^address@|^e-?mails?@|^reply[_-]?to@|privacy|listserv|subscribe|\bjoin-|owner-|-request@|majordomo|borrar|baja@|spam|\.qmail@|newslet|feedback"
)
"""Mailboxes where nobody is told to answer, by their names."""
_NOT_TOLD = re.compile(
    r"\b(?:dear|hello|hi|hey|greetings|hallo|guten tag|bonjour|cher|ch[eè]re|caro|cara|prezad[oa]|ol[aá]|hola"
    r"|estimad[oa]|gentile|beste|geachte)(?: \w{3,12})?[ ,:]{0,3}$"
    r"|\b(?:like|such as)[ :]{0,3}$"
)
"""What stands in front of the reader's own mailbox, or of one that is an example."""
_RUN_ON = re.compile(r"\.(?:com|net|org|info)[a-z]+\Z")
_ISSUE = re.compile(r"\b(?:issue|forum|digest|newsletter|exchange|bulletin|volume)\b[ ,:#.no]{0,12}\d", re.IGNORECASE)
"""The subject of a periodical, whose issues are counted."""
_SYSTEM = re.compile(r"(?:mailer-daemon|postmaster)@")
_YAHOO = re.compile(r"(?:yahoo|hotmail|live|outlook|gmx|aol)\.[a-z.]{2,6}\Z")
"""Webmail under the suffixes of many countries."""
_EDITOR = re.compile(r"editor|advertis|press|webmaster|journalist")
"""Words of a link to a mailbox of those who make a newsletter."""
_DOES = re.compile(
    r"report|repl|contact|click|here|respond|write|claim|apply|send|answer|mail|verif|confirm|aqui|aquí|ici|hier|call"
)
"""Words of a link to a mailbox that ask to use it."""


@dataclass(frozen=True, slots=True, order=True)
class Contact:
    """One contact. ``kind``: one of KINDS; ``value``: in the one spelling that equal contacts share.

    Values: the address in lower case; the digits of a telephone; ``service:name`` of a messenger; ``iban:…`` or
    ``account:…``; ``currency:address`` of a wallet; ``service:receiver`` of a transfer; the number of a reference.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a text alone says: its contacts, whether it offers something to strangers and pleads for an answer."""

    contacts: tuple[Contact, ...] = ()
    calls: frozenset[Contact] = frozenset()
    """The telephones that it asks to call in so many words."""
    pleads: bool = False
    offers: bool = False


def contacts(mail: Mail) -> tuple[Contact, ...]:
    """The contacts of a message, in order; none for lists, replies, mail of programs, and mail that looks wanted."""
    quiet = is_quiet(mail.list_id, mail.header_order, mail.mime_shape) or _SYSTEM.match(mail.from_addr)
    if quiet or _ISSUE.search(mail.subject):
        return ()
    if not (found := _named(mail)):
        return ()
    spam = classifier.shipped().spam(mail)
    lure = lures.lure(mail, spam).name
    if spam < lures.SPAM or lure == "ham":
        return ()
    said = in_text(mail.words)
    if lure == "phishing" and _leads_to_a_page(mail):  # what it names is the firm's that it imitates, or a bait
        found = tuple(c for c in found if c.kind != "telephone" and (c.kind != "mailbox" or c not in said.contacts))
    if lure == "stock":  # the number is that of the firm it praises
        found = tuple(c for c in found if c.kind != "telephone")
    if lure in brands.GOODS:  # sold on a page: numbers in such a text are filler
        found = tuple(c for c in found if c.kind != "telephone" or c in said.calls)
    if lure not in PRETENDING:  # sellers forge where the answer goes
        answer = elsewhere(mail.reply_to, mail.from_domain)
        found = tuple(c for c in found if c != answer or c in said.contacts)
    return found


def _leads_to_a_page(mail: Mail) -> bool:
    return any(link.scheme in ("http", "https") for link in mail.links)


def _named(mail: Mail) -> tuple[Contact, ...]:
    """What the text, the links and ``Reply-To`` name, whatever the message is."""
    said = in_text(mail.words)
    found = set(said.contacts)
    if _leads_to_a_page(mail):  # a number may be filler
        found = {c for c in found if c.kind != "telephone" or c in said.calls}
    if said.offers:
        found |= {c for link in mail.links if (c := linked(link)) and not _leaves_by(link, _own(mail.words)[1])}
    if said.pleads and (answer := elsewhere(mail.reply_to, mail.from_domain)):
        found.add(answer)
    return tuple(sorted(c for c in found if c.kind != "mailbox" or not _own_mailbox(c.value, mail)))


def _own_mailbox(address: str, mail: Mail) -> bool:
    """Whether a mailbox is the sender's, or at his domain or at one that he links to: then the site says it all.

    Newsletters name their editors, and phish names the real bank's mailbox for good looks.
    """
    host = address.rpartition("@")[2]
    domain = canonical.registrable_domain(host) or host
    if address == mail.from_addr or _is_webmail(address):
        return address == mail.from_addr
    own = canonical.registrable_domain(mail.from_domain) or mail.from_domain
    return domain == own or any(link.domain == domain for link in mail.links if link.scheme != "mailto")


def _is_webmail(address: str) -> bool:
    host = address.rpartition("@")[2]
    domain = canonical.registrable_domain(host) or host
    return domain in WEBMAIL or _YAHOO.match(domain) is not None


def is_quiet(list_id: str, header_order: str, mime_shape: str) -> bool:
    """Whether a message is written to a list, in reply, or by a program, so that its contacts ask nobody."""
    names = header_order.lower().split(",")
    return bool(list_id) or mime_shape.startswith("multipart/report") or any(name in QUIET for name in names)


@lru_cache(maxsize=1024)
def in_text(text: str) -> Said:
    """What a text says. At most :data:`own_words.MAX_CHARACTERS` are looked at; time is linear in them."""
    text, low = _own(text)
    if not _asking.offers(low):
        return Said()
    spans = sorted(
        {*_written.mailboxes(low), *_written.telephones(low), *_written.messengers(low), *_payments.payments(text, low)}
    )
    taken = [span for span in spans if span.kind != "reference"]
    spans = [span for span in spans if span.kind != "reference" or not any(map(span.meets, taken))]
    pleads = _asking.pleads(low)
    asked, leaving = _asked(low, spans)
    found = {Contact(span.kind, span.value) for span in asked if span.value not in leaving}
    calls = {Contact(s.kind, s.value) for s in asked if s.kind == "telephone" and _asking.called(low, s.start)}
    return Said(tuple(sorted(found)) if len(found) <= MOST else (), frozenset(calls), pleads, True)


def _own(text: str) -> tuple[str, str]:
    """What a text says itself, as it is and in lower case, letter for letter."""
    text = _written.plain(own_words(text))
    low = text.lower()
    if ("l message" in low or "d message" in low) and (quoted := _FORWARDED.search(text)):
        text = text[: quoted.start()]
        low = text.lower()
    return (text if len(low) == len(text) else low), low


def _asked(low: str, spans: list[Span]) -> tuple[list[Span], set[str]]:
    """Those that the text asks to use, and the values by which it says anywhere how to get no more of it."""
    end, before, leaving = 0, False, False
    found, left = [], set()
    for span in spans:
        near = span.start - end <= _asking.CHAIN and "\n\n" not in low[end : span.start]
        asked = span.plain or (before and near) or _asking.asked(low, span.start, span.end, end)
        leaving = (leaving and near) or _asking.leaves(low, span.start, span.end, end)
        before = asked and not leaving and not (span.kind == "mailbox" and _nobodys(span, low))
        end = max(end, span.end)
        found += [span] * before
        left |= {span.value} if leaving else set()
    return found, left


def _nobodys(span: Span, low: str) -> bool:
    """Whether a mailbox is none to answer to: by its name, because it is who is greeted, or run into the next word."""
    host = span.value.rpartition("@")[2]
    if span.start and low[span.start - 1] == "}":  # the end of a token: the rest of the name is lost
        return True
    own = _NOT_TOLD.search(low, max(0, span.start - 30), span.start)
    run_on = _RUN_ON.search(host) and not canonical.has_public_suffix(host)
    return bool(_NO_ANSWER.search(span.value) or own or run_on)


def linked(link: Link) -> Contact | None:
    """The mailbox behind a link whose words ask to use it; None for any other link."""
    if link.scheme != "mailto" or link.place == "hidden" or not link.link_text or "{{" in link.url:
        return None
    address, _, query = link.url.removeprefix("mailto:").lower().partition("?")
    words = link.link_text.lower()
    leaves = _asking.leaves(words, 0, 0, 0) or _asking.leaves(words, len(words), len(words), 0)
    if "@" in words or not _DOES.search(words) or _EDITOR.search(words) or leaves or _asking.leaves(query, 0, 0, 0):
        return None
    return None if _NO_ANSWER.search(address) else Contact("mailbox", address)


def _leaves_by(link: Link, low: str) -> bool:
    """Whether the words of a link stand where a text says how to get no more of it, or nowhere that was looked at.

    Which of several "click here" leads where is not known, so one such place is enough.
    """
    words = re.compile(r"\s+".join(map(re.escape, link.link_text.lower()[:MOST_WORDS].split())))
    places = list(itertools.islice(words.finditer(low), MOST))
    return not places or any(_asking.leaves(low, at.start(), at.end(), 0) for at in places)


def elsewhere(reply_to: str, from_domain: str) -> Contact | None:
    """The mailbox in ``Reply-To`` where it lies elsewhere than the sender's; None otherwise."""
    address = reply_to.lower()
    host = address.rpartition("@")[2]
    if not host or "{{" in address or not from_domain or _NO_ANSWER.search(address):
        return None
    same = host == from_domain or host.endswith("." + from_domain) or from_domain.endswith("." + host)
    return None if same else Contact("mailbox", address)
