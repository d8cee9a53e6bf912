"""The server below the application: one request for each connection, every wait bounded, nothing logged."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import Callable
from threading import Event
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from impound.errors import UsageError
from impound.services.tips._limits import SECONDS

HEAD_SECONDS = 10.0
"""How long the head of a request may take."""
LONGEST = SECONDS + 60
"""Seconds after which a connection is cut, whatever it does."""
CONNECTIONS = 256
LOGGERS = ("asyncio", "python_multipart", "uvicorn", "uvicorn.error", "uvicorn.access")
"""Who might write of a sender, on one level or another."""


class OneRequest(H11Protocol):
    """HTTP/1.1 for one request: the head within ``HEAD_SECONDS``, all of it within ``LONGEST``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent has it
        super().connection_made(transport)
        self._waits = [
            self.loop.call_later(HEAD_SECONDS, self._no_head),
            self.loop.call_later(LONGEST, transport.abort),
        ]

    def _no_head(self) -> None:
        if self.cycle is None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        for wait in self._waits:
            wait.cancel()
        super().connection_lost(exc)


def listening(host: str, port: int) -> socket.socket:
    """A socket at that address (port 0: any that is free). Raises UsageError where it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=CONNECTIONS)
    except OSError as error:
        raise UsageError(
            f"{host}, port {port}: {error.strerror or error}", "choose another with --host and --port"
        ) from None


class _Server(uvicorn.Server):
    """Says when it is ready; a signal that came before it could hear one (``stop``) ends it too."""

    def __init__(self, settings: uvicorn.Config, ready: Callable[[], None], stop: Event) -> None:
        super().__init__(settings)
        self._ready, self._stop = ready, stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.should_exit = self.should_exit or self._stop.is_set()
        self._ready()


def run(app: Any, place: socket.socket, ready: Callable[[], None], stop: Event) -> None:
    """Serve until SIGINT or SIGTERM; what is on its way then has ten seconds. ``ready`` is called when it listens.

    The process leaves no core dump: what is not sealed yet stands in it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    settings = uvicorn.Config(
        app,
        http=OneRequest,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=10,
    )
    _Server(settings, ready, stop).run(sockets=[place])
