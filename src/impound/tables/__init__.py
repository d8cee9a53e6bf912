"""The contract: every table, every column, its type, unit and meaning. Data only.

``docs/tables.md`` is generated from this package.
"""

from __future__ import annotations

from impound.tables._botnets import (
    BOTNET_DAYS,
    BOTNET_HYPOTHESES,
    BOTNET_MEMBERS,
    BOTNETS,
    EVENTS,
    HOST_STATES,
    state_rank,
)
from impound.tables._campaigns import (
    CAMPAIGN_LABELS,
    CAMPAIGN_MEMBERS,
    CAMPAIGNS,
    MESSAGE_LABELS,
    REPLY_CONTACTS,
    SKETCHES,
)
from impound.tables._closing import BASELINE_HITS, BASELINES, RETURNS
from impound.tables._effects import EFFECT_STEPS, EFFECTS
from impound.tables._hosts import (
    CLIENT_LINES,
    HEADER_FIELDS,
    HEADER_TRAITS,
    HOPS,
    HOSTS,
    MESSAGE_SOFTWARE,
    NETWORKS,
    ORIGINS,
    SIGNALS,
)
from impound.tables._kinds import HOP, INT32, INT64, RECORD, SCHEMA_VERSION, STRING, TIME, Column, Table
from impound.tables._late import LATE, LATE_READS, LATE_WITNESSES, QUIET, QUIET_HEADERS
from impound.tables._notices import NOTICES
from impound.tables._published import INDICATORS, TEMPLATE_DRAFTS, TEMPLATE_HITS, TEMPLATES, URL_PATTERNS
from impound.tables._records import ANSWERS, ATTACHMENTS, BODIES, MESSAGES, REJECTS, SEALS, SOURCES, URLS

__all__ = [
    "ANSWERS",
    "ATTACHMENTS",
    "BASELINES",
    "BASELINE_HITS",
    "BODIES",
    "BOTNETS",
    "BOTNET_DAYS",
    "BOTNET_HYPOTHESES",
    "BOTNET_MEMBERS",
    "CAMPAIGNS",
    "CAMPAIGN_LABELS",
    "CAMPAIGN_MEMBERS",
    "CLIENT_LINES",
    "EFFECTS",
    "EFFECT_STEPS",
    "EVENTS",
    "HEADER_FIELDS",
    "HEADER_TRAITS",
    "HOP",
    "HOPS",
    "HOSTS",
    "HOST_STATES",
    "INDICATORS",
    "INT32",
    "INT64",
    "LATE",
    "LATE_READS",
    "LATE_WITNESSES",
    "MESSAGES",
    "MESSAGE_LABELS",
    "MESSAGE_SOFTWARE",
    "NETWORKS",
    "NOTICES",
    "ORIGINS",
    "QUIET",
    "QUIET_HEADERS",
    "RECORD",
    "REJECTS",
    "REPLY_CONTACTS",
    "RETURNS",
    "SCHEMA_VERSION",
    "SEALS",
    "SIGNALS",
    "SKETCHES",
    "SOURCES",
    "STRING",
    "TABLES",
    "TEMPLATES",
    "TEMPLATE_DRAFTS",
    "TEMPLATE_HITS",
    "TIME",
    "URLS",
    "URL_PATTERNS",
    "Column",
    "Table",
    "state_rank",
]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(SOURCES, REJECTS, SEALS, MESSAGES, BODIES, URLS, ATTACHMENTS, ANSWERS),
        *(HOPS, NETWORKS, ORIGINS, HEADER_TRAITS, HEADER_FIELDS, MESSAGE_SOFTWARE, REPLY_CONTACTS, SKETCHES),
        *(CAMPAIGNS, CAMPAIGN_MEMBERS, MESSAGE_LABELS, CAMPAIGN_LABELS, CLIENT_LINES, SIGNALS, HOSTS, INDICATORS),
        *(BOTNETS, BOTNET_MEMBERS, BOTNET_DAYS, BOTNET_HYPOTHESES),
        *(TEMPLATE_DRAFTS, TEMPLATE_HITS, TEMPLATES, URL_PATTERNS, EVENTS, NOTICES),
        *(EFFECTS, EFFECT_STEPS),
        *(BASELINES, BASELINE_HITS, RETURNS),
    )
}
"""Every table by its name, in the order in which the documentation shows them."""
