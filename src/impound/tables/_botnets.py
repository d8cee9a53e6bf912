"""Findings of botnets, and of what became of them and of campaigns."""

from __future__ import annotations

from impound.tables._kinds import DOUBLE, INT64, STRING, STRINGS, TIME, Column, Table

BOTNETS = Table(
    "botnets",
    "finding",
    "bots, campaigns and programs that belong together and outlast each campaign",
    (
        Column("id", INT64, "the id of its earliest message, kept while the case grows"),
        Column("name", STRING, "two neutral words made from the id, so that people can talk about it"),
        Column("first_at", TIME, "its earliest message"),
        Column("last_at", TIME, "its latest message"),
        Column("messages", INT64, "how many messages it sent"),
        Column("hosts", INT64, "how many addresses sent them: addresses, not machines"),
        Column("networks", INT64, "how many /24 or /48 networks those are in"),
        Column("quiet_days", INT64, "how many days between its first and its last message had none"),
        Column("campaigns", INT64, "how many campaigns they belong to"),
        Column("programs", INT64, "how many fingerprints of sending programs they bear"),
        Column("machines", INT64, "how many machines stand behind those addresses; null where nothing tells"),
        Column("machines_low", INT64, "how many at least"),
        Column("machines_high", INT64, "how many at most, with those not met; null where too few were met again"),
        Column("machines_why", STRING, "how the number of machines was come by, and what it leaves out"),
        Column(
            "confidence",
            DOUBLE,
            "how much of it stays together with a tenth of its addresses left out, 0 to 1; null for a single strand",
        ),
        Column("why", STRING, "what holds it together, in words"),
    ),
    ("id",),
)

BOTNET_MEMBERS = Table(
    "botnet_members",
    "finding",
    "an address, a campaign or a program of a botnet; each may belong to several",
    (
        Column("botnet_id", INT64, "the botnet (`botnets.id`)"),
        Column("member_type", STRING, "host, campaign or software"),
        Column("member", STRING, "the address, the campaign's id, or the program's fingerprint and constant"),
        Column("link", STRING, "why it belongs there, in words"),
        Column(
            "strength",
            DOUBLE,
            "of a host or program its share of the botnet's messages, of a campaign the botnet's share of it, 0 to 1",
        ),
    ),
    ("botnet_id", "member_type", "member"),
)

BOTNET_DAYS = Table(
    "botnet_days",
    "finding",
    "a day on which a botnet sent something: its life, and how it grows",
    (
        Column("botnet_id", INT64, "the botnet (`botnets.id`)"),
        Column("day", TIME, "when the day begins (UTC)"),
        Column("messages", INT64, "how many messages it sent on that day"),
        Column("hosts", INT64, "how many addresses sent them"),
        Column("new_hosts", INT64, "how many of these were never met with it before"),
        Column("campaigns", INT64, "how many campaigns they belong to"),
        Column("new_campaigns", INT64, "how many of these it had never sent before"),
        Column("new_programs", INT64, "how many fingerprints of sending programs it bears for the first time"),
    ),
    ("botnet_id", "day"),
)

BOTNET_HYPOTHESES = Table(
    "botnet_hypotheses",
    "finding",
    "that a botnet's mail looks as what was published of a family of spam bots: a hypothesis, never a name",
    (
        Column("botnet_id", INT64, "the botnet (`botnets.id`)"),
        Column("family", STRING, "the family"),
        Column("share", DOUBLE, "the share of its messages that show the trait shown least, 0 to 1"),
        Column("reasons", STRINGS, "the traits shown, each with its share, who published it, and its year"),
        Column("why", STRING, "how much is shown of what is known, and how old that is"),
    ),
    ("botnet_id", "family"),
)

HOST_STATES = ("suspected", "confirmed", "notified", "held-out", "quiet", "clean", "reinfected", "withdrawn")
"""The states of a host as its life goes on."""
_AT_ONCE = ("quiet", "clean", "suspected", "confirmed", "reinfected", "held-out", "notified", "withdrawn")
"""The same, of two at one instant the earlier one first."""

EVENTS = Table(
    "events",
    "finding",
    "what became of a campaign, botnet, indicator, host or of the case itself; rows are only ever added",
    (
        Column("subject_type", STRING, "campaign, botnet, indicator, host, notice or case"),
        Column(
            "subject",
            STRING,
            "its id; of an indicator (or an allowed network) its type and value, of a host its address, a notice its "
            "ticket; of the case: case",
        ),
        Column("from_state", STRING, "the state it leaves; null for what begins"),
        Column(
            "to_state",
            STRING,
            "found, split (off another), merged (into another), gone or withdrawn; of a host suspected, confirmed, "
            "notified, held-out (left untold), quiet, clean, reinfected or withdrawn; of a notice answered, "
            "acknowledged, bounced or delayed; of the case handed-over, closed or reopened; of what people "
            "allow allowed, and judged when taken back",
        ),
        Column("actor", STRING, "who says so: a finder, a command or a person"),
        Column("reason", STRING, "why, with the name and id of the other one"),
        Column(
            "at",
            TIME,
            "of a host or notice when it happened, of a command when it was given, else the newest `seen_at` of the "
            "case at that time",
        ),
    ),
    ("at", "subject_type", "subject", "to_state"),
)


def state_rank(column: str) -> str:
    """Which of a host's states at one instant comes later, as SQL over a column: the one with the higher number."""
    places = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(_AT_ONCE, 1))
    return f"CASE {column} {places} ELSE {len(_AT_ONCE) + 1} END"
