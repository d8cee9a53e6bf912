"""The sections of ``impound.toml`` as frozen dataclasses: each field a key, its type what may stand there."""

from __future__ import annotations

from dataclasses import dataclass, field

VANTAGES = ("trap", "user-report", "inbound", "outbound", "inside-traffic", "sinkhole", "feed", "reply")
TLP = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")
LET_OUT = ("quiet", "clean")
ROLES = ("analyst", "law-enforcement")
"""Who may hand a case over; recipients' addresses are for the last alone."""
LURES = (
    "pharmacy", "replica", "software", "lottery", "advance-fee", "job", "phishing", "stock", "casino", "adult",
    "finance", "diploma", "malware", "extortion", "marketing", "other-spam", "ham",
)  # fmt: skip
"""What a message may sell or pretend, most particular first; there are no other names."""


@dataclass(frozen=True)
class Organisation:
    """``[organisation]``: whose mail this is. ``own_networks``: the CIDRs inside; empty = inferred from the case.
    ``customer_networks``: those of an access provider's customers, which lie outside: their machines are judged.

    ``contact`` (a mailbox) and ``page`` (a link to what you say in public) stand in notices and, with ``address`` (by
    post), on the public page.
    """

    name: str = ""
    own_networks: tuple[str, ...] = ()
    customer_networks: tuple[str, ...] = ()
    contact: str = ""
    address: str = ""
    page: str = ""

    @property
    def answered_for(self) -> tuple[str, ...]:
        """The networks that are the user's to act in."""
        return self.own_networks + self.customer_networks


@dataclass(frozen=True)
class Reading:
    """``[reading]``: what is said of sources unless the command line says otherwise."""

    vantage: str = "inbound"
    sensor: str = ""
    tlp: str = "TLP:AMBER"


@dataclass(frozen=True)
class Databases:
    """``[databases]``: paths of MaxMind-format files that name the country and the network (ASN) of an address."""

    country: str = ""
    asn: str = ""


@dataclass(frozen=True)
class Legal:
    """``[legal]``: the number a court or an authority gave the case, the process it rests on, and the court."""

    case_number: str = ""
    process: str = ""
    court: str = ""


@dataclass(frozen=True)
class Authority:
    """``[authority]``: who takes tips, on the public page. ``reward`` and ``terms``: in its words, if it offers one."""

    name: str = ""
    mailbox: str = ""
    telephone: str = ""
    page: str = ""
    reward: str = ""
    terms: str = ""


@dataclass(frozen=True)
class Notices:
    """``[notices]``: how networks and owners are told. ``server`` and ``port``: the user's own mail server.

    ``contacts``: a CSV file of networks and their abuse mailboxes. ``repeat_days``: nothing is said twice within so
    many days. ``fresh_days``: nothing is said of hosts that were silent for longer (0 = of all), for addresses change
    hands. ``per_minute``: at most so many messages. ``hold_out``: the percentage of hosts that is not told, so that
    the effect can be measured. ``rdap``: a file where registries' answers are kept. ``language`` and ``time_zone`` are
    those of letters and notices where the contacts file says nothing else.

    ``wall_notices`` and ``wall_days``: a host is for the walled garden when it was told of so many times and still
    sends so many days after the first time. Two, for one letter may be missed, and RFC 6561 has people told again.
    Fourteen, for within two weeks most of those who clean up have done so (Çetin et al., "Cleaning Up the Internet of
    Evil Things", NDSS 2019).
    ``let_out``: the state in which it is let out, quiet (seven days of silence) or clean (fourteen).
    """

    server: str = "127.0.0.1"
    port: int = 25
    sender: str = ""
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key: str = ""
    contacts: str = ""
    repeat_days: int = 7
    fresh_days: int = 30
    per_minute: int = 60
    hold_out: int = 0
    rdap: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    wall_notices: int = 2
    wall_days: int = 14
    let_out: str = "quiet"


@dataclass(frozen=True)
class Handover:
    """``[handover]``: ``key``, a PEM file, signs packages; empty = the case's own Ed25519 key.

    ``certificate``: a PEM file of the key's certificate and those that lead to its authority; the signature is then a
    CMS one. ``timestamp``: the URL of a server for time stamps (RFC 3161); ``timestamp_ca``: a PEM file of the
    certificate that these must lead to.
    """

    key: str = ""
    certificate: str = ""
    timestamp: str = ""
    timestamp_ca: str = ""


@dataclass(frozen=True)
class Retention:
    """``[retention]``: under ``legal_hold`` nothing is pruned. ``days``: how long originals are kept, for ``prune``
    where nobody names a day; 0 = nobody says."""

    legal_hold: bool = False
    days: int = 0


Lists = dict[str, tuple[str, ...]]
"""A section whose keys the user names: ``[lures]`` words that speak for a lure, ``[brands]`` domains of a holder,
``[roles]`` the login names that hold a role."""


@dataclass(frozen=True)
class Config:
    """The settings of one case."""

    organisation: Organisation = field(default_factory=Organisation)
    reading: Reading = field(default_factory=Reading)
    databases: Databases = field(default_factory=Databases)
    legal: Legal = field(default_factory=Legal)
    authority: Authority = field(default_factory=Authority)
    notices: Notices = field(default_factory=Notices)
    handover: Handover = field(default_factory=Handover)
    retention: Retention = field(default_factory=Retention)
    roles: Lists = field(default_factory=dict)
    lures: Lists = field(default_factory=dict)
    brands: Lists = field(default_factory=dict)
