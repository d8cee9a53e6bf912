"""Hand-made evil that is not mail: archives, images, folders and files of every wrong kind."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from hostile.evil import FROM, MIB, attached, files, mail, message

MAIL = message(b"inside")
NOISE = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(4_000))
CLIMBING = ("../../../climbed", "/tmp/impound-climbed", "a/../../../../climbed", "..\\..\\climbed", "./.././climbed\0x")


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def tarred(members: dict[str, bytes], links: tuple[tuple[bytes, str, str], ...] = ()) -> bytes:
    """A tar archive; links as (type, name, target)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for kind, name, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            tar.addfile(info)
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


# -- archives -----------------------------------------------------------------------------------------------------


@mail("a bomb?", messages=0, files=2)
def bomb_gz() -> bytes:
    return gzip.compress(bytes(64 * MIB), mtime=0) * 32


@mail("a bomb?", messages=0, files=2)
def bomb_bz2() -> bytes:
    return bz2.compress(bytes(64 * MIB)) * 32


@mail("a bomb?", messages=0, files=2)
def bomb_xz() -> bytes:
    return lzma.compress(bytes(64 * MIB), preset=0) * 32


@mail("a bomb?", messages=0, files=2)
def bomb_zst() -> bytes:
    """Four bytes stand for 128 KiB (RFC 8878, 3.1.1.2): 6 GiB in all."""
    blocks = 50_000
    body = b"".join(((131_072 << 3) | 2 | (n == blocks - 1)).to_bytes(3, "little") + b"\0" for n in range(blocks))
    return b"\x28\xb5\x2f\xfd" + bytes([0, 7 << 3]) + body


@mail("a bomb?", messages=0, files=2)
def bomb_zip() -> bytes:
    return zipped({f"{n}.eml": bytes(100 * MIB) for n in range(3)})


@mail("a bomb?", messages=1, files=2)
def bomb_of_mail_gz() -> bytes:
    """One message that goes on and on: what is read of it before the bomb is noticed looks like mail."""
    return gzip.compress(MAIL + b"Hello.\n" * (10 * MIB), mtime=0)


@mail("a bomb?", messages=0, files=34)
def nested_zip() -> bytes:
    inner = zipped({f"{n}": bytes(MIB) for n in range(60)})
    return zipped({f"{n}.zip": inner + b"%d" % n for n in range(16)})


@mail("an archive inside 4 others", messages=0)
def deep_zip() -> bytes:
    data = MAIL
    for level in range(30):
        data = zipped({f"{level}.zip": data}, zipfile.ZIP_STORED)
    return data


@mail("overlap", files=2)
def overlapping_zip() -> bytes:
    """All members are the same bytes (D. Fifield, "A better zip bomb", WOOT 2019)."""
    whole = zipped({"a.eml": message(b"overlap", NOISE)}, zipfile.ZIP_STORED)
    start, count = whole.index(b"PK\1\2"), 3_000
    entry = whole[start : whole.index(b"PK\5\6")]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(entry) * count, start, 0)
    return whole[:start] + entry * count + end


@mail(messages=len(CLIMBING), files=len(CLIMBING))
def climbing_zip() -> bytes:
    return zipped({name: message(b"%d" % n) for n, name in enumerate(CLIMBING)})


@mail("a symbolic link: not followed", "a hard link", messages=len(CLIMBING), files=len(CLIMBING) + 3)
def climbing_tar() -> bytes:
    links = (
        (tarfile.SYMTYPE, "link", ".."),
        (tarfile.SYMTYPE, "etc", "/etc"),
        (tarfile.LNKTYPE, "hard", "/etc/passwd"),
    )
    return tarred({name: message(b"%d" % n) for n, name in enumerate(CLIMBING)}, links)


@mail("the compressed data ends early", files=2)
def cut_off_gz() -> bytes:
    return gzip.compress(message(b"cut", NOISE), mtime=0)[:-20_000]


# -- images -------------------------------------------------------------------------------------------------------


def png(width: int, height: int, pixels: bytes, before: bytes = b"") -> bytes:
    """A grey PNG that claims a size; ``pixels`` are its compressed rows, ``before`` are chunks in front of them."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def gif(width: int, height: int, frames: int = 1) -> bytes:
    """A GIF that claims a size; each frame is one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + (b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0") * frames + b";"


@mail()
def image_bomb_png() -> bytes:
    return attached(b"png", b"image/png", png(50_000, 50_000, zlib.compress(bytes(50_000))))


@mail()
def image_bomb_gif() -> bytes:
    return attached(b"gif", b"image/gif", gif(50_000, 50_000))


@mail()
def image_bomb_text() -> bytes:
    """A picture of one pixel with comments that expand to a GiB."""
    comment = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(16 * MIB)))
    return attached(b"text", b"image/png", png(1, 1, zlib.compress(b"\0\0"), comment * 64))


@mail()
def image_of_many_frames() -> bytes:
    return attached(b"frames", b"image/gif", gif(4_000, 4_000, 100_000))


@mail()
def images_at_the_limit() -> bytes:
    """Each of them has 16 million pixels and is 16 kB long; there are 300 different ones."""
    return attached(b"limit", b"image/png", png(4_000, 4_000, zlib.compress(bytes(4_001 * 4_000))), 300)


# -- files and folders --------------------------------------------------------------------------------------------


@files("a link that leads", files=2)
def link_loop(folder: Path) -> Path:
    place = folder / "link_loop"
    (place / "a" / "b").mkdir(parents=True)
    (place / "a" / "b" / "up").symlink_to(place)
    (place / "self").symlink_to("self")
    return place


@files("permission denied")
def unreadable(folder: Path) -> Path:
    path = folder / "unreadable"
    path.write_bytes(MAIL)
    path.chmod(0)
    return path


@files("a named pipe")
def fifo(folder: Path) -> Path:
    path = folder / "fifo"
    os.mkfifo(path)
    return path


HOSTILE_NAMES = (
    *(b"new\nline", b"\x1b[2J\x1b]0;title\x07escape", b"not\xffutf8", b"-q", b"--help", b" ", b"a" * 250),
    *(
        b"\xe2\x80\xae\xe2\x80\xaetxt.exe",
        b"'; DROP TABLE sources; --",
        b"$(touch climbed)",
        b"*",
        b"a\\..\\b",
        b"{{to.name}}",
    ),
)


@files(messages=len(HOSTILE_NAMES), files=len(HOSTILE_NAMES))
def hostile_names(folder: Path) -> Path:
    place = folder / "hostile_names"
    place.mkdir()
    for number, name in enumerate(HOSTILE_NAMES):
        Path(os.fsdecode(os.fsencode(place) + b"/" + name)).write_bytes(message(b"name%d" % number))
    return place


@files(messages=1, files=1)
def deep_folder(folder: Path) -> Path:
    """Folders as deep as a path may be long."""
    place = Path("deep_folder", *["d" * 200] * 17)
    (folder / place).mkdir(parents=True)
    (folder / place / "a.eml").write_bytes(FROM + MAIL)
    return folder / "deep_folder"
