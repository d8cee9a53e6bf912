"""Hosts: every outside address that handed mail in, with a verdict that one can defend.

What it finds: for each address and stretch of time (a new one after seven quiet days) whether the machine behind it is
infected, a sender in bulk, a relay, a webmail or mailing service, a broken-into server, ordinary, or unclear
(``hosts``), and the evidence of each kind with its proof (``signals``).

Why that is evidence: many machines of different owners do not send one campaign by themselves (*spread*); a spam
program invents headers that the program it names would compute (*software*); computers at home have no reverse name, or
one that their provider gave (*naming*). Two kinds together, one of them spread, make *infected*; none does alone.

Known innocent causes: lists, forwarders, filters and providers' outgoing servers hand on what bots wrote; small firms
keep the name their provider gave; some receivers write no reverse names down. So whoever carries others' mail by name,
List-Id or believable lines below is told apart first, and what is written below the client's line never accuses.

References: Xie et al., "Spamming Botnets: Signatures and Characteristics" (SIGCOMM 2008), for spread over networks;
S25R (H. Asami, 2004) and Tang et al. (CEAS 2008) for names; Metz and others' snowshoe reports (Spamhaus, 2009) for
neighbours; ``docs/explanation/verdicts.md`` for what each verdict means and how often it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

import pyarrow as pa

from impound import config
from impound.finders import _host_facts, _verdict_words, _verdicts
from impound.finders._verdicts import Facts
from impound.plugin import Engine
from impound.tables import HOSTS, SIGNALS

_Params = _verdicts.Params
VERSION = "1"


class Hosts:
    """Finds ``hosts`` and ``signals``."""

    name = "hosts"
    version = VERSION
    reads: ClassVar[tuple[str, ...]] = ("messages", "origins", "message_software", "campaigns", "campaign_members")
    writes: ClassVar[tuple[str, ...]] = ("hosts", "signals")
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Hosts:
        """The finder with a case's settings."""
        return cls()

    def find(self, engine: Engine) -> None:
        """Leave the views ``hosts`` and ``signals``."""
        _host_facts.facts(engine, self.params)
        engine.map("judged", partial(judged, params=self.params), "host_facts", JUDGED)
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


def judged(batch: pa.RecordBatch, params: _Params) -> Iterable[pa.RecordBatch]:
    """Rows of ``JUDGED`` for a batch of ``host_facts``."""
    yield _batch([_judged(row, params) for row in batch.to_pylist()], JUDGED)


def _judged(row: dict[str, Any], params: _Params) -> dict[str, Any]:
    facts = Facts(**{name: row[name] for name in Facts._fields})
    said = _verdicts.verdict(facts, params)
    kept = {name: row[name] for name in JUDGED.names if name in row}
    return kept | {
        "side": "outside",
        "verdict": said.verdict,
        "score": said.score,
        "kinds": list(said.kinds),
        "dynamic": said.dynamic,
        "why": _verdict_words.why(facts, said),
        "role": said.role,
        "spread_why": _verdict_words.spread(facts),
    }


def signalled(batch: pa.RecordBatch, params: _Params) -> Iterable[pa.RecordBatch]:
    """Rows of ``signals`` for a batch of ``JUDGED``."""
    yield _batch([_signal(row, kind, params) for row in batch.to_pylist() for kind in row["kinds"]], SIGNALS.schema)


def _signal(row: dict[str, Any], kind: str, params: _Params) -> dict[str, Any]:
    proof = "any_mail" if kind == "naming" else "wide" if kind == "spread" else kind
    ids = [row[f"{proof}_{n}"] for n in range(1, 6) if row.get(f"{proof}_{n}") is not None]
    rows = [{"table": "campaigns", "id": row["spread_id"]}] if kind == "spread" else []
    why = {"spread": row["spread_why"], "software": row["against"], "naming": row["naming_why"]}[kind]
    return {
        "finder": "hosts",
        "finder_version": VERSION,
        "kind": kind,
        "subject_type": "host",
        "subject": row["ip"],
        "from_at": row["first_at"],
        "to_at": row["last_at"],
        "score": _verdicts.strength(kind, row["naming"], params),
        "why": why,
        "proof": rows + [{"table": "messages", "id": i} for i in ids],
    }


def _batch(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [pa.array([row.get(f.name) for row in rows], f.type) for f in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
