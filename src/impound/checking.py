"""What a single message is: the verdict that ``impound check`` prints, one for every message handed in.

The score is the classifier's, lure and mark are those of :mod:`impound.check.lures` and :mod:`impound.check.brands`.
With a case at hand its own words and marks count; the campaign is the one that holds the same message, or else the one
whose template the message matches (proposed ones only). A campaign that infected machines send says more than words do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from impound.case import Case
from impound.check import brands, lures
from impound.check.advice import advice
from impound.check.classifier import Model
from impound.check.mail import Mail
from impound.check.templates import Matcher, Signature
from impound.messages import Found, messages

UNREAD = 0.5
"""The score of what could not be read: nothing is known of it."""
ABUSED = 0.9
"""The score of a link or a name that borrows a mark: chosen, not measured, for no labelled names are at hand."""
OF_INFECTED = 0.999
"""The least score of a message of a campaign that infected machines send: of the 15,892 messages of such campaigns in
TREC 2007, one is labelled ham (``benchmarks/hosts.py CASE`` prints it; at most 3 in 10,000 with 95 % confidence). What
only matches a template may quote it, in a complaint for one: its score is the classifier's."""
INFECTED = 0.5
"""The share of a campaign's addresses that must be infected for that."""
NOT_MAIL = "This is no message but {0}: only what stands in it was looked at, so the answer is less certain."
NOTHING = "Nobody answers for a link or a name from its letters alone: nothing was fetched."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one message. ``campaign`` and ``template`` are ids in a case, None without one."""

    path: str
    offset: int
    spam: float
    lure: str | None
    brand: str | None
    campaign: int | None
    template: int | None
    reasons: tuple[str, ...]
    advice: str

    def row(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "reasons": list(self.reasons)}


class Checker:
    """Holds what is loaded once: the model and, where a case is given, which message is of which campaign."""

    def __init__(self, model: Model, case: Case | None = None) -> None:
        self.model = model
        self._campaigns = _Campaigns(case) if case is not None else None
        self._templates = _Templates(case) if case is not None else None
        self._lexicon = lures.Lexicon(case.config.lures) if case is not None else lures.shipped()
        self._marks = brands.Marks(case.config.brands) if case is not None else brands.shipped()

    def check(self, paths: Sequence[str]) -> Iterator[Verdict]:
        """A verdict for every message under the paths, in their order."""
        return map(self.verdict, messages(paths))

    def verdict(self, found: Found) -> Verdict:
        """What one message is."""
        if found.mail is None:
            reason = f"Not read: {found.reason or 'no message stands there'}."
            return Verdict(found.path, found.offset, UNREAD, None, None, None, None, (reason,), "")
        spam, reasons = self._scored(found, found.mail) if found.kind == "message" else self._other(found, found.mail)
        said = lures.lure(found.mail, None if found.kind == "text" else spam, self._lexicon)
        abused = self._abused(found, found.mail, said)
        if abused and found.kind == "text":
            spam, said = ABUSED, lures.Lure("phishing", 1.0, ())
        if said.words and said.name != "ham":
            reasons = (*reasons, f"It reads like {said.name}: {', '.join(said.words)}.")
        reasons = (*(f"{abuse.why[0].upper()}{abuse.why[1:]}." for abuse in abused), *reasons)
        template, its = self._templates.of(found.mail) if self._templates is not None else (None, None)
        campaign = self._campaigns.of(found.id, its) if self._campaigns is not None else None
        if campaign is not None:
            held = self._campaigns is not None and self._campaigns.holds(found.id)
            spam = max(spam, OF_INFECTED) if held and campaign.infected >= INFECTED * campaign.hosts > 0 else spam
            reasons = (f"It {'is of' if held else 'is worded like'} campaign {campaign.said}.", *reasons)
        brand = abused[0].brand if abused else None
        told = advice(said.name)
        return Verdict(
            found.path,
            found.offset,
            spam,
            said.name,
            brand,
            campaign.id if campaign is not None else None,
            template,
            reasons,
            told,
        )

    def _abused(self, found: Found, mail: Mail, said: lures.Lure) -> tuple[brands.Abuse, ...]:
        """The marks a message abuses; of a link or a name the mark that its host imitates."""
        if found.kind != "text":
            return brands.abuse(mail, said, self._marks)
        for link in mail.links:
            brand, how = self._marks.looks_like(link.host)
            if brand:
                return (brands.Abuse(brand, "domain", f"the host {how}"),)
        return ()

    def _scored(self, found: Found, mail: Mail) -> tuple[float, tuple[str, ...]]:
        score = self.model.score(mail, found.raw)
        return score.spam, score.reasons + ((f"Not all of it was read: {found.reason}.",) if found.reason else ())

    def _other(self, found: Found, mail: Mail) -> tuple[float, tuple[str, ...]]:
        """A page by its words; a link or a name by nothing that the classifier knows."""
        if found.kind == "text":
            return UNREAD, (NOTHING,)
        return self.model.score_words(mail), (NOT_MAIL.format("a page"),)


@dataclass(frozen=True, slots=True)
class _Campaign:
    """A campaign of a case: its addresses, and how many of them are infected."""

    id: int
    name: str
    messages: int
    hosts: int
    infected: int

    @property
    def said(self) -> str:
        """Its name and what the case knows of it."""
        machines = f", {self.infected:,} of them infected computers" if self.infected else ""
        return (
            f"{self.name} ({_many(self.messages, 'message')} from "
            f"{_many(self.hosts, 'address', 'addresses')}{machines})"
        )


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


class _Campaigns:
    """The campaigns of a case, and which message is of which: 16 bytes a message."""

    def __init__(self, case: Case) -> None:
        sql = "SELECT message_id, MIN(campaign_id) AS campaign_id FROM campaign_members GROUP BY message_id ORDER BY 1"
        table = case.query(sql, tables=["campaign_members"])
        empty = np.empty(0, np.int64)
        self._ids = table["message_id"].to_numpy() if table.num_rows else empty
        self._of = table["campaign_id"].to_numpy() if table.num_rows else empty
        tables = ["campaigns", "campaign_members", "origins", "messages", "hosts"]
        self._known = {r["id"]: _Campaign(**r) for r in case.query(_INFECTED, tables=tables).to_pylist()}

    def holds(self, message_id: int) -> bool:
        """Whether the case has the message in one of its campaigns."""
        at = int(np.searchsorted(self._ids, message_id))
        return at < len(self._ids) and bool(self._ids[at] == message_id)

    def of(self, message_id: int, matched: int | None) -> _Campaign | None:
        """The campaign that holds a message; or else the one whose template it matches."""
        if self.holds(message_id):
            return self._known.get(int(self._of[np.searchsorted(self._ids, message_id)]))
        return self._known.get(matched) if matched is not None else None


_INFECTED = """
SELECT c.id, c.name, c.messages, c.hosts, COALESCE(b.infected, 0) AS infected FROM campaigns c
LEFT JOIN (SELECT m.campaign_id, COUNT(DISTINCT o.client_ip) AS infected FROM campaign_members m
           JOIN origins o ON o.message_id = m.message_id
           JOIN messages s ON s.id = m.message_id
           JOIN hosts h ON h.ip = o.client_ip AND h.verdict = 'infected'
            AND (s.seen_at IS NULL OR s.seen_at BETWEEN h.first_at AND h.last_at)
           GROUP BY m.campaign_id) b ON b.campaign_id = c.id
"""


class _Templates:
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
