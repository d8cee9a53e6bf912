"""Does a certificate lead to an authority that the reader trusts?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.x509 import BasicConstraints, Certificate
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

DEPTH = 8


def leads_to(chain: Sequence[Certificate], trusted: Sequence[Certificate], at: datetime) -> bool:
    """Whether the first certificate, by way of the others, was vouched for by a trusted one at a time (RFC 5280, 6).

    A trusted certificate vouches for itself while it is valid. Revocation is not looked up: nobody is asked.
    """
    if chain[0] in trusted:
        return chain[0].not_valid_before_utc <= at.astimezone(UTC) <= chain[0].not_valid_after_utc
    issuers = ExtensionPolicy.permit_all().require_present(BasicConstraints, Criticality.AGNOSTIC, _authority)
    builder = PolicyBuilder().store(Store(list(trusted))).time(at.astimezone(UTC).replace(tzinfo=None))
    builder = builder.extension_policies(ca_policy=issuers, ee_policy=ExtensionPolicy.permit_all())
    try:
        builder.max_chain_depth(DEPTH).build_client_verifier().verify(chain[0], list(chain[1:]))
    except VerificationError:
        return False
    return True


def _authority(policy: Policy, certificate: Certificate, limits: BasicConstraints | None) -> None:
    if limits is None or not limits.ca:
        raise ValueError("it is no authority")
