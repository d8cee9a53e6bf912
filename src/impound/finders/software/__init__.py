"""Software: which program wrote a message, and whether it is the one that the message claims.

What it finds: for each message a fingerprint of the sending program, the reasons why the claimed program cannot have
written it, and a constant that a real program would vary from host to host (``message_software``). How, why that is
evidence, its innocent causes and its references: :mod:`impound.finders.software._headers` and
:mod:`impound.finders.software._programs`.
"""

from __future__ import annotations

from typing import ClassVar

from impound import config
from impound.finders.software import _headers
from impound.plugin import Engine

_Params = _headers.Params


class Software:
    """Finds ``header_traits``, ``header_fields`` and ``message_software`` from ``messages`` and ``origins``."""

    name = "software"
    version = "1"
    reads: ClassVar[tuple[str, ...]] = ("messages", "origins")
    writes: ClassVar[tuple[str, ...]] = ("header_traits", "header_fields", "message_software")
    each: ClassVar[tuple[str, ...]] = ("header_traits", "header_fields")
    sees: ClassVar[tuple[str, ...]] = ("messages",)
    Params = _Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or _Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> Software:
        """The finder with a case's settings."""
        return cls()

    def look(self, engine: Engine) -> None:
        """Leave the views ``header_traits`` and ``header_fields``."""
        _headers.headers(engine)

    def find(self, engine: Engine) -> None:
        """Leave the view ``message_software``."""
        _headers.software(engine, self.params)
