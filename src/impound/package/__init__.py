"""The evidence package: a BagIt bag (RFC 8493), its signature, its receipt, and checking all three offline."""

from impound.package._bag import INFO, MANIFEST, TAGS, close_bag
from impound.package._receipt import receipt
from impound.package._sign import PUBLIC_KEY, SIGNATURE, Key, case_key, fingerprint, public, sign
from impound.package._verify import is_package, verify

__all__ = [
    "INFO",
    "MANIFEST",
    "PUBLIC_KEY",
    "SIGNATURE",
    "TAGS",
    "Key",
    "case_key",
    "close_bag",
    "fingerprint",
    "is_package",
    "public",
    "receipt",
    "sign",
    "verify",
]  # fmt: skip
