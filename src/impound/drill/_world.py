"""Everybody who writes to the receiving organisation, and in which proportions."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import accumulate

from impound.drill import _clock
from impound.drill._bots import Botnet, Bots
from impound.drill._campaigns import Author, Campaign, again, plan
from impound.drill._chance import Chance
from impound.drill._innocents import Innocents
from impound.drill._letters import Letters
from impound.drill._lists import Lists, Post
from impound.drill._mail import Mail
from impound.drill._net import Internet
from impound.drill._poison import Poison
from impound.drill._receiver import Receiver
from impound.drill._settings import Settings
from impound.drill._spam import Spam

HACKED_FROM, HACKED_UNTIL = 0.4, 0.6
"""The stretch of the drill, as shares of its days, in which the web server sends a campaign's mail."""
_OTHER = 1_000_001
"""What is added to the seed for those who come later: far from the seeds that people choose. It moves the kinds of
programs by one, so that those of most botnets that come are like those of some that stopped."""
_TOGETHER = 3
"""Seconds between the copies of one post or one issue, at most."""
Source = Callable[[int, Chance], list[Mail]]


class World:
    """The senders of one drill. :meth:`mails` gives what arrives, in the order of arrival."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        internet = Internet(settings.seed, settings.bots, settings.innocents + settings.strangers)
        self.receiver, self.innocents = Receiver(settings.seed), Innocents(settings, internet)
        self.bots = Bots(settings, internet)
        author, active = Author(settings.seed, settings.level), settings.stops or settings.days + 1
        self.campaigns = plan(author, settings.seed, len(self.bots.botnets), min(active - 1, settings.days))
        _hand_out(self.campaigns, self.bots)
        self.later, came = self._later(author, internet)
        bulky = [self._bulky(author, number) for number in (1, 2)]
        self.campaigns += [*bulky, *came]
        self.poison = Poison(settings.seed, settings.poison, settings.messages)
        self.spam = Spam(settings.seed, self.bots, self.innocents, self.receiver, bulky, poison=self.poison)
        self._again = (
            Spam(settings.seed, self.later, self.innocents, self.receiver, bulky, poison=self.poison)
            if self.later
            else None
        )
        self.letters = Letters(settings, self.innocents, self.receiver, self.poison)
        self.lists = Lists(settings, self.innocents, self.receiver, self.letters)
        self.known: dict[str, Campaign] = {campaign.id: campaign for campaign in self.campaigns}
        self._sources, self._weights = self._mix()
        self._left, self._strangers = settings.messages, 0

    def _later(self, author: Author, internet: Internet) -> tuple[Bots | None, list[Campaign]]:
        """Who comes when the others have stopped, and their campaigns; nobody in most drills."""
        s = self.settings
        if not s.returns or not self.bots.botnets:
            return None, []
        since, days = (s.returns - 1) * _clock.DAY, s.days - s.returns + 1
        other = replace(s, seed=s.seed + _OTHER)
        bots = Bots(other, internet, since, None if s.unrelated else self.bots, s.bots)
        writer = Author(other.seed, s.level, author)
        if s.unrelated:
            made = plan(writer, other.seed, len(bots.botnets), days, since=since, after=len(self.campaigns))
        else:
            made = again(writer, self.campaigns, since, days)
        _hand_out(made, bots)
        return bots, made

    def botnets(self) -> list[Botnet]:
        """All botnets of the drill."""
        return self.bots.botnets + (self.later.botnets if self.later else [])

    def _bulky(self, author: Author, number: int) -> Campaign:
        whole = self.settings.days * _clock.DAY
        numbers = len(self.campaigns) * (2 if self.later else 1)
        campaign = author.campaign(numbers + number, "commercial", (), 0, whole)
        campaign.random_subject = campaign.image_only = False
        return campaign

    def _mix(self) -> tuple[list[Source], list[float]]:
        """Who writes how often: shares of all messages in percent, over the messages that one writing gives."""
        spam, letters, lists = self.spam, self.letters, self.lists
        i, bots = self.innocents, bool(self.bots.botnets)
        table: list[tuple[bool, float, Source]] = [
            (bots, 46, self._sent(Spam.bot)),
            (bots and bool(i.relays + i.webmails), 3, self._sent(Spam.relayed)),
            (bots and bool(i.forwarders), 2, self._sent(Spam.forwarded)),
            (bots and bool(i.lists), 1.5 / 7.5, self._list_copy),
            (True, 4, spam.snowshoe),
            (True, 4 / 5, spam.bulk),
            (bots, 6, self._hacked),
            (bool(i.companies), 0.5, lists.receipt),
            (bool(i.news_hosts), 7 / 6, lists.newsletter),
            (bool(i.lists and i.companies), 7 / 7.5, lists.post),
            (bool(i.webmails), 7, letters.webmail),
            (bool(i.relays), 4, letters.relay),
            (bool(i.companies), 9, letters.company),
            (bool(i.businesses), 3, letters.business),
            (bool(i.forwarders and i.companies), 1, letters.forwarded),
        ]
        kept = [(weight, source) for there, weight, source in table if there]
        return [source for _, source in kept], list(accumulate(weight for weight, _ in kept))

    def _acting(self, at: int) -> Spam | None:
        """Who sends campaigns at that time."""
        day, s = at // _clock.DAY + 1, self.settings
        return self.spam if not s.stops or day < s.stops else self._again if s.returns and day >= s.returns else None

    def _sent(self, how: Callable[[Spam, int, Chance], list[Mail]]) -> Source:
        """What bots send in one way, while there are any."""

        def source(at: int, chance: Chance) -> list[Mail]:
            acting = self._acting(at)
            return how(acting, at, chance) if acting else []

        return source

    def _list_copy(self, at: int, chance: Chance) -> list[Mail]:
        """A bot posts to a list, and the list's server hands copies to its members."""
        acting = self._acting(at)
        posted = acting.posted(at, chance) if acting else None
        return self.lists.copies(chance.below(self.innocents.lists), Post(*posted), at, chance) if posted else []

    def _hacked(self, at: int, chance: Chance) -> list[Mail]:
        share = at / (self.settings.days * _clock.DAY)
        if self._acting(at) is not self.spam:
            return []
        return self.spam.hacked(at, chance) if HACKED_FROM <= share < HACKED_UNTIL else []

    def _writing(self, at: int, chance: Chance) -> list[Mail]:
        """What somebody writes: a stranger, so often that all have written in the end, or one of the mix."""
        waiting = self.settings.strangers - self._strangers
        if waiting and chance.below(self._left) < waiting:
            self._strangers += 1
            return self.letters.stranger(self._strangers - 1, at, chance)
        source = self._sources[bisect_right(self._weights, chance.random() * self._weights[-1])]
        return source(at, chance)[: self._left - waiting]

    def mails(self, day: int, count: int, chance: Chance) -> Iterator[tuple[int, Mail]]:
        """``count`` messages of one day, each with the second (of the drill) at which it arrives."""
        waiting: deque[Mail] = deque()
        before = day * _clock.DAY
        for place in range(count):
            slot = day * _clock.DAY + _clock.arrival((place + chance.random()) / count)
            if waiting:
                at = min(slot, before + chance.below(_TOGETHER + 1))
            else:
                at = max(slot, before)
                while not waiting:
                    waiting.extend(self._writing(at, chance))
            self._left -= 1
            yield at, waiting.popleft()
            before = at


def _hand_out(campaigns: list[Campaign], bots: Bots) -> None:
    """Give each campaign to the botnets that send it."""
    for campaign in campaigns:
        for number in dict.fromkeys(campaign.botnets):
            bots.botnets[number].campaigns.append(campaign)
