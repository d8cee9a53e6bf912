"""Removing the sealed bytes of what is old from a case: which stretches go, and what the custody log says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from impound import store
from impound.errors import UsageError

if TYPE_CHECKING:
    from impound.case import Case


def prune(case: Case, before: datetime | None, dry_run: bool, progress: Callable[[store.Pruned], None]) -> store.Pruned:
    """As :meth:`impound.case.Case.prune`."""
    if case.config.retention.legal_hold and not dry_run:
        raise UsageError(f"{case.path} is under legal hold", "[retention] legal_hold in its impound.toml says so")
    before = before or _retained_from(case)
    if before > store.clock():
        raise UsageError(f"{before:%Y-%m-%d} lies in the future", "name a day that is over")
    sql = """SELECT s.id, s.bytes FROM seals s JOIN sources r ON r.id = s.source_id
             LEFT JOIN messages m ON m.source_id = s.source_id AND m.offset = s.offset
             WHERE s.frame <> '' AND
                   CASE WHEN m.clock = 'receiver' THEN m.seen_at ELSE r.read_at END < :before
             ORDER BY s.id"""
    old = case.query(sql, {"before": before}, ["seals", "sources", "messages"])
    done = store.Pruned(len(old), sum(old["bytes"].to_pylist()) if len(old) else 0)
    if dry_run or not len(old):
        return done
    case._store.note("prune begins", before=before.isoformat(), stretches=done.stretches, bytes=done.bytes)
    for done in store.prune(case._store, old["id"].to_numpy()):
        progress(done)
    case._store.note("prune", before=before.isoformat(), stretches=done.stretches, bytes=done.bytes)
    return done


def _retained_from(case: Case) -> datetime:
    """The day up to which the settings keep originals. Raises UsageError where they do not say."""
    days = case.config.retention.days
    if not days:
        raise UsageError("no day is named", "--before DATE, or [retention] days in impound.toml")
    return store.clock().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
