"""The generated pages say what the code does, and every figure carries the command that prints it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["tables.md", "cli.md"])
def test_a_generated_page_is_up_to_date(generate: ModuleType, page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8") == generate.PAGES[page](), "run: python docs/generate.py"


def test_every_command_shows_two_examples() -> None:
    from impound.cli import main

    for name, command in main.commands.items():
        examples = [line for line in (command.epilog or "").splitlines() if "impound" in line]
        assert len(examples) >= 2, name


def test_every_option_says_what_it_does() -> None:
    import click

    from impound.cli import main
    from impound.cli._serve import serve

    for command in (main, *main.commands.values(), *serve.commands.values()):
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{command.name} {option.name}"


def test_no_page_names_a_command_that_does_not_exist() -> None:
    import re

    from impound.cli import main

    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    for page in pages:
        for word in re.findall(r"(?m)(?:^|`|\| |bin/)impound (?:-\w+ )*([a-z]+)\b", page.read_text("utf-8")):
            assert word in main.commands, f"{page.name}: impound {word}"
