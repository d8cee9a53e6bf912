"""What an image shows, as a hash that groups alike pictures; decoded in a child process that may crash, hang or bloat.

The child (:mod:`impound.readers._image_worker`) is the only place where the bytes of an attachment are decoded.
"""

from __future__ import annotations

import hashlib
import os
import select
import struct
import subprocess
import sys
import time
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

MAX_IMAGE_BYTES = 16 << 20
"""Bytes of an image that are decoded; mail systems refuse messages above 10 to 50 MB, and image spam has some tens."""
WALL_SECONDS = 2.0
"""Time for one image, sending and answering included; 16 million pixels, the most that are decoded, take 0.4 s."""
START_SECONDS = 15.0
"""Time for the child to be there: it imports Pillow, 0.1 s on an idle machine."""
MESSAGE_PIXELS = 48_000_000
"""Pixels of one message's images that are decoded: three of the largest, 0.2 s each (a PNG of 16 million, measured)."""
BROKEN_PIXELS = 4_000_000
"""What an image counts whose size nobody knows, because it could not be decoded."""
DEADLY_PIXELS = MESSAGE_PIXELS // 2
"""What an image counts that hung, killed or filled its child: two of them, and a message has had its time."""
CACHE = 4_096
"""Distinct images whose facts are kept; a campaign's copies come close together."""

UNDECODABLE = "the image cannot be decoded"
"""How the reason begins where the bytes are bad; every other one is a limit that kept an image from being decoded."""

_LENGTH = struct.Struct("!I")
_READY = b"ready"
_COMMAND = (sys.executable, "-P", "-m", "impound.readers._image_worker")
"""``-P``: what lies in the working directory (evidence, perhaps) is not imported."""
_DECODED = frozenset({"image/gif", "image/png", "image/jpeg", "image/bmp", "image/webp"})
"""What mail programs show inside a message. TIFF is not among them, and its decoder is the one with most flaws."""

_MAGIC = (
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"MSCF\0", "application/vnd.ms-cab-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
    (b"\x7fELF", "application/x-elf"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"ID3", "audio/mpeg"),
)
"""First bytes and what they show; the IANA name where there is one."""
_MARKUP = (
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<svg", "image/svg+xml"),
    (b"<?xml", "application/xml"),
)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """A picture: perceptual hash (64 bits in hex; None for a blank or tiny one), size in pixels, why it was refused.

    Hashes of alike pictures differ in at most 8 to 10 bits; see :mod:`impound.readers._image_worker` for the figures.
    """

    image_hash: str | None
    width: int | None
    height: int | None
    reason: str = ""


def magic(data: bytes) -> str | None:
    """The media type that the first bytes show, or None."""
    for head, media_type in _MAGIC:
        if data.startswith(head):
            return media_type
    for shown, media_type in (
        (data.startswith(b"RIFF") and data[8:12] == b"WEBP", "image/webp"),
        (data.startswith(b"BM") and data[6:10] == b"\0\0\0\0", "image/bmp"),
        (data.startswith(b"MZ") and b"\0" in data[:64], "application/vnd.microsoft.portable-executable"),
        (data[32769:32774] == b"CD001", "application/x-iso9660-image"),
        (b"%PDF-" in data[:1024], "application/pdf"),
    ):
        if shown:
            return media_type
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((media_type for start, media_type in _MARKUP if head.startswith(start)), None)


class MessageImages:
    """Describes the images of one message until they have cost too much."""

    def __init__(self, hasher: ImageHasher | None) -> None:
        self._hasher, self._pixels = hasher, 0
        self._told: set[str] = set()

    def describe(self, data: bytes) -> ImageFacts | None:
        """As :meth:`ImageHasher.describe`; None as well where there is no hasher."""
        if self._hasher is None or magic(data) not in _DECODED:
            return None
        if self._pixels >= MESSAGE_PIXELS:
            return _refused("the message has more pixels of images than are decoded: the rest was not")
        facts = self._hasher.describe(data)
        self._pixels += _cost(facts) if facts else 0
        return facts

    def news(self, facts: ImageFacts | None) -> str:
        """The limit that kept an image from being decoded, when the message meets it for the first time; else empty."""
        reason = facts.reason if facts else ""
        if reason.startswith(UNDECODABLE) or reason in self._told:
            return ""
        self._told.add(reason)
        return reason


class ImageHasher:
    """Describes images, each distinct one once. Owns at most one child process; use as a context or call ``close``.

    The child starts with the first image and ends when its standard input does, so it never outlives its parent. After
    a fork each process gets a child of its own. ``command`` is another program that speaks the same protocol.
    """

    def __init__(self, command: Sequence[str] = _COMMAND, wall_seconds: float = WALL_SECONDS) -> None:
        self._command, self._wall_seconds = tuple(command), wall_seconds
        self._cache: OrderedDict[bytes, ImageFacts] = OrderedDict()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._end: weakref.finalize[[subprocess.Popen[bytes]], ImageHasher] | None = None

    def __enter__(self) -> ImageHasher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def describe(self, data: bytes) -> ImageFacts | None:
        """The facts of an image, with a reason where it was refused; None for what is no image that mail shows."""
        if magic(data) not in _DECODED:
            return None
        digest = hashlib.sha256(data).digest()
        facts = self._cache.get(digest)
        if facts is None:
            facts = self._cache[digest] = self._decode(data)
            if len(self._cache) > CACHE:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(digest)
        return facts

    def close(self) -> None:
        """End the child, if there is one."""
        if self._end is not None and self._owner == os.getpid():
            self._end()
        self._child = self._end = None

    def _decode(self, data: bytes) -> ImageFacts:
        if len(data) > MAX_IMAGE_BYTES:
            return _refused(f"an image of more than {MAX_IMAGE_BYTES >> 20} MiB")
        try:
            child = self._running()
            answer = _exchange(child, data, time.monotonic() + self._wall_seconds)
            return _facts(answer)
        except TimeoutError:
            self.close()
            return _refused(f"decoding the image took longer than {self._wall_seconds:g} s")
        except (OSError, EOFError, ValueError):
            self.close()
            return _refused("decoding the image ended the process that did it")

    def _running(self) -> subprocess.Popen[bytes]:
        """The child of this process, started if need be and ready."""
        if self._child is not None and self._owner == os.getpid() and self._child.poll() is None:
            return self._child
        self.close()
        child = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self._child, self._owner = child, os.getpid()
        self._end = weakref.finalize(self, _end, child)
        assert child.stdin is not None
        os.set_blocking(child.stdin.fileno(), False)
        if _answer(child, time.monotonic() + START_SECONDS) != _READY:
            raise ValueError("not an image worker")
        return child


def _cost(facts: ImageFacts) -> int:
    """What an image counts towards ``MESSAGE_PIXELS``; what is refused by its first bytes costs nothing."""
    if facts.width and facts.height:
        return facts.width * facts.height
    if facts.reason.startswith("decoding the image"):
        return DEADLY_PIXELS
    return BROKEN_PIXELS if facts.reason.startswith(UNDECODABLE) else 0


def _refused(reason: str) -> ImageFacts:
    return ImageFacts(None, None, None, reason)


def _facts(answer: bytes) -> ImageFacts:
    """The child's answer: hash, width, height and reason between tabs, each of them possibly empty."""
    image_hash, width, height, reason = answer.decode("utf-8").split("\t")
    return ImageFacts(image_hash or None, int(width) if width else None, int(height) if height else None, reason)


def _exchange(child: subprocess.Popen[bytes], data: bytes, deadline: float) -> bytes:
    """Send one image, get one answer; TimeoutError at the deadline, EOFError or OSError when the child dies."""
    assert child.stdin is not None
    descriptor = child.stdin.fileno()
    rest = memoryview(_LENGTH.pack(len(data)) + data)
    while rest:
        _wait(descriptor, select.POLLOUT, deadline)
        rest = rest[os.write(descriptor, rest) :]
    return _answer(child, deadline)


def _answer(child: subprocess.Popen[bytes], deadline: float) -> bytes:
    assert child.stdout is not None
    descriptor = child.stdout.fileno()
    length = _LENGTH.unpack(_receive(descriptor, _LENGTH.size, deadline))[0]
    if length > 4096:
        raise ValueError("not an answer")
    return _receive(descriptor, length, deadline)


def _receive(descriptor: int, length: int, deadline: float) -> bytes:
    got = b""
    while len(got) < length:
        _wait(descriptor, select.POLLIN, deadline)
        chunk = os.read(descriptor, length - len(got))
        if not chunk:
            raise EOFError
        got += chunk
    return got


def _wait(descriptor: int, event: int, deadline: float) -> None:
    """Wait until the pipe is ready (poll, not select: that fails for descriptors above 1,023)."""
    poll = select.poll()
    poll.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and let go of its pipes. It holds no state, so there is nothing to be gentle about."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
