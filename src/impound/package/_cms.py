"""The signature by a certified key: detached CMS (RFC 5652) over the bytes of the tag manifest, with its certificates.

There are no signed attributes (RFC 5652, 5.3, needs none for plain data), so the same key gives the same bytes: RSA
always, an elliptic curve in its deterministic form (RFC 6979). What is verified is the whole file: it must be, byte for
byte, what :func:`wrap` makes of its signature, so no bit of it can be changed unseen.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificates

from impound.package._der import CONTEXT, NULL, OCTETS, SEQUENCE, integer, read, set_of, value

CertifiedKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # 1.2.840.113549.1.7.2
DATA = bytes.fromhex("06092a864886f70d010701")  # 1.2.840.113549.1.7.1
SHA_256 = value(SEQUENCE, bytes.fromhex("0609608648016503040201"))  # 2.16.840.1.101.3.4.2.1; RFC 5754, 2: no parameters
RSA = value(SEQUENCE, bytes.fromhex("06092a864886f70d010101"), value(NULL))  # RFC 3370, 3.2
ECDSA = value(SEQUENCE, bytes.fromhex("06082a8648ce3d040302"))  # ecdsa-with-SHA256; RFC 5754, 3.3
MOST_CERTIFICATES = 10


def certificates(pem: bytes) -> list[Certificate]:
    """The signer's certificate and those that lead from it to an authority. Raises ValueError."""
    found = load_pem_x509_certificates(pem)
    if len(found) > MOST_CERTIFICATES:
        raise ValueError(f"more than {MOST_CERTIFICATES} certificates")
    return found


def sign(key: CertifiedKey, chain: Sequence[Certificate], data: bytes) -> bytes:
    """The signature of the first certificate's key as a CMS file (DER)."""
    if isinstance(key, rsa.RSAPrivateKey):
        return wrap(chain, key.sign(data, padding.PKCS1v15(), SHA256()))
    return wrap(chain, key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True)))


def wrap(chain: Sequence[Certificate], signature: bytes) -> bytes:
    """SignedData of one signer (RFC 5652, 5.1 and 5.3) around a signature; the data itself is not in it."""
    signer = chain[0]
    by = value(SEQUENCE, signer.issuer.public_bytes(), integer(signer.serial_number))
    how = RSA if isinstance(signer.public_key(), rsa.RSAPublicKey) else ECDSA
    info = value(SEQUENCE, integer(1), by, SHA_256, how, value(OCTETS, signature))
    held = set_of(*{one.public_bytes(Encoding.DER) for one in chain})
    inside = value(CONTEXT, read(held)[0][1])
    signed = value(SEQUENCE, integer(1), set_of(SHA_256), value(SEQUENCE, DATA), inside, set_of(info))
    return value(SEQUENCE, SIGNED_DATA, value(CONTEXT, signed))


def holds(chain: Sequence[Certificate], signed: bytes, data: bytes) -> bool:
    """Whether the file is the signature of the first certificate's key over the data, and nothing else."""
    try:
        signature = _signature(signed)
        if wrap(chain, signature) != signed:
            return False
        key = chain[0].public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(SHA256()))
        else:
            return False
    except (ValueError, IndexError, InvalidSignature):
        return False
    return True


def _signature(signed: bytes) -> bytes:
    """The last value of the one signer, without a look at the rest: :func:`wrap` compares that."""
    inner = read(read(read(read(signed)[0][1])[1][1])[0][1])
    return read(read(inner[-1][1])[0][1])[-1][1]
