"""Templates: what a campaign's messages have in common, as an expression that recognises the next ones.

What it finds: for each wording of a campaign a regular expression in RE2's syntax over the message's face
(:mod:`impound.check.face`), with the pieces it was made of (``templates``). How:
:mod:`impound.finders.patterns._learn`.

Why that is evidence: a machine that fills in a template leaves the template's words in every message; a person who
writes does not. The expression asks for a stretch of them that fixes fifty letters, any one: templates are edited
while they run, and seldom all at once.

Known innocent causes: newsletters, receipts and notices are filled in by machines too, and people quote spam. So an
expression is proposed only where most of the campaign comes from infected hosts, and where no list mail, no reply and
no mail of an ordinary host or mail service matches it; the others are withheld, and ``why`` says for what reason.

A case that grows is learnt from again where the messages that are drawn of a campaign are others, and tried again where
something is new (:mod:`impound.finders.patterns._drafts`, :mod:`~impound.finders.patterns._tried`). Wordings are
looked for until nothing is left over, so that what a stale template misses either extends it or becomes one of its own.
Its id comes from the earliest message that it matches, and stays: a new template keeps the id of the earlier one whose
examples it matches.

Reference: Pitsillidis et al., "Botnet Judo: Fighting Spam with Itself" (NDSS 2010).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from impound import canonical, config
from impound.check.templates import Signature
from impound.finders import _guilt, _whole
from impound.finders.patterns import _drafts, _lineage, _tried
from impound.plugin import Engine
from impound.tables import TEMPLATES


@dataclass(frozen=True)
class _Params:
    """Where templates are looked for, and which are proposed."""

    fewest: int = 5
    """Messages of a campaign that is learnt from."""
    sample: int = 80
    """Messages of a campaign that are looked at, drawn by their ids, which are hashes."""
    infected: float = 0.5
    """Share of a campaign's messages that must come from infected hosts; on the TREC 2007 mail campaigns lie below
    0.1 or above 0.5, and none of ham above."""


class Templates:
    """Finds ``templates``; keeps ``template_drafts`` and ``template_hits``."""

    name = "templates"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = (*_whole.READS, *(t for t in _guilt.READS if t not in _whole.READS), "templates")
    kept: ClassVar[tuple[str, ...]] = ("template_drafts", "template_hits")
    newer: ClassVar[tuple[str, ...]] = ("messages", "bodies")
    writes: ClassVar[tuple[str, ...]] = ("templates", *kept)
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Templates:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the views ``templates``, ``template_drafts`` and ``template_hits``."""
        known = [row for batch in engine.stream(KNOWN) for row in batch.to_pylist()]
        tried = _tried.known(engine)
        _guilt.guilt(engine, self.params.fewest)
        _drafts.drafts(engine, self.params.sample, self.params.infected)
        rows = [r for b in engine.stream(DRAFTS) for r in b.to_pylist()]
        _tried.hits(engine, rows, tried)
        counts = {r["template_id"]: r for b in engine.stream(COUNTS) for r in b.to_pylist()}
        kept = _lineage.ids((r["id"] for r in rows), self._continued(engine, known))
        found = [_judged(r, counts.get(r["id"], {})) | {"id": kept[r["id"]]} for r in rows]
        engine.view("templates", pa.Table.from_pylist([*found, *self._none(engine, found)], schema=TEMPLATES.schema))

    def _continued(self, engine: Engine, known: list[dict[str, Any]]) -> dict[tuple[int, int], int]:
        """By earlier and new template of one campaign how many examples of the earlier one the new one matches."""
        examples = [(row["id"], row["campaign_id"], i) for row in known for i in row["examples"] or ()]
        columns = list(zip(*examples, strict=True)) or [(), (), ()]
        engine.view("template_examples", pa.table(list(map(list, columns)), schema=EXAMPLES))
        return {(r["old_id"], r["id"]): r["n"] for batch in engine.stream(CONTINUED) for r in batch.to_pylist()}

    def _none(self, engine: Engine, found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """A withheld row, without an expression, for each campaign that has no template."""
        have = {row["campaign_id"] for row in found}
        for batch in engine.stream("SELECT * FROM campaign_guilt ORDER BY campaign_id"):
            for campaign, infected in zip(*map(pa.Array.to_pylist, batch.columns), strict=True):
                if campaign not in have:
                    yield NOTHING | {
                        "id": canonical.record_id(campaign.to_bytes(8, "big"), 0, "templates"),
                        "campaign_id": campaign,
                        "why": _why_none(infected, infected >= self.params.infected),
                    }


def _judged(row: dict[str, Any], count: dict[str, int]) -> dict[str, Any]:
    """A template with what it matches in the case, and whether it is proposed."""
    matched, own, ham = (count.get(name, 0) for name in ("matched", "own", "ham"))
    wordless = Signature(row["id"], row["regex"]).wordless
    against = ""
    if ham:
        against = f"it matches {ham:,} messages that are list mail, replies or an ordinary host's"
    elif wordless and own < OWN * matched:
        against = (
            f"it asks for no word, and {matched - own:,} of {matched:,} are of other campaigns: it tells a program"
        )
    why = "nothing but the campaign's own kind of mail matches it" + (", by its headers alone" if wordless else "")
    return row | {
        "matched": matched, "ham_matched": ham, "state": "withheld" if against else "proposed", "why": against or why,
    }  # fmt: skip


def _why_none(infected: float, guilty: bool) -> str:
    if guilty:
        return "too little of its text is the same in its messages: nobody could be recognised by it"
    return (
        f"{100 * infected:.0f} % of the campaign comes from infected hosts: it may be a newsletter, nothing is learnt"
    )


EXAMPLES = pa.schema([("old_id", pa.int64()), ("campaign_id", pa.int64()), ("message_id", pa.int64())])
OWN = 0.8
"""Share of what a signature of headers alone matches that must be of its own campaign: a choice."""
NOTHING: dict[str, Any] = {
    "regex": None, "anchors": [], "fixed_chars": 0, "learned_from": 0, "matched": 0, "ham_matched": 0,
    "state": "withheld", "examples": [], "parts": [],
}  # fmt: skip


DRAFTS = "SELECT * FROM template_learnt ORDER BY id"
KNOWN = "SELECT t.id, t.campaign_id, t.examples FROM templates t WHERE t.regex IS NOT NULL ORDER BY t.id"
CONTINUED = """
SELECT e.old_id, l.id, COUNT(*) AS n FROM template_examples e
JOIN template_matched h ON h.message_id = e.message_id
JOIN template_learnt l ON l.id = h.template_id AND l.campaign_id = e.campaign_id GROUP BY e.old_id, l.id
"""
COUNTS = """
SELECT t.template_id, COUNT(*) AS matched, COUNT(c.message_id) AS own,
  COUNT(CASE WHEN s.ham = 1 AND s.infected = 0 AND c.message_id IS NULL THEN 1 END) AS ham
FROM template_matched t
JOIN mail_guilt s ON s.message_id = t.message_id
JOIN template_learnt l ON l.id = t.template_id
LEFT JOIN campaign_members c ON c.message_id = t.message_id AND c.campaign_id = l.campaign_id
GROUP BY t.template_id
"""
