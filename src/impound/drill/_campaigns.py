"""Campaigns: each with a text skeleton of its own, a landing or a contact, a stretch of time and its botnets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from impound.drill import _clock, _words
from impound.drill._bodies import Letter
from impound.drill._chance import Chance
from impound.drill._landings import SHORTENER, Landing
from impound.drill._pictures import Picture
from impound.drill._settings import Difficulty
from impound.drill._templates import Style, Template, compiled, join

_TRIES = 60
_WORDS_A_SENTENCE = 10
_MAX_FILLER = 25
"""Sentences of filler in one message, at most."""
_FORMS = ("plain", "plain", "html", "html", "alternative", "alternative", "alternative")
_GREETINGS = ("", "", "", "", "", "Dear %s,", "Hello %s!", "Attention: %s")
_REPLY_TO = 0.5
"""Share of the campaigns with a contact that have it in Reply-To."""
_HIDING = (
    '<div style="display:none">%s</div>',
    '<font color="#fffff7" size="1">%s</font>',
    '<p style="font-size:1px;color:white">%s</p>',
    "<br><br><br><br>%s",
    "<p>%s</p>",
)
"""How filler stands in HTML; the last two in plain sight, far below."""


@dataclass
class Campaign:
    """One campaign, and how its messages are written."""

    id: str
    lure: str
    botnets: tuple[int, ...]
    start: int
    end: int
    subjects: tuple[Template, ...]
    text: Template
    form: str
    landing: Landing | None
    contact: str
    picture: Picture | None
    filler: int
    """Sentences of filler in a message."""
    shared: float
    frame: tuple[str, str, str]
    """HTML before the lines, between them, and after them."""
    hiding: str
    shortener: float
    random_subject: bool
    encoding: str
    image_only: bool
    greets: str
    """The first line, ``%s`` for what it calls the recipient; empty: none."""
    by_name: bool
    """Whether it calls the recipient by what his address shows of his name, or by the address."""
    reply_to: str
    """The mailbox of the contact, where the headers name it too."""
    first: int | None = field(default=None)
    last: int = 0
    messages: int = 0

    def seen(self, at: int) -> None:
        """Note a message of it."""
        self.first = at if self.first is None else self.first
        self.last, self.messages = at, self.messages + 1

    def write(self, chance: Chance, at: int, recipient: str) -> Letter:
        """What one of its messages says."""
        subject = _words.sentence(chance).rstrip(".?!") if self.random_subject else self._subject(chance)
        filler = _words.passage(chance, self.filler, self.shared) if self.filler else []
        html: str | None
        picture = self.picture.make(chance) if self.picture else None
        kind = self.picture.kind if self.picture else ""
        if self.image_only:
            html = f'<html><body><img src="cid:{{cid}}"><br>{"<br>".join(filler)}</body></html>'
            return Letter(subject, "", html, picture, kind)
        link = self._link(chance, at, recipient)
        lines = self._greeting(recipient) + self.text.fill(chance.random).replace("<contact>", self.contact)
        plain = "\n\n".join([lines.replace("<link>", link), *filler]) if self.form != "html" else ""
        html = self._html(lines, link, filler) if self.form != "plain" or picture else None
        return Letter(subject, plain, html, picture, kind)

    def _subject(self, chance: Chance) -> str:
        return chance.pick(self.subjects).fill(chance.random)

    def _greeting(self, recipient: str) -> str:
        if not self.greets:
            return ""
        return self.greets % (recipient.partition(".")[0].title() if self.by_name else recipient) + "\n"

    def words(self, chance: Chance, at: int, recipient: str) -> tuple[str, str]:
        """Subject and plain text of one of its messages, without filler."""
        text = self.text.fill(chance.random).replace("<contact>", self.contact)
        return self._subject(chance), text.replace("<link>", self._link(chance, at, recipient))

    def _link(self, chance: Chance, at: int, recipient: str) -> str:
        if self.landing is None:
            return ""
        if self.shortener and chance.random() < self.shortener:
            return SHORTENER + chance.letters(6)
        return self.landing.link(chance, at, recipient)

    def _html(self, lines: str, link: str, filler: list[str]) -> str:
        before, between, after = self.frame
        body = lines.replace("\n", between).replace("<link>", f'<a href="{link}">{link}</a>')
        hidden = self.hiding % " ".join(filler) if filler else ""
        image = '<img src="cid:{cid}">\n' if self.picture else ""
        return f"{before}{image}{body}{after}\n{hidden}\n</body></html>"


class Author:
    """Writes campaigns so that no two of one lure share a line's fixed words."""

    def __init__(self, seed: int, level: Difficulty, before: Author | None = None) -> None:
        self._seed, self._level = seed, level
        self._used: set[tuple[str, str]] = before._used if before else set()

    def campaign(self, number: int, lure: str, botnets: tuple[int, ...], start: int, end: int) -> Campaign:
        """A new campaign with its own skeleton, link shape and look."""
        chance, level, said = Chance.of(self._seed, "campaign", number), self._level, _words.lures()[lure]
        style = Style(level.varied, level.synonyms, level.listed, chance.random() < level.obfuscated)
        text, *subjects = self._text(lure, said, chance, style)
        image_only = chance.random() < level.image_only
        form = "html" if image_only else chance.pick(_FORMS)
        words = len(text.form.split())
        filler = round(words * level.filler / (1 - level.filler) / _WORDS_A_SENTENCE)
        linked = said["ends"] == "link"
        contact = _contact(chance) if said["ends"] == "contact" else ""
        return Campaign(
            id=f"C{number:03d}", lure=lure, botnets=botnets, start=start, end=end, subjects=tuple(subjects), text=text,
            form=form,
            landing=Landing(self._seed, number, level.landing_minutes, chance.random() < level.random_path)
            if linked else None,
            contact=contact,
            picture=_picture(chance, said) if image_only or chance.random() < level.image_only else None,
            filler=min(_MAX_FILLER, filler), shared=level.shared_filler, frame=_frame(chance),
            hiding=chance.pick(_HIDING), shortener=level.shortener if linked else 0.0,
            random_subject=chance.random() < level.random_subject,
            encoding=chance.pick(("7bit", "7bit", "7bit", "quoted-printable", "base64")), image_only=image_only,
            reply_to=contact.partition(",")[0] if contact and chance.random() < _REPLY_TO else "",
            greets=chance.pick(_GREETINGS), by_name=chance.random() < 0.5,
        )  # fmt: skip

    def _text(self, lure: str, said: dict[str, Any], chance: Chance, style: Style) -> list[Template]:
        """Text and subjects, with the names that are the campaign's own put in."""
        body = chance.some(said["body"], chance.between(3, max(3, len(said["body"]) - 2)))
        parts = [*chance.some(said["opening"], chance.between(1, 2)), *body, chance.pick(said["closing"])]
        lines = [line for part in parts if (line := self._line(lure, part, chance, style))]
        if said["ends"] != "nothing" and not any("<link>" in t.form or "<contact>" in t.form for t in lines):
            lines.append(Template("<link>" if said["ends"] == "link" else "<contact>", ()))
        ticker = chance.letters(4).upper()
        firm = f"{_words.label(chance).title()} {chance.pick(('Bank', 'Trust', 'Savings', 'Union'))}"
        subjects = [
            compiled(part, _words.lists(), chance, style) for part in chance.some(said["subject"], chance.between(1, 3))
        ]
        return [
            Template(t.form.replace("<ticker>", ticker).replace("<firm>", firm), t.slots)
            for t in (join(lines, "\n"), *subjects)
        ]

    def _line(self, lure: str, part: str, chance: Chance, style: Style) -> Template | None:
        for _ in range(_TRIES):
            line = compiled(part, _words.lists(), chance, style)
            if (lure, line.form) not in self._used:
                self._used.add((lure, line.form))
                return line
        return None


def _contact(chance: Chance) -> str:
    """A mailbox, and a telephone of the numbers reserved for fiction."""
    first, last = _words.person(chance)
    box = f"{first}{last}{chance.below(100)}".lower()
    host = chance.pick(("example.com", "example.net", f"{_words.label(chance)}.example"))
    return f"{box}@{host}, telephone +1-{chance.between(201, 989)}-555-01{chance.below(100):02d}"


def _picture(chance: Chance, said: dict[str, Any]) -> Picture:
    said_so = compiled(chance.pick(said["picture"]), {"price": [f"${chance.between(9, 99)}"]}, chance).form
    words = (
        f"{chance.letters(3).upper()}{chance.between(100, 999)} {said_so}"  # the shop's own, as each campaign has one
    )
    light = (chance.between(200, 255), chance.between(200, 255), chance.between(200, 255))
    dark = (chance.between(10, 90), chance.between(10, 90), chance.between(10, 90))
    return Picture(words.replace("%%", "%"), chance.pick(("gif", "gif", "png")), light, dark)


def _frame(chance: Chance) -> tuple[str, str, str]:
    colour, font = chance.hex(6), chance.pick(("Arial", "Verdana", "Tahoma", "Times"))
    head = chance.pick((
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN" "http://www.standards.example/loose.dtd">\n<html>',
        '<html xmlns="http://www.standards.example/1999/xhtml">', "<html>", "<HTML><HEAD><TITLE></TITLE></HEAD>",
    ))  # fmt: skip
    before, between, after = chance.pick((
        (f'<p><font face="{font}">', f'</font></p>\n<p><font face="{font}">', "</font></p>"),
        ("<div>", "</div>\n<div>&nbsp;</div>\n<div>", "</div>"),
        (f'<table width="{chance.between(40, 70)}0"><tr><td>', "</td></tr>\n<tr><td>", "</td></tr></table>"),
        (f'<center><b style="color:#{colour}">', "</b><br>\n<b>", "</b></center>"),
        (f'<span style="font:{chance.between(10, 16)}px {font}">', "<br>\n", "</span>"),
    ))  # fmt: skip
    return f'{head}<body bgcolor="#f{colour[1]}f{colour[3]}f{colour[5]}">\n{before}', between, after


def plan(author: Author, seed: int, botnets: int, days: int, *, since: int = 0, after: int = 0) -> list[Campaign]:
    """The campaigns of the botnets: one after the other with some overlap; a fifth is rented to a second botnet.

    They begin at the second ``since`` at the earliest and are numbered from ``after`` + 1 on.
    """
    chance, found = Chance.of(seed, "plan"), list[Campaign]()
    kinds = [lure for lure in _words.lures() if lure != "commercial"]
    order: list[str] = []
    each = max(2, min(12, round(days * 0.6) + 1))
    for botnet in range(botnets):
        for turn in range(each):
            order = order or chance.some(kinds, len(kinds))
            length = days * _clock.DAY / each
            start = since + max(0, int(length * (turn - 0.6 * chance.random())))
            end = since + min(days * _clock.DAY, int(length * (turn + 1 + 0.6 * chance.random())))
            other = (botnet + chance.between(1, botnets - 1)) % botnets if botnets > 1 else botnet
            rented = botnets > 1 and (botnet * each + turn) % 5 == 2
            senders = (botnet, other) if rented else (botnet,)
            found.append(author.campaign(after + len(found) + 1, order.pop(), senders, start, end))
    return found


def again(author: Author, before: list[Campaign], since: int, days: int) -> list[Campaign]:
    """The campaigns of botnets that come back: what each sold, where it led and to whom, in words of their own.

    One follows the other as before, within the ``days`` that are left.
    """
    first, last = min(c.start for c in before), max(c.end for c in before)
    scale, found = days * _clock.DAY / max(1, last - first), list[Campaign]()
    for number, old in enumerate(before, 1):
        start, end = (since + int((at - first) * scale) for at in (old.start, old.end))
        new = author.campaign(len(before) + number, old.lure, old.botnets, start, end)
        new.landing, new.contact, new.reply_to = old.landing, old.contact, old.reply_to
        found.append(new)
    return found
