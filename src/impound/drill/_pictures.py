"""Small pictures with a few words on them, made without an imaging library: the same words, other bytes every time.

Nothing is compressed, so that every zlib and every machine writes the same bytes. A pixel is a byte whose lowest bit
says ink or ground; its other bits are noise that the palette does not show, or hardly.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from impound.drill._chance import Chance

_GLYPHS = {
    letter: rows
    for letters, font in (
        ("ABCDEFGHIJKLM", "25755 65656 34443 65556 74647 74644 34553 55755 72227 11152 55655 44447 57755"),
        ("NOPQRSTUVWXYZ", "75555 25552 65644 25573 65655 34216 72222 55557 55552 55775 55255 55222 71247"),
        ("0123456789$%.", "75557 26227 61247 61216 55711 74616 34757 71122 75757 75716 36236 51245 00002"),
    )
    for letter, rows in zip(letters, font.split(), strict=True)
}
"""Letters of three by five pixels: for each row an octal digit, its bits from the left."""
_WIDTH, _HEIGHT, _SCALE = 144, 24, 2
_RUN = 108
"""Pixels after which a GIF's code table is cleared, before its codes would need a ninth bit (GIF89a, appendix F)."""
_CLEAR, _END = 0x80, 0x81


@dataclass(slots=True)
class Picture:
    """The picture of one campaign; :meth:`make` gives a copy of it with other bytes."""

    words: str
    kind: str
    """gif or png."""
    ground: tuple[int, int, int]
    ink: tuple[int, int, int]
    _size: int = field(init=False)
    _pixels: int = field(init=False)
    _noise: int = field(init=False)
    _palette: bytes = field(init=False)

    def __post_init__(self) -> None:
        rows = _drawn(self.words)
        colours = ((self.ground, self.ink)[entry & 1] for entry in range(128))
        self._palette = b"".join(bytes(max(0, c - n % 9) for c in colour) for n, colour in enumerate(colours))
        if self.kind == "gif":
            flat = b"".join(rows)
            data = b"".join(bytes([_CLEAR]) + flat[i : i + _RUN] for i in range(0, len(flat), _RUN)) + bytes([_END])
            mask = (b"\0" + b"\x7e" * _RUN) * (len(flat) // _RUN) + b"\0"
        else:
            data = b"".join(b"\0" + row for row in rows)
            mask = (b"\0" + b"\x7e" * _WIDTH) * _HEIGHT
        self._size = len(data)
        self._pixels, self._noise = int.from_bytes(data, "big"), int.from_bytes(mask, "big")

    def make(self, chance: Chance) -> bytes:
        """The bytes of a GIF or PNG."""
        noise = chance.getrandbits(8 * self._size) & self._noise
        data = (self._pixels ^ noise).to_bytes(self._size, "big")
        return self._gif(data) if self.kind == "gif" else self._png(data)

    def _gif(self, data: bytes) -> bytes:
        head = b"GIF89a" + struct.pack("<HHBBB", _WIDTH, _HEIGHT, 0xF6, 0, 0) + self._palette
        blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
        return head + b"," + struct.pack("<HHHHB", 0, 0, _WIDTH, _HEIGHT, 0) + b"\x07" + blocks + b"\0;"

    def _png(self, data: bytes) -> bytes:
        stored = b"\x78\x01\x01" + struct.pack("<HH", len(data), 0xFFFF - len(data)) + data
        chunks = (
            (b"IHDR", struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 3, 0, 0, 0)),
            (b"PLTE", self._palette),
            (b"IDAT", stored + struct.pack(">I", zlib.adler32(data))),
            (b"IEND", b""),
        )
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in chunks
        )


def _drawn(words: str) -> list[bytes]:
    """The rows of the picture, a byte for each pixel: 1 ink, 0 ground."""
    rows = [bytearray(_WIDTH) for _ in range(_HEIGHT)]
    for place, letter in enumerate(words.upper()[: (_WIDTH - 8) // (4 * _SCALE)]):
        for line, digit in enumerate(_GLYPHS.get(letter, "00000")):
            for bit in range(3):
                if int(digit) >> 2 - bit & 1:
                    for y in range(_SCALE):
                        left = 4 + (place * 4 + bit) * _SCALE
                        rows[6 + line * _SCALE + y][left : left + _SCALE] = b"\1" * _SCALE
    return [bytes(row) for row in rows]
