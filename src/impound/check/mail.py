"""A message as the checks see it: the columns of the record tables that speak of it, in one value.

Text and names are those of the tables: decoded, with tokens such as ``{{to.local}}`` where something derives from the
recipient. A missing value is an empty string, so that a check need not ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

MOST_LINKS, MOST_FILES = 500, 100
"""Links and attachments of one message that a check looks at; a message with more is not read better for it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A row of ``urls``."""

    url: str = ""
    scheme: str = ""
    host: str = ""
    domain: str = ""
    path_shape: str = ""
    place: str = ""
    form: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A row of ``attachments``: what is known of a part without opening it; ``bytes`` is its decoded length."""

    name: str = ""
    media_type: str = ""
    magic: str = ""
    sha256: str = ""
    image_hash: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Mail:
    """A message, its text, its links and its attachments."""

    from_name: str = ""
    from_addr: str = ""
    from_domain: str = ""
    return_path: str = ""
    reply_to: str = ""
    subject: str = ""
    subject_shape: str = ""
    mailer: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    list_id: str = ""
    header_order: str = ""
    rfc_message_id: str = ""
    message_id_shape: str = ""
    date_shape: str = ""
    boundary_shape: str = ""
    mime_shape: str = ""
    charset: str = ""
    text: str = ""
    html_text: str = ""
    hidden_text: str = ""
    links: tuple[Link, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def words(self) -> str:
        """What a reader reads: the page where there is one, the plain text otherwise."""
        return self.html_text or self.text

    @classmethod
    def of(
        cls,
        message: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        urls: Iterable[Mapping[str, Any]] = (),
        attachments: Iterable[Mapping[str, Any]] = (),
    ) -> Self:
        """A message from its rows in the tables ``messages``, ``bodies``, ``urls`` and ``attachments``."""
        said = {**message, **(body or {})}
        return cls(
            **{name: said.get(name) or "" for name in _TEXTS},
            links=tuple(_made(Link, row) for _, row in zip(range(MOST_LINKS), urls, strict=False)),
            files=tuple(_made(File, row) for _, row in zip(range(MOST_FILES), attachments, strict=False)),
        )


_Part = TypeVar("_Part", Link, File)


def _made(kind: type[_Part], row: Mapping[str, Any]) -> _Part:
    return kind(**{name: value for name in _PARTS[kind] if (value := row.get(name)) is not None})


_PARTS: dict[type, tuple[str, ...]] = {kind: tuple(f.name for f in fields(kind)) for kind in (Link, File)}
_TEXTS = tuple(f.name for f in fields(Mail) if f.name not in ("links", "files"))
