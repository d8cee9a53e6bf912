"""The hosts of a case for the report: their verdicts, the evidence behind them, and where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from impound.geo import Geo
from impound.plugin import Engine
from impound.writers import _charts, _strips
from impound.writers._rows import rows
from impound.writers._text import number

TOP_OF_EACH = 5
TOP_NETWORKS = 12
TOP_COUNTRIES = 15
KINDS = ("spread", "software", "naming", "traffic", "control", "external")
OVERTURNED = "Overturned by:"


@dataclass(frozen=True)
class Meaning:
    """What a verdict is called for one and for many, and what it says."""

    one: str
    many: str
    says: str


VERDICTS = {
    "infected": Meaning("infected", "infected", "two independent kinds of evidence, at least one of them of more than "
                        "the machine’s own names and headers; its owner probably does not know"),
    "compromised-server": Meaning("compromised server", "compromised servers", "an ordinary server by name and history "
                                  "that sends a campaign’s mail; somebody uses it"),
    "bulk-sender": Meaning("bulk sender", "bulk senders", "few machines, or neighbours of one owner, send a campaign; "
                           "no sign of an infection"),
    "relay": Meaning("relay", "relays", "hands on what others wrote: a list, a forwarder, a provider’s server"),
    "webmail-or-esp": Meaning("webmail or mailing service", "webmail or mailing services",
                              "carries the mail of its users or customers"),
    "ordinary": Meaning("ordinary", "ordinary", "nothing speaks against it"),
    "unclear": Meaning("unclear", "unclear", "something speaks against it, but not enough; it is not counted as "
                       "infected, and nobody is accused"),
}  # fmt: skip
"""The verdicts in the order in which they are shown."""


@dataclass(frozen=True)
class Count:
    """A verdict with its addresses, and how many of those were seen with a single message."""

    verdict: str
    addresses: int
    single: int
    messages: int
    bar: Markup

    @property
    def meaning(self) -> Meaning:
        """What the verdict says."""
        return VERDICTS.get(self.verdict, Meaning(self.verdict, self.verdict, ""))


@dataclass(frozen=True)
class Judged:
    """A host with its evidence: a cell for each kind that the case has, and the two halves of its reason."""

    host: dict[str, Any]
    evidence: list[tuple[str, float | None, Markup]]
    reason: str
    overturned: str


@dataclass(frozen=True)
class Network:
    """A network with its infected addresses, all its addresses, and where in it the infected are."""

    cidr: str
    infected: int
    addresses: int
    strip: Markup


@dataclass
class Verdicts:
    """All that the report says of verdicts; empty before the finder has run."""

    counts: list[Count] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    evidence: list[tuple[tuple[str, ...], int, int]] = field(default_factory=list)
    largest: list[tuple[Count, list[Judged]]] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    infected_networks: int = 0
    countries: list[tuple[str, int, int]] = field(default_factory=list)

    def of(self, verdict: str) -> Count:
        """The count of a verdict."""
        return next((c for c in self.counts if c.verdict == verdict), Count(verdict, 0, 0, 0, Markup("")))


def verdicts(engine: Engine, geo: Geo) -> Verdicts:
    """The verdicts of a case, those that matter most first."""
    counts = _counts(engine)
    if not counts:
        return Verdicts()
    evidence = _evidence(engine)
    kinds = [k for k in KINDS if any(k in found for found, _, _ in evidence)]
    networks, infected_networks = _networks(engine)
    return Verdicts(
        counts, kinds, evidence, _largest(engine, counts, kinds), networks, infected_networks, _countries(engine, geo)
    )


def _counts(engine: Engine) -> list[Count]:
    """By address: one that has had several verdicts in stretches of time counts under each."""
    sql = """SELECT verdict, count(*) AS addresses, CAST(sum(n) AS BIGINT) AS messages,
        count(CASE WHEN n = 1 THEN 1 END) AS single
      FROM (SELECT verdict, ip, sum(messages) AS n FROM hosts WHERE verdict IS NOT NULL GROUP BY verdict, ip) AS each
      GROUP BY verdict"""
    found = {r["verdict"]: r for r in rows(engine, sql)}
    most = max((r["addresses"] for r in found.values()), default=0)
    order = [v for v in VERDICTS if v in found] + sorted(set(found) - set(VERDICTS))
    return [
        Count(**found[v], bar=_strips.bar(found[v]["addresses"], most, number(found[v]["addresses"]))) for v in order
    ]


def _evidence(engine: Engine) -> list[tuple[tuple[str, ...], int, int]]:
    """Which kinds were met together, in how many infected hosts, and in how many of single messages."""
    sql = """SELECT kinds, count(DISTINCT ip) AS n, count(DISTINCT CASE WHEN messages = 1 THEN ip END) AS single
      FROM hosts WHERE verdict = 'infected' GROUP BY kinds"""
    found = [(tuple(k for k in KINDS if k in (r["kinds"] or ())), r["n"], r["single"]) for r in rows(engine, sql)]
    return sorted(found, key=lambda e: (-e[1], e[0]))


def _largest(engine: Engine, counts: list[Count], kinds: list[str]) -> list[tuple[Count, list[Judged]]]:
    sql = f"""SELECT h.ip, h.net, h.name, h.first_at, h.last_at, h.messages, h.campaigns, h.verdict, h.score, h.dynamic,
        h.why, c.name AS campaign
      FROM (SELECT *, row_number() OVER (PARTITION BY verdict ORDER BY messages DESC, ip, first_at) AS place
        FROM hosts) AS h LEFT JOIN campaigns c ON c.id = h.campaign_id
      WHERE h.place <= {TOP_OF_EACH} ORDER BY h.verdict, h.place"""
    found = list(rows(engine, sql))
    said = _signals(engine, [r["ip"] for r in found])
    judged: dict[str, list[Judged]] = {}
    for r in found:
        judged.setdefault(r["verdict"], []).append(_judged(r, said, kinds))
    return [(count, judged.get(count.verdict, [])) for count in counts]


def _judged(r: dict[str, Any], said: dict[tuple[str, Any], dict[str, float]], kinds: list[str]) -> Judged:
    scores = said.get((r["ip"], r["first_at"]), {})
    reason, _, overturned = (r["why"] or "").partition(OVERTURNED)
    cells = [(k, scores.get(k), _strips.bar(scores.get(k, 0), 1, f"{k}: {scores.get(k, 0):.2f}")) for k in kinds]
    return Judged(r, cells, reason.strip(), overturned.strip())


def _signals(engine: Engine, addresses: Sequence[str]) -> dict[tuple[str, Any], dict[str, float]]:
    """What each kind of evidence says of hosts, by address and beginning of the stretch."""
    listed = ", ".join(f"'{ip}'" for ip in sorted(set(addresses)) if ip.replace(".", "").replace(":", "").isalnum())
    sql = f"""SELECT subject, from_at, kind, max(score) AS score FROM signals
      WHERE subject_type = 'host' AND subject IN ({listed}) GROUP BY subject, from_at, kind"""
    found: dict[tuple[str, Any], dict[str, float]] = {}
    for r in rows(engine, sql) if listed else ():
        found.setdefault((r["subject"], r["from_at"]), {})[r["kind"]] = r["score"]
    return found


_TOP = f"""WITH counted AS (
  SELECT net, count(DISTINCT CASE WHEN verdict = 'infected' THEN ip END) AS infected, count(DISTINCT ip) AS addresses
  FROM hosts WHERE net IS NOT NULL GROUP BY net),
top AS (
  SELECT net, infected, addresses FROM counted WHERE infected > 1
  ORDER BY infected DESC, net LIMIT {TOP_NETWORKS})"""


def _networks(engine: Engine) -> tuple[list[Network], int]:
    """The networks with most infected addresses, and how many networks have any."""
    places: dict[str, dict[int, int]] = {}
    sql = f"""{_TOP} SELECT h.net AS net, h.ip AS ip, sum(h.messages) AS n FROM top JOIN hosts h ON h.net = top.net
      WHERE h.verdict = 'infected' AND h.ip NOT LIKE '%:%' GROUP BY h.net, h.ip"""
    for r in rows(engine, sql):
        octet = r["ip"].rpartition(".")[2]
        places.setdefault(r["net"], {})[int(octet) if octet.isdigit() else -1] = r["n"]
    listed = f"{_TOP} SELECT net, infected, addresses FROM top ORDER BY infected DESC, net"
    found = [
        Network(r["net"], r["infected"], r["addresses"], _charts.net_strip(places.get(r["net"], {})))
        for r in rows(engine, listed)
    ]
    count = "SELECT count(DISTINCT net) AS n FROM hosts WHERE verdict = 'infected'"
    return found, next(rows(engine, count))["n"]


def _countries(engine: Engine, geo: Geo) -> list[tuple[str, int, int]]:
    """Countries with their infected addresses and all their addresses, from the table or else from the database."""
    sql = """SELECT country, count(DISTINCT CASE WHEN verdict = 'infected' THEN ip END) AS infected,
        count(DISTINCT ip) AS n FROM hosts WHERE country IS NOT NULL GROUP BY country"""
    found = {r["country"]: (r["infected"], r["n"]) for r in rows(engine, sql)}
    if not found and geo.has_country:
        infected: Counter[str] = Counter()
        addresses: Counter[str] = Counter()
        grouped = "SELECT ip, max(CASE WHEN verdict = 'infected' THEN 1 ELSE 0 END) AS bad FROM hosts GROUP BY ip"
        for r in rows(engine, grouped):
            country = geo.country(r["ip"])
            infected[country] += r["bad"]
            addresses[country] += 1
        found = {country: (infected[country], n) for country, n in addresses.items()}
    ordered = sorted(((c, *n) for c, n in found.items() if n[0]), key=lambda c: (-c[1], c[0]))
    return ordered[:TOP_COUNTRIES]


def known(engine: Engine, addresses: Sequence[str]) -> dict[str, str]:
    """The latest verdict of some addresses."""
    listed = ", ".join(f"'{ip}'" for ip in sorted(set(addresses)) if ip.replace(".", "").replace(":", "").isalnum())
    if not listed:
        return {}
    sql = f"SELECT ip, verdict FROM hosts WHERE ip IN ({listed}) ORDER BY ip, first_at"
    return {r["ip"]: r["verdict"] for r in rows(engine, sql)}
