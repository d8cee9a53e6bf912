"""What a server answers, where it is believed as little as anybody: bounded in bytes, time and redirects."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit


@dataclass(frozen=True)
class Limits:
    """What one question may cost. Only HTTPS at public addresses is followed; ``anywhere``: plain HTTP and any address
    as well, for a server that the user named, whose answer proves itself, and for tests on loopback."""

    bytes: int = 512 * 1024
    seconds: float = 20.0
    redirects: int = 3
    anywhere: bool = False


class NoAnswer(Exception):
    """Why a server's answer cannot be used."""


def fetch(url: str, limits: Limits, headers: Mapping[str, str], data: bytes | None = None) -> bytes:
    """What a server answers to a GET (with ``data``: to a POST of it), within the limits. Raises NoAnswer."""
    deadline = time.monotonic() + limits.seconds
    for _ in range(limits.redirects + 1):
        status, place, body = _once(url, limits, deadline, headers, data)
        if status == http.client.OK:
            return body
        if status not in (301, 302, 303, 307, 308) or not place:
            raise NoAnswer(f"the server answers {status}")
        url = urljoin(url, place)
    raise NoAnswer(f"more than {limits.redirects} redirects")


def _once(
    url: str, limits: Limits, deadline: float, headers: Mapping[str, str], data: bytes | None
) -> tuple[int, str, bytes]:
    """One question. A timer cuts the line at the deadline, whatever the server is busy with."""
    host, port, secure, path = _place(url, limits)
    line: socket.socket | None = None
    try:
        line = socket.create_connection((host, port), timeout=_left(deadline))
        with line.dup() as spare:  # the line itself is taken over by TLS
            cut = threading.Timer(_left(deadline), _hang_up, (spare,))
            cut.daemon = True
            cut.start()
            try:
                if not limits.anywhere and not ipaddress.ip_address(line.getpeername()[0]).is_global:
                    raise NoAnswer("the server is not at a public address")
                if secure:
                    line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
                got = _asked(line, (host, port, path), limits, headers, data)
            finally:
                cut.cancel()
        _left(deadline)  # what was cut looks like an end
        return got
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= deadline
        raise NoAnswer("no answer in time" if late else f"no answer ({type(error).__name__})") from None
    finally:
        if line is not None:
            line.close()


def _asked(
    line: socket.socket, at: tuple[str, int, str], limits: Limits, headers: Mapping[str, str], data: bytes | None
) -> tuple[int, str, bytes]:
    host, port, path = at
    connection = http.client.HTTPConnection(host, port)
    connection.sock = line
    said = {"Accept-Encoding": "identity", **headers}
    connection.request("GET" if data is None else "POST", path, data, said)
    got = connection.getresponse()
    body = got.read(limits.bytes + 1) if got.status == http.client.OK else b""
    if len(body) > limits.bytes:
        raise NoAnswer(f"an answer of more than {limits.bytes:,} bytes")
    return got.status, got.getheader("Location") or "", body


def _place(url: str, limits: Limits) -> tuple[str, int, bool, str]:
    """Host, port, whether by TLS, and path of a URL that may be followed."""
    try:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
    except ValueError:
        raise NoAnswer("no address of a server") from None
    if not host or parts.username is not None or not (secure or (limits.anywhere and parts.scheme == "http")):
        raise NoAnswer("only HTTPS is followed")
    return host, port, secure, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NoAnswer("no answer in time")
    return left


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
