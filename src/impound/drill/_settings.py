"""What a drill is asked to be, and what each difficulty means in numbers (docs/explanation/drills.md says why)."""

from __future__ import annotations

from dataclasses import dataclass

from impound.errors import UsageError

MAX_HOSTS = 5_000_000
"""Bots, or innocents: the address space of a drill would have more, the memory of its truth would not."""


@dataclass(frozen=True)
class Difficulty:
    """The numbers behind one level. Shares are fractions of 1."""

    filler: float
    """Share of the words of a campaign's message that are filler."""
    shared_filler: float
    """Share of filler sentences from one book that every campaign and some ham quote; the rest is made anew."""
    synonyms: int
    """Words that a varied slot chooses from, at most."""
    listed: int
    """Values that a slot for a name, price or number chooses from, at most."""
    varied: float
    """Share of the word slots that vary from message to message; the rest are fixed for the campaign."""
    landing_minutes: int
    """How long a landing domain is advertised."""
    random_path: float
    """Share of the campaigns whose link path has another shape in every message."""
    shortener: float
    """Share of linked messages that go through one shortener that ham uses too."""
    random_subject: float
    """Share of the campaigns whose subject is a sentence of prose."""
    image_only: float
    """Share of the campaigns whose words are only in a picture."""
    obfuscated: float
    """Share of the campaigns that misspell words (``pr1ce``)."""
    copied_headers: float
    """Share of the botnets whose headers are those of the program that they name (at least one from 0.1 on)."""
    helo_by_name: float
    """Share of the bots whose HELO is their reverse name."""
    static_names: float
    """Share of the bots with a reverse name like a mail server's."""
    topical_ham: float
    """Share of personal and list mail that speaks of a lure's topic, or quotes spam."""
    book_ham: float
    """Share of personal mail that quotes the book the filler is from."""


LEVELS = {
    1: Difficulty(
        filler=0.1, shared_filler=0.0, synonyms=2, listed=8, varied=0.3, landing_minutes=24 * 60, random_path=0.0,
        shortener=0.0, random_subject=0.0, image_only=0.0, obfuscated=0.0, copied_headers=0.0, helo_by_name=0.05,
        static_names=0.0, topical_ham=0.0, book_ham=0.0,
    ),
    2: Difficulty(
        filler=0.5, shared_filler=0.1, synonyms=4, listed=100, varied=1.0, landing_minutes=60, random_path=0.2,
        shortener=0.0, random_subject=0.1, image_only=0.1, obfuscated=0.2, copied_headers=0.1, helo_by_name=0.2,
        static_names=0.0, topical_ham=0.02, book_ham=0.02,
    ),
    3: Difficulty(
        filler=0.7, shared_filler=0.8, synonyms=8, listed=1000, varied=1.0, landing_minutes=15, random_path=1.0,
        shortener=0.2, random_subject=1.0, image_only=0.2, obfuscated=0.4, copied_headers=0.5, helo_by_name=0.5,
        static_names=0.1, topical_ham=0.1, book_ham=0.1,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The arguments of a drill. Raises UsageError for what cannot be."""

    messages: int = 10_000
    bots: int = 300
    innocents: int = 400
    botnets: int = 3
    days: int = 7
    difficulty: int = 2
    seed: int = 1
    poison: int = 0
    """Garbage domains that the bots mix into their links, and one well-known domain for every hundred of them."""
    strangers: int = 0
    """Innocent servers besides ``innocents`` of which each writes exactly one of the ``messages``."""
    stops: int = 0
    """The day, counted from 1, from which on the botnets are silent; 0: they never are."""
    returns: int = 0
    """The day on which they are back, with other machines and words; 0: never."""
    unrelated: bool = False
    """Whether others come on that day, who have nothing in common with those that stopped."""

    def __post_init__(self) -> None:
        if self.difficulty not in LEVELS:
            raise UsageError(f"--difficulty {self.difficulty} is not known", "1, 2 or 3")
        counts = (self.bots, self.innocents, self.botnets, self.poison, self.strangers)
        if min(self.messages, self.days) < 1 or min(counts) < 0:
            raise UsageError("a drill needs at least one message and one day, and no number may be negative")
        if max(self.bots, self.innocents + self.strangers) > MAX_HOSTS:
            raise UsageError(f"at most {MAX_HOSTS:,} bots, and as many innocents and strangers")
        if self.strangers > self.messages:
            raise UsageError(f"{self.strangers:,} strangers need as many messages", f"--messages {self.strangers}")
        if not 0 <= self.stops <= self.days or not 0 <= self.returns <= self.days:
            raise UsageError("--stops and --returns are days of the drill", f"1 to {self.days}")
        if (self.returns or self.unrelated) and not 0 < self.stops < self.returns:
            raise UsageError("who returns has stopped before", "--stops 7 --returns 12, say")
        if self.unrelated and not self.returns:
            raise UsageError("--unrelated needs a day on which they come", "--returns 12, say")
        if self.bots and not self.botnets:
            raise UsageError("bots without a botnet", "--botnets 1, or --bots 0")
        if self.botnets > self.bots:
            raise UsageError(f"{self.botnets} botnets need at least as many bots", f"--bots {self.botnets}")

    @property
    def level(self) -> Difficulty:
        """The numbers of the difficulty."""
        return LEVELS[self.difficulty]
