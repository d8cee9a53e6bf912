"""What is known of each botnet when its case is closed, as rows of ``baselines``: what is looked for from then on.

How rare something is, is counted in the case itself: among the messages that are neither of the botnet's campaigns nor
of its addresses. Lists and replies are left out, as they are in what is looked at later: people quote there, and
servers hand on what bots wrote. Meeting it again tells the logarithm of the inverse share of those that show it
(Laplace's rule of succession for what none shows), at most ``CAP`` bits, so that no single kind of evidence is enough.
A program tells less: it is sold and rented to others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from impound.check.templates import Signature
from impound.tables import LATE, LATE_READS, LATE_WITNESSES, QUIET

Row = dict[str, Any]
Ask = Callable[[str], list[Row]]
"""The rows of a statement over the tables in READS."""
CAP, SOFTWARE_CAP = 10.0, 6.0
"""Bits that one kind of evidence tells at most: that of a thousandth, and of a sixtieth, of other mail. Choices."""
LEAST = 3.0
"""Bits below which something is left out: an eighth of other mail shows it."""
FEWEST = 3
"""Messages of a botnet that must show something that is no expression."""
READS = (
    *("urls", "campaign_members", "botnets", "botnet_members", "botnet_days", "templates", "url_patterns"),
    *("reply_contacts", "message_software", "indicators", *LATE_READS),
)


def rows(ask: Ask, closed_at: datetime) -> list[Row]:
    """The baseline of every botnet of a case."""
    until = ask(UNTIL)[0]["until"]
    shared = {"anchors": [], "until": until, "closed_at": closed_at}
    best: dict[tuple[int, str, str], Row] = {}
    for said in _known(ask):
        row = shared | said | {"bits": bits(said["kind"], said["outside"], said["compared"])}
        key = row["botnet_id"], row["kind"], row["value"]
        told = row["kind"] == "day" or (row["bits"] or 0.0) >= LEAST
        if told and (key not in best or row["messages"] > best[key]["messages"]):
            best[key] = row
    return [best[key] for key in sorted(best)]


def _known(ask: Ask) -> Iterator[Row]:
    """What is known, with its counts; of two campaigns of a botnet with one expression both."""
    for row in ask(SIGNED):
        signature = Signature(0, row["value"], tuple(row["anchors"] or ()))
        if (
            row["kind"] == "url-pattern" or not signature.wordless
        ):  # headers alone tell a program: its constant is there
            yield row
    yield from ask(SHOWN)
    yield from ask(DAYS)


def bits(kind: str, shown: int, compared: int) -> float | None:
    """What meeting something tells that so many of the compared messages show; None of a day."""
    if kind == "day":
        return None
    told = math.log2((compared + 2) / (min(shown, compared) + 1))
    return round(min(told, SOFTWARE_CAP if kind == "software" else CAP), 6)


UNTIL = f"""SELECT COALESCE((SELECT l.now_at FROM ({LATE.replace(":witnesses", str(LATE_WITNESSES))}) l),
                            (SELECT MAX(m.seen_at) FROM messages m)) AS until"""
"""How late it is in the case, as ``lives`` tells it; where no time can be believed, its newest message."""
NEAR = f"""
WITH loud AS (SELECT m.id AS message_id FROM messages m WHERE NOT {QUIET}),
near AS (
  SELECT n.message_id, n.botnet_id, MAX(n.host) AS host, MAX(n.campaign) AS campaign FROM (
    SELECT o.message_id, b.botnet_id, 1 AS host, 0 AS campaign FROM origins o
    JOIN botnet_members b ON b.member_type = 'host' AND b.member = o.client_ip
    UNION ALL SELECT c.message_id, b.botnet_id, 0, 1 FROM campaign_members c
    JOIN botnet_members b ON b.member_type = 'campaign' AND b.member = CAST(c.campaign_id AS VARCHAR)) n
  JOIN loud ON loud.message_id = n.message_id GROUP BY n.message_id, n.botnet_id),
every AS (SELECT COUNT(*) AS n FROM loud),
compared AS (
  SELECT b.id AS botnet_id, b.name AS botnet, every.n - COUNT(n.message_id) AS compared
  FROM botnets b CROSS JOIN every LEFT JOIN near n ON n.botnet_id = b.id GROUP BY b.id, b.name, every.n)
"""
SHOWN = f"""{NEAR},
shown AS (
  SELECT DISTINCT 'contact' AS kind, r.kind || ' ' || r.value AS value, r.message_id FROM reply_contacts r
  UNION SELECT 'constant', s.constant, s.message_id FROM message_software s WHERE s.constant IS NOT NULL
  UNION SELECT 'software', s.fingerprint, s.message_id FROM message_software s WHERE s.fingerprint IS NOT NULL
  UNION SELECT 'domain', i.value, u.message_id FROM urls u
  JOIN indicators i ON i.type = 'domain' AND i.state = 'released'
    AND i.value = COALESCE(u.domain, REGEXP_EXTRACT(u.host, '[^.]+[.][^.]+$'))),
total AS (SELECT s.kind, s.value, COUNT(*) AS n FROM shown s JOIN loud ON loud.message_id = s.message_id
          GROUP BY s.kind, s.value)
SELECT c.botnet_id, c.botnet, s.kind, s.value, SUM(n.host * n.campaign) AS messages,
       MIN(t.n) - COUNT(*) AS outside, MIN(c.compared) AS compared
FROM shown s JOIN near n ON n.message_id = s.message_id JOIN compared c ON c.botnet_id = n.botnet_id
JOIN total t ON t.kind = s.kind AND t.value = s.value
GROUP BY c.botnet_id, c.botnet, s.kind, s.value HAVING SUM(n.host * n.campaign) >= {FEWEST}
"""
"""Contacts, constants, programs and landing domains: shown by messages of a botnet's addresses in its campaigns."""
SIGNED = f"""{NEAR}
SELECT c.botnet_id, c.botnet, t.kind, t.regex AS value, t.anchors, t.matched AS messages,
       GREATEST(t.ham_matched, t.matched - k.messages) AS outside, c.compared
FROM (SELECT 'template' AS kind, campaign_id, regex, anchors, matched, ham_matched FROM templates
      WHERE state = 'proposed' AND regex IS NOT NULL
      UNION ALL SELECT 'url-pattern', campaign_id, regex, [], matched, ham_matched FROM url_patterns
      WHERE state = 'proposed') t
JOIN (SELECT campaign_id, COUNT(*) AS messages FROM campaign_members GROUP BY campaign_id) k
  ON k.campaign_id = t.campaign_id
JOIN botnet_members b ON b.member_type = 'campaign' AND b.member = CAST(t.campaign_id AS VARCHAR)
JOIN compared c ON c.botnet_id = b.botnet_id
"""
"""Expressions; outside are at least as many as they match beyond the size of their campaign."""
DAYS = """
SELECT d.botnet_id, b.name AS botnet, 'day' AS kind, CAST(CAST(d.day AS DATE) AS VARCHAR) AS value, d.messages,
       0 AS outside, 0 AS compared
FROM botnet_days d JOIN botnets b ON b.id = d.botnet_id
"""
