"""The signature: Ed25519 (RFC 8032), detached, over the bytes of the tag manifest."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
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
from impound.package._bag import TAGS

PUBLIC_KEY = "public-key.pem"
Key = Ed25519PrivateKey
SIGNATURE = "tagmanifest-sha256.txt.sig"


def case_key(path: Path, make: bool = False) -> Key:
    """The private key in a PEM file; made there, readable by its owner alone, when there is none and ``make``."""
    if make and not path.exists():
        text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{path} is no private key that can be read", "openssl genpkey -algorithm ed25519") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path} is no Ed25519 key", "openssl genpkey -algorithm ed25519")
    return key


def public(key: Key) -> bytes:
    """The public half, as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(pem: bytes) -> str:
    """SHA-256 over a public key's PEM file, as ``sha256sum`` prints it."""
    return hashlib.sha256(pem).hexdigest()


def sign(bag: Path, key: Key) -> None:
    """Sign the bag's tag manifest. Its public key must lie in the bag already, so that the manifest covers it."""
    (bag / SIGNATURE).write_bytes(key.sign((bag / TAGS).read_bytes()))


def signed(bag: Path) -> bool:
    """Whether the signature in the bag is that of its public key over its tag manifest."""
    try:
        key = load_pem_public_key((bag / PUBLIC_KEY).read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify((bag / SIGNATURE).read_bytes(), (bag / TAGS).read_bytes())
    except (OSError, ValueError, InvalidSignature):
        return False
    return True
