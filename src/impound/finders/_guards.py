"""May this be published? The guards, one after the other, on what is known of a domain, address, contact or file.

Pure: facts in, state and reason out. Whatever speaks against comes before whatever is missing, so that more mail never
releases what a guard has withheld for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from impound import canonical
from impound.canonical import is_reserved, plural
from impound.check.webmail import WEBMAIL
from impound.finders._popular import POPULAR, SHARED

RELEASED, PROPOSED, WITHHELD = "released", "proposed", "withheld"


@dataclass(frozen=True)
class Params:
    """Where lines are drawn: choices, checked with ``benchmarks/poisoning.py``."""

    infected_share: float = 0.5
    """Share of a campaign's placed messages that infected hosts must have handed in for its traces to be published."""
    messages: int = 5
    """Messages that must show a thing…"""
    networks: int = 3
    """…from so many networks."""
    address_messages: int = 2
    """Messages from which an infected host's address is published."""
    shared: int = 3
    """Campaigns from which a domain belongs to none of them."""
    lead: float = 0.8
    """Share of a domain's messages in which no other domain is linked to more often by the campaign: decoys follow."""
    noise: float = 0.05
    """Share of a campaign's links that lead to domains met once, from which it mixes in garbage: Rustock's had 0.096
    distinct domains a message, Grum's 0.00003 (Levchenko et al., "Click Trajectories", 2011, table I)."""
    noise_share: float = 0.02
    """Share of such a campaign's messages that a landing domain must be in."""
    tried_on: int = 100
    """Messages that nothing speaks against which the case must hold before an expression is released: with none at
    hand, no match among them says nothing. A choice."""


class Facts(NamedTuple):
    """What the case knows of one thing. ``lead``, ``singles``, ``linked`` and ``decoys`` are of domains alone."""

    type: str
    value: str
    messages: int = 0
    """Of campaigns that infected hosts send."""
    networks: int = 0
    campaigns: int = 0
    ham: int = 0
    """Messages of hosts that nothing speaks against, of lists and of replies."""
    drill: bool = False
    """Whether all of it was met in a drill."""
    lead: float = 1.0
    singles: int = 0
    """Domains that its campaign links to once."""
    linked: int = 0
    """Messages of its campaign with a link."""
    decoys: float = 0.0
    """How often a domain that leads nowhere is met in its campaign, at most: twice the mean and three deviations."""
    infected: bool = True
    """Whether infected hosts sent it."""


def state(facts: Facts, params: Params) -> tuple[str, str]:
    """The state, and why, in plain words."""
    if against := _against(facts, params):
        return WITHHELD, against
    seen = f"{plural(facts.messages, 'message')} from {plural(facts.networks, 'network')}"
    if not facts.infected:
        return PROPOSED, f"in {seen}; the hosts that sent it are not known to be infected: somebody has to look"
    if facts.type == "address":
        return _address(facts, params)
    if facts.messages < params.messages or facts.networks < params.networks:
        return PROPOSED, f"only in {seen} so far; {params.messages} and {params.networks} are asked for"
    return RELEASED, f"in {seen} of a campaign that infected hosts send, and in nothing else that the case holds"


def _address(facts: Facts, params: Params) -> tuple[str, str]:
    """An address has one network and is itself what was judged: the verdict is the guard, and a second message."""
    if facts.messages < params.address_messages:
        return PROPOSED, "called infected on a single message"
    return RELEASED, f"called infected, on {plural(facts.messages, 'message')} of campaigns that infected hosts send"


def _against(facts: Facts, params: Params) -> str:
    """What speaks against it; an empty text where nothing does."""
    if facts.type == "domain" and is_shared(facts.value):
        return "a domain that many people share who have nothing to do with each other"
    if not facts.drill and is_reserved(facts.value):
        return "a name or address kept for documentation, and this is no drill"
    if facts.ham:
        return f"also in {plural(facts.ham, 'message')} of senders that nothing speaks against, of lists or replies"
    return _poison(facts, params) if facts.type == "domain" else ""


def _poison(facts: Facts, params: Params) -> str:
    """Why a domain may be mixed in to hurt its owner or the list; an empty text where nothing says so."""
    if facts.campaigns >= params.shared:
        return f"linked to by {facts.campaigns} campaigns that share nothing else: it belongs to none of them"
    if facts.lead < params.lead:
        return "beside it stands a domain that the campaign links to more often: it may be mixed in to hurt its owner"
    if facts.messages <= facts.decoys:
        return "the campaign mixes in other domains as often as this one"
    if facts.singles >= params.noise * facts.linked and facts.messages < params.noise_share * facts.linked:
        return (
            f"its campaign links to {plural(facts.singles, 'domain')} once each: garbage meant to poison lists, "
            "and this one does not rise above it"
        )
    return ""


def domain(name: str) -> str | None:
    """The registrable domain of a host; below a reserved suffix its last two labels. None for an address."""
    host = canonical.host(name)
    if host is None or canonical.ip(host):
        return None
    if found := canonical.registrable_domain(host):
        return found
    return ".".join(host.split(".")[-2:]) if is_reserved(host) else None


def is_shared(domain: str) -> bool:
    """Whether a registrable domain is one that many share."""
    return domain in POPULAR or domain in SHARED or domain in WEBMAIL
