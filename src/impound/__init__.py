"""impound: an open-source workbench against spam botnets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impound.version import __version__

__all__ = ["Case", "__version__"]

if TYPE_CHECKING:
    from impound.case import Case


def __getattr__(name: str) -> object:
    """Import :class:`impound.case.Case` only when it is asked for, so that the command line starts at once."""
    if name == "Case":
        from impound.case import Case

        return Case
    raise AttributeError(name)
