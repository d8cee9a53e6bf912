"""The statements of :mod:`impound.finders.effects`: from notices and stretches of mail to one row for each host."""

from __future__ import annotations

from dataclasses import dataclass

from impound.tables import LATE_WITNESSES


@dataclass(frozen=True)
class Params:
    """When something may be said, and from when on it is said that telling does something."""

    clean_days: int = 14
    """Quiet days after which a host has stopped, as for ``lives``; also the day on which the sides are compared: Çetin
    et al. (NDSS 2019) say what was clean within 14 days."""
    least_hosts: int = 20
    """Hosts on each side below which nothing is said: with fewer, a single network decides. A choice."""
    least_expected: float = 5.0
    """Stops to expect on each side, so that chi-square is near the truth (Cochran, 1954)."""
    chance: float = 0.01
    """An effect is claimed below this chance. Not 0.05: a case that grows is looked at again and again. A choice."""
    witnesses: int = LATE_WITNESSES
    """Networks whose mail must have come as late for a time to be believed."""


SIDES = """
SELECT b.ip, CASE WHEN b.held THEN b.held_at ELSE b.told_at END AS begin_at,
       CASE WHEN b.held THEN b.told_at END AS until_at,
       CASE WHEN b.held THEN 1 ELSE 0 END AS held,
       CASE WHEN b.held OR b.sent_at IS NOT NULL THEN 0 ELSE 1 END AS refused
FROM (SELECT a.ip, a.held_at, a.told_at, a.sent_at,
             a.held_at IS NOT NULL AND (a.told_at IS NULL OR a.held_at <= a.told_at) AS held
      FROM (SELECT n.ip, MIN(CASE WHEN n.state = 'held-out' THEN n.at END) AS held_at,
                   MIN(CASE WHEN n.state = 'sent' THEN n.at END) AS sent_at,
                   MIN(CASE WHEN n.state IN ('sent', 'refused') THEN n.at END) AS told_at
            FROM notices n GROUP BY n.ip) a) b
WHERE b.held_at IS NOT NULL OR b.told_at IS NOT NULL
"""
"""Each host on the side where it was first put, from when, and until when (held out, and told later)."""

RUNS = """
SELECT g.ip, g.run, MIN(g.net) AS net, MIN(g.first_at) AS run_first, MAX(g.last_at) AS run_last,
       MAX(g.next_at) AS next_at, MAX(g.infected) AS infected
FROM (SELECT m.*, SUM(m.parted) OVER (PARTITION BY m.ip ORDER BY m.first_at
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
      FROM (SELECT s.*, CASE WHEN s.before_at + INTERVAL '{clean}' DAY <= s.first_at THEN 1 ELSE 0 END AS parted
            FROM life_stretches s JOIN effect_sides a ON a.ip = s.ip) m) g
GROUP BY g.ip, g.run
"""
"""Stretches without so many quiet days between them, as one: a life from its beginning to clean."""

PICKED = """
SELECT p.ip, p.net, p.run_first, p.run_last, p.next_at
FROM (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY r.ip ORDER BY r.run_first DESC) AS place
      FROM effect_runs r JOIN effect_sides a ON a.ip = r.ip AND r.run_first <= a.begin_at) p
WHERE p.place = 1
"""
"""The life in which a host was told of or left untold."""

HOSTS = """
SELECT a.ip, a.held, a.refused, a.begin_at, a.until_at, n.now_at, p.net, p.run_first, p.run_last, p.next_at,
       COALESCE(l.returned, 0) AS returned
FROM effect_sides a CROSS JOIN life_now n
LEFT JOIN effect_picked p ON p.ip = a.ip
LEFT JOIN (SELECT r.ip, MAX(r.infected) AS returned
           FROM effect_runs r JOIN effect_picked q ON q.ip = r.ip AND r.run_first > q.run_last
           GROUP BY r.ip) l ON l.ip = a.ip
ORDER BY a.ip
"""
