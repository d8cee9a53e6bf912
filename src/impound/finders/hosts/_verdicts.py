"""The verdict on a host, from what its mail and its names say. Pure: facts in, verdict out.

*Infected* is only what shows two kinds of evidence: *spread*, and with it *software* or *naming*. What explains the
same evidence without an infection comes first: a service or a list that carries other people's mail, a sender in bulk.
Each kind counts once and is capped, whatever the number of messages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from impound import canonical
from impound.finders import _naming
from impound.finders.hosts import _calibration, _providers


@dataclass(frozen=True)
class Params:
    """Where lines are drawn. Measured with ``benchmarks/hosts.py`` unless another origin is named."""

    owners: int = 5
    """Owners of networks that a campaign comes from within a week, for *spread* (ARCHITECTURE.md, Verdicts)."""
    systems: int = 3
    """Autonomous systems of such a campaign, where a database is given that knows half of its hosts (the same)."""
    letter_owners: int = 50
    """Owners below which texts that are only alike may be letters in a similar tone: set after a drill whose groups of
    letters had up to 38, but for one of 103 that its share of servers tells apart."""
    bulk_messages: int = 20
    """Messages from which a campaign of few hosts is one sent in bulk (ARCHITECTURE.md, Verdicts)."""
    bulk_owners: int = 2
    """Owners of networks, at most, of a campaign that is sent in bulk."""
    bulk_own: int = 10
    """Messages of one campaign that a host sends itself to be one of its few busy ones; a choice, not measured."""
    busiest_share: float = 0.5
    """Share of a campaign's messages from its two busiest hosts that makes it one of few; a choice, not measured."""
    snowshoe_neighbours: int = 3
    """Hosts of one campaign in one /24; a choice, not measured."""
    snowshoe_density: float = 2.5
    """Hosts of a campaign for each of its networks: near 1 in the largest bot campaigns of the TREC set."""
    snowshoe_hosts: int = 10
    """Hosts of a campaign for each domain in From; a choice, not measured."""
    listed_share: float = 0.5
    """Share of the messages with a List-Id from which a host is a list's server."""
    server_share: float = 0.5
    """Share of a campaign's hosts with names of servers from which it is not called spread: of the TREC set's campaigns
    of five owners or more, servers were below 0.45 in all that bots sent, and above 0.6 in all others."""
    wide_share: float = 0.1
    """Share of a host's messages that must be of spread campaigns: one stray message does not condemn a busy host."""
    unnamed_share: float = 0.9
    """A server that writes so large a share of its clients down without a reverse name does not look names up."""
    own_share: float = 0.01
    """Share of the mail that a server took in to give the organisation its domain (as in ``senders``)."""
    senders: int = 3
    """Domains in From from which a host carries mail of many."""
    helo_networks: int = 5
    """Networks whose hosts call themselves by one domain, from which it is nobody's own: webmail's, or invented."""
    spread: float = 5.0
    software: float = 1.0
    none: float = 1.5
    dynamic: float = 1.5
    helo: float = 0.8
    """Log-odds that each kind gives, for its signal; set by hand from three drills' ``--calibrate``."""


class Facts(NamedTuple):
    """What is known of a host in a stretch of time. Counts are of its messages unless they say otherwise."""

    ip: str
    name: str | None = None
    """Its reverse name; None where the receiver says that it does not lead back to the address."""
    confirmed: bool = False
    """Whether the receiver says that it does."""
    helo: str | None = None
    helos: int = 1
    helo_networks: int = 0
    """Networks whose hosts call themselves by the same registered domain."""
    messages: int = 1
    days: int = 1
    campaigns: int = 0
    in_campaigns: int = 0
    wide: int = 0
    """Of spread campaigns."""
    from_domain: str | None = None
    """The commonest domain in From, ``from_messages`` of them; ``from_domains`` in all."""
    from_messages: int = 0
    from_domains: int = 1
    from_addrs: int = 1
    listed: int = 0
    """With a List-Id."""
    passed: int = 0
    """With a line below that a server of its name wrote about another client, ``seen`` of them with a bot's names."""
    seen: int = 0
    own: int = 0
    """Written by a program on the host itself, by the line below."""
    bare: int = 0
    """Without any line below."""
    forged: int = 0
    """With a line below that one of the receiving servers is said to have written, and did not."""
    software: int = 0
    constants: int = 0
    against: str | None = None
    """The first contradiction in words."""
    campaign_id: int | None = None
    campaign_name: str | None = None
    campaign_mine: int | None = None
    campaign_owners: int | None = None
    campaign_messages: int | None = None
    campaign_hosts: int | None = None
    campaign_networks: int | None = None
    campaign_busiest: int | None = None
    """Messages of its two busiest hosts."""
    campaign_neighbours: int | None = None
    """Hosts of the campaign in the same /24 (/48), itself included."""
    campaign_domains: int | None = None
    """Domains in From of the campaign."""
    campaign_known: int | None = None
    campaign_lines: int | None = None
    """Hosts of the campaign whose names can be judged, and those of them that have none or a line's."""
    spread_id: int | None = None
    """Of the campaigns of many owners' machines, the one most messages belong to."""
    spread_name: str | None = None
    spread_mine: int | None = None
    spread_owners: int | None = None
    spread_networks: int | None = None
    spread_hosts: int | None = None
    spread_homes: int | None = None
    """Its hosts, and those of them that write in their own names."""
    spread_systems: int | None = None
    """Autonomous systems of its hosts, as far as a database knows them."""
    naming: str = ""
    naming_why: str = ""
    strong: bool = False


class Verdict(NamedTuple):
    """``role``: what explains the evidence, or why the verdict is what it is; one of the keys in ``_verdict_words``."""

    verdict: str
    role: str
    kinds: tuple[str, ...]
    dynamic: bool
    score: float


def verdict(facts: Facts, params: Params | None = None) -> Verdict:
    """The verdict, with the kinds of evidence that were met and the probability of an infection."""
    p = params or Params()
    found = _kinds(facts)
    name, role = _decide(facts, found, p)
    return Verdict(name, role, found, facts.naming == "dynamic", _calibration.score(role, found, facts.naming))


def _server(facts: Facts) -> bool:
    """Whether it has the name of a server, not one that a provider made of the address."""
    name = facts.name
    if not name or facts.strong or not _naming.server_like(name):
        return False
    return not _naming.spells_address(facts.ip, name)


def _kinds(facts: Facts) -> tuple[str, ...]:
    found = ["spread"] if facts.spread_id is not None else []
    server = _server(facts)
    if facts.software and (not server or facts.naming == "helo" or facts.bare == facts.messages or facts.forged):
        found.append("software")
    if facts.strong or (facts.naming == "helo" and not server):
        found.append("naming")
    return tuple(found)


def _decide(facts: Facts, found: tuple[str, ...], p: Params) -> tuple[str, str]:  # noqa: PLR0911 - one verdict a line
    service = "" if facts.strong else _providers.service(facts.name)
    if service and (facts.confirmed or not found):
        return "webmail-or-esp", service
    if _list(facts, p):
        return "relay", "list"
    bulk = _bulk(facts, p)
    if bulk:
        return bulk
    if service:
        return "unclear", "unconfirmed"
    if "spread" in found:
        return _spread(facts, found, p)
    if _carries(facts, p) and not facts.strong:
        return "relay", "carries"
    if (facts.campaign_owners or 0) >= p.owners and not _own_domain(facts, p):
        return ("compromised-server", "used") if _wrote(facts) else ("unclear", "servers")
    return ("unclear", "alone") if found else ("ordinary", "nothing")


def _honest(facts: Facts, p: Params) -> bool:
    """Whether it is somebody's own small server: several messages in the name that it bears or, truly, calls itself."""
    return facts.messages >= p.senders and _own_domain(facts, p) and "calls itself" not in facts.naming_why


def _quotes(facts: Facts, p: Params) -> bool:
    """Whether it writes in its own name what few others of the campaign do: bots that forge one do so all alike."""
    return _own_domain(facts, p) and 2 * (facts.spread_homes or 0) < (facts.spread_hosts or 0)


def _wrote(facts: Facts) -> bool:
    """Whether a program on it wrote most of its mail, it has a server's name, and nothing was handed on."""
    return bool(facts.name) and not facts.strong and 2 * facts.own >= facts.messages and not facts.passed


def _list(facts: Facts, p: Params) -> bool:
    if facts.listed < p.listed_share * facts.messages or not facts.listed:
        return False
    return not facts.strong or (facts.from_addrs >= p.senders and facts.wide < p.listed_share * facts.messages)


def _bulk(facts: Facts, p: Params) -> tuple[str, str] | None:
    """A campaign of few hosts, or of many in few networks."""
    messages, mine = facts.campaign_messages or 0, facts.campaign_mine or 0
    if messages < p.bulk_messages or 2 * mine < facts.messages:
        return None
    if _many_of_one(facts, p):
        return "bulk-sender", "snowshoe"
    if (facts.campaign_owners or 0) <= p.bulk_owners and messages >= 2 * (facts.campaign_hosts or 1):
        return _few(facts, p)
    if mine >= p.bulk_own and (facts.campaign_busiest or 0) >= p.busiest_share * messages:
        return "bulk-sender", "busiest"
    return ("bulk-sender", "snowshoe") if _snowshoe(facts, p) else None


def _many_of_one(facts: Facts, p: Params) -> bool:
    """Whether many neighbours send the campaign in one name; senders of newsletters have few hosts for each name."""
    hosts = facts.campaign_hosts or 0
    dense = hosts >= p.snowshoe_density * (facts.campaign_networks or 1)
    return dense and not facts.strong and hosts >= p.snowshoe_hosts * (facts.campaign_domains or 1)


def _snowshoe(facts: Facts, p: Params) -> bool:
    """Whether the campaign comes from neighbours, in whose midst it is; bots are neighbours by chance alone."""
    if ":" in facts.ip:  # a /48 holds what anybody likes, and large services hand on through thousands of addresses
        return False
    dense = (facts.campaign_hosts or 0) >= p.snowshoe_density * (facts.campaign_networks or 1)
    if (facts.campaign_neighbours or 0) >= p.snowshoe_neighbours:
        return dense or not (facts.strong or _own_domain(facts, p))
    return dense and not facts.strong and not facts.passed


def _few(facts: Facts, p: Params) -> tuple[str, str]:
    """One owner's campaign: notices in its own name and from few addresses, or mail in bulk."""
    if _carries(facts, p):
        return "relay", "carries"
    steady = 4 * facts.from_addrs <= facts.messages or facts.from_addrs == 1
    return ("webmail-or-esp", "notices") if steady and _own_domain(facts, p) else ("bulk-sender", "few")


def _own_domain(facts: Facts, p: Params) -> bool:
    """Whether most of its mail is in its own registered name: its reverse name's, or a HELO's that few others use."""
    domain = _registered(facts.from_domain)
    called = _registered(facts.helo) if facts.helo_networks < p.helo_networks else None
    own = domain in (_registered(facts.name), called)
    return domain is not None and own and 2 * facts.from_messages >= facts.messages


def _registered(name: str | None) -> str | None:
    """The registered domain of a name; its last two labels where the public suffix list knows none."""
    return (canonical.registrable_domain(name) or ".".join(name.split(".")[-2:])) if name else None


def _carries(facts: Facts, p: Params) -> bool:
    """Whether it hands on what others gave it: most of its messages have their line, of many senders."""
    return 2 * facts.passed >= facts.messages and facts.from_domains >= p.senders


def _spread(facts: Facts, found: tuple[str, ...], p: Params) -> tuple[str, str]:
    """A host in a campaign of many machines."""
    if len(found) > 1:
        stray = facts.wide < p.wide_share * facts.messages or _honest(facts, p)
        if stray:
            return ("relay", "carries") if _carries(facts, p) else ("unclear", "stray")
        if "software" not in found and _quotes(facts, p):
            return "unclear", "quoted"
        if not facts.name and facts.naming != "dynamic" and 2 * facts.seen >= facts.messages:
            return "unclear", "gateway"
        return "infected", "two"
    if facts.passed:
        return ("relay", "carries") if 2 * facts.passed >= facts.messages else ("unclear", "mixed")
    return ("compromised-server", "own") if _wrote(facts) and _server(facts) else ("unclear", "server")


def strength(kind: str, naming: str, params: Params) -> float:
    """How strongly one kind alone speaks for an infection, as a probability at even odds."""
    odds = {"spread": params.spread, "software": params.software}.get(kind)
    if odds is None:
        odds = {"none": params.none, "dynamic": params.dynamic, "helo": params.helo}[naming]
    return round(1 / (1 + math.exp(-odds)), 6)
