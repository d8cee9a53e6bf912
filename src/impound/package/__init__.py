"""The evidence package: a BagIt bag (RFC 8493), its signature, its receipt, and checking all three offline."""

from impound.package._bag import INFO, MANIFEST, PROFILE, TAGS, close_bag, list_tags
from impound.package._cms import certificates
from impound.package._receipt import receipt
from impound.package._sign import (
    CERTIFICATE,
    CMS,
    PUBLIC_KEY,
    SIGNATURE,
    Signer,
    case_signer,
    certified_signer,
    introduce,
    sign,
)
from impound.package._stamp import AUTHORITY, authority, stamp, trust
from impound.package._verify import is_package, verify
from impound.package._whose import signed_by

__all__ = [
    "AUTHORITY", "CERTIFICATE", "CMS", "INFO", "MANIFEST", "PROFILE", "PUBLIC_KEY", "SIGNATURE", "TAGS", "Signer",
    "authority", "case_signer", "certificates", "certified_signer", "close_bag", "introduce", "is_package", "list_tags",
    "receipt", "sign", "signed_by", "stamp", "trust", "verify",
]  # fmt: skip
