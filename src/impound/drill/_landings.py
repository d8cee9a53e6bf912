"""Where a campaign leads: landing domains that change, and links with a shape of the campaign's own."""

from __future__ import annotations

import base64
from collections.abc import Callable

from impound.drill._chance import Chance
from impound.drill._words import label, lists

SHORTENER = "http://go.short.example/"
"""One service that shortens links, used by campaigns and by ordinary people."""
_TAILS = ("online", "shop", "mart", "web", "net", "store", "best", "fine", "plus", "zone", "point", "land")
_AT_ONCE = 3
"""Landing domains of one campaign that are advertised at the same time, at most."""
_CODED = 0.15
"""Share of the campaigns whose links carry the recipient's address in Base64."""


_CLASSES, _NUMBERS = 97, 100
"""The number in a landing's name, divided by 97, leaves the campaign's own number: no two campaigns share a landing,
however many there come to be, without a list of all."""


def _word(chance: Chance) -> str:
    return chance.pick(lists()["noun"])


_PATHS: tuple[Callable[[Chance], str], ...] = (
    lambda c: "/",
    lambda c: f"/?{c.hex(8)}",
    lambda c: f"/{_word(c)}/",
    lambda c: f"/{c.between(100, 99999)}.html",
    lambda c: f"/?id={c.hex(6)}&{c.letters(2)}={c.below(10)}",
    lambda c: f"/{_word(c)}-{_word(c)}.htm",
    lambda c: f"/{c.letters(5)}/{c.letters(3)}.php?{c.letters(1)}={c.between(1000, 9999)}",
    lambda c: f"/{c.hex(16)}",
    lambda c: f"/index.php?aff={c.between(10, 99)}&s={c.letters(8)}",
    lambda c: f"/{_word(c)}{c.below(100)}/?{c.letters(4)}",
)


class Landing:
    """The links of one campaign."""

    def __init__(self, seed: int, number: int, minutes: int, any_path: bool) -> None:
        chance = Chance.of(seed, "landing", number)
        self._name, self._number = f"{seed}/landing/{number}", number
        self._seconds, self._any_path = minutes * 60, any_path
        self._at_once = chance.between(1, _AT_ONCE)
        self._path = chance.pick(_PATHS)
        self._host = chance.pick(("", "", "www.", "*."))
        self._coded = chance.random() < _CODED
        self._kind = chance.below(4)
        self._turn, self._domains = -1, [""]

    def link(self, chance: Chance, at: int, recipient: str) -> str:
        """A link as it is advertised at that time."""
        path = (chance.pick(_PATHS) if self._any_path else self._path)(chance)
        host = chance.letters(4) + "." if self._host == "*." else self._host
        if self._coded:
            path += ("&" if "?" in path else "?") + "e=" + base64.urlsafe_b64encode(recipient.encode()).decode()
        return f"http://{host}{chance.pick(self.domains(at))}{path}"

    def domains(self, at: int) -> list[str]:
        """The domains that are advertised at that time."""
        turn = at // self._seconds
        if turn != self._turn:
            self._turn = turn
            self._domains = [self._domain(Chance.of(self._name, turn, place)) for place in range(self._at_once)]
        return self._domains

    def _domain(self, chance: Chance) -> str:
        if self._kind == 0:
            return f"{chance.letters(chance.between(8, 12))}.example"
        number = self._number % _CLASSES + _CLASSES * chance.below(_NUMBERS)
        if self._kind == 1:
            return f"{label(chance)}{chance.pick(_TAILS)}{number}.example"
        if self._kind == 2:
            return f"{_word(chance)}-{chance.pick(_TAILS)}{number}.example"
        return f"{label(chance)}{number}.example"
