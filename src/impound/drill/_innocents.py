"""Machines that are not infected: companies, small businesses, providers' relays, lists, newsletters, and the like."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from impound.drill import _words
from impound.drill._chance import Chance, Weighted
from impound.drill._net import Client, Internet, Provider, dotted, ipv6
from impound.drill._settings import Settings

WEBMAIL_HOSTS, RELAY_HOSTS, MAX_LISTS, MAX_NEWS_HOSTS = 20, 12, 8, 16_000
SNOWSHOE_HOSTS = 60
_NEWS, _BUSINESS = 1 / 16, 0.2
"""Shares of the innocents that send newsletters, and that are servers on a business line of an access provider."""
_V6 = 50
"""One company in so many sends over IPv6."""
_SINGLE = 0.4
"""Share of the companies and businesses that send one message."""
_NEWS_NET = int(ipaddress.IPv4Address("198.18.64.0"))
SNOWSHOE = "brightdeal.example"
BULK = "megaoffer.example"


class Innocents:
    """The machines by kind and number; the same number is the same machine."""

    def __init__(self, settings: Settings, internet: Internet) -> None:
        number, self._seed, self._internet = settings.innocents, settings.seed, internet
        self.webmails = min(WEBMAIL_HOSTS, number // 8)
        self.relays = min(RELAY_HOSTS, number // 16)
        self.lists = min(MAX_LISTS, number // 25)
        self.forwarders = 1 if number >= 10 else 0
        self.news_hosts = min(MAX_NEWS_HOSTS, int(number * _NEWS))
        self.businesses = int(number * _BUSINESS)
        rest = self.webmails + self.relays + self.lists + self.forwarders + self.news_hosts + self.businesses
        self.companies = number - rest
        seventh = settings.messages // 7
        self._company_pool = Weighted(self.companies, int(self.companies * _SINGLE), seventh)
        self._business_pool = Weighted(self.businesses, int(self.businesses * _SINGLE), seventh // 3)
        self.news_senders = (self.news_hosts + 1) // 2
        self._news_pool = Weighted(self.news_senders)

    def company(self, chance: Chance) -> Client:
        """A company's mail server, by how much it sends."""
        return self.numbered_company(self._company_pool.draw(chance))

    def any_company(self, chance: Chance) -> Client:
        """Any company's mail server."""
        return self.numbered_company(chance.below(max(self.companies, 1)))

    @lru_cache(maxsize=8192)  # noqa: B019 - one object for each drill
    def numbered_company(self, number: int) -> Client:
        """A company's mail server: a fixed address, a name that fits, a HELO that fits."""
        chance = Chance.of(self._seed, "company", number)
        service = chance.pick(("mail", "mx", "smtp", "mail2", "post"))
        name = f"{service}.{_words.firm(chance)}"
        ip = ipv6(number + 16, 0x25) if number % _V6 == 7 else dotted(self._internet.hosted(number))
        return Client(ip, name, name, f"srv-{number + 1:06d}", "ordinary")

    def business(self, chance: Chance) -> Client:
        """A small firm's server on a line of an access provider, its name or HELO as a bot's might be."""
        return self.numbered_business(self._business_pool.draw(chance))

    def stranger(self, number: int) -> Client:
        """The server of somebody who writes once: of a company, or of a small firm as often as among the innocents."""
        every = round(1 / _BUSINESS)
        if number % every == 0:
            return self.numbered_business(self.businesses + number // every)
        return self.numbered_company(self.companies + number - number // every - 1)

    @lru_cache(maxsize=8192)  # noqa: B019 - one object for each drill
    def numbered_business(self, number: int) -> Client:
        """A small firm's server by its number."""
        chance = Chance.of(self._seed, "business", number)
        provider, address = self._internet.business(number)
        own = f"mail.{_words.firm(chance)}"
        name = chance.pick(("", provider.name(address), provider.name(address)))
        helo = chance.pick((own, own, "SERVER01", f"{chance.letters(6)}.local.example", name or own))
        return Client(dotted(address), name, helo, f"smb-{number + 1:06d}", "ordinary")

    def webmail(self, chance: Chance) -> Client:
        """One of the outgoing hosts of a large webmail provider: twenty in two networks."""
        number = chance.below(self.webmails)
        name = f"smtp-out-{number + 1:02d}.example.com"
        ip = f"198.18.{16 if number % 2 else 40}.{10 + number}"
        return Client(ip, name, name, f"webmail-{number + 1:02d}", "webmail-or-esp")

    def relay(self, chance: Chance) -> Client:
        """One of the outgoing hosts of the three largest access providers, four each."""
        number = chance.below(self.relays)
        provider, place = self._internet.providers[number // 4], number % 4
        name = f"smtp{place + 1}.{provider.domain}"
        return Client(dotted(provider.server(place)), name, name, f"relay-{number + 1:02d}", "relay")

    def provider_of(self, relay: Client) -> Provider:
        """The access provider that an outgoing host belongs to."""
        return self._internet.providers[(int(relay.machine.rpartition("-")[2]) - 1) // 4]

    def forwarder(self) -> Client:
        """A university's server that hands on whatever comes for former students."""
        return Client("192.0.2.25", "mx.alumni.example", "mx.alumni.example", "forwarder-01", "relay")

    def list_server(self, number: int) -> Client:
        """A mailing-list server."""
        name = f"lists.society{number + 1}.example"
        return Client(f"203.0.113.{10 + number}", name, name, f"list-{number + 1:02d}", "relay")

    def news(self, chance: Chance) -> tuple[int, str]:
        """The number and domain of a newsletter's sender."""
        number = self._news_pool.draw(chance)
        return number, f"{_words.label(Chance.of(self._seed, 'news', number))}-news.example"

    def news_host(self, sender: int, domain: str, chance: Chance) -> Client:
        """One of the two hosts of a newsletter's sender."""
        number = min(sender * 2 + chance.below(2), self.news_hosts - 1)
        name = f"out{number % 2 + 1}.{domain}"
        return Client(dotted(_NEWS_NET + number), name, name, f"news-{number + 1:05d}", "webmail-or-esp")


def snowshoe(chance: Chance) -> Client:
    """One of sixty addresses in three neighbouring networks of one hosting company."""
    number = chance.below(SNOWSHOE_HOSTS)
    name = f"mta{number + 1}.{SNOWSHOE}"
    return Client(
        f"198.19.{20 + number // 20}.{11 + number % 20 * 3}", name, name, f"snow-{number + 1:02d}", "bulk-sender"
    )


def bulk(chance: Chance) -> Client:
    """One of two hosts that send thousands of messages of one campaign."""
    number = chance.below(2)
    name = f"relay{number + 1}.{BULK}"
    return Client(f"198.19.77.{10 + number}", name, name, f"bulk-{number + 1:02d}", "bulk-sender")


def web_server() -> Client:
    """A shop's web server that somebody breaks into."""
    return Client("203.0.113.80", "www.shop.example", "www.shop.example", "www-01", "compromised-server")
