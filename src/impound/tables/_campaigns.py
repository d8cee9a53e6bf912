"""Findings of campaigns and of what messages say."""

from __future__ import annotations

from impound.tables._kinds import (
    BINARY,
    CAMPAIGN_ID,
    DOUBLE,
    INT32,
    INT64,
    MESSAGE_ID,
    STRING,
    STRINGS,
    TIME,
    Column,
    Table,
)

SKETCHES = Table(
    "sketches",
    "finding",
    "a text as numbers by which texts are compared (MinHash)",
    (
        Column("body_sha256", STRING, "the text, as in `bodies`"),
        Column("text_key", INT64, "a hash of its words, equal for equal words"),
        Column("word_count", INT32, "how many words of it were looked at"),
        Column("sketch", BINARY, "the MinHash of its word triples, 16 bits for each place"),
        Column("head", BINARY, "the MinHash of its first words"),
    ),
    ("body_sha256",),
)

REPLY_CONTACTS = Table(
    "reply_contacts",
    "finding",
    "where a victim is told to answer",
    (
        MESSAGE_ID,
        Column("kind", STRING, "mailbox, telephone, messenger, bank-account, wallet, transfer or reference"),
        Column(
            "value",
            STRING,
            "in one spelling: address, digits, service:name, iban:…, account:…, currency:address, service:receiver",
        ),
    ),
    ("message_id", "kind", "value"),
)

CAMPAIGNS = Table(
    "campaigns",
    "finding",
    "messages that show one text skeleton, or one offer reached through one landing domain, link pattern or contact",
    (
        Column("id", INT64, "the id of its earliest message, kept while the case grows"),
        Column("name", STRING, "two neutral words made from the id, so that people can talk about it"),
        Column("first_at", TIME, "the earliest `seen_at` of its messages"),
        Column("last_at", TIME, "the latest `seen_at` of its messages"),
        Column("messages", INT64, "how many messages it has"),
        Column("hosts", INT64, "how many client addresses handed them in: addresses, not machines"),
        Column("networks", INT64, "how many /24 or /48 networks those are in"),
        Column(
            "owners", INT64, "the most owners of networks it came from within a week; names and /16 tell owners apart"
        ),
        Column("domains", STRINGS, "the domains it links to most, those shared by everybody left out; at most ten"),
        Column("subject_shape", STRING, "its most frequent subject shape"),
        Column(
            "confidence", DOUBLE, "how strongly its messages hold together, 0 to 1: the mean strength of their links"
        ),
        Column("why", STRING, "what holds it together, in words"),
    ),
    ("id",),
)

CAMPAIGN_MEMBERS = Table(
    "campaign_members",
    "finding",
    "a message of a campaign, and what ties it to the others",
    (
        CAMPAIGN_ID,
        MESSAGE_ID,
        Column("link", STRING, "the strongest evidence that it shares with another message of the campaign"),
        Column("strength", DOUBLE, "how strong that kind of evidence is, 0 to 1: an order, not a measured rate"),
    ),
    ("campaign_id", "message_id"),
)

SPAM = Column("spam", DOUBLE, "how likely it is spam, 0 to 1, as the shipped classifier has it")

LURE = Column("lure", STRING, "what it sells or pretends: pharmacy, replica, …; ham where nothing speaks for a lure")

MESSAGE_LABELS = Table(
    "message_labels",
    "finding",
    "what a message sells or pretends, and whose mark it abuses",
    (
        MESSAGE_ID,
        SPAM,
        LURE,
        Column("brand", STRING, "the mark it abuses most plainly; null where it abuses none"),
        Column("share", DOUBLE, "the lure's share of everything that speaks for any lure, 0 to 1"),
        Column("words", STRINGS, "the words that decided, the weightiest first; those with # are signs, not words"),
        Column("brand_why", STRING, "where the mark stands, and why that is abuse"),
    ),
    ("message_id",),
)

CAMPAIGN_LABELS = Table(
    "campaign_labels",
    "finding",
    "what a campaign sells or pretends, and whose mark it abuses",
    (
        CAMPAIGN_ID,
        Column("spam", DOUBLE, "the mean of its messages' `spam`"),
        LURE,
        Column(
            "brand",
            STRING,
            "the mark that most of its messages abuse, a quarter at least; null where there is none",
        ),
        Column("share", DOUBLE, "the share of its messages that say so, 0 to 1"),
        Column("words", STRINGS, "the words that decided in the message that says it plainest"),
    ),
    ("campaign_id",),
)
