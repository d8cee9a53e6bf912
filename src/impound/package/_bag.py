"""A folder made a BagIt bag (RFC 8493): the payload lies in ``data/``, every file is named with its SHA-256."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files as files_of
from pathlib import Path

from impound.store import sha256_of

MANIFEST = "manifest-sha256.txt"
TAGS = "tagmanifest-sha256.txt"
INFO = "bag-info.txt"
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


PROFILE_FILE = "bagit-profile.json"
_PROFILE = files_of("impound.package").joinpath("profile.json").read_text("utf-8")
PROFILE: str = json.loads(_PROFILE)["BagIt-Profile-Info"]["BagIt-Profile-Identifier"]
"""The identifier of our BagIt profile, which lies in every bag (BagIt Profiles Specification 1.3)."""


def close_bag(bag: Path, info: Mapping[str, str]) -> None:
    """Write the declaration, ``bag-info.txt`` and both manifests over what lies in the bag; nothing is moved.

    Values of ``info`` are put on one line each. What is signed is the tag manifest, which covers all else but what is
    named after it (its signature).
    """
    payload = files(bag, "data")
    size = sum(path.stat().st_size for path in payload)
    said = {**info, "Payload-Oxum": f"{size}.{len(payload)}"}
    _text(bag / "bagit.txt", DECLARATION)
    _text(bag / PROFILE_FILE, _PROFILE)
    _text(bag / INFO, "".join(f"{key}: {' '.join(value.split())}\n" for key, value in said.items() if value))
    _text(bag / MANIFEST, _listing(bag, payload))
    list_tags(bag)


def list_tags(bag: Path) -> None:
    """Write the tag manifest over what lies beside ``data``."""
    tags = (path for path in files(bag) if path.relative_to(bag).parts[0] != "data")
    _text(bag / TAGS, _listing(bag, (path for path in tags if not path.name.startswith(TAGS))))


def files(bag: Path, below: str = "") -> list[Path]:
    """Everything in the bag (or in a folder of it) that is no plain folder, in the order of its names."""
    found = [path for path in (bag / below).rglob("*") if path.is_symlink() or not path.is_dir()]
    return sorted(found, key=lambda path: path.relative_to(bag).as_posix())


def _listing(bag: Path, paths: Iterable[Path]) -> str:
    return "".join(f"{sha256_of(path)}  {_name(path.relative_to(bag).as_posix())}\n" for path in paths)


def _name(name: str) -> str:
    """A name as RFC 8493 (2.1.3) writes it in a manifest: one line, whatever is in it."""
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
