"""Letters of people: short, each different, from the mail programs that people use."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from impound.drill import _words
from impound.drill._bodies import Letter
from impound.drill._chance import Chance
from impound.drill._innocents import Innocents
from impound.drill._landings import SHORTENER
from impound.drill._mail import Mail
from impound.drill._net import Client, dotted
from impound.drill._poison import Poison
from impound.drill._programs import PERSONAL, WEBMAIL, Envelope, Program
from impound.drill._receiver import Receiver, handed
from impound.drill._settings import Settings
from impound.drill._templates import compiled

_PEOPLE = 5
"""People who write from one company."""
_LINKED = 0.1
"""Share of the letters with a link."""
_STOCK = 0.05
"""Share with one of a few subjects that everybody writes."""
_SUBJECTS = ("Thanks for last week", "A small question", "Photos", "Re: Re: the plan")
_ZONES = (-300, 0, 60, 60, 120)


class Correspondent(NamedTuple):
    """A person who writes: the machine that hands the letter in, name, address, and program."""

    client: Client
    sender: str
    display: str
    program: Program
    host: str
    tag: str = "0201a8c0"
    zone: int = 0


class Letters:
    """Makes letters; each method gives what arrives at one moment."""

    def __init__(self, settings: Settings, innocents: Innocents, receiver: Receiver, poison: Poison) -> None:
        self._seed, self._level = settings.seed, settings.level
        self._innocents, self._receiver, self._poison = innocents, receiver, poison

    def company(self, at: int, chance: Chance) -> list[Mail]:
        """Somebody at a company writes."""
        return [self.letter(self._employee(self._innocents.company(chance), chance.below(_PEOPLE)), at, chance)]

    def business(self, at: int, chance: Chance) -> list[Mail]:
        """A small firm with its own server writes."""
        return [self.letter(self._employee(self._innocents.business(chance), chance.below(_PEOPLE)), at, chance)]

    def stranger(self, number: int, at: int, chance: Chance) -> list[Mail]:
        """Somebody writes whose server is not seen again."""
        return [self.letter(self._employee(self._innocents.stranger(number), 0), at, chance)]

    def webmail(self, at: int, chance: Chance) -> list[Mail]:
        """Somebody writes with a browser."""
        first, last = _words.person(chance)
        sender, client = f"{first}.{last}{chance.below(50)}@example.com".lower(), self._innocents.webmail(chance)
        return [self.letter(Correspondent(client, sender, f"{first} {last}", WEBMAIL, client.name), at, chance)]

    def relay(self, at: int, chance: Chance) -> list[Mail]:
        """A customer writes through the outgoing server of his access provider."""
        relay = self._innocents.relay(chance)
        provider, (first, last) = self._innocents.provider_of(relay), _words.person(chance)
        person = Chance.of(self._seed, "customer", provider.number, first, last)
        address, host = provider.dynamic(person), f"{last}-pc".lower()
        home = Client(dotted(address), provider.name(address), host, "", "")
        sender = f"{first[0]}{last}@{provider.domain}".lower()
        who = Correspondent(relay, sender, f"{first} {last}", person.pick(PERSONAL), host, zone=provider.zone)
        mail = self.letter(who, at, chance)
        line = handed(home, relay.name, mail.recipient, at - chance.between(1, 9), chance.getrandbits(60))
        return [mail._replace(below=line)]

    def forwarded(self, at: int, chance: Chance) -> list[Mail]:
        """A letter to a former student, which the university's server hands on."""
        mail, relay = self.company(at, chance)[0], self._innocents.forwarder()
        user = mail.recipient.partition("@")[0] + "@alumni.example"
        line = handed(mail.client, relay.name, user, at - chance.between(1, 20), chance.getrandbits(60))
        return [mail._replace(kind="forwarded", client=relay, below=line, author=mail.client.machine)]

    @lru_cache(maxsize=16_384)  # noqa: B019 - one object for each drill
    def _employee(self, client: Client, number: int) -> Correspondent:
        """One of the people of a firm: each keeps name, address, program and computer."""
        person = Chance.of(self._seed, client.machine, number)
        first, last = _words.person(person)
        server = client.name if client.machine.startswith("srv") else client.helo
        domain = server.partition(".")[2] if server.startswith(("mail", "mx", "smtp", "post")) else ""
        domain = domain or _words.firm(Chance.of(self._seed, "domain", client.machine))
        return Correspondent(
            client, f"{first}.{last}@{domain}".lower(), f"{first} {last}", person.pick(PERSONAL),
            f"{last}-pc.{domain}".lower(), person.hex(8), person.pick(_ZONES),
        )  # fmt: skip

    def letter(self, who: Correspondent, at: int, chance: Chance) -> Mail:
        """A letter of that person to somebody in the organisation."""
        recipient = chance.pick(self._receiver.mailboxes)
        text = self._text(who.display, recipient, chance)
        subject = _words.sentence(chance, "question") if chance.random() > _STOCK else chance.pick(_SUBJECTS)
        sent = at - chance.between(1, 30)
        envelope = Envelope(who.display, who.sender, recipient, subject, sent, who.zone, who.host, who.tag)
        html = as_html(text) if who.program.name in ("Outlook 2007", "webmail") else None
        letter = Letter(subject, text, html)
        content, body = who.program.parts.build(letter, who.program.boundary(chance, envelope), "7bit", chance)
        return Mail("personal", who.client, who.sender, recipient, who.program.head(chance, envelope, content), body)

    def _text(self, display: str, recipient: str, chance: Chance) -> str:
        level = self._level
        lines = [f"{chance.pick(('Dear', 'Hello', 'Hi'))} {recipient.partition('.')[0].title()},", ""]
        lines += [_words.sentence(chance, "personal") for _ in range(chance.between(2, 7))]
        if chance.random() < level.topical_ham:
            lines += ["", *topic(chance)]
        if chance.random() < level.book_ham:
            lines += ["", *_words.passage(chance, chance.between(2, 6), 1.0)]
        if chance.random() < _LINKED:
            shortened = chance.random() < level.shortener
            lines.append(SHORTENER + chance.letters(6) if shortened else _link(chance))
        lines += [line for line in (self._poison.innocent_link(),) if line]
        return "\n".join([*lines, "", display])


def _link(chance: Chance) -> str:
    path = chance.pick(
        ("", f"{chance.letters(5)}", f"{chance.pick(_words.lists()['noun'])}.html", f"?id={chance.hex(6)}")
    )
    return f"http://{chance.pick(('www.', ''))}{_words.firm(chance)}/{path}"


def topic(chance: Chance) -> list[str]:
    """Innocent words about what campaigns write about: half of them quote such a message."""
    said = _words.lures()[chance.pick(list(_words.lures()))]
    sentence = compiled(chance.pick(said["body"]), _words.lists(), chance).fill(chance.random)
    sentence = sentence.replace("<", "").replace(">", "")
    if chance.random() < 0.5:
        return ["Did you get this too? It is the third today:", f"> {sentence}"]
    return [f"My colleague asked about it: {sentence}"]


def as_html(text: str) -> str:
    """A text as the HTML that mail programs make of it."""
    lines = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split("\n")
    return '<html><body>\n<div dir="ltr">' + "<br>\n".join(lines) + "</div>\n</body></html>"
