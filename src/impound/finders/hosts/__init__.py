"""Hosts: every outside address that handed mail in, with a verdict that one can defend.

What it finds: for each address and stretch of time (a new one after seven quiet days) whether the machine behind it is
infected, a sender in bulk, a relay, a webmail or mailing service, a broken-into server, ordinary, or unclear
(``hosts``), and the evidence of each kind with its proof (``signals``).

Why that is evidence: many machines of different owners do not send one campaign by themselves (*spread*); a spam
program invents headers that the program it names would compute (*software*); computers at home have no reverse name, or
one that their provider gave (*naming*). Two kinds together, one of them spread, make *infected*; none does alone.

Known innocent causes: lists, forwarders, filters and providers' outgoing servers hand on what bots wrote; small firms
keep the name their provider gave; some receivers write no reverse names down. So whoever carries others' mail by name,
List-Id or believable lines below is told apart first, and what is written below the client's line never accuses. An
address that people allowed is accused of nothing; what speaks against it stays to be seen.

References: Xie et al., "Spamming Botnets: Signatures and Characteristics" (SIGCOMM 2008), for spread over networks;
S25R (H. Asami, 2004) and Tang et al. (CEAS 2008) for names; Metz and others' snowshoe reports (Spamhaus, 2009) for
neighbours; ``docs/explanation/verdicts.md`` for what each verdict means and how often it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from impound import config
from impound.finders import _allowed
from impound.finders._allowed import Allowed
from impound.finders.hosts import _host_facts, _verdict_words, _verdicts
from impound.finders.hosts._verdicts import Facts
from impound.plugin import Engine
from impound.tables import HOSTS, SIGNALS

_Params = _verdicts.Params
VERSION = "1"


class Hosts:
    """Finds ``client_lines``, ``hosts`` and ``signals``."""

    name = "hosts"
    version = VERSION
    reads: ClassVar[tuple[str, ...]] = (
        *("messages", "origins", "message_software", "campaigns", "campaign_members", "events"),
    )
    writes: ClassVar[tuple[str, ...]] = ("client_lines", "hosts", "signals")
    each: ClassVar[tuple[str, ...]] = ("client_lines",)
    sees: ClassVar[tuple[str, ...]] = ("messages",)
    Params = _Params

    def __init__(self, params: _Params | None = None, databases: config.Databases | None = None) -> None:
        self.params = params or _Params()
        self.databases = databases or config.Databases()

    @classmethod
    def from_config(cls, settings: config.Config) -> Hosts:
        """The finder with a case's settings."""
        return cls(databases=settings.databases)

    def look(self, engine: Engine) -> None:
        """Leave the view ``client_lines``."""
        engine.run("client_lines_in", "SELECT m.id, m.received FROM messages m")
        engine.map("client_lines", _host_facts.lines, "client_lines_in", _host_facts.LINES)

    def find(self, engine: Engine) -> None:
        """Leave the views ``hosts`` and ``signals``."""
        _host_facts.facts(engine, self.params, self.databases)
        vouched = _allowed.allowed(engine)
        engine.map("judged", partial(judged, params=self.params, allowed=vouched), "host_facts", JUDGED)
        engine.run("hosts", f"SELECT {', '.join(HOSTS.schema.names)} FROM judged")
        engine.run("host_signals", SIGNALLED)
        engine.map("signals", partial(signalled, params=self.params), "host_signals", SIGNALS.schema)


_PROOF = [f"{kind}_{n}" for kind, upto in (("any_mail", 5), ("software", 5), ("wide", 4)) for n in range(1, upto + 1)]
JUDGED = pa.schema(
    [
        *HOSTS.schema,
        pa.field("role", pa.string()),
        pa.field("naming", pa.string()),
        pa.field("naming_why", pa.string()),
        pa.field("against", pa.string()),
        pa.field("spread_id", pa.int64()),
        pa.field("spread_why", pa.string()),
        *(pa.field(name, pa.int64()) for name in _PROOF),
    ]
)
"""A host with its verdict, and what its signals are made from."""

SIGNALLED = "SELECT * FROM judged WHERE kinds IS NOT NULL"


ACCUSING = ("infected", "compromised-server", "bulk-sender")
"""Verdicts that nobody may have whom people allowed."""


def judged(batch: pa.RecordBatch, params: _Params, allowed: Allowed = Allowed()) -> Iterable[pa.RecordBatch]:  # noqa: B008
    """Rows of ``JUDGED`` for a batch of ``host_facts``; what nobody judges by stays in its columns."""
    columns = [batch.column(name).to_pylist() for name in Facts._fields]
    said = [_said(Facts(*values), params, allowed) for values in zip(*columns, strict=True)]
    made = dict(zip(_Said._fields, zip(*said, strict=True), strict=True)) if said else dict.fromkeys(_Said._fields, ())
    arrays = [pa.array(made[f.name], f.type) if f.name in made else _kept(batch, f) for f in JUDGED]
    yield pa.RecordBatch.from_arrays(arrays, schema=JUDGED)


def _kept(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    """A column as it is, or nulls where the facts do not have it (what a country and a provider would say)."""
    there = field.name in batch.schema.names
    return batch.column(field.name).cast(field.type) if there else pa.nulls(batch.num_rows, field.type)


class _Said(NamedTuple):
    """The columns of ``JUDGED`` that the verdict gives."""

    side: str
    verdict: str
    score: float
    kinds: list[str]
    dynamic: bool
    why: str
    role: str
    spread_why: str | None


def _said(facts: Facts, params: _Params, allowed: Allowed) -> _Said:
    found = _verdicts.verdict(facts, params)
    why, spread = _verdict_words.why(facts, found), _verdict_words.spread(facts)
    verdict, score = found.verdict, found.score
    if allowed and verdict in ACCUSING and (reason := allowed.address(facts.ip)) is not None:
        why = f"{_allowed.VOUCHED}{reason}. By its mail alone it would be called {verdict}: {why}"
        verdict, score = "unclear", 0.0
    return _Said("outside", verdict, score, list(found.kinds), found.dynamic, why, found.role, spread)


def signalled(batch: pa.RecordBatch, params: _Params) -> Iterable[pa.RecordBatch]:
    """Rows of ``signals`` for a batch of ``JUDGED``, a row for each kind of evidence of a host."""
    kinds = batch.column("kinds").flatten().to_pylist()
    rows = pc.list_parent_indices(batch.column("kinds"))
    hosts, number = batch.take(rows), len(rows)
    naming = hosts.column("naming").to_pylist()
    columns = {
        "finder": pa.repeat("hosts", number),
        "finder_version": pa.repeat(VERSION, number),
        "kind": pa.array(kinds, pa.string()),
        "subject_type": pa.repeat("host", number),
        "subject": hosts.column("ip"),
        "from_at": hosts.column("first_at"),
        "to_at": hosts.column("last_at"),
        "score": pa.array([_verdicts.strength(k, n, params) for k, n in zip(kinds, naming, strict=True)], pa.float64()),
        "why": pa.array(_chosen(hosts, _WHY, kinds), pa.string()),
        "proof": _proofs(hosts, kinds),
    }
    arrays = [columns[f.name].cast(f.type) for f in SIGNALS.schema]
    yield pa.RecordBatch.from_arrays(arrays, schema=SIGNALS.schema)


_WHY = {"spread": "spread_why", "software": "against", "naming": "naming_why"}
_SHOWN = {"spread": "wide", "software": "software", "naming": "any_mail"}
"""Which messages prove a kind of evidence."""


def _chosen(hosts: pa.RecordBatch, names: dict[str, str], kinds: list[str]) -> list[Any]:
    """For each row the value of the column that its kind names."""
    columns = {kind: hosts.column(name).to_pylist() for kind, name in names.items()}
    return [columns[kind][row] for row, kind in enumerate(kinds)]


def _proofs(hosts: pa.RecordBatch, kinds: list[str]) -> pa.Array:
    """The campaign that is spread and the messages that show it: lists of a table and an id, as one Arrow column."""
    places = [{kind: f"{name}_{n}" for kind, name in _SHOWN.items()} for n in range(1, _host_facts.PROOFS + 1)]
    places[-1]["spread"] = "spread_id"  # stands first; there are only four messages beside it
    tables, ids, ends = [], [], [0]
    *messages, last = (_chosen(hosts, place, kinds) for place in places)
    for kind, end, *shown in zip(kinds, last, *messages, strict=True):
        found = [i for i in shown if i is not None]
        if kind == "spread":
            tables += ["campaigns", *["messages"] * len(found)]
            ids += [end, *found]
        else:
            found += [end] if end is not None else []
            tables += ["messages"] * len(found)
            ids += found
        ends.append(len(ids))
    entries = pa.StructArray.from_arrays([pa.array(tables, pa.string()), pa.array(ids, pa.int64())], ["table", "id"])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), entries)
