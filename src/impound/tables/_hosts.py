"""Findings of who sent a message, with what program, and what is thought of hosts."""

from __future__ import annotations

from impound.tables._kinds import (
    BOOL,
    DOUBLE,
    INT32,
    INT64,
    MESSAGE_ID,
    PROOF,
    STRING,
    STRINGS,
    TIME,
    Column,
    Table,
)

HOPS = Table(
    "hops",
    "finding",
    "a Received line of a message, and what it says about the line below it",
    (
        MESSAGE_ID,
        Column("hop", INT32, "which line, counted from 0 at the top"),
        Column("ip", STRING, "the client's address"),
        Column("ip_key", STRING, "the address in 32 hex digits, which sort as addresses do"),
        Column("net", STRING, "its network: /24, or /48 for IPv6"),
        Column("block", STRING, "its /16, or /32 for IPv6"),
        Column("port", INT32, "its port"),
        Column("scope", STRING, "public, private, loopback, none (no address) or local (no client at all)"),
        Column("helo", STRING, "the name the client gave itself"),
        Column("name", STRING, "its reverse name as the server looked it up"),
        Column("verified", BOOL, "whether the server says that the name leads back to the address"),
        Column("name_domain", STRING, "the registered domain of `name`"),
        Column("helo_domain", STRING, "the registered domain of `helo`"),
        Column("by_name", STRING, "the server that wrote the line"),
        Column("by_domain", STRING, "its registered domain"),
        Column("form", STRING, "in which program's way the line is written"),
        Column("next_by", STRING, "the server that wrote the line below"),
        Column("next_domain", STRING, "its registered domain"),
        Column("continues", STRING, "how the line below fits to this one's client: self, host, domain, or empty"),
        Column("is_last", BOOL, "whether no line is below"),
    ),
    ("message_id", "hop"),
)

CLIENT_LINES = Table(
    "client_lines",
    "finding",
    "a Received line that names an address, and what stands under it",
    (
        MESSAGE_ID,
        Column("hop", INT32, "which line, counted from 0 at the top"),
        Column("taken_by", STRING, "the server that wrote the line"),
        Column(
            "below",
            STRING,
            "what stands under it: nothing; own (the client's programs wrote it), seen (those above others' lines),"
            " passed (the client took it from somebody), false, or forged (in the name of the line's own server)",
        ),
        Column("verified", BOOL, "whether the server says the reverse name leads back; null where it does not say"),
    ),
    ("message_id", "hop"),
)

NETWORKS = Table(
    "networks",
    "finding",
    "whose address space is whose",
    (
        Column("cidr", STRING, "the network, such as 192.0.2.0/24"),
        Column("side", STRING, "own (the receiving organisation), partner or shared-provider"),
        Column("reason", STRING, "how that is known, in words"),
        Column("servers", INT64, "how many of its addresses were met handing mail on inside the organisation"),
        Column("messages", INT64, "how many messages passed through it"),
    ),
    ("cidr",),
)

ORIGINS = Table(
    "origins",
    "finding",
    "who handed a message in: the first host outside the receiving organisation",
    (
        MESSAGE_ID,
        Column("client_ip", STRING, "its address; null when no line that can be trusted names one"),
        Column("client_port", INT32, "its port, where the receiver wrote it down"),
        Column("client_net", STRING, "its network: /24, or /48 for IPv6"),
        Column("client_name", STRING, "its reverse name as the receiver looked it up"),
        Column("helo", STRING, "the name it gave itself"),
        Column("hop", INT32, "which Received line says so, counted from 0 at the top"),
        Column("trusted_hops", INT32, "how many lines from the top were written by the organisation's own servers"),
        Column("boundary_reason", STRING, "why the trust ends there, in words"),
    ),
    ("message_id",),
)

HEADER_TRAITS = Table(
    "header_traits",
    "finding",
    "what a message's headers say of the program that wrote it",
    (
        MESSAGE_ID,
        Column("fingerprint", STRING, "as in `message_software`"),
        Column("program", STRING, "as in `message_software`"),
        Column("contradictions", STRING, "as in `message_software`"),
    ),
    ("message_id",),
)

HEADER_FIELDS = Table(
    "header_fields",
    "finding",
    "a part of a Message-ID that may be a machine's, or a constant",
    (
        MESSAGE_ID,
        Column("program", STRING, "the mail program that the message claims to come from"),
        Column("field", STRING, "the signs between the parts, and which part it is"),
        Column("value", STRING, "the part"),
    ),
    ("message_id", "field"),
)

MESSAGE_SOFTWARE = Table(
    "message_software",
    "finding",
    "the program that wrote a message: what it claims to be, what speaks against that, whom it is like",
    (
        MESSAGE_ID,
        Column("fingerprint", STRING, "equal for all messages of one sending program, however its random letters fall"),
        Column("program", STRING, "the mail program it claims to come from; empty when it names none"),
        Column(
            "contradictions", STRING, "why that program cannot have written it, in words; null where nothing is wrong"
        ),
        Column("constant", STRING, "a part of its Message-ID that the program would vary and many networks share"),
    ),
    ("message_id",),
)

SIGNALS = Table(
    "signals",
    "finding",
    "one detector's statement about one subject",
    (
        Column("finder", STRING, "who says so"),
        Column("finder_version", STRING, "the version of that finder"),
        Column("kind", STRING, "the kind of evidence: spread, software or naming"),
        Column("subject_type", STRING, "what it is about: host"),
        Column("subject", STRING, "which one: its address"),
        Column("from_at", TIME, "the beginning of the time it speaks of"),
        Column("to_at", TIME, "the end of that time"),
        Column("score", DOUBLE, "how strongly it speaks for an infection, 0 to 1"),
        Column("why", STRING, "the reason in plain words"),
        Column("proof", PROOF, "rows that show it; at most five, the earliest first"),
    ),
    ("subject", "from_at", "kind"),
)

HOSTS = Table(
    "hosts",
    "finding",
    "an outside address that handed mail in, in a stretch of time: a new row after seven quiet days",
    (
        Column("ip", STRING, "the address"),
        Column("net", STRING, "its network: /24, or /48 for IPv6"),
        Column(
            "name",
            STRING,
            "its reverse name as the receiver looked it up, the latest one met; null where it does not lead back",
        ),
        Column("side", STRING, "outside; what lies inside is told from traffic, not from mail"),
        Column("first_at", TIME, "the earliest message of the stretch"),
        Column("last_at", TIME, "the latest message of the stretch"),
        Column("messages", INT64, "how many messages it handed in"),
        Column("campaigns", INT64, "how many campaigns they belong to"),
        Column("campaign_id", INT64, "the campaign that most of them belong to; null when none does"),
        Column(
            "verdict",
            STRING,
            "infected, compromised-server, bulk-sender, relay, webmail-or-esp, ordinary or unclear",
        ),
        Column("score", DOUBLE, "the chance that it is infected, 0 to 1, as counted in drills; 0 where allowed"),
        Column("kinds", STRINGS, "the kinds of evidence for an infection that were met: spread, software, naming"),
        Column("dynamic", BOOL, "whether its reverse name looks like one of an access provider's pool"),
        Column("asn", INT64, "its autonomous system today; null without a database"),
        Column("country", STRING, "its country today, two letters; null without a database"),
        Column("why", STRING, "the reason for the verdict in plain words, and what would overturn it"),
    ),
    ("ip", "first_at"),
)
