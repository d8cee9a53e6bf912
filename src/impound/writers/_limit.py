"""How many objects a writer writes at most: the option ``limit``."""

from __future__ import annotations

from collections.abc import Mapping

from impound.errors import UsageError

MOST = 100_000
"""Objects of a kind, unless ``limit`` says otherwise: what other programs still load."""
HIGHEST = 10_000_000


def limit(options: Mapping[str, str]) -> int:
    """What the option says. Raises UsageError for what is no number of objects."""
    said = options.get("limit", str(MOST))
    if not said.isascii() or not said.isdigit() or not 0 < int(said[:9]) <= HIGHEST:
        raise UsageError(f"limit={said} is no number of objects", "--set limit=10000")
    return int(said)
