"""Infected machines: their addresses over the days, what they call themselves, and the botnets they belong to."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import accumulate

from impound.drill import _clock, _words
from impound.drill._campaigns import Campaign
from impound.drill._chance import Chance, Weighted
from impound.drill._net import Client, Internet, Provider, dotted
from impound.drill._programs import Program, spam_program
from impound.drill._settings import Settings

_TWICE = 0.1
"""Share of the bots that carry a second infection."""
_MOVING = 0.6
"""Share of the bots with an address that changes."""
_SINGLE = 0.25
"""Share of a botnet's bots that send one message and are not seen again."""
_LASTING = 0.5
"""Share of the bots that are infected from the first day to the last."""
_WRONG_CLOCK = 0.1
"""Share of the bots whose clock is hours or days wrong."""
_LEASES = (_clock.DAY, _clock.DAY, _clock.DAY // 2, 2 * _clock.DAY)
_TRIES = 6
_HELOS = ("word", "netbios", "receiver", "bare", "webmail", "company", "literal")


@dataclass(slots=True)
class Bot:
    """One infected machine. ``address`` is the present one."""

    machine: str
    botnets: str
    provider: Provider
    static_name: str
    lease: int
    phase: int
    first: int
    last: int
    host: str
    tag: str
    zone: int
    skew: int
    by_name: bool
    helo_kind: str
    helo: str
    turn: int = -1
    address: int = 0


@dataclass
class Botnet:
    """A botnet: its program, its campaigns, its members from the busiest down."""

    number: int
    name: str
    program: Program
    copied: bool
    helos: tuple[str, ...]
    fresh_helo: bool
    """Whether a bot calls itself something else every time."""
    forging: float
    """Share of its messages that come with forged Received lines."""
    members: array[int] = field(default_factory=lambda: array("I"))
    campaigns: list[Campaign] = field(default_factory=list)
    pool: Weighted | None = None
    _hour: int = -1
    _active: list[Campaign] = field(default_factory=list)

    def active(self, at: int) -> list[Campaign]:
        """The campaigns it sends in that hour."""
        if at // 3600 != self._hour:
            self._hour = at // 3600
            self._active = [c for c in self.campaigns if c.start <= at < c.end]
        return self._active


class Bots:
    """The bots and botnets of a drill, from the second ``since`` on; ``before`` are those that come back with them."""

    def __init__(
        self, settings: Settings, internet: Internet, since: int = 0, before: Bots | None = None, born: int = 0
    ) -> None:
        self._settings, self._internet = settings, internet
        self._since, self._before, self._born = since, before, born
        self.botnets = [self._botnet(number) for number in range(settings.botnets if settings.bots else 0)]
        self._known: dict[int, Bot] = {}
        self._homes = array("H")
        self._share()

    def _botnet(self, number: int) -> Botnet:
        s, chance = self._settings, Chance.of(self._settings.seed, "botnet", number)
        program, copied = spam_program(s.seed, number, s.botnets, s.level.copied_headers)
        name = f"botnet-{number + 1 + (s.botnets if self._since else 0):02d}"
        if self._before is not None:
            old = self._before.botnets[number]
            program, copied, name = old.program, old.copied, f"{old.name}-again"
        return Botnet(
            number, name, program, copied, tuple(chance.some(_HELOS, chance.between(2, 4))),
            chance.random() < 0.3, chance.pick((0.0, 0.3, 0.9)),
        )  # fmt: skip

    def _share(self) -> None:
        """Give every bot a botnet, some a second one; the first botnets are larger, none is empty."""
        if not self.botnets:
            return
        chance = Chance.of(self._settings.seed, "members")
        sizes = list(accumulate((n + 1) ** -0.5 for n in range(len(self.botnets))))
        for bot in range(self._settings.bots):
            point = chance.random() * sizes[-1]
            home = bot if bot < len(sizes) else next(n for n, upto in enumerate(sizes) if point < upto)
            self._homes.append(home)
            self.botnets[home].members.append(bot)
            if len(sizes) > 1 and self._second(bot) >= 0:
                self.botnets[self._second(bot)].members.append(bot)
        for botnet in self.botnets:
            expected = self._settings.messages // (2 * len(self.botnets))
            botnet.pool = Weighted(len(botnet.members), int(len(botnet.members) * _SINGLE), expected)

    def _second(self, bot: int) -> int:
        """The other botnet of a bot that carries two infections, else -1."""
        chance = Chance.of(self._settings.seed, "second", bot)
        if chance.random() >= _TWICE:
            return -1
        return (self._homes[bot] + chance.between(1, len(self.botnets) - 1)) % len(self.botnets)

    def draw(self, botnet: Botnet, at: int, chance: Chance) -> Bot:
        """One of a botnet's bots that is infected at that time."""
        assert botnet.pool is not None
        for _ in range(_TRIES):
            bot = self.bot(botnet.members[botnet.pool.draw(chance)])
            if bot.first <= at < bot.last:
                break
        return bot

    def bot(self, number: int) -> Bot:
        """A bot by its number."""
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = self._made(number)
        return found

    def _made(self, number: int) -> Bot:
        s, chance = self._settings, Chance.of(self._settings.seed, "bot", number)
        home, second = self.botnets[self._homes[number]], self._second(number) if len(self.botnets) > 1 else -1
        names = [home.name] + ([self.botnets[second].name] if second >= 0 else [])
        provider, whole = self._internet.of(chance), s.days * _clock.DAY - self._since
        first, last = 0, whole
        if chance.random() >= _LASTING:
            first, last = sorted((int(whole * (1.5 * chance.random() - 0.5)), int(whole * 1.5 * chance.random())))
            last = max(last, first + _clock.DAY)
        static = chance.random() < s.level.static_names
        kind = chance.pick(home.helos)
        return Bot(
            machine=f"bot-{number + 1 + self._born:06d}", botnets=",".join(sorted(names)), provider=provider,
            static_name=f"mail.{_words.firm(chance)}" if static else "",
            lease=0 if static or chance.random() >= _MOVING else chance.pick(_LEASES), phase=chance.below(_clock.DAY),
            first=first + self._since, last=last + self._since, host=_pc(chance), tag=chance.hex(8), zone=provider.zone,
            skew=chance.between(-3, 3) * 12 * 3600 if chance.random() < _WRONG_CLOCK else 0,
            by_name=static or chance.random() < s.level.helo_by_name, helo_kind=kind, helo=_helo(kind, chance),
        )  # fmt: skip

    def client(self, bot: Bot, botnet: Botnet, at: int, chance: Chance) -> Client:
        """The bot as a mail server sees it at that time."""
        turn = (at + bot.phase) // bot.lease if bot.lease else 0
        if turn != bot.turn:
            bot.turn = turn
            bot.address = bot.provider.dynamic(Chance.of(self._settings.seed, bot.machine, turn))
        name = bot.static_name or bot.provider.name(bot.address)
        ip = dotted(bot.address)
        if bot.by_name and name:
            helo = name
        elif bot.helo_kind == "literal":
            helo = f"[{ip}]"
        else:
            helo = _helo(bot.helo_kind, chance) if botnet.fresh_helo else bot.helo
        return Client(ip, name, helo, bot.machine, "infected", bot.botnets)


def _pc(chance: Chance) -> str:
    """The name of somebody's computer."""
    return chance.pick(
        (f"home-{chance.hex(10)}", f"pc{chance.below(1000)}", chance.letters(8), f"{chance.letters(5)}-laptop")
    )


def _helo(kind: str, chance: Chance) -> str:
    """What a bot calls itself."""
    match kind:
        case "word":
            return chance.letters(chance.between(5, 12))
        case "netbios":
            return f"{chance.pick(('HOME', 'PC', 'USER', 'OFFICE'))}-{chance.hex(8).upper()}"
        case "receiver":
            return chance.pick(("receiver.example", "mx1.receiver.example"))
        case "bare":
            return chance.pick(("localhost", "friend", "user", "pc"))
        case "webmail":
            return chance.pick(("mail.example.com", "web.example.net", "smtp.example.org"))
        case _:
            return f"{chance.pick(('mail', 'mx', 'smtp'))}.{_words.firm(chance)}"
