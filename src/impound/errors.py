"""The errors impound raises on purpose, each with the exit code the command line leaves with.

A bad *record* is never an exception past its reader: it is a row in ``rejects``. What stands here ends a command.
"""

from __future__ import annotations


class ImpoundError(Exception):
    """What happened (``message``) and what to try next (``hint``); the parent of all of impound's errors."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ImpoundError):
    """A command was called with words that do not fit together."""

    exit_code = 2


class InputError(ImpoundError):
    """An input cannot be read at all: ``path``, the ``offset`` in bytes where it ended, and the ``reason``."""

    exit_code = 3

    def __init__(self, path: str, offset: int, reason: str, hint: str = "") -> None:
        super().__init__(f"{path}, byte {offset:,}: {reason}", hint)
        self.path, self.offset, self.reason = path, offset, reason


class ConfigError(ImpoundError):
    """``impound.toml`` has an unknown key or a value that does not fit."""

    exit_code = 4


class EngineError(ImpoundError):
    """A statement failed: names the ``finder``, the ``statement`` and its ``sql``."""

    exit_code = 5

    def __init__(self, finder: str, statement: str, sql: str, reason: str, hint: str = "") -> None:
        super().__init__(f"finder {finder}, statement {statement}: {reason}\n{sql}", hint)
        self.finder, self.statement, self.sql = finder, statement, sql


class MissingExtra(ImpoundError):
    """An optional part is not installed; the hint says which ``pip install`` brings it."""

    exit_code = 6

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} is not installed", f"pip install 'impound[{extra}]'")
        self.extra = extra


class StoreError(ImpoundError):
    """The case on disk cannot be used or written: disk full, locked, or written by a newer impound."""

    exit_code = 7


class InUse(StoreError):
    """Another process holds the case for writing."""


class VerifyError(ImpoundError):
    """Something in a case was changed after it was sealed; the message names what."""

    exit_code = 8
