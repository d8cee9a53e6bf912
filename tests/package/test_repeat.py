"""A reader who has the package and public tools repeats findings by the commands in it, and gets the answers in it."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from bagit import Bag
from bagit_profile import Profile

from impound import Case
from impound.drill import Settings, write
from impound.package import PROFILE, verify
from impound.writers.repeat import received

STEP = re.compile(r"```sh\n(.*?)\n```\n\nprints\n\n```text\n(.*?)\n```", re.DOTALL)
TOOLS = ("sh", "zstd", "tail", "head", "sha256sum")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("repeat")
    write(place / "mail", Settings(messages=900, bots=90, innocents=60, days=4))
    with Case.open_or_create(place / "case", write=True) as made:
        made.read([str(place / "mail")])
        made.find()
    return place / "case"


@pytest.fixture(scope="module")
def police(case: Path) -> Path:
    return Case.open(case).write("handover", case.parent / "police", {"for": "law-enforcement"})


@pytest.fixture(scope="module")
def analyst(case: Path) -> Path:
    return Case.open(case).write("handover", case.parent / "analyst")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with public tools alone: a path that has these and a Python in which impound cannot be found."""
    tools = tmp_path_factory.mktemp("tools")
    for tool in TOOLS:
        found = shutil.which(tool)
        if found is None:
            pytest.skip(f"{tool} is not installed: a reader's commands cannot be run")
        (tools / tool).symlink_to(found)
    python = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    (tools / "python3").symlink_to(python)
    return {"PATH": str(tools)}


def ran(command: str, bag: Path, bare: dict[str, str]) -> str:
    done = subprocess.run(["/bin/sh", "-c", command], cwd=bag, env=bare, capture_output=True, text=True, check=False)
    assert done.stderr == "" and done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_impound_cannot_be_found_there(bare: dict[str, str], tmp_path: Path) -> None:
    program = "import importlib.util as u; print([u.find_spec(name) for name in ('impound', 'pyarrow')])"
    command = f'python3 -I -S -c "{program}"'
    assert ran(command, tmp_path, bare) == "[None, None]\n"


@pytest.mark.parametrize(("who", "commands"), [("police", 8), ("analyst", 4)])
def test_every_command_prints_its_answer(
    who: str, commands: int, bare: dict[str, str], request: pytest.FixtureRequest
) -> None:
    bag = request.getfixturevalue(who)
    page = (bag / "REPEAT.md").read_text()
    found = STEP.findall(page)
    assert len(found) == commands == page.count("```sh")
    for command, answer in found:
        assert ran(command, bag, bare) == f"{answer}\n"


def test_what_needs_originals_says_so(analyst: Path) -> None:
    assert (analyst / "REPEAT.md").read_text().count("for law enforcement only") == 2
    assert not (analyst / "data/cited").exists() and not (analyst / "data/cited.csv").exists()


def test_another_answer_would_be_seen(police: Path, bare: dict[str, str], tmp_path: Path) -> None:
    """The programs say what the tables say, and not what the page says."""
    subprocess.run(["cp", "-r", police / "data/csv", police / "repeat", tmp_path], check=True)
    command = next(c for c, _ in STEP.findall((police / "REPEAT.md").read_text()) if "networks.py" in c)
    command = command.replace("data/", "")
    before = ran(command, tmp_path, bare)
    hosts = (tmp_path / "csv/hosts.csv").read_text()
    (tmp_path / "csv/hosts.csv").write_text(hosts.replace(",infected,", ",unclear,", 1))
    assert int(ran(command, tmp_path, bare).split()[0]) == int(before.split()[0]) - 1


def test_a_line_that_was_changed_does_not_fit(police: Path, bare: dict[str, str], tmp_path: Path) -> None:
    subprocess.run(["cp", "-r", police / "repeat", police / "data/custody.jsonl", tmp_path], check=True)
    text = (tmp_path / "custody.jsonl").read_text()
    (tmp_path / "custody.jsonl").write_text(text.replace('"what": "find"', '"what": "look"', 1))
    done = subprocess.run(["/bin/sh", "-c", "python3 -I -S repeat/custody.py custody.jsonl"], cwd=tmp_path, env=bare,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1 and "does not fit" in done.stderr


def test_cited_messages_are_the_sealed_bytes(police: Path, case: Path) -> None:
    with (police / "data/cited.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    listed = (police / "manifest-sha256.txt").read_text()
    sent = {row["rfc_message_id"] for batch in Case.open(case).rows("messages") for row in batch.to_pylist()}
    assert len(rows) > 100
    for row in rows:
        raw = (police / "data" / row["file"]).read_bytes()
        assert hashlib.sha256(raw).hexdigest() == row["sha256"] and f"{row['sha256']}  data/{row['file']}\n" in listed
        assert raw in (Path(police.parent / "mail") / _box(row, police)).read_bytes()
        assert message_from_bytes(raw, policy=policy.compat32)["Message-ID"] in sent


def _box(row: dict[str, str], bag: Path) -> str:
    with (bag / "data/csv/sources.csv").open(newline="") as file:
        paths = next(source["paths"] for source in csv.DictReader(file) if source["id"] == row["source_id"])
    return str(re.findall(r"[^/\"]+\.mbox", paths)[0])


def test_doubts_are_those_of_the_exhibits_and_of_the_methods(analyst: Path) -> None:
    def table(name: str) -> list[list[str]]:
        with (analyst / "data" / name).open(newline="") as file:
            return list(csv.reader(file))[1:]

    doubts, kinds = table("doubts.csv"), {row[0] for row in table("doubts.csv")}
    assert [row for row in table("exhibits/exculpatory.csv") if [*row, ""] not in doubts] == []
    assert [row[0] for row in table("exhibits/G-method.csv")] == [row[1] for row in doubts if row[0] == "error rate"]
    assert all("python benchmarks/" in row[4] for row in doubts if row[0] == "error rate")
    assert {"verdict", "indicator withheld", "error rate", "host: unclear"} <= kinds


@pytest.mark.parametrize("who", ["police", "analyst"])
def test_the_bag_fits_its_profile(who: str, request: pytest.FixtureRequest) -> None:
    bag = request.getfixturevalue(who)
    profile = Profile(PROFILE, profile=(bag / "bagit-profile.json").read_text())
    assert profile.validate(Bag(str(bag))), profile.report
    assert verify(bag) == []


def test_a_bag_that_names_nobody_does_not_fit(analyst: Path, tmp_path: Path) -> None:
    subprocess.run(["cp", "-r", analyst, tmp_path / "bag"], check=True)
    info = (tmp_path / "bag/bag-info.txt").read_text()
    (tmp_path / "bag/bag-info.txt").write_text(info.replace("Recipient: analyst\n", "Recipient: anybody\n"))
    profile = Profile(PROFILE, profile=(analyst / "bagit-profile.json").read_text())
    assert not profile.validate(Bag(str(tmp_path / "bag")))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from a.example (b.example [192.0.2.7]) by mx.example; x", "192.0.2.7"),
        ("from [198.51.100.1] (b.example [IPv6:2001:db8::1]) by mx.example (mx [192.0.2.1])", "2001:db8::1"),
        ("from x (HELO y) (192.0.2.9) by mx.example", "192.0.2.9"),
        ("from a.example by mx.example", "none"),
    ],
)
def test_a_received_line_names_a_client(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_text(f"Received: {line}\n\n")
    assert received.client(str(tmp_path / "one.eml"), 0) == said
    assert received.client(str(tmp_path / "one.eml"), 1) == "none"
