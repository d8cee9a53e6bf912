"""Images: alike pictures get alike hashes, and nothing in an image harms or holds up the process that asks."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from impound.readers._images import CACHE, MAX_IMAGE_BYTES, ImageFacts, ImageHasher, magic

LINES = ["Buy example pills", "best price: 4.95", "free delivery today", "www.shop.example"]
OTHER = ["EXAMPLE CORP", "stock alert!!", "target 0.85", "up 400 % this week", "buy before Friday", "do not wait"]


@pytest.fixture(scope="module")
def hasher() -> Iterator[ImageHasher]:
    with ImageHasher() as shared:
        yield shared


def picture(
    lines: list[str], size: tuple[int, int] = (300, 200), paper: str = "white", ink: str = "navy"
) -> Image.Image:
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((20, 20 + 30 * i), line, fill=ink, font_size=22)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def distance(hasher: ImageHasher, one: bytes, two: bytes) -> int:
    first, second = hasher.describe(one), hasher.describe(two)
    assert first and second and first.image_hash and second.image_hash
    return (int(first.image_hash, 16) ^ int(second.image_hash, 16)).bit_count()


def png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG", "BMP", "WEBP"])
def test_what_mail_shows_gets_hash_and_size(hasher: ImageHasher, kind: str) -> None:
    facts = hasher.describe(encoded(picture(LINES), kind))
    assert facts and facts.image_hash and len(facts.image_hash) == 16 and int(facts.image_hash, 16)
    assert (facts.width, facts.height, facts.reason) == (300, 200, "")


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "ICO"])
def test_what_mail_does_not_show_is_left_alone(hasher: ImageHasher, kind: str) -> None:
    assert hasher.describe(encoded(picture(LINES), kind)) is None


def test_copies_of_one_picture_group_and_other_pictures_do_not(hasher: ImageHasher) -> None:
    original = encoded(picture(LINES))
    specks = picture(LINES)
    for i in range(40):
        specks.putpixel(((i * 97) % 300, (i * 61) % 200), (90, 30, 30))
    for copy in (
        encoded(picture(LINES, paper="lightyellow"), "GIF"),
        encoded(picture(LINES, size=(380, 260))),
        encoded(picture(LINES, paper="black", ink="lightgreen")),
        encoded(picture(LINES), "JPEG", quality=40),
        encoded(picture(LINES).resize((390, 260))),
        encoded(specks),
    ):
        assert distance(hasher, original, copy) <= 8
    assert distance(hasher, original, encoded(picture(OTHER))) > 16


def test_of_an_animation_the_frame_shown_longest_counts(hasher: ImageHasher) -> None:
    noise = [Image.effect_noise((300, 200), 90).convert("RGB") for _ in range(3)]
    frames = [noise[0], picture(LINES), *noise[1:]]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[50, 5000, 50, 50])
    assert distance(hasher, moving, encoded(picture(LINES), "GIF")) <= 4


def test_of_frames_shown_equally_long_the_last_counts(hasher: ImageHasher) -> None:
    frames = [picture(LINES[: n + 1]) for n in range(4)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=300)
    assert distance(hasher, moving, encoded(picture(LINES), "GIF")) <= 4


def test_transparent_paper_is_white(hasher: ImageHasher) -> None:
    image = picture(LINES).convert("RGBA")
    image.putalpha(picture(LINES).convert("L").point(lambda grey: 255 * (grey < 255)))
    assert distance(hasher, encoded(image), encoded(picture(LINES))) <= 2


@pytest.mark.parametrize("size", [(1, 1), (500, 2)])
def test_tiny_pictures_have_no_hash(hasher: ImageHasher, size: tuple[int, int]) -> None:
    assert hasher.describe(encoded(Image.new("RGB", size, "red"), "GIF")) == ImageFacts(None, *size)


def test_blank_pictures_have_no_hash(hasher: ImageHasher) -> None:
    assert hasher.describe(encoded(Image.new("L", (300, 200), 200))) == ImageFacts(None, 300, 200)


# Evil


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(50_000, 50_000), "an image of 50,000 × 50,000 pixels"),
        (png(50_000, 50_000, bytes(20_000_000)), "an image of 50,000 × 50,000 pixels"),
        (b"GIF89a\xff\xff\xff\xff" + b"\0" * 20, "the image cannot be decoded"),
        (b"GIF89a", "the image cannot be decoded"),
        (b"\xff\xd8\xff" + b"garbage" * 100, "the image cannot be decoded"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "the image cannot be decoded"),
        (b"GIF89a" + b"\0" * MAX_IMAGE_BYTES, "an image of more than 16 MiB"),
    ],
)
def test_bombs_and_garbage_are_refused_with_a_reason(hasher: ImageHasher, data: bytes, reason: str) -> None:
    began = time.monotonic()
    facts = hasher.describe(data)
    assert facts is not None and facts.image_hash is None and facts.reason.startswith(reason)
    assert time.monotonic() - began < 5
    assert distance(hasher, encoded(picture(LINES)), encoded(picture(LINES), "GIF")) <= 4


def test_the_largest_picture_allowed_is_decoded(hasher: ImageHasher) -> None:
    facts = hasher.describe(png(4000, 4000, b"\0" * 4000 * 12001))
    assert facts == ImageFacts(None, 4000, 4000)


def test_what_there_is_of_a_truncated_picture_is_described(hasher: ImageHasher) -> None:
    whole = encoded(picture(LINES), "JPEG", quality=90)
    facts = hasher.describe(whole[: len(whole) * 9 // 10])
    assert facts and facts.image_hash and (facts.width, facts.height) == (300, 200)


@given(st.binary(max_size=300), st.sampled_from(["GIF", "PNG", "JPEG", "BMP", "WEBP"]), st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_damaged_pictures_are_described_or_refused(junk: bytes, kind: str, at: int) -> None:
    whole = DAMAGEABLE[kind]
    facts = SHARED.describe(whole[:at] + junk + whole[at + len(junk) :])
    assert facts is None or facts.reason or (facts.width and facts.height)


DAMAGEABLE = {kind: encoded(picture(LINES), kind) for kind in ("GIF", "PNG", "JPEG", "BMP", "WEBP")}
SHARED = ImageHasher()

WORKER = """
import os, struct, sys, time
def send(text):
    sys.stdout.buffer.write(struct.pack("!I", len(text)) + text)
    sys.stdout.buffer.flush()
open(sys.argv[1], "a").write("started\\n")
send(b"ready")
while head := sys.stdin.buffer.read(4):
    data = sys.stdin.buffer.read(struct.unpack("!I", head)[0])
    ACTION
    send(b"00000000000000ff\\t3\\t4\\t")
"""


def worker(folder: Path, action: str) -> tuple[list[str], Path]:
    """A child that speaks the protocol and does something evil with each image; and the file that counts its starts."""
    script, starts = folder / "worker.py", folder / "starts"
    script.write_text(textwrap.dedent(WORKER).replace("ACTION", action))
    return [sys.executable, str(script), str(starts)], starts


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("time.sleep(60) if data[6] else None", "decoding the image took longer than 0.5 s"),
        ("os.kill(os.getpid(), 9) if data[6] else None", "decoding the image ended the process that did it"),
        ("sys.exit(3) if data[6] else None", "decoding the image ended the process that did it"),
        ("send(b'nonsense') if data[6] else None", "decoding the image ended the process that did it"),
    ],
)
def test_a_child_that_hangs_or_dies_is_a_refusal_and_the_next_image_gets_a_new_one(
    tmp_path: Path, action: str, reason: str
) -> None:
    command, starts = worker(tmp_path, action)
    with ImageHasher(command, wall_seconds=0.5) as hasher:
        assert hasher.describe(b"GIF89a\1") == ImageFacts(None, None, None, reason)
        assert hasher.describe(b"GIF89a\0") == ImageFacts("00000000000000ff", 3, 4)
    assert starts.read_text().count("started") == 2


def test_a_child_that_reads_nothing_does_not_block_a_large_image(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys, time; sys.stdout.buffer.write(b'\\0\\0\\0\\5ready'); sys.stdout.flush(); time.sleep(60)",
    ]
    began = time.monotonic()
    with ImageHasher(command, wall_seconds=0.5) as hasher:
        facts = hasher.describe(b"GIF89a" + b"\0" * (4 << 20))
    assert facts and "took longer" in facts.reason and time.monotonic() - began < 10


def test_a_command_that_is_not_there_is_a_refusal() -> None:
    with ImageHasher(["/no/such/program"]) as hasher:
        facts = hasher.describe(encoded(picture(LINES)))
    assert facts and facts.reason


def test_the_kernel_ends_a_child_that_takes_too_much_time_or_memory(tmp_path: Path) -> None:
    script = tmp_path / "limits.py"
    script.write_text(
        textwrap.dedent("""
        import sys
        from impound.readers import _image_worker as w
        def evil(data):
            if data[6]:
                while True: pass
            return "", 1, len(bytearray(1 << 30))
        w.describe, w.CPU_SECONDS = evil, 0
        w.main()
        """)
    )
    with ImageHasher([sys.executable, str(script)], wall_seconds=20) as hasher:
        began = time.monotonic()
        endless, greedy = hasher.describe(b"GIF89a\1"), hasher.describe(b"GIF89a\0")
    assert endless and endless.reason == "decoding the image ended the process that did it"
    assert greedy and greedy.reason == "decoding the image needs too much memory"
    assert time.monotonic() - began < 15


def test_each_distinct_image_is_decoded_once(tmp_path: Path) -> None:
    command, _ = worker(tmp_path, "open(sys.argv[1], 'a').write('decoded\\n')")
    with ImageHasher(command) as hasher:
        for _ in range(3):
            hasher.describe(b"GIF89a\0")
        hasher.describe(b"GIF89a\1")
        for i in range(CACHE):
            hasher._cache[i.to_bytes(32, "big")] = ImageFacts(None, None, None)
        hasher.describe(b"GIF89a\2")
        assert len(hasher._cache) <= CACHE + 2
    assert (tmp_path / "starts").read_text().count("decoded") == 3


def test_the_child_starts_late_and_never_outlives_its_parent() -> None:
    script = """
import os, sys
from impound.readers._images import ImageHasher
hasher = ImageHasher()
assert hasher._child is None
assert hasher.describe(sys.stdin.buffer.read()).image_hash
print(hasher._child.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], input=encoded(picture(LINES)), capture_output=True, check=False
    )
    child = int(done.stdout)
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def alive(process: int) -> bool:
    """Whether a process runs (one that ended and was not yet collected by its new parent does not)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_after_a_fork_each_process_has_its_own_child(hasher: ImageHasher) -> None:
    data = encoded(picture(LINES))
    before = hasher.describe(data)
    child = os.fork()
    if child == 0:
        hasher._cache.clear()
        os._exit(0 if hasher.describe(data) == before else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    hasher._cache.clear()
    assert hasher.describe(data) == before


# First bytes


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"GIF89a...", "image/gif"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM\x36\0\0\0\0\0\0\0", "image/bmp"),
        (b"BMW for sale", None),
        (b"MZ\x90\0\x03\0\0\0", "application/vnd.microsoft.portable-executable"),
        (b"MZ is a town", None),
        (b"PK\x03\x04\x14\0", "application/zip"),
        (b"Rar!\x1a\x07\0", "application/vnd.rar"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"\n%PDF-1.4", "application/pdf"),
        (b"{\\rtf1\\ansi", "application/rtf"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML PUBLIC", "text/html"),
        (b"<HTML><body>", "text/html"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_the_first_bytes_show_what_it_is(data: bytes, media_type: str | None) -> None:
    assert magic(data) == media_type
