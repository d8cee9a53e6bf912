"""A mail server on loopback that keeps what it is given, and answers as it is told to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """``answer`` gives the reply to DATA by mailbox (250 unless given); ``kept`` are the messages it took."""

    def __init__(self, answer: Callable[[str], str] = lambda mailbox: "250 taken") -> None:
        self.answer = answer
        self.kept: list[tuple[str, bytes]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        said = self.answer(envelope.rcpt_tos[0])
        if said.startswith("2"):
            self.kept.append((envelope.rcpt_tos[0], envelope.content))
        return said

    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for _, raw in self.kept]  # type: ignore[misc]

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()
