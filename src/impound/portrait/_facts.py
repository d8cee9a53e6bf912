"""What is counted of a campaign: over how many values its parts vary, its ties, where victims answer, its hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from impound.portrait._example import Example, example, statement

READS = (
    "messages",
    "bodies",
    "urls",
    "origins",
    "reply_contacts",
    "campaigns",
    "campaign_members",
    "campaign_labels",
    "hosts",
)
"""The tables that :func:`portraits` asks for."""
MOST_CONTACTS = 5
RECURS = 20
"""A contact is shown when one message in so many has it, and two at least: what stands in a few is quoted mail's."""
VARYING = {
    "subject": "m.subject",
    "sender name": "m.from_name",
    "sender domain": "m.from_domain",
    "text": "m.body_sha256",
    "program": "m.mailer",
    "header order": "m.header_order",
}
"""What is looked at for varying, and the column that holds it."""

Ask = Callable[[str], Iterable[dict[str, Any]]]
"""Gives the rows of a statement over a case's tables."""


@dataclass(frozen=True)
class Variety:
    """Over how many different values a part of the messages varies, and how many messages have none."""

    part: str
    values: int
    without: int


@dataclass(frozen=True)
class Tie:
    """A kind of evidence that holds messages in a campaign, how many, and how strong it is (0 to 1)."""

    link: str
    messages: int
    strength: float


@dataclass(frozen=True)
class Contact:
    """Where a victim is told to answer, and in how many messages."""

    kind: str
    value: str
    messages: int


@dataclass(frozen=True)
class Verdict:
    """How many of a campaign's addresses have a verdict."""

    verdict: str
    addresses: int


@dataclass(frozen=True)
class Label:
    """What a campaign sells or pretends, the share of its messages that do (0 to 1), the mark it abuses, the words."""

    lure: str
    brand: str
    share: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Portrait:
    """All that is shown of a campaign; ``campaign`` is its row."""

    campaign: dict[str, Any]
    example: Example
    varieties: tuple[Variety, ...]
    ties: tuple[Tie, ...]
    contacts: tuple[Contact, ...]
    verdicts: tuple[Verdict, ...]
    label: Label | None = None

    def variety(self, part: str) -> Variety:
        """How much a part varies."""
        return next(v for v in self.varieties if v.part == part)


def find(ask: Ask, words: str) -> int | None:
    """The id of the campaign with that id or working name (in any case); None when there is none."""
    if words.isascii() and words.isdigit() and int(words) < 1 << 63:
        return next((r["id"] for r in ask(f"SELECT id FROM campaigns WHERE id = {int(words)}")), None)
    letters = " ".join(words.split())
    if not letters.replace(" ", "").isalnum() or not letters.isascii():
        return None
    sql = f"SELECT id FROM campaigns WHERE lower(name) = '{letters.lower()}' ORDER BY id LIMIT 1"
    return next((r["id"] for r in ask(sql)), None)


def portraits(ask: Ask, campaigns: Sequence[int]) -> list[Portrait]:
    """The portraits of campaigns, in the given order. Only what is counted leaves the engine, and the drawn texts."""
    if not campaigns:
        return []
    numbers = ", ".join(str(int(number)) for number in campaigns)
    rows = {r["id"]: r for r in ask(f"SELECT * FROM campaigns WHERE id IN ({numbers})")}
    drawn: dict[int, dict[int, dict[str, Any]]] = {}
    for r in ask(statement(campaigns)):
        drawn.setdefault(r["campaign_id"], {}).setdefault(r["id"], r)
    counted = {r["campaign_id"]: r for r in ask(_varieties(numbers))}
    linked = {r["campaign_id"]: r for r in ask(_linked(numbers))}
    ties, verdicts = _by_campaign(ask(_ties(numbers))), _by_campaign(ask(_verdicts(numbers)))
    contacts = _by_campaign(ask(_contacts(numbers)))
    labels = {
        r["campaign_id"]: _label(r) for r in ask(f"SELECT * FROM campaign_labels WHERE campaign_id IN ({numbers})")
    }
    return [
        Portrait(
            rows[number],
            example(list(drawn[number].values())),
            (*_varied(counted[number]), _links(linked.get(number), counted[number]["n"])),
            tuple(Tie(r["link"], r["n"], r["strength"]) for r in ties.get(number, [])),
            tuple(Contact(r["kind"], r["value"], r["n"]) for r in contacts.get(number, [])),
            tuple(Verdict(r["verdict"], r["n"]) for r in verdicts.get(number, [])),
            labels.get(number),
        )
        for number in campaigns
        if number in rows and number in drawn
    ]


def _label(r: dict[str, Any]) -> Label:
    return Label(r["lure"] or "", r["brand"] or "", r["share"] or 0.0, tuple(r["words"] or ()))


def _by_campaign(rows: Iterable[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for r in rows:
        found.setdefault(r["campaign_id"], []).append(r)
    return found


def _varied(r: dict[str, Any]) -> list[Variety]:
    return [Variety(part, r[f"values_{n}"], r["n"] - r[f"with_{n}"]) for n, part in enumerate(VARYING)]


def _links(r: dict[str, Any] | None, messages: int) -> Variety:
    return Variety("link", r["domains"], messages - r["n"]) if r else Variety("link", 0, messages)


def _varieties(numbers: str) -> str:
    counts = ", ".join(
        f"count(DISTINCT {column}) AS values_{n}, count({column}) AS with_{n}"
        for n, column in enumerate(VARYING.values())
    )
    return f"""SELECT c.campaign_id AS campaign_id, count(*) AS n, {counts}
      FROM campaign_members c JOIN messages m ON m.id = c.message_id
      WHERE c.campaign_id IN ({numbers}) GROUP BY c.campaign_id"""


def _linked(numbers: str) -> str:
    return f"""SELECT c.campaign_id AS campaign_id, count(DISTINCT coalesce(u.domain, u.host)) AS domains,
        count(DISTINCT u.message_id) AS n
      FROM campaign_members c JOIN urls u ON u.message_id = c.message_id
      WHERE c.campaign_id IN ({numbers}) AND u.scheme <> 'mailto' GROUP BY c.campaign_id"""


def _ties(numbers: str) -> str:
    return f"""SELECT campaign_id, link, count(*) AS n, round(avg(strength), 6) AS strength
      FROM campaign_members WHERE campaign_id IN ({numbers})
      GROUP BY campaign_id, link ORDER BY campaign_id, n DESC, link"""


def _contacts(numbers: str) -> str:
    return f"""WITH counted AS (
      SELECT c.campaign_id AS campaign_id, r.kind AS kind, r.value AS value, count(*) AS n
      FROM campaign_members c JOIN reply_contacts r ON r.message_id = c.message_id
      WHERE c.campaign_id IN ({numbers}) GROUP BY c.campaign_id, r.kind, r.value),
    ranked AS (
      SELECT campaign_id, kind, value, n,
        row_number() OVER (PARTITION BY campaign_id ORDER BY n DESC, kind, value) AS place FROM counted)
    SELECT r.campaign_id AS campaign_id, r.kind AS kind, r.value AS value, r.n AS n
    FROM ranked r JOIN campaigns c ON c.id = r.campaign_id
    WHERE r.place <= {MOST_CONTACTS} AND r.n >= 2 AND r.n * {RECURS} >= c.messages ORDER BY r.campaign_id, r.place"""


def _verdicts(numbers: str) -> str:
    """By the stretch of time in which a host sent the message: the same address may have been another machine's."""
    return f"""SELECT c.campaign_id AS campaign_id, h.verdict AS verdict, count(DISTINCT h.ip) AS n
      FROM campaign_members c JOIN origins o ON o.message_id = c.message_id
      JOIN messages m ON m.id = c.message_id JOIN hosts h ON h.ip = o.client_ip
      WHERE c.campaign_id IN ({numbers})
        AND (m.seen_at IS NULL OR h.first_at IS NULL OR (m.seen_at >= h.first_at AND m.seen_at <= h.last_at))
      GROUP BY c.campaign_id, h.verdict ORDER BY c.campaign_id, n DESC, h.verdict"""
