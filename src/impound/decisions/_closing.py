"""What closing a case leaves: the baseline, a statement for the public, and a receipt that names the custody head."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from impound import store
from impound.case import Case
from impound.decisions import _baseline, _statement
from impound.errors import UsageError

FOLDER = "closing"


def close(case: Case, reason: str, handed: Mapping[str, str], was_handed: bool) -> None:
    """Keep the baseline, and write statement and receipt into ``CASE/closing``. ``handed``: the last receipt, if any.

    Raises UsageError where what was read was not looked through yet: what is not known cannot be met again.
    """
    if not case.found("botnets"):
        raise UsageError("nothing was looked for in this case yet", "impound find CASE, then close it")
    if not _looked(case.custody()):
        raise UsageError("mail was read since the last find", "impound find CASE, then close it")
    rows = _baseline.rows(partial(_rows, case, _baseline.READS), store.clock())
    case.keep("baselines", rows)
    folder = case.path / FOLDER
    folder.mkdir(exist_ok=True)
    figures, by = _statement.figures(partial(_rows, case, _statement.READS)), case.config.organisation
    for language in _statement.LANGUAGES:
        said = _statement.text(language, figures, was_handed, by.name, by.contact)
        store.write_whole(folder / f"statement.{language}.txt", said.encode())
    head = case.touched("closing", reason=reason, baseline=len(rows), **handed)
    receipt = {"case": case.path.name, "closed_at": store.clock().isoformat(), "custody_head": head, **handed}
    store.write_whole(folder / "receipt.json", (json.dumps(receipt, indent=1, sort_keys=True) + "\n").encode())
    case.touched("write", writer="closing", to=FOLDER, sha256=store.sha256_below(folder))
    case.find(["returns"])  # of an earlier closing nothing is left standing


def alarms(case: Case) -> list[dict[str, Any]]:
    """What of a case is back that was closed: its rows of ``returns`` under alarm, the earliest first."""
    if not case.found("returns"):
        return []
    sql = "SELECT r.* FROM returns r WHERE r.state = 'alarm' ORDER BY r.alarm_at, r.botnet_id"
    return _rows(case, ["returns"], sql)


def _looked(entries: Sequence[Mapping[str, Any]]) -> bool:
    """Whether botnets were looked for after the last reading that brought anything."""
    for entry in reversed(entries):
        if entry["what"] == "find" and entry.get("finder") == "botnets":
            return True
        if entry["what"] == "read" and entry.get("records"):
            return False
    return False


def _rows(case: Case, tables: Sequence[str], sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = case.query(sql, tables=tables).to_pylist()
    return found
