"""The life of one worker process: take a function, then batches; give back what the function makes of them.

Messages are Arrow IPC streams behind a tag of eight bytes (so that buffers stay aligned), over one socket.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from types import TracebackType

import pyarrow as pa

Work = Callable[[pa.RecordBatch], Iterable[pa.RecordBatch]]

TAG = 8
FUNCTION, BATCH, READY, DONE, ERROR = (t.ljust(TAG) for t in (b"function", b"batch", b"ready", b"done", b"error"))
OUT_OF_MEMORY = 12
"""Exit status of a worker whose function ran out of memory: to the pool a death like any other (12 is ENOMEM)."""


def pack(batch: pa.RecordBatch) -> pa.Buffer:
    """A batch as a message."""
    sink = pa.BufferOutputStream()
    sink.write(BATCH)
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def unpack(message: bytes) -> pa.RecordBatch:
    """The batch in a message, without copying its buffers."""
    with pa.ipc.open_stream(pa.py_buffer(memoryview(message)[TAG:])) as reader:
        return reader.read_next_batch()


class _NoPandas:
    """An import hook under which there is no pandas."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


def without_pandas() -> None:
    """Let Arrow do without pandas in this process until somebody asks it for a data frame.

    It would import pandas, where that is installed, just to know whether the first list it is given is a Series: 0.3 s
    of every process.
    """
    if "pandas" in sys.modules:
        return
    hook = _NoPandas()
    sys.meta_path.insert(0, hook)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(hook)


def main() -> None:
    """Serve until the parent hangs up. ``sys.argv`` holds the number of the socket and that of the lifeline."""
    connection, lifeline = Connection(int(sys.argv[1])), int(sys.argv[2])
    for ending in (signal.SIGINT, signal.SIGTERM):  # they are the parent's to handle, whoever else is sent them
        signal.signal(ending, signal.SIG_IGN)
    end_with(lifeline)
    without_pandas()
    sys.excepthook = lambda kind, error, where: _tell(connection, kind, error, where)
    try:
        _serve(connection)
    except (EOFError, ConnectionError):
        return  # the parent has gone, or has no more work
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def end_with(lifeline: int) -> None:
    """Let the kernel end this process when the other end of a pipe closes, whatever this process is doing then.

    The end of the pipe raises SIGIO (``O_ASYNC``, see fcntl(2)), whose default is to terminate. No thread of ours has
    to run for it, so a worker that hangs inside C code with the interpreter's lock held goes too.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(0)  # it closed before the kernel was asked


def _serve(connection: Connection) -> None:
    work: Work | None = None
    while True:
        message = connection.recv_bytes()
        if message.startswith(FUNCTION):
            work = pickle.loads(memoryview(message)[TAG:])  # noqa: S301 - from the parent process, nobody else
            connection.send_bytes(READY)
        elif work is not None:
            for result in work(unpack(message)):
                connection.send_bytes(pack(result))
            connection.send_bytes(DONE)


def _tell(connection: Connection, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    text = "".join(traceback.format_exception(kind, error, where))
    connection.send_bytes(ERROR + text.encode("utf-8", "replace"))
