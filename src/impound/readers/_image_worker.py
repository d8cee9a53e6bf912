"""The child process of :mod:`impound.readers._images`: decodes images from standard input, answers their facts.

Protocol: a 4-byte length and that many bytes each way; first it says ``ready``. It ends at the end of its input.

The hash is pHash (discrete cosine transform, the 8 × 8 lowest frequencies against their median; C. Zauner,
"Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, 3.2.1), not of the picture but of its *ink*:
where it differs from the commonest grey, cut to where most of that is. Image spam is one text on ever other paper: the
colour of the paper, its margins and single dots of noise change from copy to copy. On the 3,364 distinct images of TREC
2007 that decode (172,110 alike pairs of 5.7 million: families linked by any of five close measures, looked at by eye),
the share of alike pairs found, and of the found pairs that are alike:

====================================  ============  ============
hash                                  ≤ 8 bits      ≤ 10 bits
====================================  ============  ============
dHash 8 × 8                           0.49, 0.987   0.63, 0.971
pHash of the whole picture, 32 × 32   0.45, 0.998   0.54, 0.993
pHash of the ink, 32 × 32             0.84, 0.998   0.90, 0.997
pHash of the ink, 16 × 16             0.82, 0.999   0.88, 0.996
====================================  ============  ============

The last one is used: it costs a quarter less than the one before.
"""

from __future__ import annotations

import os
import struct
import sys
from io import BytesIO
from itertools import accumulate
from math import cos, pi
from operator import sub
from typing import BinaryIO

from PIL import Image, ImageFile

try:
    import resource
except ImportError:  # a platform without resource limits; the parent's clock remains
    resource = None  # type: ignore[assignment]

MAX_PIXELS = 16_000_000
"""Pixels by the image's own header, before anything is decoded; the largest real one of TREC 2007 has 0.9 million."""
MAX_FRAMES = 20
"""Frames of an animation that are looked at; 2007's image spam has 2 to 9."""
MAX_MEMORY = 768 << 20
"""Address space in bytes: the interpreter and Pillow's libraries take 100 to 200 MiB of it, 16 MP up to 250 MiB."""
CPU_SECONDS = 2
"""Processor time for one image, in whole seconds as the kernel counts."""
FORMATS = ("GIF", "PNG", "JPEG", "BMP", "WEBP")
"""The only decoders that are used: what mail programs show."""
MIN_SIDE = 16
"""Pixels of width or height below which a picture has no hash: spacers, bullets, counters."""
MIN_INK = 48
"""Difference in grey (0 to 255) from the paper that is ink. Of 32, 48 and 64 it groups most (0.83, 0.90, 0.89 of the
alike pairs of TREC 2007 at 10 bits, 0.991, 0.996, 0.997 of what it groups alike; 32 × 32)."""
MARGIN = 0.25
"""Share of the mean ink of all columns (rows) below which outer ones are margin. Of 0.25, 0.3 and 0.35 it groups most
(0.90, 0.87, 0.79)."""
DRAFT_SIDE = 256
"""A JPEG is decoded at the smallest scale that keeps this many pixels a side."""

_LENGTH = struct.Struct("!I")
_GRID = 64
_SIZE = 16
_LOW = 8
_COSINES = [[cos(pi * (2 * x + 1) * u / (2 * _SIZE)) for x in range(_SIZE // 2)] for u in range(_LOW)]
_ODD = _COSINES[1::2]
_TWICE_ODD = [_COSINES[u][:4] for u in (2, 6)]
_TWICE_EVEN = _COSINES[4][:4]


def describe(data: bytes) -> tuple[str, int, int]:
    """Hash (empty for a blank or tiny picture), width, height. Raises what Pillow raises, ValueError when refused."""
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        _check(image)
        image.draft("L", (DRAFT_SIDE, DRAFT_SIDE))
        if min(width, height) < MIN_SIDE:
            return "", width, height
        return image_hash(_longest_frame(image)), width, height


def _check(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(f"an image of {image.width:,} × {image.height:,} pixels")


def _longest_frame(image: Image.Image) -> Image.Image:
    """The frame that is shown longest, of equals the last: image spam is put together frame by frame, and hides its
    text behind frames that flash by."""
    if not getattr(image, "is_animated", False):
        return _plain(image)
    best, longest = _plain(image).copy(), float(image.info.get("duration", 0))
    for number in range(1, min(MAX_FRAMES, 1 + MAX_PIXELS // (image.width * image.height))):
        try:
            image.seek(number)
            _check(image)
            frame, duration = _plain(image), float(image.info.get("duration", 0))
        except (EOFError, OSError, SyntaxError):
            break
        if duration >= longest:
            best, longest = frame.copy(), duration
    return best


def _plain(image: Image.Image) -> Image.Image:
    """The picture in grey or palette colours; on white paper where it is transparent."""
    if image.has_transparency_data:
        veiled = image.convert("RGBA").convert("LA")
        paper = Image.new("L", image.size, 255)
        paper.paste(veiled.getchannel("L"), mask=veiled.getchannel("A"))
        return paper
    image.load()
    return image if image.mode == "P" else image.convert("L")


def image_hash(picture: Image.Image) -> str:
    """The perceptual hash of a picture in grey or palette colours as 16 hex digits; empty when it is blank."""
    ink = picture.point(_ink_table(picture), "L")
    box = _ink_box(ink)
    if box is None:
        return ""
    method = Image.Resampling.BOX if min(box[2] - box[0], box[3] - box[1]) >= _SIZE else Image.Resampling.BILINEAR
    frequencies = _frequencies(ink.resize((_SIZE, _SIZE), method, box=box).tobytes())
    median = sorted(frequencies[1:])[len(frequencies) // 2 - 1]
    bits = "".join("01"[f > median] for f in frequencies)
    return f"{int(bits, 2):016x}"


def _ink_table(picture: Image.Image) -> list[int]:
    """For each of the 256 values of a pixel, 255 where it is ink: where its grey is far from that of the paper, the
    commonest grey (16 neighbouring levels taken together)."""
    counts, greys = picture.histogram(), bytes(range(256))
    if picture.mode == "P":
        palette = bytes(picture.getpalette("RGB") or ())[:768].ljust(768, b"\0")
        greys = Image.frombytes("RGB", (256, 1), palette).convert("L").tobytes()
        values, counts = counts, [0] * 256
        for grey, count in zip(greys, values, strict=True):
            counts[grey] += count
    sums = list(accumulate([0] * 9 + counts + [0] * 8))
    windows = list(map(sub, sums[17:], sums))
    paper = windows.index(max(windows))
    darker, alike = b"\xff" * max(paper - MIN_INK, 0), min(paper + MIN_INK + 1, 256)
    return list(greys.translate(darker.ljust(alike, b"\0").ljust(256, b"\xff")))


def _ink_box(ink: Image.Image) -> tuple[int, int, int, int] | None:
    """The rectangle without its margins (dots of noise do not count), or None when there is no ink."""
    cells = ink.resize((_GRID, _GRID), Image.Resampling.BOX)
    columns = _span(cells.resize((_GRID, 1), Image.Resampling.BOX).tobytes())
    rows = _span(cells.resize((1, _GRID), Image.Resampling.BOX).tobytes())
    if columns is None or rows is None:
        return None
    (left, right), (top, bottom) = columns, rows
    width, height = ink.size
    x, y = left * width // _GRID, top * height // _GRID
    return x, y, max(x + 1, right * width // _GRID), max(y + 1, bottom * height // _GRID)


def _span(ink: bytes) -> tuple[int, int] | None:
    """From the first to after the last strip that has enough ink."""
    enough = MARGIN * sum(ink) / len(ink)
    strips = [i for i, amount in enumerate(ink) if amount > enough]
    return (strips[0], strips[-1] + 1) if strips else None


def _frequencies(pixels: bytes) -> list[float]:
    """The 64 lowest frequencies of the discrete cosine transform (type II) of 16 × 16 pixels, row by row."""
    rows = [_transform(pixels[i : i + _SIZE]) for i in range(0, _SIZE * _SIZE, _SIZE)]
    columns = [_transform(column) for column in zip(*rows, strict=True)]
    return [columns[u][v] for v in range(_LOW) for u in range(_LOW)]


def _transform(values: bytes | tuple[float, ...]) -> list[float]:
    """The 8 lowest frequencies of 16 values. Cosines are even or odd about the middle, the even ones again about the
    middle of the half: folding leaves 44 of 128 products."""
    a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q = values
    a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q = (
        a + q, b + p, c + o, d + n, e + m, f + k, g + j, h + i, a - q, b - p, c - o, d - n, e - m, f - k, g - j, h - i
    )  # fmt: skip
    first, third, fifth, seventh = [
        i * r + j * s + k * t + m * u + n * v + o * w + p * x + q * y for r, s, t, u, v, w, x, y in _ODD
    ]
    a, b, c, d, e, f, g, h = a + h, b + g, c + f, d + e, a - h, b - g, c - f, d - e
    second, sixth = [e * r + f * s + g * t + h * u for r, s, t, u in _TWICE_ODD]
    r, s, t, u = _TWICE_EVEN
    return [float(a + b + c + d), first, second, third, a * r + b * s + c * t + d * u, fifth, sixth, seventh]


def answer(data: bytes) -> str:
    """The facts as the parent reads them: hash, width, height and reason between tabs."""
    try:
        image_hash, width, height = describe(data)
    except MemoryError:
        return "\t\t\tdecoding the image needs too much memory"
    except ValueError as error:
        return f"\t\t\t{_line(error)}"
    except (OSError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error, OverflowError) as error:
        return f"\t\t\tthe image cannot be decoded: {_line(error)}"
    return f"{image_hash}\t{width}\t{height}\t"


def _line(error: Exception) -> str:
    """An error in a few words, without addresses of objects (equal images must give equal reasons)."""
    words = str(error).partition("<")[0].strip() or type(error).__name__
    return " ".join(words.split())[:200]


def limit_memory() -> None:
    """Let the kernel refuse memory above MAX_MEMORY."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def limit_time() -> None:
    """Let the kernel end this process CPU_SECONDS from now, in processor time."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS, hard))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer images until the input ends."""
    _send(sink, b"ready")
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        length = _LENGTH.unpack(head)[0]
        data = source.read(length)
        if len(data) < length:
            break
        limit_time()
        _send(sink, answer(data).encode("utf-8", "replace"))


def _send(sink: BinaryIO, message: bytes) -> None:
    sink.write(_LENGTH.pack(len(message)) + message)
    sink.flush()


def main() -> None:
    """Run as a child process. Pillow is told to show what there is of a cut-off picture, as mail programs do, and the
    pixel limit is our own."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    Image.MAX_IMAGE_PIXELS = None
    limit_memory()
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing a library prints may get between the answers
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
