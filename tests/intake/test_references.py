"""A case that keeps references: no bytes of anybody in it, and verify looks at the paths instead."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from impound import Case
from intake.mail import message, read


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    place = tmp_path / "mail.zip"
    pack(place, {"a.eml": message(100), "b.eml": message(101)})
    return place


@pytest.fixture
def case(folder: Path, archive: Path, tmp_path: Path) -> Path:
    read(tmp_path / "case", folder, archive, reference=True)
    return tmp_path / "case"


def pack(place: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def verified(case: Path) -> tuple[list[str], list[str]]:
    notes: list[str] = []
    return Case.open(case).verify(note=notes.append), notes


def test_no_bytes_are_kept_and_all_is_well_while_nothing_changes(case: Path) -> None:
    assert list((case / "evidence").iterdir()) == []
    assert verified(case) == ([], [])
    assert Case.open(case).count("messages") == 14


def test_a_changed_file_is_found_and_one_that_is_gone_is_noted(case: Path, folder: Path) -> None:
    (folder / "03.eml").write_bytes(message(3) + b"more")
    (folder / "04.eml").unlink()
    assert verified(case) == (
        [f"{folder}/03.eml was changed since it was read"],
        [f"{folder}/04.eml is not there any more"],
    )


def test_a_changed_copy_is_found_though_the_source_itself_is_whole(case: Path, folder: Path) -> None:
    (folder / "copy.eml").write_bytes(b"other")
    assert verified(case)[0] == [f"{folder}/copy.eml was changed since it was read"]


def test_members_of_an_archive_are_compared_too(case: Path, archive: Path) -> None:
    pack(archive, {"a.eml": message(100).replace(b"offer", b"truth")})
    assert verified(case)[0] == [
        f"{archive}!a.eml was changed since it was read",
        f"{archive}!b.eml is no longer in {archive}",
    ]
    archive.unlink()
    assert verified(case) == ([], [f"{archive} is not there any more"])


def test_a_file_that_cannot_be_read_now_is_noted(case: Path, folder: Path) -> None:
    (folder / "07.eml").unlink()
    (folder / "07.eml").symlink_to("nowhere")
    assert verified(case) == ([], [f"{folder}/07.eml cannot be read now: a link that leads nowhere"])


def test_keeping_references_is_decided_once(case: Path, folder: Path, tmp_path: Path) -> None:
    read(case, folder)
    assert list((case / "evidence").iterdir()) == []
    read(tmp_path / "sealed", folder)
    with pytest.raises(Exception, match="keeps its sources' bytes"):
        read(tmp_path / "sealed", folder, reference=True)
