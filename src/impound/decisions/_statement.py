"""What is said in public when a case is closed: a few sentences in each language, from figures, naming nobody."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import Any

Row = dict[str, Any]
LANGUAGES = ("en", "de", "es")
READS = ("botnets", "botnet_days", "botnet_members", "notices", "sources")
FIGURES = """
SELECT (SELECT COUNT(*) FROM botnets) AS botnets, (SELECT SUM(b.messages) FROM botnets b) AS messages,
       (SELECT MIN(b.first_at) FROM botnets b) AS first_at, (SELECT MAX(b.last_at) FROM botnets b) AS last_at,
       (SELECT COUNT(DISTINCT m.member) FROM botnet_members m WHERE m.member_type = 'host') AS hosts,
       (SELECT COUNT(DISTINCT n.ip) FROM notices n WHERE n.state = 'sent') AS told,
       (SELECT COALESCE(BOOL_OR(s.drill), FALSE) FROM sources s) AS drill
"""
DAYS = """
SELECT MAX(d.messages) AS most, SUM(CASE WHEN d.day > d.last_day - INTERVAL 7 DAY THEN d.messages ELSE 0 END) AS week
FROM (SELECT b.day, SUM(b.messages) AS messages, MAX(b.day) OVER () AS last_day FROM botnet_days b GROUP BY b.day) d
"""


def figures(ask: Callable[[str], list[Row]]) -> Row:
    """The figures of the statement, from the tables in READS."""
    return {**ask(FIGURES)[0], **ask(DAYS)[0]}


def text(language: str, found: Row, handed: bool, who: str, contact: str) -> str:
    """The statement in one language; ``who`` says it, and ``contact`` is where those write who think it wrong."""
    words = tomllib.loads((files("impound.decisions") / "texts" / f"{language}.toml").read_text("utf-8"))
    fill = {name: _number(found[name], words) for name in ("botnets", "messages", "hosts", "told", "most", "week")}
    fill |= {name: _date(found[f"{name}_at"], words) for name in ("first", "last")}
    many = "none" if not found["botnets"] else "one" if found["botnets"] == 1 else "many"
    keys = [f"botnets_{many}"]
    if found["botnets"]:
        keys += ["last_days", "victims", "told" if found["told"] else "untold"]
    keys += ["handed" if handed else "unhanded", *(["watching"] if found["botnets"] else [])]
    said = [words[key].format(**fill) for key in keys]
    said += [words["wrong"].format(contact=contact)] if contact else []
    head = [
        *([words["drill"], ""] if found["drill"] else []),
        f"{who}: {words['title']}" if who else words["title"],
        "",
    ]
    return "\n".join([*head, *said]) + "\n"


def _number(value: int | None, words: Row) -> str:
    return f"{int(value or 0):,}".replace(",", words["thousands"])


def _date(at: datetime | None, words: Row) -> str:
    return str(words["date"].format(day=at.day, month=words["months"][at.month - 1], year=at.year)) if at else "–"
