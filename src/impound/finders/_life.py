"""The statements of :mod:`impound.finders.lives`: from stretches of mail and notices to states with dates."""

from __future__ import annotations

RANK = """CASE {state} WHEN 'quiet' THEN 1 WHEN 'clean' THEN 2 WHEN 'suspected' THEN 3 WHEN 'confirmed' THEN 4
          WHEN 'reinfected' THEN 5 WHEN 'notified' THEN 6 ELSE 7 END"""
"""What comes first of two states of one instant."""

STRETCHES = """
SELECT h.ip, h.first_at, h.last_at, h.messages,
       CASE WHEN h.verdict = 'infected' THEN 1 ELSE 0 END AS infected,
       COALESCE(MAX(CASE WHEN h.verdict = 'infected' THEN 1 ELSE 0 END) OVER (
         PARTITION BY h.ip ORDER BY h.first_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS was,
       LAG(h.last_at) OVER (PARTITION BY h.ip ORDER BY h.first_at) AS before_at,
       COALESCE(LEAD(h.first_at) OVER (PARTITION BY h.ip ORDER BY h.first_at), :newest) AS next_at
FROM hosts h
WHERE h.verdict IN ('infected', 'unclear') AND h.first_at IS NOT NULL AND h.last_at IS NOT NULL
"""
"""Each stretch of a host that something speaks against, with what was before it and what follows it."""

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
SELECT n.ip, n.at AS state_at, 'notified' AS to_state,
       MIN(CASE WHEN n.audience = 'owner' THEN 'its owner was written to, ticket '
                ELSE 'the abuse contact of its network was told, ticket ' END || COALESCE(n.ticket, '?')) AS reason
FROM notices n JOIN (SELECT s.ip, MIN(s.first_at) AS first_at FROM life_stretches s GROUP BY s.ip) b
  ON b.ip = n.ip AND b.first_at <= n.at
WHERE n.state = 'sent' GROUP BY n.ip, n.at
"""

LIVES = """
SELECT a.ip, a.state_at, a.to_state, a.reason,
       LAG(a.to_state) OVER (PARTITION BY a.ip ORDER BY a.state_at, {rank}) AS from_state,
       ROW_NUMBER() OVER (PARTITION BY a.ip ORDER BY a.state_at DESC, {rank} DESC) AS from_last
FROM (SELECT ip, state_at, to_state, reason FROM life_begins
      UNION ALL SELECT ip, state_at, to_state, reason FROM life_quiet
      UNION ALL SELECT ip, state_at, to_state, reason FROM life_clean
      UNION ALL SELECT ip, state_at, to_state, reason FROM life_told) a
""".format(rank=RANK.format(state="a.to_state"))
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
""".format(rank=RANK.format(state="a.to_state"))
"""The states that are written down, and which one is the last."""

CORRECTED = """
SELECT w.ip, CASE WHEN w.state_at < :newest THEN :newest ELSE w.state_at + INTERVAL '1' SECOND END AS state_at,
       w.to_state AS from_state, COALESCE(l.to_state, 'withdrawn') AS to_state,
       CASE WHEN l.ip IS NULL THEN 'what was read since no longer speaks for an infection'
            ELSE 'what was read since changes its dates' END AS reason
FROM life_last w LEFT JOIN (SELECT ip, to_state FROM lives WHERE from_last = 1) l ON l.ip = w.ip
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
