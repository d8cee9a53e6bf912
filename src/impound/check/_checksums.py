"""Checksums that account numbers and wallet addresses carry: whoever invents one at random is wrong.

IBAN: ISO 13616-1 (2020), remainder 97 (ISO 7064). Bitcoin and Litecoin: Base58Check, and Bech32 and Bech32m of BIP 173
(2017) and BIP 350 (2020). Ethereum: the mixed-case checksum of ERC-55 (2016), which is made with Keccak-256 as it was
before FIPS 202 changed its padding; the standard library has only the later one.
"""

from __future__ import annotations

import hashlib

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VG": 24, "XK": 20,
}  # fmt: skip
"""The length of an IBAN by country (the registry of SWIFT, 2023)."""
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VERSIONS = {0x00: "bitcoin", 0x05: "bitcoin", 0x30: "litecoin", 0x32: "litecoin"}
_PREFIXES = {"bc": "bitcoin", "ltc": "litecoin"}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_ENDS = (1, 0x2BC830A3)
"""What the polynomial must leave: for Bech32, and for Bech32m."""


def iban(text: str) -> str | None:
    """An IBAN without spaces where its length and check digits are right; None otherwise."""
    code = "".join(text.split()).upper()
    if not code.isascii() or not code.isalnum() or IBAN_LENGTHS.get(code[:2]) != len(code):
        return None
    digits = "".join(str(int(character, 36)) for character in code[4:] + code[:4])
    return code if int(digits) % 97 == 1 else None


def wallet(text: str) -> str | None:
    """The currency whose wallet address a text is (bitcoin, litecoin, ethereum); None where its checksum is wrong.

    An address of Ethereum in one case alone carries no checksum, and is none here.
    """
    if len(text) > 90 or not text.isascii():
        return None
    if text.startswith("0x"):
        return "ethereum" if _erc55(text[2:]) else None
    return _bech32(text) if "1" in text[2:4] else _base58(text)


def _base58(text: str) -> str | None:
    number = 0
    for character in text:
        place = _BASE58.find(character)
        if place < 0:
            return None
        number = number * 58 + place
    if number >> 200:
        return None
    data = number.to_bytes(25, "big")
    right = hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:]
    return _VERSIONS.get(data[0]) if right else None


def _bech32(text: str) -> str | None:
    if text not in (text.lower(), text.upper()):
        return None
    prefix, _, data = text.lower().rpartition("1")
    values = [_BECH32.find(character) for character in data]
    if prefix not in _PREFIXES or min(values, default=-1) < 0 or len(values) < 14:
        return None
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    return _PREFIXES[prefix] if _polymod(expanded + values) in _BECH32_ENDS else None


def _polymod(values: list[int]) -> int:
    left = 1
    for value in values:
        top = left >> 25
        left = (left & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            left ^= generator if top >> bit & 1 else 0
    return left


def _erc55(digits: str) -> bool:
    if len(digits) != 40 or digits in (digits.lower(), digits.upper()):
        return False
    try:
        int(digits, 16)
    except ValueError:
        return False
    mixed = keccak256(digits.lower().encode()).hex()
    return all(d.isdigit() or d.isupper() == (int(m, 16) >= 8) for d, m in zip(digits, mixed, strict=False))


_RATE = 136
"""Bytes of each block of Keccak-256."""
_LANE = (1 << 64) - 1


def keccak256(data: bytes) -> bytes:
    """Keccak-256 with its first padding (Bertoni et al., "The Keccak reference", 3.0, 2011): 32 bytes."""
    filled = bytearray(_RATE * (len(data) // _RATE + 1))
    filled[: len(data)] = data
    filled[len(data)] ^= 0x01
    filled[-1] ^= 0x80
    state = [0] * 25
    for start in range(0, len(filled), _RATE):
        for lane in range(_RATE // 8):
            state[lane] ^= int.from_bytes(filled[start + 8 * lane : start + 8 * lane + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permuted(lanes: list[int]) -> list[int]:
    """Keccak-f[1600] on 25 lanes of 64 bits; lane x + 5y stands in column x and row y."""
    register = 1
    for _ in range(24):
        sums = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [sums[x - 1] ^ _turned(sums[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ mixed[place % 5] for place, lane in enumerate(lanes)]
        x, y, current = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x + 5 * y] = lanes[x + 5 * y], _turned(current, (step + 1) * (step + 2) // 2 % 64)
        lanes = [lanes[p] ^ (~lanes[p // 5 * 5 + (p + 1) % 5] & lanes[p // 5 * 5 + (p + 2) % 5]) for p in range(25)]
        for power in range(7):
            lanes[0] ^= (register & 1) << ((1 << power) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
    return lanes


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _LANE
