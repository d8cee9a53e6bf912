"""Tips: a form on the web whose answers are sealed as they come, for those who have no authority that takes tips.

>>> from impound import Case
>>> from impound.services import tips
>>> case = Case.open("acme")                              # doctest: +SKIP
>>> tips.new_key(case, Path("tips.key"))                  # doctest: +SKIP
>>> tips.serve(case, "127.0.0.1", 8080)                   # doctest: +SKIP

Every tip is a file of its own, ``CASE/tips/TAG-N.age``, which only the private key opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from impound.case import Case
from impound.errors import MissingExtra, UsageError
from impound.services.tips import _receipt
from impound.services.tips._box import Box, Tip, alone, folder_of

if TYPE_CHECKING:
    from impound.services.tips._opened import Done

__all__ = ["Tip", "came", "new_key", "open_into", "serve", "source_files"]

SECRET = "receipts of tips"
"""What the key is for that makes tags of receipts."""


def new_key(case: Case, file: Path) -> str:
    """Make the key that opens tips, into a file that is kept elsewhere; gives its public half, which the case keeps."""
    with _extra():
        from impound.services.tips import _keys
    public = _keys.new_key(folder_of(case), file)
    case.touched("tips key", public=public)
    return public


def serve(
    case: Case,
    host: str,
    port: int,
    *,
    each: int | None = None,
    forwarded: bool = False,
    seconds: float | None = None,
    stop: Event | None = None,
    ready: Callable[[str, list[str]], None] = lambda address, keys: None,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Take tips until SIGINT or SIGTERM. The case stays free for others to read and find in.

    ``each``: tips an hour of one address. ``forwarded``: its senders' addresses stand in X-Forwarded-For. ``seconds``:
    how long a body may take. ``stop``: set by a signal that came before the server could hear one. ``ready`` is told
    the form's address and the public keys that tips are sealed to.

    Raises ConfigError where there is no key, UsageError where nobody can listen at that address, InUse where tips of
    this case are taken already.
    """
    with _extra():
        from impound.services.tips import _app, _keys, _limits, _pages, _server
    names, recipients = _keys.recipients(folder_of(case))
    drill = bool(case.query("SELECT bool_or(drill) AS drill FROM sources", tables=["sources"])["drill"].to_pylist()[0])
    limits = _limits.Limits(each or _limits.EACH)
    with alone(case), _server.listening(host, port) as place:
        box = Box(case)
        if missed := box.settle():
            note(f"{missed:,} in the box that no line of the custody log named: now it does")
        taking = _app.Tips(
            box, _pages.Pages(case.config, drill), case.key_for(SECRET), recipients, limits,
            forwarded=forwarded, seconds=seconds or _limits.SECONDS, note=note,
        )  # fmt: skip
        address = "http://{}:{}/".format(f"[{host}]" if ":" in host else host, place.getsockname()[1])
        _server.run(taking, place, partial(ready, address, names), stop or Event())


def came(case: Case, receipt: str = "") -> list[Tip]:
    """The tips that came, in the order in which they did; none is opened. With a receipt only those that came with it.

    Raises UsageError for what is no receipt.
    """
    if not receipt:
        return Box(case).tips()
    said = _receipt.understood(receipt)
    if said is None:
        raise UsageError("that is no receipt", "it has five words, such as bogav-nusas-zoris-somim-hukip")
    tag = _receipt.tag(said, case.key_for(SECRET))
    return [tip for tip in Box(case).tips() if tip.tag == tag]


def source_files(case: Case) -> list[str]:
    """The sealed files of the tips, to be read into the case as sources. Raises UsageError where there are none."""
    folder = folder_of(case)
    found = [str(folder / tip.file) for tip in came(case) if tip.here]
    if not found:
        raise UsageError(f"no tips in {case.path}", f"impound serve tips {case.path}")
    return found


def open_into(case: Case, key: Path, to: Path) -> Done:
    """Open the tips with the private key into a new folder; each opening is in the custody log.

    Raises UsageError where the key is none or the folder holds something, StoreError for a tip that was changed.
    """
    with _extra():
        from impound.services.tips import _keys, _opened
    return _opened.open_into(Box(case), _keys.identities(key), to)


@contextmanager
def _extra() -> Iterator[None]:
    """Say which extra brings what is missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise MissingExtra(f"{missing.name}, which tips need,", "tips") from missing
