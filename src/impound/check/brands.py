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
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from impound import canonical
from impound.check import _plain
from impound.check.lures import MOST_HEAD, MOST_TEXT, MOST_TEXTS, Lure, is_talk, lure
from impound.check.mail import Mail

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


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark: its kind (account, medicine, luxury, software), its holders' domains, whether it is an ordinary word."""

    name: str
    kind: str
    domains: tuple[str, ...]
    ordinary: bool = False

    def holds(self, domain: str) -> bool:
        """Whether a domain, or one above it, is the holder's: listed, or the mark's own word below a suffix."""
        if not domain:
            return False
        if any(domain == own or domain.endswith("." + own) for own in self.domains):
            return True
        label, _, suffix = domain.partition(".")
        return label == _label(self.name) and (len(suffix) == 2 or suffix in _OWN_SUFFIXES)


_OWN_SUFFIXES = frozenset(
    ("com", "net", "org", "co.uk", "com.br", "com.au", "com.mx", "com.ar", "co.jp", "com.tr", "co.in", "co.za")
)


def _label(name: str) -> str:
    """A name as it would be a label of a domain."""
    return "".join(_plain.fold(name).split())


class Marks:
    """The marks of ``brands.toml`` ready to be looked up; ``more`` are a user's own: a name, its holder's domains."""

    def __init__(self, more: Mapping[str, Iterable[str]] | None = None) -> None:
        data = tomllib.loads(resources.files("impound.check").joinpath("brands.toml").read_text("utf-8"))
        self.sellers: dict[str, list[str]] = data["sellers"]
        self.marks: dict[str, list[Mark]] = {}
        self._phrases: dict[str, list[tuple[str, str]]] = {}
        self._alike: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._shapes: dict[str, str] = {}
        ordinary = frozenset(data["ordinary"]["words"])
        for kind, table in {"account": data["account"], **data["goods"], "own": dict(more or {})}.items():
            for name, domains in table.items():
                mark = Mark(name, "account" if kind == "own" else kind, tuple(domains), name in ordinary)
                self.marks.setdefault(name, []).append(mark)
                self._add(name, (name, *data["names"].get(name, ())))
        goods = [_label(name) for kind in data["goods"].values() for name in kind]
        self._moved = {_plain.scramble(own): own for own in goods if len(own) > 5 and own in self._phrases}
        self._goods = [(bare, own) for own in goods if len(bare := _plain.skeleton(own)) > 5 and own in self._phrases]
        self._idle: set[str] = set()
        self._named = lru_cache(maxsize=MOST_TEXTS)(self._find)

    def _add(self, name: str, spellings: Iterable[str]) -> None:
        for spelling in spellings:
            plain = " ".join(_plain.fold(spelling).split())
            key = max(plain.split(), key=len)
            phrase = (f" {plain} ", name)
            if phrase not in self._phrases.setdefault(key, []):
                self._phrases[key].append(phrase)
            if " " not in plain and len(plain) > 4:
                self._alike.setdefault(_plain.skeleton(plain), plain)
            if len(plain) > 5:
                label = _label(spelling)
                self._labels.setdefault(label, name)
                self._shapes.setdefault(_plain.skeleton(label), label)

    def named(self, text: str) -> Mapping[str, int]:
        """The marks that a text names, with how often."""
        return self._named(text) if text else {}

    def _find(self, text: str) -> Mapping[str, int]:
        found: dict[str, int] = {}
        words = _plain.words(text)
        line = ""
        for word in set(words) - self._idle:
            known = word if word in self._phrases else self._meant(word)
            if not known:
                if len(self._idle) < 1 << 17:
                    self._idle.add(word)
                continue
            line = line or f" {' '.join(words)} "
            for phrase, name in self._phrases[known]:
                if known != word and phrase == f" {known} ":
                    found[name] = found.get(name, 0) + line.count(f" {word} ")
                elif phrase in line:
                    found[name] = found.get(name, 0) + line.count(phrase)
        return found

    def _meant(self, word: str) -> str:
        """The spelling of a mark that a word disguises, or that is run together with another word (of goods alone)."""
        if len(word) < 5:
            return ""
        bare = _plain.skeleton(word)
        inside = (own for shape, own in self._goods if shape in bare) if len(word) > 7 else iter(())
        return self._alike.get(bare) or self._moved.get(_plain.scramble(word)) or next(inside, "")

    @lru_cache(maxsize=16384)  # noqa: B019  (one table lives as long as the program)
    def looks_like(self, host: str) -> tuple[str, str]:
        """The mark whose holder's domain a host is made to look like, and how; two empty texts when it is not."""
        domain = canonical.registrable_domain(host) or ""
        if not domain:
            return "", ""
        label, ahead = _shown(domain.partition(".")[0]), _shown(host[: -len(domain)].rstrip("."))
        alike = "looks like" if "xn--" in host else "carries"
        for part, where in ((label, ""), (ahead, " in front of another domain")):
            for piece in (part, *re.split(r"[.-]", part)):
                name = self._labels.get(piece, "")
                if name and not self.is_holder(name, domain):
                    return name, f"{host} {alike} the name {name}{where}"
        meant = self._shapes.get(_plain.skeleton(label), "") or self._one_off(label)
        name = self._labels.get(meant, "")
        if name and meant != label and not self.is_holder(name, domain):
            return name, f"{host} looks like {meant}"
        return "", ""

    def _one_off(self, label: str) -> str:
        """The mark that a label is one letter away from; only for names of seven letters and more."""
        if len(label) < 6:
            return ""
        return next((own for own in self._labels if len(own) > 6 and label != own and one_edit(label, own)), "")

    def is_holder(self, name: str, domain: str) -> bool:
        """Whether a domain belongs to a holder of a mark, or to somebody who may sell its goods."""
        of = self.marks[name]
        allowed = [s for mark in of for s in self.sellers.get(mark.kind, ())]
        return any(mark.holds(domain) for mark in of) or any(domain == s or domain.endswith("." + s) for s in allowed)


def _shown(label: str) -> str:
    """A label as a browser shows it: Punycode (RFC 3492) decoded, look-alike letters as what they look like."""
    if "xn--" not in label:
        return label
    pieces = (_decoded(piece) for piece in label.split("."))
    return ".".join(_plain.fold(piece).replace(" ", "-") for piece in pieces)


def _decoded(piece: str) -> str:
    try:
        return piece[4:].encode().decode("punycode") if piece.startswith("xn--") else piece
    except UnicodeError:
        return piece


def one_edit(one: str, other: str) -> bool:
    """Whether one letter put in, left out, changed, or two neighbours swapped make one word the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])


@lru_cache(maxsize=1)
def shipped() -> Marks:
    """The marks that come with the program."""
    return Marks()


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
