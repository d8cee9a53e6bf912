"""What ``show`` and ``plugins`` print: the summary of a case, a table, one record with what belongs to it, a host."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from impound import canonical, plugin
from impound.case import Case
from impound.errors import StoreError, UsageError
from impound.tables import TABLES

EXCERPT = 4000
"""Characters of a message's text that ``show ID`` prints."""
_BESIDE = {"messages": ("origins", "urls", "attachments")}


def summary(case: Case, path: Path) -> list[tuple[str, str]]:
    """What is known, in a few lines; the end of each names the next command."""
    read = _one(case, "SELECT COUNT(*) AS n, SUM(copies) AS copies, SUM(bytes) AS size FROM sources", "sources")
    mail, rejects = case.count("messages"), case.count("rejects")
    size, copies = (read["size"] or 0) / 1e6, read["copies"] or 0
    lines = [("Read", f"{mail:,} messages, {rejects:,} rejected, {copies:,} met twice, {size:,.1f} MB   "
              + (f"impound show {path} rejects" if rejects else f"impound show {path} messages"))]  # fmt: skip
    if case.found("origins"):
        lines += [("Your side", _own(case)), ("Outside", _outside(case, path))]
    else:
        lines.append(("Next", f"impound find {path}"))
    report = path / "report.html"
    lines.append(("Report", str(report) if report.exists() else f"impound write {path} report -o {report}"))
    return lines


def _own(case: Case) -> str:
    sql = "SELECT cidr, reason FROM networks WHERE side = 'own' ORDER BY messages DESC, cidr"
    own = case.query(sql, tables=["networks"]).to_pylist()
    if not own:
        return "no network of your own is known   --own-network to say which"
    more = f" and {len(own) - 3:,} more" if len(own) > 3 else ""
    return f"{', '.join(r['cidr'] for r in own[:3])}{more} ({own[0]['reason']})   --own-network to correct"


def _outside(case: Case, path: Path) -> str:
    sql = """SELECT COUNT(*) AS mail, COUNT(DISTINCT client_ip) AS hosts, COUNT(DISTINCT client_net) AS nets
             FROM origins WHERE client_ip IS NOT NULL"""
    found = _one(case, sql, "origins")
    rest = case.count("origins") - found["mail"]
    unknown = f"; {rest:,} name none" if rest else ""
    return (f"{found['hosts']:,} hosts in {found['nets']:,} networks handed in {found['mail']:,} messages{unknown}   "
            f"impound show {path} origins")  # fmt: skip


def _one(case: Case, sql: str, table: str) -> dict[str, Any]:
    row: dict[str, Any] = case.query(sql, tables=[table]).to_pylist()[0]
    return row


def listing(case: Case, what: tuple[str, ...], limit: int | None) -> tuple[Iterable[pa.RecordBatch], int]:
    """The rows of a table, or of ``host IP``, and how many there are in all."""
    if what[0] == "host":
        if len(what) != 2 or (address := canonical.ip(what[1])) is None:
            raise UsageError("host wants one IP address", "impound show CASE host 192.0.2.1")
        rows = host(case, address)
        return rows.slice(0, limit).to_batches() or [_empty(rows.schema)], len(rows)
    if len(what) != 1:
        raise UsageError(f"show takes one thing at a time, not {' '.join(what)}", "impound show CASE TABLE")
    return case.rows(what[0], limit), case.count(what[0])


def host(case: Case, address: str) -> pa.Table:
    """Every message a host handed in, with what the receiver wrote down of it."""
    sql = """SELECT o.message_id, m.seen_at, o.client_ip, o.client_port, o.client_name, o.helo, m.from_domain,
                    m.subject, o.hop, o.boundary_reason, m.source_id, m.offset
             FROM origins o JOIN messages m ON m.id = o.message_id
             WHERE o.client_ip = :address ORDER BY m.seen_at, o.message_id"""
    return case.query(sql, {"address": address}, ["origins", "messages"])


def one(case: Case, number: int) -> list[tuple[str, Any]]:
    """A record by its id, from whichever table holds it, with what belongs to it; links are defanged."""
    for name, table in TABLES.items():
        if "id" not in table.schema.names or number >= 1 << 63:
            continue
        rows = case.query(f"SELECT * FROM {name} WHERE id = :id", {"id": number}, [name]).to_pylist()
        if rows:
            facts: list[tuple[str, Any]] = [("table", name), *rows[0].items()]
            return facts + (_message(case, rows[0]) if name == "messages" else [])
    raise UsageError(
        f"nothing in this case has the id {number}", "impound show CASE messages lists the ids of messages"
    )


def _message(case: Case, row: dict[str, Any]) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = []
    for table in _BESIDE["messages"]:
        sql = f"SELECT * FROM {table} WHERE message_id = :id"
        found = case.query(sql, {"id": row["id"]}, [table]).to_pylist()
        if table == "urls":
            facts.append((table, [canonical.defang(r["url"]) for r in found]))
        else:
            facts.append((table, found[0] if table == "origins" and found else found))
    sql = "SELECT text, html_text, hidden_text FROM bodies WHERE body_sha256 = :body"
    for body in case.query(sql, {"body": row["body_sha256"]}, ["bodies"]).to_pylist():
        facts += [(name, text[:EXCERPT]) for name, text in body.items() if text]
    try:
        sealed = case.original(row["source_id"], row["offset"])
        facts.append(("sealed", f"{len(sealed):,} bytes, source {row['source_id']}, byte {row['offset']:,}"))
    except StoreError as error:
        facts.append(("sealed", error.message))
    return facts


def plugins() -> pa.RecordBatch:
    """Every plug-in: its group, name and where its code is."""
    rows = [
        {"group": group, "name": name, "from": entry.value, "package": entry.dist.name if entry.dist else None}
        for group in plugin.GROUPS
        for name, entry in plugin.available(group).items()
    ]
    return pa.RecordBatch.from_pylist(rows)


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)
