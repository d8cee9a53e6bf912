"""Whose signature it is, when it was there at the latest, and whether an authority vouches for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate

from impound.canonical import clean
from impound.package._cms import certificates
from impound.package._sign import CERTIFICATE, SIGNED_BY, fingerprint, signer_file
from impound.package._stamp import AUTHORITY, stamp_file, stamped_at
from impound.package._trust import leads_to
from impound.store import clock


def signed_by(bag: Path) -> str:
    """Who signed a package, in words: the key, or the certificate's subject."""
    file = signer_file(bag)
    said = (bag / file).read_bytes()
    if file != CERTIFICATE:
        return f"signed by the key with SHA-256 {fingerprint(said)}"
    subject = clean(certificates(said)[0].subject.rfc4514_string())
    return f"signed by {subject}, {CERTIFICATE} with SHA-256 {fingerprint(said)}"


def whose(bag: Path, trusted: Sequence[Certificate], note: Callable[[str], None]) -> Iterator[str]:
    """What is wrong with the time stamp, and with ``trusted`` what leads to none of these certificates."""
    at: datetime | None = None
    if (bag / AUTHORITY).exists() or (bag / stamp_file(bag)).exists():
        try:
            at = _stamped(bag, trusted)
            note(f"its signature was there at {at:%Y-%m-%d %H:%M:%S} UTC, says a time stamp")
        except (OSError, ValueError) as error:
            yield f"{stamp_file(bag)} is no time stamp of {SIGNED_BY[signer_file(bag)]}: {_said(error)}"
    else:
        note("it has no time stamp: when it was signed is its maker's word")
    if not trusted:
        return
    with suppress(OSError, ValueError):  # what cannot be read is no signature either, and named as that
        if signer_file(bag) != CERTIFICATE:
            yield f"{signer_file(bag)} is a bare key: no authority vouches for it"
        elif not leads_to(certificates((bag / CERTIFICATE).read_bytes()), trusted, at or clock()):
            yield f"{CERTIFICATE} leads to no certificate that is trusted, or was not valid then"


def _stamped(bag: Path, trusted: Sequence[Certificate]) -> datetime:
    signature = (bag / SIGNED_BY[signer_file(bag)]).read_bytes()
    roots = trusted or certificates((bag / AUTHORITY).read_bytes())
    return stamped_at((bag / stamp_file(bag)).read_bytes(), signature, roots)


def _said(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
