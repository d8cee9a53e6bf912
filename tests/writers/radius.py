"""A FreeRADIUS with a folder of its own on loopback, which reads what a writer made and says what it understood."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MISSING = [name for name in ("freeradius", "radclient") if shutil.which(name) is None]
needs_radius = pytest.mark.skipif(bool(MISSING), reason=f"NO FREERADIUS: {', '.join(MISSING)} is not installed")
SECRET = "testing123"
CONFIG = """
name = impound
prefix = {place}
localstatedir = {place}
raddbdir = {place}
logdir = {place}
run_dir = {place}
libdir = /usr/lib/freeradius
log {{
  destination = files
  file = {place}/radius.log
}}
client here {{
  ipaddr = 127.0.0.1
  secret = {secret}
}}
modules {{
  files {{
    usersfile = {users}
  }}
  always ok {{
    rcode = ok
  }}
}}
server {{
  listen {{
    type = auth
    ipaddr = 127.0.0.1
    port = {auth}
  }}
  listen {{
    type = coa
    ipaddr = 127.0.0.1
    port = {coa}
  }}
  authorize {{
    files
    update control {{
      Auth-Type := Accept
    }}
  }}
  recv-coa {{
    ok
  }}
}}
"""


class Radius:
    """The server that runs, and what is asked of it."""

    def __init__(self, log: Path, auth: int, coa: int) -> None:
        self._log, self._auth, self._coa = log, auth, coa

    def login(self, place: Path, ip: str) -> str:
        """What a session with an address is answered."""
        name = "Framed-IPv6-Address" if ":" in ip else "Framed-IP-Address"
        (place / "login").write_text(f"User-Name = 'somebody'\nUser-Password = 'x'\n{name} = {ip}\n")
        return self._sent(place / "login", self._auth, "auth")

    def told(self, packets: Path, kind: str) -> str:
        """What it answers to the packets in a file; ``received`` is what it understood."""
        return self._sent(packets, self._coa, kind)

    @property
    def received(self) -> str:
        """Everything that it says it received."""
        return self._log.read_text("utf-8", "replace")

    @staticmethod
    def _sent(packets: Path, port: int, kind: str) -> str:
        words = ["radclient", "-x", "-r", "1", "-t", "5", "-f", str(packets), f"127.0.0.1:{port}", kind, SECRET]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False).stdout


@contextmanager
def radius(place: Path, users: Path) -> Iterator[Radius]:
    """One that has read a users file. Raises AssertionError where it does not like the file."""
    auth, coa = _ports()
    (place / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n")
    (place / "radiusd.conf").write_text(CONFIG.format(place=place, users=users, auth=auth, coa=coa, secret=SECRET))
    words = ["freeradius", "-d", str(place), "-n", "radiusd"]
    checked = subprocess.run([*words, "-C"], capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with (place / "log").open("wb") as log:
        server = subprocess.Popen([*words, "-X"], stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(200):
            if "Ready to process requests" in (place / "log").read_text("utf-8", "replace"):
                break
            assert server.poll() is None, (place / "log").read_text("utf-8", "replace")
            time.sleep(0.05)
        yield Radius(place / "log", auth, coa)
    finally:
        server.terminate()
        server.wait(10)


def _ports() -> tuple[int, int]:
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
        for free in (one, two):
            free.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(two.getsockname()[1])
