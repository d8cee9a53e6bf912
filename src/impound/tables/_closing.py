"""Findings of what was known when a case was closed, and of what of it is met again."""

from __future__ import annotations

from impound.tables._kinds import DOUBLE, INT64, MESSAGE_ID, PROOF, STRING, STRINGS, TIME, Column, Table

KIND = Column("kind", STRING, "template, url-pattern, contact, constant, domain, software or day")

BASELINES = Table(
    "baselines",
    "finding",
    "something that was known of a botnet when the case was closed (`impound status`): what is looked for since",
    (
        Column("botnet_id", INT64, "the botnet (`botnets.id` at that time)"),
        Column("botnet", STRING, "its working name at that time"),
        KIND,
        Column("value", STRING, "the expression, contact, domain, constant or fingerprint; of a day its date (UTC)"),
        Column("anchors", STRINGS, "of a template the fixed texts one of which a match holds"),
        Column("messages", INT64, "how many messages of the botnet show it; of a day how many it sent"),
        Column(
            "outside",
            INT64,
            "how many messages show it that are neither of its campaigns nor of its addresses, nor lists or replies",
        ),
        Column("compared", INT64, "how many such messages the case had"),
        Column("bits", DOUBLE, "what meeting it again tells, at most ten bits, of software six; none of a day"),
        Column("until", TIME, "how late it was in the case, by its mail: what is seen later…"),
        Column("closed_at", TIME, "…and read after this, when the case was closed, is compared"),
    ),
    ("botnet_id", "kind", "value"),
)

BASELINE_HITS = Table(
    "baseline_hits",
    "finding",
    "a message, seen after the case was closed, with a text or link that the baseline knows",
    (MESSAGE_ID, KIND, Column("value", STRING, "the expression or domain, as in `baselines`")),
    ("message_id", "kind", "value"),
)

RETURNS = Table(
    "returns",
    "finding",
    "a botnet of a closed case of which something was met again, with proof",
    (
        Column("botnet_id", INT64, "the botnet (`baselines.botnet_id`)"),
        Column("botnet", STRING, "its working name when the case was closed"),
        Column("state", STRING, "alarm: enough to say that it is back; watch: something of it, but too little"),
        Column("alarm_at", TIME, "when enough had been seen; null under watch"),
        Column("first_at", TIME, "the earliest message that shows something of it"),
        Column("last_at", TIME, "the latest one"),
        Column(
            "messages",
            INT64,
            "how many messages show enough of it to count; under watch how many show anything of its own",
        ),
        Column("hosts", INT64, "how many addresses handed them in"),
        Column("networks", INT64, "in how many networks (/24 or /48) those are"),
        Column("kinds", STRINGS, "the kinds of evidence among them"),
        Column("why", STRING, "what was met again, in words"),
        Column("proof", PROOF, "messages that show it; under alarm those that raised it, at most five"),
    ),
    ("botnet_id",),
)
