"""Where the real mail lies: what was named, or the sets of IMPOUND_DATA, unpacked once into a scratch folder."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

import zstandard

SCRATCH = Path(tempfile.gettempdir()) / "impound-benchmarks"
TREC = "mail-trec07p"
LABELS = "mail-trec07p-labels.tsv.zst"


def mail(name: str = TREC) -> Path:
    """The unpacked folder of one mail set of IMPOUND_DATA; ends the program with a word when there is none."""
    place = SCRATCH / name
    if not place.exists():
        found = sorted(_data().glob(f"{name}.tar.*"))
        if not found:
            sys.exit(f"there is no {name}.tar.* in IMPOUND_DATA: name a folder instead")
        with scratch("unpack") as whole:
            _unpack(found[0], Path(whole))
            SCRATCH.mkdir(parents=True, exist_ok=True)
            shutil.move(whole, place)
            Path(whole).mkdir()
    return place


def labels() -> Path:
    """The labels of the TREC set, unpacked."""
    place = SCRATCH / LABELS.removesuffix(".zst")
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with (_data() / LABELS).open("rb") as packed, place.open("wb") as plain:
            zstandard.ZstdDecompressor().copy_stream(packed, plain)
    return place


def files(folder: Path) -> list[Path]:
    """Every file below a folder, in order."""
    return sorted(p for p in folder.rglob("*") if p.is_file())


def scratch(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """A folder that goes when its context ends, on the disk that IMPOUND_SCRATCH or TMPDIR names."""
    return tempfile.TemporaryDirectory(prefix=f"impound-{prefix}-", dir=os.environ.get("IMPOUND_SCRATCH"))


def _data() -> Path:
    place = os.environ.get("IMPOUND_DATA")
    if not place:
        sys.exit("name a folder with mail, or set IMPOUND_DATA to the folder with mail-trec07p.tar.xz")
    return Path(place)


def _unpack(archive: Path, place: Path) -> None:
    if archive.suffix != ".zst":
        with tarfile.open(archive) as tar:
            tar.extractall(place, filter="data")
        return
    with (
        archive.open("rb") as packed,
        zstandard.ZstdDecompressor().stream_reader(packed) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        tar.extractall(place, filter="data")
