"""URL patterns against a link: which of many it matches, all of them in one pass, in time linear in its length."""

from __future__ import annotations

from collections.abc import Sequence

MEMORY = 64 << 20
"""Bytes that the automaton of all patterns may hold; beyond that RE2 begins it anew, still in linear time."""
LONGEST = 2_048
"""Characters of a link that are looked at: longer than any that browsers of the time took."""


class LinkMatcher:
    """Many patterns, each for the whole of a link, with their numbers. Raises ``re2.error`` for what is no pattern."""

    def __init__(self, patterns: Sequence[tuple[int, str]]) -> None:
        import re2

        options = re2.Options()
        options.max_mem, options.never_capture, options.log_errors = MEMORY, True, False
        self._numbers = [number for number, _ in patterns]
        self._set = re2.Set.FullMatchSet(options)
        for _, regex in patterns:
            self._set.Add(regex)
        if patterns:
            self._set.Compile()

    def match(self, url: str) -> list[int]:
        """The numbers of the patterns that a link matches, in order."""
        if not self._numbers or len(url) > LONGEST:
            return []
        return sorted(self._numbers[n] for n in self._set.Match(url.encode("utf-8", "replace").decode()) or ())
