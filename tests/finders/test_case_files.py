"""The harness of the YAML cases: it must be able to fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from finders import cases
from impound.plugin import Engine

TEXT = """
- name: a message with a hop comes from that hop
  params: {own_networks: [192.0.2.0/24], share: 0.25}
  given:
    messages:
      - {id: 1, seen_at: 2011-04-04T12:00:00+02:00, subject: "it's üb", received: [{ip: 198.51.100.7, port: 25}]}
      - {id: 2, seen_at: "2011-04-04 10:00:00"}
  expect:
    origins:
      - {message_id: 2, client_ip: null}
      - {message_id: 1, client_ip: 198.51.100.7, hop: null}
"""


class Copying:
    """Finds the first hop, whoever it is."""

    @dataclass(frozen=True)
    class Params:
        own_networks: tuple[str, ...] = ()
        share: float = 0.5

    name = "copying"
    reads: ClassVar[tuple[str, ...]] = ("messages",)
    writes: ClassVar[tuple[str, ...]] = ("origins",)

    def __init__(self, params: Params) -> None:
        self.params = params

    def find(self, engine: Engine) -> None:
        assert self.params.own_networks == ("192.0.2.0/24",)
        ips = {}
        for batch in engine.stream("SELECT id, received, seen_at FROM messages"):
            ips |= {r["id"]: r["received"][0]["ip"] if r["received"] else None for r in batch.to_pylist()}
        engine.view("origins", cases.given("origins", [{"message_id": i, "client_ip": ip} for i, ip in ips.items()]))


def written(folder: Path, text: str) -> Path:
    path = folder / "copying.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_case_that_holds_passes_in_any_order_of_rows(tmp_path: Path, engine: Engine) -> None:
    [case] = cases.load(written(tmp_path, TEXT))
    cases.run(case, engine, Copying)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("client_ip: 198.51.100.7", "client_ip: 198.51.100.8"),
        ("      - {message_id: 2, client_ip: null}\n", ""),
        ("      - {message_id: 2, client_ip: null}\n", "      - {client_ip: null}\n"),
        ("share: 0.25", "shaer: 0.25"),
    ],
    ids=["another value", "a row too many", "uneven columns without the key", "an unknown parameter"],
)
def test_a_case_that_does_not_hold_fails(tmp_path: Path, engine: Engine, old: str, new: str) -> None:
    assert old in TEXT
    [case] = cases.load(written(tmp_path, TEXT.replace(old, new)))
    with pytest.raises(AssertionError):
        cases.run(case, engine, Copying)


@pytest.mark.parametrize(
    ("old", "new"),
    [("origins:", "orgins:"), ("client_ip: null", "client: null"), ("  given:", "  gievn:"), ("subject:", "subjekt:")],
)
def test_a_misspelt_table_column_or_key_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"copying\.yaml"):
        cases.load(written(tmp_path, TEXT.replace(old, new)))


def test_a_misspelt_field_of_a_struct_is_refused() -> None:
    row: dict[str, Any] = {"received": [{"address": "192.0.2.1"}]}
    with pytest.raises(ValueError, match="address"):
        cases.given("messages", [row])
