"""A time stamp is verified offline and by openssl; a server that lies, drips or never ends costs the stamp alone."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from impound import Case
from impound.asking import Limits, NoAnswer
from impound.errors import ConfigError, UsageError
from impound.package import AUTHORITY, CERTIFICATE, CMS, authority, case_signer, stamp, verify
from impound.package._stamp import decoded, stamped_at
from package.authorities import Answer, Authority, say, server

QUICK = Limits(bytes=64 * 1024, seconds=1.0, anywhere=True)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stamper(ours: Authority) -> Answer:
    return ours.stamper()


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """As much of a package as a stamp needs."""
    signer = case_signer(tmp_path / "key", make=True)
    (tmp_path / "bag").mkdir()
    (tmp_path / "bag/tagmanifest-sha256.txt.sig").write_bytes(signer.sign(b"manifest"))
    return tmp_path / "bag"


def handed_over(case: Path, place: Path, ours: Authority, url: str, more: str = "") -> tuple[Path, list[str]]:
    """A package of a copy of the case, and what its maker was told."""
    shutil.copytree(case, place / "case")
    said = f'[handover]\ntimestamp = "{url}"\ntimestamp_ca = "{ours.ca}"\n{more}'
    (place / "case/impound.toml").write_text(said)
    notes: list[str] = []
    return Case.open(place / "case").write("handover", place / "bag", note=notes.append), notes


def test_public_tools_and_verify_agree(case: Path, tmp_path: Path, ours: Authority, stamper: Answer) -> None:
    chain = ours.certify("signer")
    more = f'key = "{chain.with_suffix(".key")}"\ncertificate = "{chain}"\n'
    with server(stamper) as url:
        bag, told = handed_over(case, tmp_path, ours, url, more)
    receipt = tmp_path / "bag.receipt.json"
    notes: list[str] = []
    assert verify(bag, receipt, notes.append) == [] and "says a time stamp" in notes[0]
    assert verify(bag, receipt, trusted=authority(ours.ca)) == []
    assert told[0].startswith("Time stamp: 20") and Case.open(tmp_path / "case").custody()[-2]["what"] == "time stamp"
    tools = (
        [sys.executable, "-m", "bagit", "--validate", str(bag)],
        ["openssl", "ts", "-verify", "-data", CMS, "-in", f"{CMS}.tsr", "-CAfile", AUTHORITY],
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", CMS, "-content", "tagmanifest-sha256.txt",
         "-certfile", CERTIFICATE, "-purpose", "any", "-CAfile", str(ours.ca), "-out", "/dev/null"],
    )  # fmt: skip
    for tool in tools:
        ran = subprocess.run(tool, cwd=bag, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, (tool, ran.stdout, ran.stderr)
    for name in (f"{CMS}.tsr", CMS, AUTHORITY):
        (bag / name).rename(tmp_path / "away")
        assert any(name in said for said in verify(bag))
        (tmp_path / "away").rename(bag / name)
    (said,) = verify(bag, trusted=authority(Authority(tmp_path / "other").ca))[:1]
    assert said.startswith(f"{CMS}.tsr is no time stamp of {CMS}: ")


def test_every_bit_of_a_stamp_counts_with_the_receipt(
    case: Path, tmp_path: Path, ours: Authority, stamper: Answer
) -> None:
    with server(stamper) as url:
        bag, _ = handed_over(case, tmp_path, ours, url)
    file, chance = bag / "tagmanifest-sha256.txt.sig.tsr", random.Random(2)
    whole = file.read_bytes()
    for _ in range(20):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        assert any(file.name in said for said in verify(bag, tmp_path / "bag.receipt.json"))


def drip(question: BaseHTTPRequestHandler, asked: bytes) -> None:
    question.send_response(200)
    question.end_headers()
    while True:
        question.wfile.write(b"x")
        question.wfile.flush()
        time.sleep(0.1)


def flood(question: BaseHTTPRequestHandler, asked: bytes) -> None:
    question.send_response(200)
    question.end_headers()
    while True:
        question.wfile.write(b"x" * 65536)


def silence(question: BaseHTTPRequestHandler, asked: bytes) -> None:
    time.sleep(3)


LIARS = {
    "no answer in time": (drip, silence),
    "more than 65,536 bytes": (flood,),
    "the answer is no time stamp": (
        lambda question, asked: say(question, b""),
        lambda question, asked: say(question, b"\x30\x84\xff\xff\xff\xff"),
        lambda question, asked: say(question, b"\x30\x80" * 1000),
        lambda question, asked: say(question, b"<html>no</html>"),
        say,
        lambda question, asked: say(question, bytes.fromhex("30053003020102")),  # rejection
    ),
    "the server answers 500": (lambda question, asked: say(question, b"", 500),),
}


@pytest.mark.parametrize(
    ("why", "liar"), [(why, liar) for why, liars in LIARS.items() for liar in liars], ids=lambda one: str(one)[:30]
)
def test_a_server_that_lies_or_never_ends_is_given_up(why: str, liar: Answer, signed: Path, ours: Authority) -> None:
    began = time.monotonic()
    with server(liar) as url, pytest.raises(NoAnswer, match=why):
        stamp(signed, url, authority(ours.ca), QUICK)
    assert time.monotonic() - began < 5 and not list(signed.glob("*.tsr"))


def test_an_old_answer_and_another_authority_are_no_stamp(signed: Path, ours: Authority, stamper: Answer) -> None:
    with server(stamper) as url:
        stamp(signed, url, authority(ours.ca), QUICK)
    old = (signed / "tagmanifest-sha256.txt.sig.tsr").read_bytes()
    with server(lambda question, asked: say(question, old)) as url, pytest.raises(NoAnswer, match="Nonce"):
        stamp(signed, url, authority(ours.ca), QUICK)
    stranger = Authority(signed.parent / "stranger")
    with server(stranger.stamper()) as url, pytest.raises(NoAnswer, match="no time stamp"):
        stamp(signed, url, authority(ours.ca), QUICK)
    with pytest.raises(ValueError, match="Mismatch"):
        stamped_at(old, b"another signature", authority(ours.ca))


def test_without_an_answer_the_package_is_made_without_a_stamp_and_says_so(
    case: Path, tmp_path: Path, ours: Authority
) -> None:
    with server(lambda question, asked: say(question, b"", 503)) as url:
        bag, told = handed_over(case, tmp_path, ours, url)
    assert told[0] == "Time stamp: none: the server answers 503"
    assert "none: the server answers 503" in (tmp_path / "bag.receipt.json").read_text()
    assert verify(bag, tmp_path / "bag.receipt.json") == [] and not (bag / AUTHORITY).exists()
    assert "openssl ts" not in (bag / "README.txt").read_text()


def test_an_answer_is_taken_apart_or_refused(ours: Authority, stamper: Answer, signed: Path) -> None:
    with server(stamper) as url:
        stamp(signed, url, authority(ours.ca), QUICK)
    whole, chance = (signed / "tagmanifest-sha256.txt.sig.tsr").read_bytes(), random.Random(4)
    signature = (signed / "tagmanifest-sha256.txt.sig").read_bytes()
    for _ in range(300):
        data = bytearray(whole[: chance.choice((len(whole), chance.randrange(len(whole))))])
        for _ in range(chance.randrange(1, 4)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            stamped_at(bytes(data), signature, authority(ours.ca))
        except ValueError:
            continue
        assert decoded(bytes(data)).tst_info.gen_time == decoded(whole).tst_info.gen_time


def test_settings_that_do_not_fit_are_refused(case: Path, tmp_path: Path, ours: Authority) -> None:
    with pytest.raises(UsageError, match="go together"):
        shutil.copytree(case, tmp_path / "case")
        (tmp_path / "case/impound.toml").write_text('[handover]\ntimestamp = "http://127.0.0.1:9/"\n')
        Case.open(tmp_path / "case").write("handover", tmp_path / "bag")
    (tmp_path / "no.pem").write_text("no")
    with pytest.raises(ConfigError, match="no certificate"):
        authority(tmp_path / "no.pem")
