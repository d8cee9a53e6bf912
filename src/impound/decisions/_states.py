"""The states of a case and the steps between them: kept as events, of which the last one says how it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from impound import store
from impound.case import Case
from impound.decisions import _closing, _events
from impound.errors import InputError, UsageError

OPEN, HANDED, CLOSED, REOPENED = "open", "handed-over", "closed", "reopened"
STEPS = {
    OPEN: (HANDED, CLOSED),
    HANDED: (HANDED, CLOSED, REOPENED),
    CLOSED: (REOPENED,),
    REOPENED: (HANDED, CLOSED),
}
"""Which state may follow which; a case may be handed over to a second authority."""
ACTOR = "status"
MOST = 1 << 20
"""Bytes of a receipt; one has a few hundred."""


def history(case: Case) -> list[dict[str, Any]]:
    """The steps of a case so far, the first one first: rows of ``events``."""
    return _events.by(case, ACTOR)


def state(case: Case) -> str:
    """How a case stands: open where nothing was said of it."""
    steps = history(case)
    return str(steps[-1]["to_state"]) if steps else OPEN


def move(case: Case, after: str, reason: str, receipt: Path | None = None) -> str:
    """Bring a case into another state; gives the one it leaves. Closing writes ``CASE/closing`` and ``baselines``.

    ``receipt`` is that of a package (``impound write CASE handover``): its hash is noted. Raises UsageError for a step
    that makes no sense, saying which do.
    """
    before = state(case)
    if after not in STEPS:
        raise UsageError(f"no case is {after}", f"a case is {', '.join(STEPS)}")
    if after not in STEPS[before]:
        raise UsageError(f"the case is {before}: it cannot be {after} next", f"possible: {', '.join(STEPS[before])}")
    if receipt and after != HANDED:
        raise UsageError("--receipt belongs to a handover", f"impound status CASE {HANDED} --receipt FILE --reason …")
    why = _events.said(reason, "handed to the police")
    noted = _noted(case, receipt) if receipt else {}
    if after == CLOSED:
        _closing.close(case, why, *_handed(case))
    told = f"{why} (receipt {noted['receipt_sha256']})" if noted else why
    _events.decided(case, ACTOR, ("case", "case"), (before, after), told)
    case.touched(ACTOR, before=before, after=after, reason=why, **noted)
    return before


def _handed(case: Case) -> tuple[dict[str, str], bool]:
    """The receipt of the last handover, by the custody log, and whether there was one at all."""
    done = [e for e in case.custody() if e["what"] == ACTOR and e.get("after") == HANDED]
    return {n: e[n] for e in done[-1:] for n in ("receipt", "receipt_sha256") if n in e}, bool(done)


def _noted(case: Case, receipt: Path) -> dict[str, str]:
    """The name and hash of a receipt. Raises InputError for what is none, UsageError for one of another case."""
    head = _head(receipt)
    if head not in {entry["hash"] for entry in case.custody()}:
        raise UsageError(f"{receipt} is not of this case", "its custody head stands nowhere in the custody log")
    return {"receipt": receipt.name, "receipt_sha256": store.sha256_of(receipt)}


def _head(receipt: Path) -> str:
    """The head of the custody log that a receipt names."""
    try:
        with receipt.open("rb") as file:
            made = json.loads(file.read(MOST))
        return str(made["custody_head"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is no receipt of a package"
        raise InputError(str(receipt), 0, str(what), "impound write CASE handover -o DIR makes one beside it") from None
