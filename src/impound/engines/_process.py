"""The parent's end of a worker: start it, give it work, end it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from multiprocessing.connection import Connection

import pyarrow as pa

from impound.engines._worker import FUNCTION, pack

START_SECONDS = 120.0
"""How long a worker may need to start and to import the function; more means that it never will."""
LAST_BREATH_SECONDS = 1.0
"""How long a process may outlive its socket when it dies by itself."""

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv.pop()); "
    "import impound.engines._worker as worker; worker.main()"
)
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Worker:
    """A worker process, and how many seconds are left for what it does now.

    It ends when its lifeline does: a pipe whose other end nobody but the parent holds.
    """

    def __init__(self) -> None:
        lifeline, self._lifeline = os.pipe()
        ours, theirs = socket.socketpair()
        with theirs, os.fdopen(lifeline, "rb", 0):
            fds = (theirs.fileno(), lifeline)
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BOOT, *map(str, fds), json.dumps(sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=sys.__stderr__.fileno() if sys.__stderr__ else subprocess.DEVNULL,  # stdout is for data
                pass_fds=fds,
                env=os.environ | _ONE_THREAD,
                process_group=0,  # Ctrl-C goes to the parent only
            )
        self.link = Connection(ours.detach())
        self.ready = False
        self.left = START_SECONDS

    def learn(self, function: bytes) -> None:
        """Send it the pickled function; it is ready when it says so."""
        self.ready, self.left = False, START_SECONDS
        self.link.send_bytes(FUNCTION + function)

    def take(self, batch: pa.RecordBatch, seconds: float) -> None:
        """Send it a batch, to be done in so many seconds."""
        self.left = seconds
        self.link.send_bytes(pack(batch))

    def end(self) -> str:
        """End it now; says in words how it died if it was dead or dying already."""
        if self.left > 0:
            try:
                self.process.wait(LAST_BREATH_SECONDS)
            except subprocess.TimeoutExpired:
                self.left = 0
        return self.kill()

    def kill(self) -> str:
        """End it now, whatever it does."""
        code = self.process.poll()
        self.process.kill()
        self.process.wait()
        self.link.close()
        os.close(self._lifeline)
        if code is None:
            return "took too long"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with status {code}"
