"""What a message sells or pretends, with the words that decided: :func:`lure`.

Words and phrases of several languages have points for one of the lures in ``lures.toml`` (sure, certain, strong, weak).
A word counts once, more in the subject or the sender's name, less in a long text. The lure with most points is named
when they are enough; lists and answers talk about everything, so they must show more. This is the keyword method of the
first studies of what spam sells (Levchenko et al., Click Trajectories, IEEE S&P 2011, section III-C: keyword sets by
class, checked by hand), with the words put in plain letters first.

Whether a message is spam at all is not decided here: ``ham`` says that nothing in it speaks for a lure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from impound.check._lexicon import ENOUGH, POINTS, Lexicon, Part, shipped
from impound.check.mail import File, Link, Mail
from impound.config import LURES

__all__ = ["ENOUGH", "LURES", "POINTS", "Lexicon", "Lure", "is_talk", "lure", "shipped"]

_NAMES = frozenset(LURES)

MOST_TEXT = 3000
"""Characters of a text that are looked at; what a message sells stands at its beginning."""
MOST_HEAD = 400
MOST_NAMES = 3
HEAD = 2.5
"""How much more a word in the subject or in the sender's name counts."""
LONG = 100
"""Words of a text from which on its points count less, with the root of its length: long texts name many things."""
ENOUGH_TALK = 12.0
"""Points where people talk (a list, an answer that quotes, what the classifier holds to be wanted)."""
ENOUGH_FILLER = 8.0
"""Points where a picture is enclosed and neither subject nor links speak: its text may be there for filters alone."""
MANY, MANY_OF_SPAM = 4, 3
"""Strong words that say together what a certain one says alone; the second where the message is held to be spam."""
CLEAR = 0.3
"""Share of all points that a lure must have where nobody said that the message is spam."""
FEW_WORDS = 25
"""A message with a picture and fewer words is taken to say in the picture what it says."""


@dataclass(frozen=True, slots=True)
class Lure:
    """A lure, its share of all points given (0–1), and the words that decided, the weightiest first."""

    name: str
    share: float
    words: tuple[str, ...]


def lure(mail: Mail, spam: float | None = None, lexicon: Lexicon | None = None) -> Lure:
    """What a message sells or pretends. ``spam``: what the classifier thinks (0–1), where it was asked.

    A message that is spam and says nothing that is known is ``other-spam``; so is a picture that is all there is, when
    neither subject nor link tells what it shows. What the classifier is not ``SURE`` of decides nothing.
    """
    if spam is not None and 1 - SURE < spam < SURE:
        spam = None
    said = _said(mail, lexicon or shipped())
    name = _named(said, mail, spam)
    picture = (PICTURE,) if _is_picture(mail, said.body.count) else ()
    if name:
        return Lure(name, round(said.totals[name] / said.all, 6), said.words(name)[:MOST_SHOWN] + picture)
    if picture or (spam is not None and spam >= SPAM):
        return Lure("other-spam", 0.0, picture)
    return Lure("ham", 0.0, ())


SPAM = 0.5
"""From here on a message is taken for spam when the classifier was asked."""
SURE = 0.9
"""0.5, 0.8 and 0.9 do alike on the half for tuning: macro-F1 of all labels 0.901, without a classifier 0.858."""


def _named(said: Said, mail: Mail, spam: float | None) -> str:
    """The lure that has enough points, or nothing."""
    talk = spam < SPAM if spam is not None else is_talk(mail)
    filler = any(file.media_type.startswith("image/") for file in mail.files)
    spammy = spam is not None and spam >= SPAM
    clear = 0.0 if spammy else CLEAR * said.all
    able = []
    for name, points in said.totals.items():
        need = ENOUGH_TALK if talk else ENOUGH_FILLER if filler and not said.is_open(name) else said.known.enough[name]
        if points >= need and points >= clear and said.has_needs(name) and said.is_told(name, spammy):
            able.append((-points, LURES.index(name), name))
    able.sort()
    if len(able) > 1 and able[0][2] == "marketing":
        able.pop(0)  # whatever is sold is offered; the more particular lure says more
    return able[0][2] if able else ""


MOST_SHOWN = 6
PICTURE = "#picture: the message is in a picture"


@dataclass(frozen=True, slots=True)
class Said:
    """What a message speaks for: ``totals`` of points for each lure, and ``all`` of them, from its four parts."""

    known: Lexicon
    head: Part
    body: Part
    signs: Part
    links: Part
    totals: Mapping[str, float]
    all: float

    @property
    def parts(self) -> tuple[Part, ...]:
        """All four, the weightiest first."""
        return self.head, self.links, self.body, self.signs

    def is_open(self, name: str) -> bool:
        """Whether subject, sender or links speak for a lure, not the text alone."""
        return name in self.head.points or name in self.links.points

    def is_told(self, name: str, spammy: bool) -> bool:
        """Whether one word says it nearly alone, or strong ones do together; elsewhere they are the talk of a trade."""
        if any(part.most.get(name, 0.0) >= POINTS["certain"] for part in self.parts):
            return True
        strong = sum(part.strong.get(name, 0) for part in (self.head, *self.parts))  # the head's count twice
        when = self.known.together.get(name, "never")
        return (when == "always" or (when == "spam" and spammy)) and strong >= (MANY_OF_SPAM if spammy else MANY)

    def has_needs(self, name: str) -> bool:
        """Whether one of the words is there without which a lure is not named."""
        return not self.known.needs.get(name) or any(name + "?" in part.points for part in self.parts)

    def words(self, name: str) -> tuple[str, ...]:
        """The words that speak for a lure, the weightiest first, those of the head before others."""
        found: dict[str, float] = {}
        for part, factor in zip(self.parts, (HEAD, 1.0, 1.0, 1.0), strict=True):
            for word, points in part.points.get(name, {}).items():
                found[word] = max(found.get(word, 0.0), points * factor)
        return tuple(word for word, points in sorted(found.items(), key=lambda item: (-item[1], item[0])) if points)


def _said(mail: Mail, known: Lexicon) -> Said:
    """What the head, the text, the attachments and the links of a message speak for."""
    head = known.head(f"{mail.from_name} . {mail.subject}"[:MOST_HEAD])
    body = known.body(mail.words[:MOST_TEXT] + _file_names(mail.files) if mail.files else mail.words[:MOST_TEXT])
    signs = known.signs(tuple(dict.fromkeys(_file_signs(mail)))) if mail.files or mail.links else NOTHING
    links = _of_links(mail.links, known) if mail.links else NOTHING
    weight = 1.0 if body.count <= LONG else (LONG / body.count) ** 0.5
    totals: dict[str, float] = {}
    for part, factor in ((body, weight), (head, HEAD), (signs, 1.0), (links, 1.0)):
        for name, points in part.sums.items():
            if name in _NAMES:
                totals[name] = totals.get(name, 0.0) + points * factor
    return Said(known, head, body, signs, links, totals, sum([totals[name] for name in sorted(totals)]))


NOTHING = Part.of({})


def _file_names(files: tuple[File, ...]) -> str:
    """The names of what is enclosed, as further words of the text."""
    names = " ".join([file.name for file in files[:MOST_NAMES] if not file.media_type.startswith("image/")])
    return f" {names[:MOST_HEAD]}" if names else ""


def _of_links(links: tuple[Link, ...], known: Lexicon) -> Part:
    found = known.in_links(dict.fromkeys([link.host for link in links if link.host]))
    return Part.of({name: {word: POINTS["strong"]} for name, word in found}) if found else NOTHING


def is_talk(mail: Mail) -> bool:
    """Whether people talk here: a list, or an answer that quotes."""
    text = mail.text[:MOST_TEXT]
    return bool(mail.list_id) or text.startswith(">") or "\n>" in text or " wrote:" in text


def _is_picture(mail: Mail, count: int) -> bool:
    """Whether a picture says it all: one is enclosed, or there are links, and there is hardly a word."""
    if count >= FEW_WORDS:
        return False
    pictures = any(file.media_type.startswith("image/") or file.magic.startswith("image/") for file in mail.files)
    return pictures or any(link.place == "html" and not link.link_text for link in mail.links)


_PROGRAM = re.compile(r"\.(?:exe|scr|pif|com|bat|cmd|vbs|js|jar|lnk|iso|hta)\Z", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:zip|rar|7z|ace|docm|xlsm)\Z", re.IGNORECASE)


def _file_signs(mail: Mail) -> Iterator[str]:
    """What is seen in links and attachments."""
    if mail.links:
        yield "#link"
    for file in mail.files:
        if _PROGRAM.search(file.name):
            yield "#program"
        elif _ARCHIVE.search(file.name):
            yield "#archive"
        elif file.media_type.startswith("image/"):
            yield "#picture"


SIGNS = ("#million", "#prices", "#percent", "#ticker", "#link", "#program", "#archive", "#picture")
"""A sum in millions; two prices; a percentage; a share's symbol; a link; an enclosed program, archive, picture."""
