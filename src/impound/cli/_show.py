"""What ``show`` and ``plugins`` print: the summary of a case, a table, one record with what belongs to it, a host."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from impound import canonical, decisions, plugin, portrait
from impound.case import Case
from impound.check import advice
from impound.cli import _botnet, _campaign, _effect, _template
from impound.errors import StoreError, UsageError
from impound.tables import TABLES

EXCERPT = 4000
"""Characters of a message's text that ``show ID`` prints."""
_OVERTURNED = re.compile(r"(?=Overturned by:)")
VERDICTS = {
    "infected": "infected",
    "compromised-server": "compromised servers",
    "bulk-sender": "bulk senders",
    "relay": "relays",
    "webmail-or-esp": "webmail or mailing services",
    "unclear": "unclear",
    "ordinary": "ordinary",
}
"""The verdicts in the order in which the summary names them."""
LARGEST_FIRST = {
    "networks": "messages",
    "campaigns": "messages",
    "hosts": "messages",
    "botnets": "hosts",
    "templates": "matched",
    "url_patterns": "matched",
}
"""The tables that people read from the largest row on, and the column that says how large."""
_BESIDE = {"messages": ("origins", "urls", "attachments")}


def summary(case: Case, path: Path) -> list[tuple[str, str]]:
    """What is known, in a few lines; the end of each names the next command."""
    read = _one(case, "SELECT COUNT(*) AS n, SUM(copies) AS copies, SUM(bytes) AS size FROM sources", "sources")
    mail, rejects = case.count("messages"), case.count("rejects")
    size, copies = (read["size"] or 0) / 1e6, read["copies"] or 0
    lines = _decided(case, path)
    lines += [("Read", f"{mail:,} messages, {rejects:,} rejected, {copies:,} met twice, {size:,.1f} MB   "
              + (f"impound show {path} rejects" if rejects else f"impound show {path} messages"))]  # fmt: skip
    if case.found("origins"):
        lines += [("Your side", _own(case)), ("Outside", _outside(case, path))]
        lines += [("Campaigns", _campaigns(case, path))] if case.count("campaigns") else []
        lines += [("Hosts", _hosts(case, path))] if case.count("hosts") else []
        lines += [("Lives", _lives(case, path))] if case.count("notices") else []
        lines += [("Effect", _told(case, path))] if case.count("effects") else []
        lines += [("To publish", _indicators(case, path))] if case.count("indicators") else []
        lines += [("Botnets", _botnets(case, path))] if case.count("botnets") else []
    else:
        lines.append(("Next", f"impound find {path}"))
    report = path / "report.html"
    lines.append(("Report", str(report) if report.exists() else f"impound write {path} report -o {report}"))
    return lines


def _decided(case: Case, path: Path) -> list[tuple[str, str]]:
    """What people decided of the case: how it stands, and what is never listed; nothing where they decided nothing."""
    lines = []
    if steps := decisions.history(case):
        last = steps[-1]
        lines.append(("Status", f"{last['to_state']} since {last['at']:%Y-%m-%d}: {last['reason']}   "
                      f"impound status {path}"))  # fmt: skip
    if back := decisions.alarms(case):
        lines.append(("Alarm", "\n".join(row["why"] for row in back[:3]) + f"   impound show {path} returns"))
    if rows := decisions.allowances(case):
        lines.append(("Allowed", f"{canonical.plural(len(rows), 'value')}, never listed   impound allow {path}"))
    return lines


def record(case: Case, path: Path, what: tuple[str, ...], form: str) -> list[tuple[str, Any]] | None:
    """The facts of what is no table: the summary, what has a name, a record by its id; None for a table."""
    if not what:
        return summary(case, path)
    if what[0] == "message" and len(what) == 2 and _is_id(what[1]):
        return one(case, int(what[1]))
    if (named := _named(case, str(path), what)) is not None:
        return named[form == "table"]
    return one(case, int(what[0])) if len(what) == 1 and _is_id(what[0]) else None


def _named(case: Case, path: str, what: tuple[str, ...]) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]] | None:
    """The effect of notices, or a template, botnet or campaign, for programs and people; None where words name none."""
    if what == ("effect",):
        return _effect.facts(case, path)
    if (template := _template.find(case, what)) is not None:
        return _template.facts(template, path)
    if (botnet := _botnet.find(case, what)) is not None:
        return _botnet.facts(case, botnet, path)
    campaign = _campaign.find(case, what)
    return None if campaign is None else _campaign.facts(case, campaign, path)


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdigit()


def address_of(what: tuple[str, ...]) -> str:
    """The address of ``host IP``."""
    if len(what) != 2 or (address := canonical.ip(what[1])) is None:
        raise UsageError("host wants one IP address", "impound show CASE host 192.0.2.1")
    return address


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


def _campaigns(case: Case, path: Path) -> str:
    found = _one(case, "SELECT COUNT(CASE WHEN messages >= 10 THEN 1 END) AS n FROM campaigns", "campaigns")
    sql = """SELECT c.name, c.messages, c.hosts, l.lure FROM campaigns c
             LEFT JOIN campaign_labels l ON l.campaign_id = c.id ORDER BY c.messages DESC, c.id LIMIT 1"""
    top = case.query(sql, tables=["campaigns", "campaign_labels"]).to_pylist()[0]
    known = advice.parts(top["lure"] or "") if top["lure"] != "other-spam" else None
    sells = f", {known.what}" if known else ""
    largest = f"{top['name']} ({top['messages']:,} messages, {top['hosts']:,} hosts{sells})"
    return (f"{found['n']:,} of ten messages or more, {case.count('campaigns'):,} in all; the largest is {largest}   "
            f'impound show {path} "{top["name"]}"')  # fmt: skip


def _botnets(case: Case, path: Path) -> str:
    sql = "SELECT name, hosts, campaigns FROM botnets ORDER BY hosts DESC, id LIMIT 1"
    top, held = _one(case, sql, "botnets"), _one(case, _ASSIGNED, "botnet_members")
    infected = _one(case, "SELECT COUNT(DISTINCT ip) AS n FROM hosts WHERE verdict = 'infected'", "hosts")
    largest = f"{top['name']} ({top['hosts']:,} addresses, {top['campaigns']:,} campaigns)"
    lone = _one(case, "SELECT COUNT(*) AS n FROM botnets WHERE campaigns = 1", "botnets")["n"]
    rest = f"{lone:,} sent a single campaign so far; " if lone else ""
    rest += f"{infected['n'] - held['n']:,} infected addresses belong to none"
    return f"{case.count('botnets'):,}; the largest is {largest}; {rest}   impound show {path} botnets"


_ASSIGNED = "SELECT COUNT(DISTINCT member) AS n FROM botnet_members WHERE member_type = 'host'"


def _hosts(case: Case, path: Path) -> str:
    sql = """SELECT verdict, COUNT(*) AS n, COUNT(CASE WHEN mail = 1 THEN 1 END) AS single
             FROM (SELECT verdict, ip, SUM(messages) AS mail FROM hosts GROUP BY verdict, ip) AS each
             GROUP BY verdict"""
    found = {r["verdict"]: r for r in case.query(sql, tables=["hosts"]).to_pylist()}
    order = [v for v in VERDICTS if v in found] + sorted(set(found) - set(VERDICTS))
    counts = " · ".join(f"{found[v]['n']:,} {VERDICTS.get(v, v)}" for v in order)
    single = found["infected"]["single"] if "infected" in found else 0
    rest = f" ({single:,} infected rest on a single message)" if single else ""
    return f"{counts}{rest}   impound show {path} hosts"


def _indicators(case: Case, path: Path) -> str:
    sql = "SELECT state, COUNT(*) AS n FROM indicators GROUP BY state"
    found = {r["state"]: r["n"] for r in case.query(sql, tables=["indicators"]).to_pylist()}
    named = ("released", "proposed", "withheld", *(["withdrawn"] if "withdrawn" in found else []))
    counts = " · ".join(f"{found.get(state, 0):,} {state}" for state in named)
    return f"{counts}   impound show {path} indicators"


def _lives(case: Case, path: Path) -> str:
    found = portrait.states(lambda sql: case.query(sql, tables=portrait.LIFE_READS).to_pylist())
    return " · ".join(f"{n:,} {state}" for state, n in found.items()) + f"   impound show {path} host IP"


def _told(case: Case, path: Path) -> str:
    why = _one(case, "SELECT MIN(why) AS why FROM effects", "effects")["why"]
    return f"{why.partition(':')[0]}   impound show {path} effect"


def _one(case: Case, sql: str, table: str) -> dict[str, Any]:
    row: dict[str, Any] = case.query(sql, tables=[table]).to_pylist()[0]
    return row


def listing(
    case: Case, what: tuple[str, ...], limit: int | None, largest_first: bool = False
) -> tuple[Iterable[pa.RecordBatch], int]:
    """The rows of a table, or of ``host IP``, and how many there are in all.

    ``largest_first``: for people, who look at the head of a list; programs get a table by its key.
    """
    if what[0] == "host":
        rows = host(case, address_of(what))
        return rows.slice(0, limit).to_batches() or [_empty(rows.schema)], len(rows)
    if len(what) != 1:
        raise UsageError(f"show takes one thing at a time, not {' '.join(what)}", "impound show CASE TABLE")
    if largest_first and what[0] in LARGEST_FIRST:
        return _largest_first(case, what[0], limit), case.count(what[0])
    return case.rows(what[0], limit), case.count(what[0])


def _largest_first(case: Case, table: str, limit: int | None) -> Iterable[pa.RecordBatch]:
    order = ", ".join([f"{LARGEST_FIRST[table]} DESC", *TABLES[table].key])
    rows = case.query(f"SELECT * FROM {table} ORDER BY {order}" + ("" if limit is None else f" LIMIT {limit}"),
                      tables=[table])  # fmt: skip
    return rows.to_batches() or [_empty(TABLES[table].schema)]


def host(case: Case, address: str) -> pa.Table:
    """Every message a host handed in, with what the receiver wrote down of it."""
    sql = """SELECT o.message_id, m.seen_at, o.client_ip, o.client_port, o.client_name, o.helo, m.from_domain,
                    m.subject, o.hop, o.boundary_reason, m.source_id, m.offset
             FROM origins o JOIN messages m ON m.id = o.message_id
             WHERE o.client_ip = :address ORDER BY m.seen_at, o.message_id"""
    return case.query(sql, {"address": address}, ["origins", "messages"])


def judged(case: Case, address: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is thought of a host: its rows of ``hosts``, one for each stretch of time, and its signals with proof."""
    sql = """SELECT h.*, c.name AS campaign FROM hosts h LEFT JOIN campaigns c ON c.id = h.campaign_id
             WHERE h.ip = :address ORDER BY h.first_at"""
    hosts = case.query(sql, {"address": address}, ["hosts", "campaigns"]).to_pylist()
    sql = "SELECT * FROM signals WHERE subject_type = 'host' AND subject = :address ORDER BY from_at, kind"
    return hosts, case.query(sql, {"address": address}, ["signals"]).to_pylist()


def host_object(case: Case, address: str, limit: int | None) -> list[tuple[str, Any]]:
    """A host for programs: verdicts, signals, and the messages it handed in."""
    hosts, signals = judged(case, address)
    messages = host(case, address).slice(0, limit).to_pylist()
    return [
        ("ip", address),
        ("hosts", hosts),
        ("signals", signals),
        ("life", life(case, address)),
        ("messages", messages),
    ]


def host_lines(case: Case, address: str) -> list[tuple[str, Any]]:
    """A host for people: each stretch of time with its verdict, and what speaks for and against it."""
    hosts, signals = judged(case, address)
    told: list[tuple[str, Any]] = []
    for h in hosts:
        dynamic = ", a name of an access line" if h["dynamic"] else ""
        told += [
            ("Host", f"{h['ip']} ({canonical.defang(h['name']) if h['name'] else 'no reverse name'}{dynamic})"),
            ("Time", f"{h['first_at']:%Y-%m-%d %H:%M} to {h['last_at']:%Y-%m-%d %H:%M}"
                     if h["first_at"] else "not known"),
            ("Mail", f"{'a single message' if h['messages'] == 1 else format(h['messages'], ',') + ' messages'}"
                     + (f", most of campaign {h['campaign']}" if h["campaign"] else "")),
            ("Verdict", f"{h['verdict']}, score {h['score'] or 0:.2f}"
                        + (f", by {', '.join(h['kinds'])}" if h["kinds"] else "")),
            ("Why", "\n".join(filter(None, (part.strip() for part in _OVERTURNED.split(h["why"] or ""))))),
        ]  # fmt: skip
        told += [
            (f"  {s['kind']}", f"{s['score']:.2f}  {s['why']}\nproof: {_proof(s['proof'])}")
            for s in signals
            if s["from_at"] == h["first_at"]
        ]
    if events := life(case, address):
        told.append(("Life", "\n".join(f"{e['at']:%Y-%m-%d}  {e['to_state']}: {e['reason']}" for e in events)))
    return told


def life(case: Case, address: str) -> list[dict[str, Any]]:
    """What became of a host: its rows of ``events``, the earliest first."""
    sql = """SELECT e.* FROM events e WHERE e.subject_type = 'host' AND e.subject = :address AND e.at IS NOT NULL
             ORDER BY e.at, e.actor, e.to_state"""
    events: list[dict[str, Any]] = case.query(sql, {"address": address}, ["events"]).to_pylist()
    return events


def _proof(rows: list[dict[str, Any]] | None) -> str:
    return ", ".join(f"{r['table'].removesuffix('s')} {r['id']}" for r in rows or []) or "none"


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
    labels = "SELECT spam, lure, brand, share, words, brand_why FROM message_labels WHERE message_id = :id"
    facts += [("label", r) for r in case.query(labels, {"id": row["id"]}, ["message_labels"]).to_pylist()]
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
