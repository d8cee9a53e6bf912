"""Poison: links to garbage domains and to well-known ones that bots mix into their mail, to hurt lists made from it.

A garbage domain is met once or twice, as Rustock's were; well-known ones are the drill's own portals, which innocent
people link to as well, some often and some hardly ever.
"""

from __future__ import annotations

from collections.abc import Iterator

from impound.drill import _words
from impound.drill._bodies import Letter
from impound.drill._chance import Chance

PER_KNOWN = 100
"""Garbage domains for each well-known one."""
_BOT_SHARE = 0.4
"""Share of a drill's messages that bots surely write: over so many the garbage is spread, each domain once."""
_LINKED = 0.5
"""Share of the innocent letters that link to a well-known domain, in a drill with poison."""


class Poison:
    """The poison of one drill; without any, letters stay as they are and no chance is drawn."""

    def __init__(self, seed: int, garbage: int, messages: int) -> None:
        self.garbage, self.known, self._seed = garbage, -(-garbage // PER_KNOWN), seed
        self._each = -(-garbage // max(1, int(messages * _BOT_SHARE)))
        self._next = 0
        self._chance = Chance.of(seed, "poison")

    def mixed_in(self, letter: Letter) -> None:
        """Add the next garbage domains and a well-known one to a letter of a bot."""
        if not self.garbage:
            return
        numbers = [number % self.garbage for number in range(self._next, self._next + self._each)]
        self._next += self._each
        domains = [self.domain(number) for number in numbers] + [self._portal()]
        links = [f"http://{domain}/" for domain in self._chance.some(domains, len(domains))]
        if letter.plain:
            letter.plain += "\n" + "\n".join(links)
        if letter.html is not None:
            anchors = " ".join(f'<a href="{link}">{link}</a>' for link in links)
            letter.html = letter.html.replace("</body>", f"<p>{anchors}</p></body>")

    def innocent_link(self) -> str:
        """A line with a link to a well-known domain, for some innocent letters; empty for the others."""
        if not self.garbage or self._chance.random() >= _LINKED:
            return ""
        return f"http://www.{self._portal()}/"

    def _portal(self) -> str:
        """A well-known domain, the first ones more often: the square of a draw."""
        return self.portal(int(self._chance.random() ** 2 * self.known))

    def domain(self, number: int) -> str:
        """The garbage domain of that number."""
        return f"{Chance.of(self._seed, 'garbage', number).letters(7)}{number}q.example"

    def portal(self, number: int) -> str:
        """The well-known domain of that number."""
        return f"{_words.label(Chance.of(self._seed, 'portal', number))}-portal{number}.example"

    def names(self) -> Iterator[tuple[str, str]]:
        """Every domain with what it is, for the truth."""
        yield from ((self.portal(number), "well-known") for number in range(self.known))
        yield from ((self.domain(number), "garbage") for number in range(self.garbage))
