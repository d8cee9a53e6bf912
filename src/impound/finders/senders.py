"""Who really sent it: the first host outside the receiving organisation, for every message.

What it finds: for each message the client that handed it in (``origins``), and the organisation's own address space
(``networks``). Received lines are added on top (RFC 5321, 4.4), so only those that the organisation's own servers wrote
can be believed; below the first outside client everything may be invented, and spam programs do invent it.

Why that is evidence: the line of one's own server names the address that really connected; a TCP connection cannot be
held with a forged source address.

How: the domains of the servers that took the messages in are the organisation's. A client is inside when it bears such
a name *and* the next line was written by it, message after message; its networks follow from its servers. From the top
the walk passes lines whose client is inside, local or private and known to hand on, and ends at the first that is not.

Known innocent causes: the client may be a mailing list, a forwarder, a provider's outgoing server: it handed the mail
in, and no more is said here. An infected machine inside that imitates one of the organisation's relays in name, HELO
and next line could have its forged line believed; a network given by hand narrows that.

Reference: Goodman, "IP Addresses in Email Clients", CEAS 2004, for finding the border of an organisation in headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from impound import config
from impound.finders import _border, _hops
from impound.plugin import Engine
from impound.tables import HOPS, NETWORKS


@dataclass(frozen=True)
class Params:
    """How the border is drawn."""

    own_networks: tuple[str, ...] = ()
    """CIDRs that are inside; when given, none are inferred."""
    domain_share: float = 0.01
    """A domain whose servers took in this share of the messages is the organisation's: a forged top line is rarer."""
    name_share: float = 0.9
    """Of the messages an inside server hands on, this share must show its name and be continued by it."""
    unverified_messages: int = 5
    """An address whose name nobody looked up must hand on so many messages before it counts as inside."""
    unverified_share: float = 0.002
    """…and this share of all messages."""
    relay_share: float = 0.8
    """An inside address is a relay, whose next line is believed, when this share of its messages is continued by it."""
    widen_subnets: int = 3
    """Servers in so many subnets of one /16 (or /32) without a stranger in it make all of it the organisation's."""


_Params = Params


class Senders:
    """Finds ``hops``, ``networks`` and ``origins`` from ``messages``."""

    name = "senders"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = ("messages",)
    writes: ClassVar[tuple[str, ...]] = ("hops", "networks", "origins")
    each: ClassVar[tuple[str, ...]] = ("hops",)
    Params = Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Senders:
        """The finder with a case's settings."""
        return cls(Params(own_networks=settings.organisation.own_networks))

    def look(self, engine: Engine) -> None:
        """Leave the view ``hops``."""
        engine.run("received", "SELECT id, received FROM messages")
        engine.map("hops", _hops.explode, "received", HOPS.schema)

    def find(self, engine: Engine) -> None:
        """Leave the views ``networks`` and ``origins``."""
        engine.run("own_domains", OWN_DOMAINS, {"share": self.params.domain_share}, keep=True)
        engine.run("evidence", EVIDENCE, keep=True)
        engine.run("block_evidence", BLOCK_EVIDENCE, keep=True)
        networks = self._networks(engine)
        rows = [{"cidr": n.cidr, "first_key": n.first_key, "last_key": n.last_key} for n in networks if n.side == "own"]
        engine.view("own_ranges", pa.Table.from_pylist(rows, schema=RANGES))
        engine.run("inside", INSIDE, keep=True)
        engine.run("relays", RELAYS, {"relay_share": self.params.relay_share}, keep=True)
        engine.run("walk", WALK)
        engine.run("borders", BORDERS)
        engine.run("origins", ORIGINS, keep=True)
        engine.view("networks", _table(self._counted(engine, networks)))

    def _networks(self, engine: Engine) -> list[_border.OwnNetwork]:
        mailboxes = [
            _border.OwnNetwork(f"{row['ip']}/{128 if ':' in row['ip'] else 32}", "partner", MAILBOX, 1, row["messages"])
            for row in _rows(engine, MAILBOXES)
        ]
        if self.params.own_networks:
            return _border.given(self.params.own_networks) + mailboxes
        limits = {
            "name_share": self.params.name_share,
            "unverified_messages": self.params.unverified_messages,
            "unverified_share": self.params.unverified_share,
        }
        servers = _rows(engine, SERVERS, limits)
        strangers = {row["block"] for row in _rows(engine, STRANGERS)}
        return _border.infer(servers, strangers, self.params.widen_subnets) + mailboxes

    def _counted(self, engine: Engine, networks: list[_border.OwnNetwork]) -> list[_border.OwnNetwork]:
        """Networks given by hand, with what was met in them."""
        met = {row["cidr"]: row for row in _rows(engine, MET)}
        return [
            n if n.messages or n.cidr not in met
            else _border.OwnNetwork(n.cidr, n.side, n.reason, met[n.cidr]["servers"], met[n.cidr]["messages"])
            for n in networks
        ]  # fmt: skip


MAILBOX = "the mailbox provider: the organisation fetches its mail from there"
RANGES = pa.schema([("cidr", pa.string()), ("first_key", pa.string()), ("last_key", pa.string())])


def _rows(engine: Engine, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [row for batch in engine.stream(sql, params) for row in batch.to_pylist()]


def _table(networks: list[_border.OwnNetwork]) -> pa.Table:
    rows = {
        n.cidr: {"cidr": n.cidr, "side": n.side, "reason": n.reason, "servers": n.servers, "messages": n.messages}
        for n in networks
    }
    return pa.Table.from_pylist(list(rows.values()), schema=NETWORKS.schema)


OWN_DOMAINS = """
WITH taken AS (
  SELECT h.by_domain, h.message_id
  FROM hops h JOIN (SELECT message_id, MIN(hop) AS hop FROM hops WHERE ip IS NOT NULL AND by_domain IS NOT NULL
                    GROUP BY message_id) first_named
    ON first_named.message_id = h.message_id AND first_named.hop = h.hop
  UNION ALL
  SELECT next_domain AS by_domain, message_id FROM hops WHERE form = 'fetchmail' AND next_domain IS NOT NULL
),
total AS (SELECT COUNT(DISTINCT message_id) AS messages FROM taken)
SELECT t.by_domain AS domain, COUNT(DISTINCT t.message_id) AS messages
FROM taken t CROSS JOIN total
GROUP BY t.by_domain, total.messages
HAVING COUNT(DISTINCT t.message_id) >= :share * total.messages
"""
"""The domains of the servers that took the messages in, and of those the mail was fetched from."""

EVIDENCE = """
WITH signed AS (
  SELECT h.* FROM hops h
  LEFT JOIN (SELECT hops.message_id, MIN(hops.hop) AS hop FROM hops LEFT JOIN own_domains o ON o.domain = hops.by_domain
             WHERE hops.by_domain IS NOT NULL AND o.domain IS NULL GROUP BY hops.message_id) foreign_line
    ON foreign_line.message_id = h.message_id
  WHERE h.hop = 0 OR foreign_line.hop IS NULL OR h.hop < foreign_line.hop
)
SELECT s.ip, s.ip_key, s.net, s.block, s.scope,
       COUNT(*) AS messages,
       MIN(COALESCE(n.domain, e.domain)) AS domain,
       SUM(CASE WHEN s.verified AND n.domain IS NOT NULL THEN 1 ELSE 0 END) AS verified,
       SUM(CASE WHEN n.domain IS NOT NULL OR e.domain IS NOT NULL THEN 1 ELSE 0 END) AS named,
       SUM(CASE WHEN s.verified AND s.name_domain IS NOT NULL AND n.domain IS NULL THEN 1 ELSE 0 END) AS stranger,
       SUM(CASE WHEN s.continues = 'host' THEN 1 ELSE 0 END) AS by_host,
       SUM(CASE WHEN s.continues IN ('host', 'domain') THEN 1 ELSE 0 END) AS by_any,
       SUM(CASE WHEN s.is_last THEN 1 ELSE 0 END) AS ends,
       COUNT(DISTINCT s.next_by) AS next_names
FROM signed s
LEFT JOIN own_domains n ON n.domain = s.name_domain
LEFT JOIN own_domains e ON e.domain = s.helo_domain
WHERE s.ip IS NOT NULL
GROUP BY s.ip, s.ip_key, s.net, s.block, s.scope
"""
"""For each client in lines that the organisation's servers may have written: what speaks for its being inside."""

BLOCK_EVIDENCE = """
SELECT block, SUM(messages) AS messages, SUM(named) AS named, SUM(by_host) AS by_host, SUM(stranger) AS stranger
FROM evidence WHERE scope = 'public' GROUP BY block
"""

SERVERS = """
WITH total AS (SELECT COUNT(DISTINCT message_id) AS messages FROM hops)
SELECT v.ip, v.net, v.block, v.messages, v.domain,
       CASE WHEN v.verified >= :name_share * v.messages THEN 'its name is looked up and it wrote the next line'
            ELSE 'it calls itself so and wrote the next line, every time' END AS how
FROM evidence v JOIN block_evidence b ON b.block = v.block CROSS JOIN total
WHERE v.scope = 'public' AND v.domain IS NOT NULL AND (
  (v.verified >= :name_share * v.messages AND v.by_host + v.ends >= :name_share * v.messages)
  OR (v.named >= :name_share * v.messages AND v.by_host >= :name_share * v.messages
      AND v.messages >= :unverified_messages AND v.messages >= :unverified_share * total.messages)
  OR (v.ip LIKE '%:%' AND b.named >= :name_share * b.messages AND b.by_host >= :name_share * b.messages
      AND b.messages >= :unverified_messages AND b.messages >= :unverified_share * total.messages)
)
ORDER BY v.ip
"""
"""Public addresses of the organisation's own servers. An IPv6 provider spreads over so many addresses that its block
(/32) is asked instead."""

STRANGERS = "SELECT block FROM block_evidence WHERE stranger > 0 ORDER BY block"

MAILBOXES = """
SELECT ip, COUNT(DISTINCT message_id) AS messages FROM hops
WHERE form = 'fetchmail' AND scope = 'public' AND hop < 3 GROUP BY ip ORDER BY ip
"""

INSIDE = """
SELECT ip FROM evidence WHERE scope = 'private'
UNION
SELECT h.ip FROM (SELECT DISTINCT ip, ip_key FROM hops WHERE scope = 'public') h
JOIN own_ranges r ON h.ip_key >= r.first_key AND h.ip_key <= r.last_key
"""
"""Of the organisation's networks every address counts, even where a server of its own under another domain names it."""

RELAYS = """
SELECT v.ip FROM evidence v
JOIN inside i ON i.ip = v.ip
LEFT JOIN block_evidence b ON b.block = v.block
WHERE (v.messages >= 3 AND v.by_host >= :relay_share * v.messages)
   OR (v.messages >= 5 AND v.by_any >= :relay_share * v.messages AND v.next_names <= 3)
   OR (v.messages < 3 AND v.by_host = v.messages AND (v.scope = 'private' OR v.verified = v.messages))
UNION
SELECT i.ip FROM inside i
JOIN (SELECT DISTINCT ip, block FROM hops WHERE scope = 'public') h ON h.ip = i.ip
JOIN block_evidence b ON b.block = h.block
WHERE i.ip LIKE '%:%' AND b.messages >= 10 AND b.by_host >= :relay_share * b.messages
"""
"""Inside addresses that hand mail on, so that the line below theirs is their own."""

WALK = """
SELECT h.message_id, h.hop,
       CASE WHEN h.scope = 'local' THEN 'local'
            WHEN h.form = 'fetchmail' THEN 'fetched'
            WHEN h.scope = 'none' THEN 'nameless'
            WHEN h.scope = 'loopback' THEN 'same host'
            WHEN i.ip IS NOT NULL THEN 'inside'
            ELSE 'outside' END AS kind,
       CASE WHEN h.is_last THEN FALSE
            WHEN h.scope = 'local' THEN TRUE
            WHEN h.form = 'fetchmail' THEN o.domain IS NOT NULL OR h.continues <> ''
            WHEN h.scope = 'none' THEN o.domain IS NOT NULL AND h.continues IN ('host', 'domain')
            WHEN h.scope = 'loopback' THEN o.domain IS NOT NULL OR h.continues = 'self'
            WHEN i.ip IS NOT NULL THEN r.ip IS NOT NULL AND (o.domain IS NOT NULL OR h.continues <> '')
            ELSE FALSE END AS passes
FROM hops h
LEFT JOIN inside i ON i.ip = h.ip
LEFT JOIN relays r ON r.ip = h.ip
LEFT JOIN own_domains o ON o.domain = h.next_domain
"""
"""What each line's client is, and whether the line below may be believed."""

BORDERS = "SELECT message_id, MIN(hop) AS hop FROM walk WHERE NOT passes GROUP BY message_id"

ORIGINS = """
SELECT m.id AS message_id,
       CASE WHEN w.kind = 'outside' THEN h.ip END AS client_ip,
       CASE WHEN w.kind = 'outside' THEN h.port END AS client_port,
       CASE WHEN w.kind = 'outside' THEN h.net END AS client_net,
       CASE WHEN w.kind = 'outside' THEN h.name END AS client_name,
       CASE WHEN w.kind = 'outside' THEN h.helo END AS helo,
       b.hop AS hop,
       CASE WHEN b.hop IS NULL THEN 0 ELSE b.hop + 1 END AS trusted_hops,
       CASE WHEN b.hop IS NULL THEN 'no Received line'
            WHEN w.kind = 'outside' AND b.hop = 0 THEN 'an outside host handed it to the receiving server'
            WHEN w.kind = 'outside' THEN 'an outside host handed it to an own server, which passed it on inside'
            WHEN w.kind = 'nameless' THEN 'the last line that can be believed names no address'
            WHEN w.kind = 'fetched' THEN 'it was fetched from a mailbox whose server wrote no line'
            WHEN h.is_last THEN 'it was written inside: the last line names an own host'
            ELSE 'an own host that is no known relay handed it in: the lines below it are not believed'
       END AS boundary_reason
FROM messages m
LEFT JOIN borders b ON b.message_id = m.id
LEFT JOIN walk w ON w.message_id = b.message_id AND w.hop = b.hop
LEFT JOIN hops h ON h.message_id = b.message_id AND h.hop = b.hop
"""

MET = """
SELECT r.cidr, COUNT(DISTINCT h.ip) AS servers, COUNT(DISTINCT h.message_id) AS messages
FROM hops h JOIN own_ranges r ON h.ip_key >= r.first_key AND h.ip_key <= r.last_key
GROUP BY r.cidr
"""
