"""A certified key signs as CMS: openssl and verify agree, no bit of it can change, and only its authority vouches."""

from __future__ import annotations

import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from impound import Case
from impound.cli import main
from impound.errors import ConfigError, UsageError
from impound.package import CERTIFICATE, CMS, authority, case_signer, certificates, certified_signer, verify
from impound.package._cms import holds, sign
from impound.package._trust import leads_to
from package.authorities import Authority, Key

KEYS = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=KEYS)
def key(request: pytest.FixtureRequest) -> Key:
    made: Key = KEYS[request.param]()
    return made


def test_openssl_reads_what_we_sign(key: Key, ours: Authority, tmp_path: Path) -> None:
    chain = certificates(ours.certify("signer", key).read_bytes() + ours.ca.read_bytes())
    (tmp_path / "data").write_bytes(b"manifest\n")
    (tmp_path / "p7s").write_bytes(sign(key, chain, b"manifest\n"))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "p7s", "-content", "data", "-CAfile",
               str(ours.ca), "-purpose", "any", "-out", "out"]  # fmt: skip
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (tmp_path / "data").write_bytes(b"manifest!\n")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_every_bit_counts(key: Key, ours: Authority) -> None:
    chain = certificates(ours.certify("signer", key).read_bytes())
    whole, chance = sign(key, chain, b"manifest"), random.Random(1)
    assert holds(chain, whole, b"manifest") and sign(key, chain, b"manifest") == whole
    assert not holds(chain, whole, b"manifests")
    for _ in range(300):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        assert not holds(chain, bytes(data), b"manifest")
    for cut in (0, 1, 10, len(whole) - 1):
        assert not holds(chain, whole[:cut], b"manifest")
    assert not holds(chain, whole + b"\0", b"manifest")


def test_a_package_of_a_certified_key(case: Path, ours: Authority, tmp_path: Path) -> None:
    signer = ours.certify("signer")
    shutil.copytree(case, tmp_path / "case")
    said = f'[handover]\nkey = "{signer.with_suffix(".key")}"\ncertificate = "{signer}"\n'
    (tmp_path / "case/impound.toml").write_text(said)
    bag = Case.open(tmp_path / "case").write("handover", tmp_path / "bag")
    asked = ["verify", str(bag), "--receipt", f"{bag}.receipt.json", "--trusted", str(ours.ca)]
    ran = CliRunner().invoke(main, asked)
    assert ran.exit_code == 0 and "signed by CN=Example signer" in ran.output and "no time stamp" in ran.output
    assert not list(bag.glob("*key*")) and not any(b"PRIVATE" in path.read_bytes() for path in bag.glob("*.*"))
    stranger = Authority(tmp_path / "stranger")
    (wrong,) = verify(bag, trusted=authority(stranger.ca))
    assert wrong.startswith(f"{CERTIFICATE} leads to no certificate that is trusted")
    thief = stranger.certify("signer")
    (bag / CMS).write_bytes(certified_signer(thief.with_suffix(".key"), thief).sign(b"manifest"))
    assert any(said.startswith(CMS) for said in verify(bag))


def test_a_bare_key_has_no_authority(case: Path, ours: Authority, tmp_path: Path) -> None:
    bag = Case.open(case).write("handover", tmp_path / "bag")
    assert verify(bag, trusted=authority(ours.ca)) == ["public-key.pem is a bare key: no authority vouches for it"]


def test_an_authority_vouches_for_a_time(ours: Authority) -> None:
    chain = certificates(ours.certify("signer", days=60).read_bytes())
    roots, now = authority(ours.ca), datetime.now(UTC)
    assert leads_to(chain, roots, now) and leads_to(roots, roots, now) and leads_to(chain, chain, now)
    for off in (timedelta(days=60), timedelta(days=-60)):
        assert not leads_to(chain, roots, now + off) and not leads_to(chain, chain, now + off)
    assert not leads_to(chain, certificates(ours.certify("signer").read_bytes()), now)


def test_keys_that_do_not_fit_are_refused(ours: Authority, tmp_path: Path, case: Path) -> None:
    signer, other = ours.certify("signer"), ours.certify("other")
    with pytest.raises(ConfigError, match="is not that of"):
        certified_signer(signer.with_suffix(".key"), other)
    with pytest.raises(ConfigError, match="no certificate"):
        certified_signer(signer.with_suffix(".key"), signer.with_suffix(".key"))
    with pytest.raises(ConfigError, match="no Ed25519"):
        case_signer(signer.with_suffix(".key"))
    case_signer(tmp_path / "ed", make=True)
    with pytest.raises(ConfigError, match="no RSA"):
        certified_signer(tmp_path / "ed", signer)
    shutil.copytree(case, tmp_path / "case")
    (tmp_path / "case/impound.toml").write_text(f'[handover]\ncertificate = "{signer}"\n')
    with pytest.raises(UsageError, match="without key"):
        Case.open(tmp_path / "case").write("handover", tmp_path / "bag")
