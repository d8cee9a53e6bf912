"""One parallel map under way: what waits, who works on what, and what is to be given out next."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait

import pyarrow as pa

from impound.engines._process import Worker
from impound.engines._worker import BATCH, DONE, ERROR, READY, TAG, Work, unpack

AHEAD = 2
"""Batches read ahead of the workers, so that none of them waits for the reading of the next one."""
SHORTEST_SHARE = 1 / 32
"""A part of a batch has the same part of its time, but never less than this much of it."""
FAILED_STARTS = 3
"""After as many workers in a row that died before their first batch, the fault is not in the data."""


class WorkError(Exception):
    """A function failed in a worker: the text says how, with the traceback where there is one."""


@dataclass(eq=False)
class _Share:
    """A batch, or a part of one that killed its worker, with its results so far; ``of`` has all parts in order."""

    batch: pa.RecordBatch
    seconds: float
    of: list[_Share]
    results: list[pa.RecordBatch] = field(default_factory=list)
    done: bool = False

    def halves(self, shortest: float) -> list[_Share]:
        """The two halves in its place; each has the time of its rows or of its bytes, whichever is more."""
        rows, size = self.batch.num_rows, max(self.batch.nbytes, 1)
        parts = self.batch.slice(0, rows // 2), self.batch.slice(rows // 2)
        halves = [
            _Share(p, max(self.seconds * max(p.num_rows / rows, p.nbytes / size), shortest), self.of) for p in parts
        ]
        at = self.of.index(self)
        self.of[at : at + 1] = halves
        return halves


class Flow:
    """Takes batches, hands them to workers, and gives their results in order.

    ``function`` is pickled; ``on_crash`` gives the results of a row that kills its worker; ``seconds`` is what a batch
    may take; a ``whole`` batch is not halved to find that row.
    """

    def __init__(self, function: bytes, on_crash: Work | None, seconds: float, whole: bool) -> None:
        self.function, self.on_crash, self.seconds, self.whole = function, on_crash, seconds, whole
        self._workers: dict[Worker, _Share | None] = {}
        self._waiting: deque[_Share] = deque()
        self._order: deque[list[_Share]] = deque()
        self._failed_starts = 0

    def results(
        self, batches: Iterator[pa.RecordBatch], worker: Callable[[], Worker], workers: int
    ) -> Iterator[list[pa.RecordBatch]]:
        """The results of each batch; ``worker`` gives a worker, of which at most ``workers`` are used at a time."""
        more = True
        while more or self._order:
            self._hand_out(worker, workers)
            while self._order and all(share.done for share in self._order[0]):
                yield self._finished()
            if more and len(self._order) < workers + AHEAD:
                self._listen(0)
                more = self._read(batches)
            else:
                self._listen(None)

    def release(self) -> list[Worker]:
        """The workers that can serve another map; the others are ended."""
        idle = self._idle()
        for worker in self._workers.keys() - set(idle):
            worker.kill()
        return idle

    def _finished(self) -> list[pa.RecordBatch]:
        shares = self._order.popleft()
        results = [batch for share in shares for batch in share.results]
        shares.clear()  # each knows its list: a circle, which would hold the batches until Python looks for circles
        return results

    def _idle(self) -> list[Worker]:
        return [w for w, share in self._workers.items() if w.ready and share is None]

    def _read(self, batches: Iterator[pa.RecordBatch]) -> bool:
        batch = next(batches, None)
        if batch is None:
            return False
        shares: list[_Share] = []
        shares.append(_Share(batch, self.seconds, shares))
        self._order.append(shares)
        self._waiting.append(shares[0])
        return True

    def _hand_out(self, start: Callable[[], Worker], workers: int) -> None:
        """Give what waits to workers that are ready, and start as many more as it takes."""
        for worker in self._idle():
            if self._waiting:
                self._send(worker, self._waiting.popleft())
        starting = sum(not w.ready for w in self._workers)
        for _ in range(min(len(self._waiting) - starting, workers - len(self._workers))):
            worker = start()
            self._workers[worker] = None
            try:
                worker.learn(self.function)
            except OSError:
                self._lost(worker)

    def _send(self, worker: Worker, share: _Share) -> None:
        try:
            worker.take(share.batch, share.seconds)
            self._workers[worker] = share
        except OSError:  # it died before it had the batch, so the batch is not to blame
            self._waiting.appendleft(share)
            self._lost(worker)

    def _listen(self, seconds: float | None) -> None:
        """Hear what the workers say; wait for it for ``seconds``, or until the first of them has used up its time.

        Only this waiting counts towards their time: while the parent reads or its consumer is at work, clocks stand.
        """
        busy = {w.link: w for w, share in self._workers.items() if share is not None or not w.ready}
        if not busy:
            return
        began = time.monotonic()
        spoke = wait(list(busy), max(min(w.left for w in busy.values()), 0) if seconds is None else seconds)
        spent = time.monotonic() - began
        for link, worker in busy.items():
            worker.left -= spent
            if link in spoke:
                self._hear(worker)
            elif worker.left <= 0:
                self._lost(worker)

    def _hear(self, worker: Worker) -> None:
        try:
            message = worker.link.recv_bytes()
        except (EOFError, OSError):
            self._lost(worker)
            return
        tag, share = message[:TAG], self._workers[worker]
        if tag == READY:
            worker.ready = True
        elif tag == ERROR:
            raise WorkError(message[TAG:].decode().rstrip())
        elif share is not None and tag == BATCH:
            share.results.append(unpack(message))
        elif share is not None and tag == DONE:
            share.done, self._workers[worker], self._failed_starts = True, None, 0

    def _lost(self, worker: Worker) -> None:
        share, how = self._workers.pop(worker), worker.end()
        if share is not None:
            self._rescue(share, how)
            return
        self._failed_starts += 1
        if self._failed_starts >= FAILED_STARTS:
            raise WorkError(f"a worker {how} before it could begin")

    def _rescue(self, share: _Share, how: str) -> None:
        share.results.clear()
        if share.batch.num_rows > 1 and not self.whole:
            self._waiting.extendleft(reversed(share.halves(self.seconds * SHORTEST_SHARE)))
        elif self.on_crash is not None:
            share.results, share.done = list(self.on_crash(share.batch)), True
        else:
            rows = "a row" if share.batch.num_rows == 1 else f"{share.batch.num_rows:,} rows"
            raise WorkError(f"a worker {how} on {rows}")
