"""The statements of :mod:`impound.finders.lives`: from stretches of mail and notices to states with dates."""

from __future__ import annotations

from impound.finders._allowed import VOUCHED
from impound.tables import state_rank

STRETCHES = f"""
SELECT s.ip, s.first_at, s.last_at, s.messages, s.infected, s.net,
       COALESCE(MAX(s.infected) OVER (
         PARTITION BY s.ip ORDER BY s.first_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS was,
       LAG(s.last_at) OVER (PARTITION BY s.ip ORDER BY s.first_at) AS before_at,
       CASE WHEN s.now_at IS NULL THEN s.last_at
            ELSE COALESCE(LEAD(s.first_at) OVER (PARTITION BY s.ip ORDER BY s.first_at),
                          CASE WHEN s.odd = 0 THEN s.now_at END, s.last_at) END AS next_at
FROM (SELECT h.ip, h.net, h.first_at, h.last_at, h.messages, n.now_at,
             CASE WHEN h.verdict = 'infected' THEN 1 ELSE 0 END AS infected,
             MAX(CASE WHEN h.first_at > n.now_at THEN 1 ELSE 0 END) OVER (PARTITION BY h.ip) AS odd
      FROM hosts h CROSS JOIN life_now n
      WHERE h.verdict IN ('infected', 'unclear') AND h.first_at IS NOT NULL AND h.last_at IS NOT NULL
        AND COALESCE(h.why, '') NOT LIKE '{VOUCHED}%') s
WHERE s.now_at IS NULL OR s.first_at <= s.now_at
"""
"""Each stretch of a host that something speaks against and nobody allowed, with what was before and what follows.

A stretch later than it is in the case is left out. Nobody knows when its mail came, so the host's last life is not
closed by silence either: ``next_at`` is then its own last message.
"""

BEGINS = """
SELECT s.ip, s.first_at AS state_at,
       CASE WHEN s.infected = 1 AND s.was = 1 AND s.before_at + INTERVAL '{clean}' DAY <= s.first_at
            THEN 'reinfected'
            WHEN s.infected = 1 THEN 'confirmed'
            WHEN s.was = 1 AND s.before_at + INTERVAL '{clean}' DAY > s.first_at THEN 'confirmed'
            ELSE 'suspected' END AS to_state,
       CASE WHEN s.before_at IS NOT NULL THEN 'it sends again after quiet days: ' ELSE '' END
         || CASE WHEN s.infected = 1 THEN 'judged infected from '
                 ELSE 'something speaks against it, but not enough: ' END
         || CASE WHEN s.messages = 1 THEN 'a single message'
                 ELSE CAST(s.messages AS STRING) || ' messages' END AS reason
FROM life_stretches s
"""

ENDS = """
SELECT s.ip, s.last_at + INTERVAL '{days}' DAY AS state_at, '{state}' AS to_state,
       'no message for {days} days' AS reason
FROM life_stretches s WHERE s.next_at >= s.last_at + INTERVAL '{days}' DAY
"""

TOLD = """
SELECT n.ip, n.at AS state_at, CASE WHEN n.state = 'sent' THEN 'notified' ELSE 'held-out' END AS to_state,
       MIN(CASE WHEN n.state = 'held-out' THEN 'nobody is told of it, to compare'
                WHEN n.audience = 'owner' THEN 'its owner was written to, ticket ' || COALESCE(n.ticket, '?')
                ELSE 'the abuse contact of its network was told, ticket ' || COALESCE(n.ticket, '?') END) AS reason
FROM notices n JOIN (SELECT s.ip, MIN(s.first_at) AS first_at FROM life_stretches s GROUP BY s.ip) b
  ON b.ip = n.ip AND b.first_at <= n.at
WHERE n.state IN ('sent', 'held-out') GROUP BY n.ip, n.at, n.state
"""

LIVES = """
SELECT a.ip, a.state_at, a.to_state, a.reason,
       LAG(a.to_state) OVER (PARTITION BY a.ip ORDER BY a.state_at, {rank}) AS from_state,
       ROW_NUMBER() OVER (PARTITION BY a.ip ORDER BY a.state_at DESC, {rank} DESC) AS from_last
FROM (SELECT ip, state_at, to_state, reason FROM life_begins
      UNION ALL SELECT ip, state_at, to_state, reason FROM life_quiet
      UNION ALL SELECT ip, state_at, to_state, reason FROM life_clean
      UNION ALL SELECT ip, state_at, to_state, reason FROM life_told) a
""".format(rank=state_rank("a.to_state"))
"""Every state of every host as it is known now, and which one is its last."""

RECORDED = """
SELECT e.subject AS ip, e.at AS state_at, e.to_state
FROM events_before e WHERE e.subject_type = 'host' AND e.actor = 'lives'
"""

FRESH = """
SELECT l.ip, l.state_at, l.from_state, l.to_state, l.reason
FROM lives l LEFT JOIN life_recorded r ON r.ip = l.ip AND r.state_at = l.state_at AND r.to_state = l.to_state
WHERE r.ip IS NULL
"""
"""What was not written down yet."""

LAST = """
SELECT a.ip, a.state_at, a.to_state,
       ROW_NUMBER() OVER (PARTITION BY a.ip ORDER BY a.state_at DESC, {rank} DESC) AS from_last
FROM (SELECT ip, state_at, to_state FROM life_recorded UNION ALL SELECT ip, state_at, to_state FROM life_fresh) a
""".format(rank=state_rank("a.to_state"))
"""The states that are written down, and which one is the last."""

CORRECTED = """
SELECT w.ip, CASE WHEN w.state_at < n.now_at THEN n.now_at ELSE w.state_at + INTERVAL '1' SECOND END AS state_at,
       w.to_state AS from_state, COALESCE(l.to_state, 'withdrawn') AS to_state,
       CASE WHEN l.ip IS NULL THEN 'what was read since no longer speaks for an infection'
            ELSE 'what was read since changes its dates' END AS reason
FROM life_last w CROSS JOIN life_now n LEFT JOIN (SELECT ip, to_state FROM lives WHERE from_last = 1) l ON l.ip = w.ip
WHERE w.from_last = 1 AND COALESCE(l.to_state, 'withdrawn') <> w.to_state
"""
"""Hosts of which the last word written down is not what is known now: older mail came late, a verdict changed."""

EVENTS = """
SELECT e.subject_type, e.subject, e.from_state, e.to_state, e.actor, e.reason, e.at FROM events_before e
UNION ALL
SELECT 'host', f.ip, f.from_state, f.to_state, 'lives', f.reason, f.state_at FROM life_fresh f
UNION ALL
SELECT 'host', c.ip, c.from_state, c.to_state, 'lives', c.reason, c.state_at FROM life_corrected c
"""
