"""``show`` tells of a botnet: for people by name, for programs as one object."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from impound import Case, drill

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("botnet")
    mail = drill.write(folder / "mail", drill.Settings(1_200, bots=120, innocents=120, botnets=2, days=5, seed=3)).out
    with Case.open_or_create(folder / "case", write=True) as case:
        case.read([str(mail)])
        case.find()
    return folder / "case"


def test_a_botnet_by_name_and_by_id_in_words_and_as_json(run: Run, place: Path) -> None:
    largest = json.loads(run("show", place, "botnets", "--format", "json").stdout)[0]
    said = run("show", place, largest["name"].lower()).stdout
    assert said == run("show", place, "botnet", str(largest["id"])).stdout
    assert said.startswith(f"Botnet     {largest['name']} ({largest['id']})")
    lines = {line.split("  ")[0] for line in said.splitlines()}
    assert {"Time", "Machines", "Growth", "Ties", "Campaigns", "Addresses", "A sceptic", "Next"} <= lines
    shown = json.loads(run("show", place, "botnet", largest["name"], "--format", "json").stdout)
    assert len(shown["its_hosts"]) == shown["hosts"] == largest["hosts"]
    assert all("message" in member["link"] for member in shown["its_hosts"])
    assert sum(day["messages"] for day in shown["its_days"]) == shown["messages"]


def test_a_botnet_that_does_not_exist_is_a_mistake_that_says_which_do(run: Run, place: Path) -> None:
    name = json.loads(run("show", place, "botnets", "--format", "json").stdout)[0]["name"]
    near = run("show", place, "botnet", f"{name}x")
    assert near.exit_code == 2 and f"did you mean {name}?" in near.stderr
    assert "impound show CASE botnets lists them" in run("show", place, "botnet", "17").stderr
