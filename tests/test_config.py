"""Settings: refused with a suggestion, or understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from impound import config
from impound.errors import ConfigError


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "impound.toml"
    file.write_text(text)
    return file


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert config.load(tmp_path / "nothing.toml") == config.Config()


def test_what_is_dumped_is_what_is_loaded(tmp_path: Path) -> None:
    assert config.load(written(tmp_path, config.dump(config.Config()))) == config.Config()


def test_networks_are_brought_into_one_spelling(tmp_path: Path) -> None:
    loaded = config.load(written(tmp_path, '[organisation]\nown_networks = ["192.0.2.7/24"]'))
    assert loaded.organisation.own_networks == ("192.0.2.0/24",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[organisaton]\n", "organisation"),
        ("[reading]\nvantge = 'trap'", "vantage"),
        ("[reading]\nvantage = 'moon'", "trap"),
        ("[organisation]\nown_networks = ['nonsense']", "192.0.2.0/24"),
        ("[organisation]\nown_networks = '192.0.2.0/24'", "own_networks"),
        ("reading = 3", ""),
        ("lures = 3", "pharmacy"),
        ("[lures]\npharmcy = ['x']", "pharmacy"),
        ("[brands]\nAcme = 'acme.example'", "Example Bank"),
        ("[brands]\nAcme = ['']", "Example Bank"),
        ("[reading", ""),
        ("[notices]\nport = '25'", "whole number"),
        ("[notices]\nport = 99999", "65535"),
        ("[retention]\nlegal_hold = 1", "true or false"),
        ("[roles]\nanalist = ['alice']", "analyst"),
    ],
)
def test_a_mistake_is_refused_and_the_cure_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config.load(written(tmp_path, text))
    assert said in refused.value.hint + refused.value.message
    assert refused.value.exit_code == 4


def test_own_words_and_marks_are_kept_as_written(tmp_path: Path) -> None:
    loaded = config.load(written(tmp_path, '[lures]\npharmacy = ["wonder root"]\n[brands]\n"My Bank" = ["my.example"]'))
    assert loaded.lures == {"pharmacy": ("wonder root",)}
    assert loaded.brands == {"My Bank": ("my.example",)}
    assert config.load(written(tmp_path, config.dump(loaded))) == loaded


def test_numbers_and_answers_are_kept_as_written(tmp_path: Path) -> None:
    loaded = config.load(written(tmp_path, "[notices]\nper_minute = 5\n[retention]\nlegal_hold = true"))
    assert (loaded.notices.per_minute, loaded.retention.legal_hold) == (5, True)
    assert config.load(written(tmp_path, config.dump(loaded))) == loaded


def test_a_file_that_is_named_lies_beside_the_settings(tmp_path: Path) -> None:
    text = '[notices]\ncontacts = "contacts.csv"\n[handover]\nkey = "/etc/desk/key.pem"'
    loaded = config.load(written(tmp_path, text))
    assert loaded.notices.contacts == str(tmp_path / "contacts.csv")
    assert (loaded.handover.key, loaded.notices.rdap) == ("/etc/desk/key.pem", "")
