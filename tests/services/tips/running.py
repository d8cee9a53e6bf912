"""A tip form that runs in a process of its own, on the loopback, and somebody who sends to it byte by byte."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from impound import Case
from impound.services import tips

PATIENCE = 60.0
"""Seconds that anything may take on a busy machine."""
SHORT = """import sys; from impound import Case; from impound.services import tips
tips.serve(Case.open(sys.argv[1]), "127.0.0.1", 0, seconds=float(sys.argv[2]), note=print,
           ready=lambda address, keys: print("Tips: " + address + ",", file=sys.stderr, flush=True))"""
BOUNDARY = "a-boundary-of-some-length"
RECEIPT = re.compile(r'<p class="receipt">([a-z-]+)</p>')


def case(folder: Path, settings: str = "") -> Path:
    """A new case with a key for tips, which lies beside it."""
    with Case.open_or_create(folder / "case", write=True, key=bytes(32)) as made:
        tips.new_key(made, folder / "tips.key")
    if settings:
        (folder / "case" / "impound.toml").write_text(settings, "utf-8")
    return folder / "case"


@dataclass
class Server:
    """The server: where it listens, its process and what it said."""

    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list)

    def status(self, name: str) -> int:
        """A figure of the process in kB, such as VmHWM: the most memory it ever had."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise KeyError(name)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def ask(self, data: bytes) -> tuple[int, str]:
        """Send these bytes; the status and the page of the answer, (0, "") where none came."""
        with self.connect() as line:
            with suppress(OSError):  # refused before its end: what the server said is still to be read
                line.sendall(data)
            return answer(line)

    def get(self, path: str, headers: str = "") -> tuple[int, str]:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: tips.example\r\n{headers}\r\n".encode())

    def send(self, *, headers: str = "", language: str = "en", **fields: str | bytes) -> tuple[int, str]:
        """Send the form; a field of bytes is a file with a name."""
        return self.ask(request(form(fields), headers, language))


def form(fields: Mapping[str, str | bytes]) -> bytes:
    """The body of a form."""
    parts = []
    for name, value in fields.items():
        file = isinstance(value, bytes)
        head = f'form-data; name="{"files" if file else name}"' + (f'; filename="{name}"' if file else "")
        data = value if isinstance(value, bytes) else value.encode()
        parts.append(f"--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def request(body: bytes, headers: str = "", language: str = "en", length: int | None = None) -> bytes:
    """A form on its way; ``length`` is said to be its length."""
    size = len(body) if length is None else length
    return (
        f"POST /{language}/ HTTP/1.1\r\nHost: tips.example\r\nContent-Length: {size}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{headers}\r\n"
    ).encode() + body


def answer(line: socket.socket) -> tuple[int, str]:
    """Whatever comes until the server closes the connection."""
    data = b""
    try:
        while block := line.recv(65536):
            data += block
    except ConnectionError:
        pass
    head, _, page = data.partition(b"\r\n\r\n")
    return (int(head.split()[1]), page.decode()) if head else (0, "")


@contextmanager
def serving(place: Path, *words: str, seconds: float | None = None) -> Iterator[Server]:
    """A server for the case; ``words`` go to its command line. With ``seconds`` a body has so long to come."""
    impound = [str(Path(sys.executable).with_name("impound")), "serve", "tips", str(place), "--port", "0", *words]
    command = impound if seconds is None else [sys.executable, "-c", SHORT, str(place), str(seconds)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
    try:
        port = 0
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://[^ ]+:(\d+)/", line):
                port = int(found[1])
                break
        assert port, said
        reader.start()
        yield Server(process, port, said)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        if reader.ident:
            reader.join(PATIENCE)
        process.stderr.close()


def receipt(page: str) -> str:
    """The receipt on a page."""
    found = RECEIPT.search(page)
    assert found, page[-2000:]
    return found[1]


def key(folder: Path) -> list[object]:
    """The private key of a case that :func:`case` made."""
    text = (folder / "tips.key").read_text()
    return [pyrage.x25519.Identity.from_str(line) for line in text.splitlines() if line.startswith("AGE-SECRET")]


def everything(place: Path) -> bytes:
    """Every byte of every file below a folder."""
    return b"".join(Path(folder, name).read_bytes() for folder, _, names in os.walk(place) for name in names)
