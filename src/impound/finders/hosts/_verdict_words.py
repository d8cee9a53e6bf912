"""The reason for a verdict in plain words: what was seen, what explains it, and what would overturn it."""

from __future__ import annotations

from collections.abc import Callable

from impound.finders.hosts._verdicts import Facts, Verdict


def why(facts: Facts, said: Verdict) -> str:
    """Two or three sentences: the evidence, the verdict's ground, and what would overturn it."""
    return f"{_sent(facts)} {_REASON[said.role](facts, said)} Overturned by: {_OVERTURN[said.role]}."


def spread(facts: Facts) -> str | None:
    """Why its campaign is spread; None where it belongs to none that is."""
    if facts.spread_id is None:
        return None
    return (
        f"campaign {facts.spread_name}, which came from {_n(facts.spread_networks, 'network')}, "
        f"of {_n(facts.spread_owners, 'owner')} in a week{_systems(facts)}"
    )


def _systems(facts: Facts) -> str:
    return f", from {_n(facts.spread_systems, 'autonomous system')}" if facts.spread_systems else ""


def _sent(facts: Facts) -> str:
    if facts.spread_id is not None:
        sent = _n(facts.spread_mine, "message")
        rest = f"; {facts.messages:,} messages in all" if facts.messages != facts.spread_mine else ""
        return f"It sent {'a single message' if facts.messages == 1 else sent} of {spread(facts)}{rest}."
    if facts.messages == 1:
        return "It sent a single message."
    return f"It sent {_n(facts.messages, 'message')} from {_n(facts.from_domains, 'domain')} in From."


def _n(number: int | None, word: str) -> str:
    return f"{number or 0:,} {word}{'' if number == 1 else 's'}"


def _evidence(facts: Facts, said: Verdict) -> list[str]:
    found = [facts.naming_why] if "naming" in said.kinds else []
    if "software" in said.kinds:
        share = "its mail" if facts.software == facts.messages else f"{facts.software:,} of its messages"
        found.append(f"{share} did not come from the program named in it ({facts.against})")
    return found


def _two(facts: Facts, said: Verdict) -> str:
    text = "; and ".join(_evidence(facts, said))
    return f"{text[:1].upper()}{text[1:]}."


def _alone(facts: Facts, said: Verdict) -> str:
    if said.kinds == ("spread",):
        return "Neither its names nor its headers speak against it."
    text = "; and ".join(_evidence(facts, said))
    return f"{text[:1].upper()}{text[1:]}, but it sent nothing of a campaign that many networks send."


def _bulk(facts: Facts) -> str:
    mine = _n(facts.campaign_mine, "message")
    return f"{mine} of campaign {facts.campaign_name} ({facts.campaign_messages or 0:,} in all)"


_REASON: dict[str, Callable[[Facts, Verdict], str]] = {
    "two": _two,
    "alone": _alone,
    "nothing": lambda f, s: "Nothing speaks against it.",
    "webmail": lambda f, s: f"{f.name} is an outgoing server of a webmail service: it carries the mail of its users.",
    "sending": lambda f, s: f"{f.name} is a server of a mailing service: it sends for its customers or to its users.",
    "unconfirmed": lambda f, s: (
        f"Its reverse name {f.name} is one of a large service, but the receiving server does not say that the name "
        "leads back to the address: whoever owns a network can write any name into its reverse zone."
    ),
    "notices": lambda f, s: f"It writes in its own name, {f.from_domain}, {_bulk(f)}: notices or newsletters.",
    "list": lambda f, s: (
        f"{f.listed:,} of its messages name a mailing list: a list's server hands on what members wrote."
    ),
    "carries": lambda f, s: (
        f"{f.passed:,} of its messages bear the line of a server of its own name that took them from somebody else, "
        f"with {_n(f.from_domains, 'domain')} in From: it carries others' mail."
    ),
    "busiest": lambda f, s: f"It sent {_bulk(f)}, and two hosts sent most of that: few machines, each sending much.",
    "few": lambda f, s: f"It sent {_bulk(f)}, which comes from {_n(f.campaign_owners, 'owner')} of networks alone.",
    "snowshoe": lambda f, s: (
        f"It sent {_bulk(f)}, and {_n(f.campaign_neighbours, 'host')} of its own network sent that campaign, "
        f"{_n(f.campaign_hosts, 'host')} in {_n(f.campaign_networks, 'network')}: neighbours of one owner."
    ),
    "stray": lambda f, s: (
        f"But {f.messages - f.wide:,} of its {f.messages:,} messages are of none, or most are in its own name."
    ),
    "quoted": lambda f, s: (
        f"But it writes in the name that it calls itself, {f.from_domain}, and its headers are in order: an office "
        "that passes the mail on to complain, or a server that sends it back, looks the same."
    ),
    "gateway": lambda f, s: "The line below says that it took them from another machine, as a filter's server would.",
    "mixed": lambda f, s: "It has a server's name, and hands on what others wrote as well as mail of its own.",
    "server": lambda f, s: "It has no name of a line, and nothing says who wrote the mail on it.",
    "servers": lambda f, s: (
        f"Its campaign {f.campaign_name} comes from {_n(f.campaign_owners, 'owner')} of networks, most of them "
        "with names of servers, and is not in the host's own name."
    ),
    "used": lambda f, s: (
        f"{f.name or f.helo} is a server by name, its mail was written there in another's name, and servers of "
        f"{_n(f.campaign_owners, 'owner')} send the same: somebody uses it, and its owner probably does not know."
    ),
    "own": lambda f, s: (
        f"{f.name} has a server's name and its mail was written there: "
        "somebody uses it, and its owner probably does not know."
    ),
}
_OVERTURN = {
    "two": "the address belonging to a mail server that hands on others' mail, or the campaign being somebody's own",
    "alone": "a second kind of evidence",
    "nothing": "evidence of any kind",
    "webmail": "the name not leading back to the address",
    "sending": "the name not leading back to the address",
    "unconfirmed": "the name leading back to the address, or a second kind of evidence",
    "notices": "recipients who never asked for it",
    "list": "the lists named not existing",
    "carries": "the lines below being invented",
    "busiest": "the same campaign from machines of many owners in equal parts",
    "few": "recipients who asked for it, or the same campaign from networks of other owners",
    "snowshoe": "the neighbours belonging to different owners",
    "stray": "most of its mail turning out to be of such campaigns",
    "quoted": "the message itself holding nothing but the campaign's text",
    "gateway": "the line below being invented",
    "mixed": "showing who wrote its own part",
    "server": "its names, its headers or its other mail showing what it is",
    "servers": "showing that its owner means to send it, or who else does",
    "used": "the campaign being its owner's own",
    "own": "the campaign being its owner's, or the mail having been handed to it by another machine",
}
