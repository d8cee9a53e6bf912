"""Quiet mail: written to a list, or a reply. People there quote and link to the same things, and nobody commands them.

One rule in two forms: over columns, and as SQL that both engines understand.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from impound.tables import QUIET, QUIET_HEADERS

SQL = QUIET
"""Whether a row ``m`` of ``messages`` is quiet mail."""


def quiet(list_id: pa.ChunkedArray, header_order: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each message is quiet mail, by its columns of those names; null where its headers are not known."""
    answers = pc.match_substring_regex(header_order, rf"(^|,)({'|'.join(QUIET_HEADERS)})(,|$)", ignore_case=True)
    return pc.or_kleene(pc.is_valid(list_id), answers)
