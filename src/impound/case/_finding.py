"""One finder on a case: what it is shown, what it looks at again and what not, and how its rows are kept.

A finder has two memories, and both count only as long as it is the same finder (:func:`impound.plugin.identity`):
``each``, its rows of single messages, to which those of new messages are added; and ``kept``, tables of its own that it
is shown again, with ``new_…`` views of what came since, so that it need not work out the same from the same twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from impound import plugin, store
from impound.case._engine import ordered
from impound.case._views import Views
from impound.store import CaseStore, Looked


def run(held: CaseStore, finder: Any, engine: Any, full: bool) -> None:
    """Run a finder on a case and keep what it finds; with ``full`` it has no memory."""
    engine.finder = finder.name
    each, kept = getattr(finder, "each", ()), getattr(finder, "kept", ())
    by = plugin.identity(finder) if each or kept else ""
    if each:
        _look(held, finder, engine, _until(held, finder.name, by, full), by)
    memory = f"{finder.name}: kept"
    after = _until(held, memory, by, full)
    views = Views(held, engine, finder)
    views.all((table, held.parts(table)) for table in (*finder.reads, *each))
    views.all((table, held.parts(table) if after else []) for table in kept)
    for table in getattr(finder, "newer", ()):
        views.make(table, _came_since(held, table, after), f"new_{table}")
    finder.find(engine)
    looked = (memory, Looked(by, after, held.manifest.batches)) if kept else None
    held.replace({t: engine.stream(ordered(t)) for t in finder.writes if t not in each}, looked)
    rows = {t: held.rows(t) for t in finder.writes}
    held.note("find", finder=finder.name, version=finder.version, params=repr(finder.params), rows=rows)


def _until(held: CaseStore, name: str, by: str, full: bool) -> int:
    """How many batches a memory rests on; 0 where there is none, or it is another finder's."""
    before = held.manifest.looked.get(name)
    return before.until if before and before.by == by and not full else 0


def _look(held: CaseStore, finder: Any, engine: Any, after: int, by: str) -> None:
    """Let a finder look at each message that came since it looked last; at all when it is another one now."""
    batches = held.manifest.batches
    if after == batches and after:
        return
    sees = getattr(finder, "sees", finder.reads)
    views = Views(held, engine, finder)
    views.all((table, _came_since(held, table, after, "messages" in sees)) for table in sees)
    finder.look(engine)
    rows = {t: engine.stream(ordered(t)) for t in finder.each}
    store.extend(held, rows, finder.name, Looked(by, after, batches))


def _came_since(held: CaseStore, table: str, after: int, shared: bool = False) -> list[Path]:
    return store.came_since(held, table, after, shared)
