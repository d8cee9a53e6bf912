"""As much of DER (ITU-T X.690) as a CMS signature needs: values put together, and read one inside of another."""

from __future__ import annotations

SEQUENCE, SET, INTEGER, OCTETS, NULL, CONTEXT = 0x30, 0x31, 0x02, 0x04, 0x05, 0xA0
"""Tags; ``CONTEXT`` plus n is [n]."""


def value(tag: int, *inside: bytes) -> bytes:
    """One value: tag, length, contents."""
    contents = b"".join(inside)
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + contents


def integer(number: int) -> bytes:
    """A number that is not negative."""
    return value(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def set_of(*items: bytes) -> bytes:
    """A SET OF: its items in the order that DER wants (X.690, 11.6)."""
    return value(SET, *sorted(items))


def read(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of the values that follow each other in the bytes. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        tag, size, begin = data[at], data[at + 1] if at + 1 < len(data) else 0xFF, at + 2
        if size >= 0x80:
            wide = size & 0x7F
            if not 0 < wide <= 4 or begin + wide > len(data):
                raise ValueError("no DER")
            size, begin = int.from_bytes(data[begin : begin + wide], "big"), begin + wide
        if begin + size > len(data):
            raise ValueError("no DER")
        found.append((tag, data[begin : begin + size]))
        at = begin + size
    return found
