"""Reply contacts: where a message asks to be answered, called or paid, beside the address it came from.

What it finds: what :mod:`impound.check.contacts` finds in each message, as ``reply_contacts``. For lottery and
advance-fee fraud they are all that an investigator can act on.

Why that is evidence: the fraud needs an answer, so its contact works and stays the same while sender and words vary.

Known innocent causes: signatures, list footers and quoted mail are full of contacts; mail to lists, replies and
mailings that one can leave are left out, and so are quoted lines and signatures. A contact counts where the text asks
for it and offers something to strangers.

Reference: :mod:`impound.check.contacts`; ``benchmarks/reply_contacts.py`` for how often it is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from impound import config
from impound.check.contacts import QUIET, contacts
from impound.finders import _whole
from impound.plugin import Engine
from impound.tables import REPLY_CONTACTS


@dataclass(frozen=True)
class Params:
    """(Nothing to choose yet.)"""


_Params = Params


class ReplyContacts:
    """Finds ``reply_contacts`` from ``messages``, ``bodies``, ``urls`` and ``attachments``."""

    name = "reply_contacts"
    version = "3"
    reads: ClassVar[tuple[str, ...]] = _whole.READS
    writes: ClassVar[tuple[str, ...]] = ("reply_contacts",)
    each: ClassVar[tuple[str, ...]] = ("reply_contacts",)
    Params = Params

    def __init__(self, params: _Params | None = None) -> None:
        self.params = params or Params()

    @classmethod
    def from_config(cls, settings: config.Config) -> ReplyContacts:
        """The finder with a case's settings."""
        return cls()

    def look(self, engine: Engine) -> None:
        """Leave the view ``reply_contacts``."""
        engine.run("asking", ASKING)
        _whole.whole(engine, only="asking")
        engine.map("reply_contacts", asked_for, "whole", REPLY_CONTACTS.schema)

    def find(self, engine: Engine) -> None:
        """(All of it rests on single messages.)"""


ASKING = f"""
SELECT id AS message_id FROM messages
WHERE COALESCE(list_id, '') = '' AND COALESCE(mime_shape, '') NOT LIKE 'multipart/report%'
  {"".join(f"AND ',' || LOWER(COALESCE(header_order, '')) || ',' NOT LIKE '%,{name},%' " for name in QUIET)}
"""
"""What :func:`impound.check.contacts.is_quiet` does not leave out anyway, found before texts are joined."""


def asked_for(batch: pa.RecordBatch) -> Iterable[pa.RecordBatch]:
    """Rows of ``reply_contacts`` for a batch of whole messages."""
    rows = [(message, c.kind, c.value) for message, mail in _whole.mails(batch) for c in contacts(mail)]
    columns = list(zip(*rows, strict=True)) or [()] * len(REPLY_CONTACTS.schema)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, REPLY_CONTACTS.schema, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=REPLY_CONTACTS.schema)
