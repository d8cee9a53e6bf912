"""Which mail infected hosts send and which nothing speaks against: what signatures are learnt from, and tried on."""

from __future__ import annotations

from impound.finders import _quiet
from impound.plugin import Engine

READS = ("messages", "origins", "hosts", "campaigns", "campaign_members")


def guilt(engine: Engine, fewest: int) -> None:
    """Leave two views.

    ``mail_guilt``: for each message whether an infected host sent it (``infected``, 1 or 0), and whether it is list
    mail, a reply or mail of an ordinary host or a mail service (``ham``). ``campaign_guilt``: the share of the
    messages of each campaign of at least ``fewest`` that infected hosts sent (``infected``, 0 to 1).
    """
    engine.run("mail_guilt", _MAIL, keep=True)
    engine.run("campaign_guilt", _CAMPAIGNS, {"fewest": fewest}, keep=True)


_MAIL = f"""
SELECT m.id AS message_id, MAX(CASE WHEN h.verdict = 'infected' THEN 1 ELSE 0 END) AS infected,
  MAX(CASE WHEN {_quiet.SQL} OR h.verdict IN ('ordinary', 'webmail-or-esp') THEN 1 ELSE 0 END) AS ham
FROM messages m LEFT JOIN origins o ON o.message_id = m.id
LEFT JOIN hosts h ON h.ip = o.client_ip
  AND (m.seen_at IS NULL OR h.first_at IS NULL OR (m.seen_at >= h.first_at AND m.seen_at <= h.last_at))
GROUP BY m.id
"""
_CAMPAIGNS = """
SELECT c.campaign_id, AVG(CAST(s.infected AS DOUBLE)) AS infected
FROM campaign_members c JOIN campaigns k ON k.id = c.campaign_id
JOIN mail_guilt s ON s.message_id = c.message_id WHERE k.messages >= :fewest GROUP BY c.campaign_id
"""
