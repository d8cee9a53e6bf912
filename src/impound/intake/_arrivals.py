"""What has come into a Maildir, a folder or a growing mailbox and is whole, one look after another."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from threading import Event

from impound import inputs
from impound.errors import InputError
from impound.inputs import Found, Input, Trouble, Watch
from impound.intake._box import Box, Note
from impound.plugin import Reader
from impound.store import CaseStore


class Arrivals:
    """What has come under some paths and is whole, one look after another."""

    def __init__(self, paths: Sequence[str], readers: dict[str, Reader], settle: float, note: Note) -> None:
        self.watch = Watch(paths, settle)
        self._readers, self._note = readers, note
        self._boxes: dict[str, Box] = {}

    def close(self) -> None:
        """Let go of the files that are followed."""
        for box in self._boxes.values():
            box.close()

    def look(self, store: CaseStore, stop: Event) -> Iterator[Input | Trouble]:
        """What is there now; ends early when told to stop."""
        for found in self.watch.look(time.monotonic()):
            if stop.is_set():
                return
            box = self._box(found)
            if box is not None:
                yield from self._added(box, found, stop)
            elif found.quiet:
                yield from self._whole(found, store)

    def _box(self, found: Found) -> Box | None:
        """The mailbox at a path, if that is what lies there: known as one, or beginning like one."""
        if found.shape is None or found.path in self._boxes:
            return self._boxes.get(found.path)
        try:
            handle = os.open(found.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return None  # it is told of when it is taken
        try:
            head = os.pread(handle, 64 << 10, 0)
        except OSError:
            return None
        finally:
            os.close(handle)
        for reader in self._readers.values():
            if reader.grows(head):
                self._boxes[found.path] = Box(found.path, reader, found.path in self.watch.paths, self._note)
        return self._boxes.get(found.path)

    def _added(self, box: Box, found: Found, stop: Event) -> Iterator[Input]:
        try:
            for item in box.take(found):
                yield item
                if stop.is_set():
                    return
        except OSError:
            return  # it has gone, and may come back
        if not box.held:
            self.watch.taken(found)

    def _whole(self, found: Found, store: CaseStore) -> Iterator[Input | Trouble]:
        """A file as it is. An empty one is nothing yet, and one that was moved away is found in its new place."""
        if found.shape is None or found.shape[2]:
            try:
                for item in inputs.walk([found.path], store.tmp):
                    if isinstance(item, Trouble) and not os.path.lexists(found.path):
                        return
                    yield item
            except InputError:
                return
        self.watch.taken(found)
