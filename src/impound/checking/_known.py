"""What a case knows that a single message is held against: its campaigns, templates and URL patterns, loaded once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impound.canonical import defang, plural
from impound.case import Case
from impound.check.links import LinkMatcher
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature

INFECTED = 0.5
"""The share of a campaign's addresses that must be infected for it to be one that infected machines send."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of a case: its addresses, and how many of them are infected."""

    id: int
    name: str
    messages: int
    hosts: int
    infected: int

    @property
    def mostly_infected(self) -> bool:
        """Whether infected machines send it, most of its addresses being infected."""
        return self.infected >= INFECTED * self.hosts > 0

    @property
    def said(self) -> str:
        """Its name and what the case knows of it."""
        machines = f", {self.infected:,} of them infected computers" if self.infected else ""
        return f"{self.name} ({plural(self.messages, 'message')} from {plural(self.hosts, 'address')}{machines})"


class Campaigns:
    """The campaigns of a case, and which message is of which: 16 bytes a message."""

    def __init__(self, case: Case) -> None:
        sql = "SELECT message_id, MIN(campaign_id) AS campaign_id FROM campaign_members GROUP BY message_id ORDER BY 1"
        table = case.query(sql, tables=["campaign_members"])
        empty = np.empty(0, np.int64)
        self._ids = table["message_id"].to_numpy() if table.num_rows else empty
        self._of = table["campaign_id"].to_numpy() if table.num_rows else empty
        tables = ["campaigns", "campaign_members", "origins", "messages", "hosts"]
        self._known = {r["id"]: Campaign(**r) for r in case.query(_INFECTED, tables=tables).to_pylist()}

    def of(self, message: int) -> Campaign | None:
        """The campaign that holds a message."""
        at = int(np.searchsorted(self._ids, message))
        return self.called(int(self._of[at])) if at < len(self._ids) and self._ids[at] == message else None

    def called(self, number: int | None) -> Campaign | None:
        """The campaign with that id."""
        return self._known.get(number) if number is not None else None

    def named(self, number: int | None) -> str:
        """Its name, its id where it has none."""
        campaign = self.called(number)
        return campaign.name if campaign else str(number)


_INFECTED = """
SELECT c.id, c.name, c.messages, c.hosts, COALESCE(b.infected, 0) AS infected FROM campaigns c
LEFT JOIN (SELECT m.campaign_id, COUNT(DISTINCT o.client_ip) AS infected FROM campaign_members m
           JOIN origins o ON o.message_id = m.message_id
           JOIN messages s ON s.id = m.message_id
           JOIN hosts h ON h.ip = o.client_ip AND h.verdict = 'infected'
            AND (s.seen_at IS NULL OR s.seen_at BETWEEN h.first_at AND h.last_at)
           GROUP BY m.campaign_id) b ON b.campaign_id = c.id
"""


class Templates:
    """The templates that a case proposes; withheld ones accuse nobody."""

    def __init__(self, case: Case) -> None:
        sql = "SELECT id, campaign_id, regex, anchors FROM templates WHERE state = 'proposed' ORDER BY id"
        rows = case.query(sql, tables=["templates"]).to_pylist()
        self._campaigns = {r["id"]: r["campaign_id"] for r in rows}
        self._matcher = Matcher(Signature(r["id"], r["regex"], tuple(r["anchors"])) for r in rows)

    def of(self, mail: Mail) -> tuple[int | None, int | None]:
        """The template that a message matches, and its campaign."""
        found = self._matcher.match(mail)
        return (found[0], self._campaigns[found[0]]) if found else (None, None)


class Patterns:
    """The URL patterns that a case proposes; withheld ones accuse nobody."""

    def __init__(self, case: Case) -> None:
        sql = "SELECT id, campaign_id, regex FROM url_patterns WHERE state = 'proposed' ORDER BY id"
        rows = case.query(sql, tables=["url_patterns"]).to_pylist()
        self._campaigns = {r["id"]: r["campaign_id"] for r in rows}
        self._matcher = LinkMatcher([(r["id"], r["regex"]) for r in rows])

    def of(self, mail: Mail) -> tuple[int | None, int | None, str]:
        """The pattern that one of its links matches, the pattern's campaign, and the link, safe to look at."""
        for link in mail.links:
            for number in self._matcher.match(link.url):
                return number, self._campaigns[number], defang(link.url)
        return None, None, ""
