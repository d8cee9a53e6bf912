"""An ordered parallel map over Arrow batches, with bounded memory, for functions that meet hostile bytes.

Workers are plain subprocesses of the same interpreter: nothing of ``__main__`` is run again in them (so it works from a
script, a prompt, a pipe and pytest alike), nothing is forked from a parent that has threads, and a worker that dies or
hangs is one process to replace.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Iterable, Iterator

import pyarrow as pa

from impound.engines._flow import Flow, WorkError
from impound.engines._process import Worker
from impound.engines._worker import Work, without_pandas

SECONDS_PER_BATCH = 120.0
"""How long a batch may take: some hundred times what 8 MiB of mail need on a slow core."""
SMALL_BYTES = 2 << 20
"""Input below this is done in the parent: starting workers would take longer."""
BATCH_COST = 1024
"""What a batch counts at least towards ``SMALL_BYTES``, so that a stream of empty ones is not read to its end."""


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Worker processes that outlive one ``map``. ``workers`` is their number (None: one for each core; 0: none).

    Input of less than ``small`` bytes is done in the parent, where nothing is there to survive a crash or end a hang.
    """

    def __init__(self, workers: int | None = None, small: int = SMALL_BYTES) -> None:
        self.workers = cores() if workers is None else workers
        self.small = small
        self._idle: list[Worker] = []
        self._closed = False

    def map(
        self,
        fn: Work,
        batches: Iterable[pa.RecordBatch],
        on_crash: Work | None = None,
        seconds_per_batch: float = SECONDS_PER_BATCH,
        whole: bool = False,
    ) -> Iterator[list[pa.RecordBatch]]:
        """Give the results of ``fn`` for each batch, in order; at most ``workers + 2`` batches are held at a time.

        ``fn`` must be importable by name. A batch whose worker dies, or takes longer than ``seconds_per_batch``, is
        halved until the row is found that does it; that row goes to ``on_crash`` (in the parent). Raises
        :class:`WorkError` where there is no ``on_crash``, and for an ordinary exception. A ``whole`` batch is not
        halved. The clock of a batch stands still while the parent reads or the consumer is at work.
        """
        without_pandas()
        source = iter(batches)
        first, more = _peek(source, self.small)
        if self.workers == 0 or not more:
            yield from _inline(fn, _chain(first, source))
            return
        flow = Flow(_pickled(fn), on_crash, seconds_per_batch, whole)
        try:
            yield from flow.results(_chain(first, source), self._worker, self.workers)
        finally:
            self._keep(flow.release())

    def close(self) -> None:
        """End the workers that wait for work; those of a map that is still under way end with it."""
        self._closed = True
        for worker in self._idle:
            worker.kill()
        self._idle = []

    def _worker(self) -> Worker:
        self._closed = False
        return self._idle.pop() if self._idle else Worker()

    def _keep(self, workers: list[Worker]) -> None:
        self._idle += workers
        if self._closed:
            self.close()


def _pickled(fn: Work) -> bytes:
    try:
        return pickle.dumps(fn)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise WorkError(f"{fn!r} cannot be sent to a worker, because it cannot be imported by name: {error}") from error


def _peek(source: Iterator[pa.RecordBatch], small: int) -> tuple[deque[pa.RecordBatch], bool]:
    """The first batches, up to ``small`` bytes, and whether there is more to expect."""
    first: deque[pa.RecordBatch] = deque()
    total = 0
    while total < small:
        batch = next(source, None)
        if batch is None:
            return first, False
        first.append(batch)
        total += max(batch.nbytes, BATCH_COST)
    return first, True


def _chain(first: deque[pa.RecordBatch], source: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while first:
        yield first.popleft()  # itertools.chain would hold on to all of them
    yield from source


def _inline(fn: Work, batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    for batch in batches:
        try:
            results = list(fn(batch))
        except Exception as error:
            raise WorkError(f"{type(error).__name__}: {error}") from error
        yield results
