"""The end of a package: whose signature it is, closing the bag, signing it, and a time stamp where one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cryptography.x509 import Certificate

from impound import package
from impound.asking import NoAnswer
from impound.config import Handover
from impound.errors import UsageError

README = """This folder is a BagIt bag (RFC 8493). Check it with public tools, inside it:

  sha256sum --check manifest-sha256.txt tagmanifest-sha256.txt
{signature}{stamp}
REPEAT.md           how to repeat findings of this case by hand, with the programs in repeat
data/custody.jsonl  who did what to the case: tool, version and parameters of every step, hash-chained
data/manifest.jsonl which files the case is made of
data/tables         every table as Parquet, as the case keeps it; data/csv: the same for spreadsheets
data/doubts.csv     what speaks against the findings, and how often the methods err
data/evidence       the sealed originals as zstd frames (for law enforcement only); tables/seals says what lies where
data/cited          the messages cited as proof, for a mail program (for law enforcement only); cited.csv lists them
"""
ED25519 = f"""\
  openssl pkeyutl -verify -rawin -pubin -inkey {package.PUBLIC_KEY} -in {package.TAGS} \\
    -sigfile {package.SIGNATURE}
"""
CERTIFIED = f"""\
  openssl cms -verify -binary -inform DER -in {package.CMS} -content {package.TAGS} -certfile {package.CERTIFICATE} \\
    -purpose any -CAfile THE-AUTHORITY-YOU-TRUST.pem -out /dev/null
"""
STAMPED = """\
  openssl ts -verify -data {signature} -in {signature}.tsr -CAfile {authority}
"""


def signer(said: Handover, folder: Path) -> package.Signer:
    """Who signs: the key in the settings, with its certificate where there is one, or the case's own key."""
    if said.certificate:
        if not said.key:
            raise UsageError("[handover] certificate without key", "name the key that it certifies as well")
        return package.certified_signer(Path(said.key), Path(said.certificate))
    return package.case_signer(Path(said.key)) if said.key else package.case_signer(folder / "handover.key", make=True)


def authority(said: Handover) -> list[Certificate]:
    """What time stamps must lead to; empty where none is asked for."""
    if bool(said.timestamp) != bool(said.timestamp_ca):
        raise UsageError("[handover] timestamp and timestamp_ca go together", "a stamp counts by its authority alone")
    return package.authority(Path(said.timestamp_ca)) if said.timestamp else []


def seal(
    bag: Path, signing: package.Signer, trusted: list[Certificate], said: Handover, info: Mapping[str, str]
) -> str:
    """Close and sign the bag; gives the time of its stamp, or why it has none.

    A server that does not answer as it should costs the stamp and not the package: that is signed without one.
    """
    package.introduce(bag, signing)
    _describe(bag, signing, bool(trusted))
    if not trusted:
        package.close_bag(bag, info)
        package.sign(bag, signing)
        return "none"
    package.trust(bag, Path(said.timestamp_ca))
    package.close_bag(bag, info)
    package.sign(bag, signing)
    try:
        return f"{package.stamp(bag, said.timestamp, trusted):%Y-%m-%dT%H:%M:%S+00:00}"
    except NoAnswer as error:
        (bag / package.AUTHORITY).unlink()
        _describe(bag, signing, False)
        package.list_tags(bag)
        package.sign(bag, signing)
        return f"none: {error}"


def _describe(bag: Path, signing: package.Signer, stamped: bool) -> None:
    certified = signing.file == package.CERTIFICATE
    stamp = STAMPED.format(signature=package.CMS if certified else package.SIGNATURE, authority=package.AUTHORITY)
    said = README.format(signature=CERTIFIED if certified else ED25519, stamp=stamp if stamped else "")
    (bag / "README.txt").write_text(said, "utf-8")
