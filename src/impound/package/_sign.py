"""Who signs a package, and the detached signature over the bytes of its tag manifest.

Without a certificate the key is Ed25519 (RFC 8032): ``public-key.pem`` and a bare signature. With one it is RSA or an
elliptic curve: ``certificate.pem`` and a CMS signature.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from impound.errors import ConfigError
from impound.package import _cms
from impound.package._bag import TAGS

PUBLIC_KEY, CERTIFICATE = "public-key.pem", "certificate.pem"
SIGNATURE, CMS = f"{TAGS}.sig", f"{TAGS}.p7s"
SIGNED_BY = {PUBLIC_KEY: SIGNATURE, CERTIFICATE: CMS}
"""Which file a signature stands in, by the file that says whose it is; a package has one pair."""
MAKE_KEY = "openssl genpkey -algorithm ed25519"


@dataclass(frozen=True)
class Signer:
    """Whose signature it is: the file in the bag that says so, its contents, and how it signs."""

    file: str
    says: bytes
    sign: Callable[[bytes], bytes]


def case_signer(path: Path, make: bool = False) -> Signer:
    """The Ed25519 key in a PEM file; made there, readable by its owner alone, when there is none and ``make``."""
    if make and not path.exists():
        text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
    key = _private(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path} is no Ed25519 key", f"{MAKE_KEY}, or name its certificate as well")
    return Signer(PUBLIC_KEY, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), key.sign)


def certified_signer(path: Path, certificate: Path) -> Signer:
    """The key in a PEM file, and the certificate of it in another, followed by those that lead to an authority."""
    key = _private(path)
    try:
        says = certificate.read_bytes()
        chain = _cms.certificates(says)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{certificate} is no certificate that can be read", "PEM; the signer's first") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ConfigError(f"{path} is no RSA or elliptic curve key", "a CMS signature needs one of them")
    if key.public_key() != chain[0].public_key():
        raise ConfigError(f"the first certificate of {certificate} is not that of {path}", "the signer's comes first")
    says = b"".join(one.public_bytes(Encoding.PEM) for one in chain)  # nothing but certificates leaves the case
    return Signer(CERTIFICATE, says, lambda data: _cms.sign(key, chain, data))


def _private(path: Path) -> object:
    try:
        return load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{path} is no private key that can be read", MAKE_KEY) from error


def fingerprint(said: bytes) -> str:
    """SHA-256 over the file that says whose signature it is, as ``sha256sum`` prints it."""
    return hashlib.sha256(said).hexdigest()


def signer_file(bag: Path) -> str:
    """Which file of a bag says whose signature it is."""
    return CERTIFICATE if (bag / CERTIFICATE).is_file() else PUBLIC_KEY


def introduce(bag: Path, signer: Signer) -> None:
    """Write the file that says whose signature it is, before the bag is closed, so that the manifest covers it."""
    (bag / signer.file).write_bytes(signer.says)


def sign(bag: Path, signer: Signer) -> None:
    """Sign the tag manifest of a closed bag."""
    (bag / SIGNED_BY[signer.file]).write_bytes(signer.sign((bag / TAGS).read_bytes()))


def signed(bag: Path) -> bool:
    """Whether the signature in the bag is that of its public key or certificate over its tag manifest."""
    file = signer_file(bag)
    try:
        said, signature, data = ((bag / name).read_bytes() for name in (file, SIGNED_BY[file], TAGS))
        if file == CERTIFICATE:
            return _cms.holds(_cms.certificates(said), signature, data)
        key = load_pem_public_key(said)
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(signature, data)
    except (OSError, ValueError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True
