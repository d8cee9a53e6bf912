"""What lies inside an archive, however deep, as inputs; told by its first bytes, never by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from impound.inputs import _tar, _zip
from impound.inputs._input import Broken, Input, Limits, Trouble, gather, head
from impound.inputs._streams import PIECE, Budget, Pull, Raw, expanded

MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9](?:\x31\x41\x59\x26\x53\x59|\x17\x72\x45\x38\x50\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
    "zip": re.compile(rb"PK\x03\x04|PK\x05\x06"),
}
"""How archives begin (RFC 1952; bzip2, xz and zip by their own specifications; RFC 8878 with its skippable frames)."""
_ANY = re.compile(b"|".join(magic.pattern for magic in MAGIC.values()))
_SUFFIX = re.compile(r"\.(?:gz|z|bz2?|xz|zstd?|(t)(?:gz|bz2?|xz|zst))\Z", re.IGNORECASE)
_UP = re.compile(r"(?<![^/])\.\.(?![^/])")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Member = tuple[str, "Pull | _tar.Part | None", str, bool]


def kind_of(beginning: bytes) -> str:
    """Which kind of archive begins so; empty for none. 512 bytes suffice."""
    if _ANY.match(beginning):
        return next(kind for kind, magic in MAGIC.items() if magic.match(beginning))
    return "tar" if _tar.is_header(beginning) else ""


def shown(name: str, limit: int) -> str:
    """A member's name that can do no harm, with what climbs (``..``, a leading ``/``) and controls as ``%2E%2E``."""
    name = _UNSAFE.sub(_percent, _UP.sub("%2E%2E", name[: limit + 1]))
    name = "%2F" + name[1:] if name.startswith("/") else name.removeprefix("./")
    return name[:limit] + "…" if len(name) > limit else name


def expand(item: Input, tmp: Path, limits: Limits) -> Iterator[Input | Trouble]:
    """The input itself, or what lies inside where it is an archive.

    Of an archive that could not be read to its end, or not wholly, the archive comes last, with ``unread`` set. What
    came out of a member before it broke is an input as well.
    """
    if not kind_of(head(item, _tar.BLOCK)):
        return iter((item,))  # what nearly every file is: the shortest way
    return _Unpacking(tmp, limits, Budget(item.size, limits)).expand(item, 0)


@dataclass(frozen=True, slots=True)
class _Unpacking:
    """The bounds within which one archive with all its layers is read."""

    tmp: Path
    limits: Limits
    budget: Budget

    def expand(self, item: Input, depth: int) -> Iterator[Input | Trouble]:
        kind = kind_of(head(item, _tar.BLOCK))
        if kind and depth == self.limits.depth:
            item.unread, kind = f"an archive inside {depth} others: not opened", ""
        if not kind:
            yield item
            return
        problems: list[Broken] = []
        empty = True
        for found in self.inside(item, kind, problems):
            empty = False
            if isinstance(found, Trouble):
                yield found
            else:
                yield from self.expand(found, depth + 1)
        if empty and not problems:
            problems.append(Broken(item.size, "an archive with nothing inside"))
        if not problems:
            item.close()
            return
        more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
        item.unread, item.unread_at = problems[0].reason + more, problems[0].offset
        yield item

    def inside(self, item: Input, kind: str, problems: list[Broken]) -> Iterator[Input | Trouble]:
        """The members one floor down; adds to ``problems`` what keeps the archive from being read wholly."""
        archive, sha256 = item.archive or item.path, item.archive_sha256 or item.sha256.hex()
        try:
            for count, (name, source, reason, lost) in enumerate(_members(item, kind, self.budget)):
                if count == self.limits.members:
                    raise Broken(0, f"more than {self.limits.members:,} members: the rest is not read")
                name = shown(name, self.limits.name)  # noqa: PLW2901
                path = f"{item.path}!{name}"
                if source is None:
                    yield Trouble(path, archive, 0, reason)
                    if lost:
                        problems.append(Broken(0, f"{name[:80]}: {reason}"))
                    continue
                member, broken = gather(path, source, self.tmp, self.limits)
                member.archive, member.archive_sha256 = archive, sha256
                if broken is not None:
                    problems.append(broken)
                if member.size or broken is None:
                    yield member
                elif kind == "zip":
                    yield Trouble(path, archive, broken.offset, broken.reason)
        except Broken as broken:
            if (broken.offset, broken.reason) not in {(known.offset, known.reason) for known in problems}:
                problems.append(broken)


def _members(item: Input, kind: str, budget: Budget) -> Iterator[Member]:
    with item.open() as stream:
        if kind == "zip":
            with item.open() as directory:
                yield from _zip.members(stream, directory, item.size, budget)
            return
        raw = Raw(stream)
        pull = Pull(_plain(raw) if kind == "tar" else expanded(raw, kind, budget, MAGIC[kind]))
        if kind != "tar" and not _tar.is_header(pull.peek(_tar.BLOCK)):
            yield _stem(item.path), pull, "", False
            return
        for name, part, reason, lost in _tar.members(pull):
            yield name.decode("utf-8", "backslashreplace"), part, reason, lost


def _plain(raw: Raw) -> Iterator[bytes]:
    while piece := raw.read(PIECE):
        yield piece


def _stem(path: str) -> str:
    """The name of what a compressed file holds: its own without the suffix."""
    name = re.split(r"[!/]", path)[-1]
    return _SUFFIX.sub(lambda found: ".tar" if found[1] else "", name) or name


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))
