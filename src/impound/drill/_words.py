"""Words, names and prose: what everything in a drill is written with."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from impound.drill._chance import Chance
from impound.drill._templates import Lists, Template, compiled

_HERE = Path(__file__).parent
_NUMBERS = 1000
"""Values of each list of numbers."""
_BOOK = 600
"""Sentences of the book that filler and some ham are copied from."""


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, Any]:
    return tomllib.loads((_HERE / "vocabulary.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def lures() -> dict[str, dict[str, Any]]:
    """What each lure says: ends, picture, subject, opening, body, closing."""
    return tomllib.loads((_HERE / "lures.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def lists() -> Lists:
    """The lists that a ``{@name}`` names: words, and numbers in the shapes that mail writes them in."""
    chance = Chance.of("impound drill", "numbers")
    found = {name: words.split() for name, words in _vocabulary().items() if isinstance(words, str)}
    tens = range(_NUMBERS)
    found["number"] = [str(chance.between(1000, 999_999)) for _ in tens]
    found["small"] = [str(number) for number in range(2, 50)]
    found["percent"] = [str(number) for number in range(15, 95)]
    found["price"] = [f"${chance.between(1, 399)}.{chance.below(100):02d}" for _ in tens]
    found["cents"] = [f"$0.{chance.between(1, 99):02d}" for _ in range(99)]
    found["salary"] = [f"${chance.between(4, 60)}00" for _ in tens]
    found["large"] = [f"{chance.between(1, 35)},{chance.between(1, 9)}00,000" for _ in tens]
    found["code"] = [chance.letters(chance.between(2, 4)).upper() for _ in tens]
    return found


@lru_cache(maxsize=16)
def patterns(name: str) -> tuple[Template, ...]:
    """The sentence patterns of one kind: prose, personal, question, list_talk, newsletter."""
    return tuple(compiled(text, lists(), Chance.of("impound drill", name)) for text in _vocabulary()[name])


@lru_cache(maxsize=1)
def book() -> tuple[str, ...]:
    """The sentences of one book: the same in every drill."""
    chance = Chance.of("impound drill", "book")
    return tuple(sentence(chance) for _ in range(_BOOK))


def sentence(chance: Chance, kind: str = "prose") -> str:
    """A sentence made anew."""
    return chance.pick(patterns(kind)).fill(chance.random)


def passage(chance: Chance, count: int, shared: float = 0.0) -> list[str]:
    """``count`` sentences of prose, of which the share ``shared`` are the book's."""
    kinds, draw, old = patterns("prose"), chance.random, book() if shared else ()
    return [
        old[int(draw() * len(old))] if shared and draw() < shared else kinds[int(draw() * len(kinds))].fill(draw)
        for _ in range(count)
    ]


def person(chance: Chance) -> tuple[str, str]:
    """A first and a last name."""
    return chance.pick(lists()["first"]), chance.pick(lists()["last"])


def label(chance: Chance) -> str:
    """A word as the names of hosts and firms are made of: two syllables of the dictionary."""
    words = lists()["letters"]
    return chance.pick(words) + chance.pick(words)


def firm(chance: Chance) -> str:
    """A domain: of a firm that exists in the drill, or of one that a bot makes up. They look alike."""
    number = chance.between(2, 999) if chance.random() < 0.7 else ""
    return f"{label(chance)}{number}.example"
