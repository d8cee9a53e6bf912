"""The units in ``extras/systemd`` say what systemd understands and what the command line takes."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest

from impound.cli import main

UNITS = sorted((Path(__file__).parent.parent / "extras" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


def commands(unit: Path) -> list[list[str]]:
    """The words of each command that a service starts."""
    lines = [line for line in unit.read_text("utf-8").splitlines() if line.startswith("ExecStart=")]
    return [shlex.split(line.partition("=")[2]) for line in lines]


def settings(unit: Path) -> dict[str, str]:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of settings keep their capitals
    parser.read_string(unit.read_text("utf-8"))
    return dict(parser["Service"])


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_commands_of_a_service_are_commands_of_impound(unit: Path) -> None:
    assert commands(unit)
    for program, name, *words in commands(unit):
        assert program == "/usr/local/bin/impound"
        command, given = main.commands[name], list(words)
        if isinstance(command, click.Group):
            command = command.commands[given.pop(0)]
        command.make_context(name, given, **main.context_settings)  # raises where an option or argument does not exist


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_reaches_no_network_and_writes_only_to_its_cases(unit: Path) -> None:
    said = settings(unit)
    if "tips" in unit.name:  # a web server on this machine talks to it
        assert (said["IPAddressDeny"], said["IPAddressAllow"]) == ("any", "localhost")
        assert (said["MemorySwapMax"], said["LimitCORE"]) == ("0", "0")
    else:
        assert said["PrivateNetwork"] == "yes"
    assert said["ProtectSystem"] == "strict"
    assert said["ProtectHome"] in ("yes", "read-only")
    assert said["StateDirectory"] == "impound"
    assert "ReadWritePaths" not in said
    assert said["NoNewPrivileges"] == "yes"
    assert said["CapabilityBoundingSet"] == ""


def test_what_follows_ends_its_own_workers() -> None:
    follow = next(unit for unit in SERVICES if "follow" in unit.name)
    assert settings(follow)["KillMode"] == "mixed"


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/usr/local/bin/impound", "/bin/true")
        (tmp_path / unit.name.replace("@.", "@trap.")).write_text(text)
    units = sorted(map(str, tmp_path.iterdir()))
    ran = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    ours = [line for line in ran.stderr.splitlines() if "impound" in line]
    assert ours == []
