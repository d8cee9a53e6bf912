"""The time stamp (RFC 3161): a server of the user's choice says that the signature was there at a time.

Its answer is kept as it came. It counts only when it is about this signature and this question, and leads to the
authority that the user named. That authority's certificate lies in the package: no network is needed to check it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from impound.asking import Limits, NoAnswer, fetch
from impound.errors import ConfigError
from impound.package._cms import certificates
from impound.package._der import CONTEXT, SEQUENCE, read, value
from impound.package._sign import SIGNED_BY, signer_file

AUTHORITY = "timestamp-ca.pem"
LIMITS = Limits(bytes=64 * 1024, seconds=30.0, anywhere=True)
"""An answer has 1 to 8 KiB; it proves itself, so it may come by plain HTTP, as most servers have it."""
OFF = timedelta(days=1)
"""A stamp that is further from our own clock is not kept."""


def authority(path: Path) -> list[Certificate]:
    """The certificates of the authority that time stamps must lead to (PEM)."""
    try:
        return certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no certificate that can be read", "PEM, of the time stamps' authority") from error


def trust(bag: Path, path: Path) -> None:
    """Put the authority's certificates into a bag that is not closed yet."""
    (bag / AUTHORITY).write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in authority(path)))


def stamp_file(bag: Path) -> str:
    """Where the time stamp of a bag stands."""
    return f"{SIGNED_BY[signer_file(bag)]}.tsr"


def stamp(bag: Path, url: str, trusted: Sequence[Certificate], limits: Limits = LIMITS) -> datetime:
    """Ask for a stamp of the signature and keep it; gives its time. Raises NoAnswer that says why there is none."""
    signature = (bag / SIGNED_BY[signer_file(bag)]).read_bytes()
    question = TimestampRequestBuilder().data(signature).hash_algorithm(HashAlgorithm.SHA256).build()
    said = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    answer = fetch(url, limits, said, question.as_bytes())
    try:
        at = stamped_at(answer, signature, trusted, question.nonce)
    except ValueError as error:
        raise NoAnswer(f"the answer is no time stamp: {error}") from None
    if abs(at - datetime.now(UTC)) > OFF:
        raise NoAnswer(f"the answer is of {at:%Y-%m-%d %H:%M} UTC")
    (bag / stamp_file(bag)).write_bytes(answer)
    return at


def stamped_at(answer: bytes, signature: bytes, trusted: Sequence[Certificate], nonce: int | None = None) -> datetime:
    """The time in an answer, when it is about this signature and leads to a trusted certificate. Raises ValueError."""
    found = decoded(answer)
    builder = VerifierBuilder(roots=list(trusted), nonce=nonce)
    try:
        builder.build().verify(found, hashlib.sha256(signature).digest())
    except VerificationError as error:
        raise ValueError(str(error).partition("ErrorStack")[0].strip(": ")) from None
    return found.tst_info.gen_time


def decoded(answer: bytes) -> TimeStampResponse:
    """An answer taken apart. Raises ValueError.

    A server may send its certificates in any order, but DER has one (X.690, 11.6); no signature covers it.
    """
    (_, inside), *more = read(answer)
    if more:
        raise ValueError("it goes on after its end")
    status, *token = read(inside)
    if not token:
        raise ValueError("the server refuses")
    kind, (_, content) = read(token[0][1])
    parts = [
        (tag, b"".join(sorted(value(*one) for one in read(part))) if tag == CONTEXT else part)
        for tag, part in read(read(content)[0][1])
    ]
    signed = value(CONTEXT, value(SEQUENCE, *(value(*part) for part in parts)))
    return decode_timestamp_response(value(SEQUENCE, value(*status), value(SEQUENCE, value(*kind), signed)))
