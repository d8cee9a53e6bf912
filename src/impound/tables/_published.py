"""Findings that may be published, or may not: indicators and signatures."""

from __future__ import annotations

import pyarrow as pa

from impound.tables._kinds import CAMPAIGN_ID, DOUBLE, INT64, PROOF, STRING, STRINGS, TIME, Column, Table

INDICATORS = Table(
    "indicators",
    "finding",
    "what may be published of a case, or may not, with the reason",
    (
        Column("type", STRING, "domain, address, contact, file (SHA-256), image (its hash), template or url-pattern"),
        Column("value", STRING, "the domain, address, contact, hash or expression"),
        Column("state", STRING, "released; proposed (too little for it); withheld; withdrawn (released before)"),
        Column("reason", STRING, "why, in plain words"),
        Column("evidence", PROOF, "the campaign, and the first and last message that show it"),
        Column("first_at", TIME, "the earliest message of a campaign that shows it"),
        Column("last_at", TIME, "the latest one"),
        Column("expires_at", TIME, "when it is too old to act on"),
    ),
    ("type", "value"),
)

PIECES = pa.list_(
    pa.struct(
        [
            ("part", STRING),
            ("kind", STRING),
            ("regex", STRING),
            ("values", STRINGS),
            ("distinct", INT64),
            ("unseen", DOUBLE),
        ]
    )
)

DRAFTED = ("id", "regex", "anchors", "fixed_chars", "learned_from", "examples", "parts")
"""Columns of a template that rest on the messages that it was learnt from alone."""

TEMPLATES = Table(
    "templates",
    "finding",
    "a signature of a campaign: what its messages have in common, as a regular expression",
    (
        Column("id", INT64, "made from the earliest message that it matches, kept while the case grows"),
        CAMPAIGN_ID,
        Column(
            "regex", STRING, "in RE2's syntax, a line for each part of a message, from its start; null: none is made"
        ),
        Column("anchors", STRINGS, "the longest fixed text of each stretch that will do: a match holds one of them"),
        Column("fixed_chars", INT64, "letters and digits of fixed text: how much there is to recognise"),
        Column("learned_from", INT64, "how many messages it was made from"),
        Column("matched", INT64, "how many messages of the case it matches"),
        Column("ham_matched", INT64, "how many of those are outside the campaign and list mail, replies or ordinary"),
        Column("state", STRING, "proposed, or withheld: nothing may be accused by a withheld one"),
        Column("why", STRING, "the reason for the state, in words"),
        Column("examples", pa.list_(INT64), "messages that it was made from, the earliest ones: its test strings"),
        Column("parts", PIECES, "its pieces in order: fixed, listed or noise, and the chance of an unseen value"),
    ),
    ("campaign_id", "id"),
)

TEMPLATE_DRAFTS = Table(
    "template_drafts",
    "finding",
    "a template as it was learnt from a campaign's messages, before it was tried on others",
    (
        CAMPAIGN_ID,
        Column("sample", INT64, "a hash of the messages that were drawn: while it stays nothing is learnt anew"),
        Column("signature", INT64, "a hash of `regex` and `anchors`; null with `regex` where nothing could be learnt"),
        *(c for c in TEMPLATES.columns if c.name in DRAFTED),
    ),
    ("campaign_id", "id"),
)

TEMPLATE_HITS = Table(
    "template_hits",
    "finding",
    "a text, or a message by its headers alone, that a draft matches",
    (
        Column("signature", INT64, "the draft, as in `template_drafts`"),
        Column("body_sha256", STRING, "the text, as in `bodies`; null where only headers count"),
        Column("message_id", INT64, "the message; null where only the text counts"),
    ),
    ("signature", "body_sha256", "message_id"),
)

URL_PATTERNS = Table(
    "url_patterns",
    "finding",
    "how a campaign makes its links, as a regular expression that matches the next ones",
    (
        Column("id", INT64, "made from its campaign and its expression"),
        CAMPAIGN_ID,
        Column("regex", STRING, "an expression in RE2's syntax for a whole link"),
        Column("fixed_chars", INT64, "letters and digits of it that never vary"),
        Column("bits", DOUBLE, "what a match tells: the bits it saves in writing down a link; 90 are asked for"),
        Column("learned_from", INT64, "how many messages its links were met in, counted once for each link"),
        Column("matched", INT64, "how many messages of the case have a link that it matches"),
        Column("ham_matched", INT64, "how many of those are outside the campaign and list mail, replies or ordinary"),
        Column("networks", INT64, "from how many networks (/24 or /48) infected hosts sent those messages"),
        Column("landings", INT64, "to how many registrable domains its links lead"),
        Column("bursty", DOUBLE, "share of its messages that lead to domains of five days or less"),
        Column("state", STRING, "proposed, or withheld: nothing may be accused by a withheld one"),
        Column("why", STRING, "the reason for the state, in words"),
        Column("example_urls", STRINGS, "links that it was made from, the most frequent ones: its test strings"),
    ),
    ("campaign_id", "id"),
)
