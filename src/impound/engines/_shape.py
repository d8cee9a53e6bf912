"""Arrow tables in the types of the contract, whatever an engine or a function made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyarrow import types

from impound.tables import TIME

BATCH_BYTES = 4 << 20
"""About how much a batch holds that is handed to a function: enough to hide the cost of sending it."""
BATCH_ROWS = 65_536

_PLAIN = (
    (types.is_decimal, pa.float64()),
    (types.is_floating, pa.float64()),
    (types.is_large_string, pa.string()),
    (types.is_string_view, pa.string()),
    (types.is_large_binary, pa.binary()),
    (types.is_binary_view, pa.binary()),
)


def contract_type(kind: pa.DataType) -> pa.DataType:
    """The type of the contract that holds the values of a type: decimals become doubles, times are in UTC."""
    if types.is_list(kind) or types.is_large_list(kind):
        return pa.list_(contract_type(kind.value_type))
    if types.is_struct(kind):
        return pa.struct([(f.name, contract_type(f.type)) for f in kind])
    if types.is_integer(kind):
        return pa.int32() if kind.bit_width < 32 or kind == pa.int32() else pa.int64()
    if types.is_timestamp(kind) and kind.tz is not None:
        return TIME
    return next((plain for is_kind, plain in _PLAIN if is_kind(kind)), kind)


def contract_schema(schema: pa.Schema) -> pa.Schema:
    """A schema with the contract's types, without metadata."""
    return pa.schema([(f.name, contract_type(f.type)) for f in schema])


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch with the columns of a schema, in its order and types. Raises ValueError when it does not fit."""
    if batch.schema.equals(schema):
        return batch
    missing = set(schema.names) ^ set(batch.schema.names)
    if missing:
        raise ValueError(f"the columns {', '.join(sorted(missing))} stand in only one of result and schema")
    return pa.RecordBatch.from_arrays([batch[f.name].cast(f.type) for f in schema], schema=schema)


def packed(
    batches: Iterable[pa.RecordBatch], size: int = BATCH_BYTES, rows: int = BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """The same rows in order, in batches of about ``size`` bytes or ``rows`` rows, none of them empty."""
    held: list[pa.RecordBatch] = []
    for batch in (piece for whole in batches for piece in _pieces(whole, size)):
        held.append(batch)
        if sum(b.nbytes for b in held) >= size or sum(b.num_rows for b in held) >= rows:
            yield pa.concat_batches(held)
            held = []
    if held:
        yield pa.concat_batches(held)


def _pieces(batch: pa.RecordBatch, size: int) -> Iterator[pa.RecordBatch]:
    rows = max(batch.num_rows * size // max(batch.nbytes, size), 1)
    return (batch.slice(at, rows) for at in range(0, batch.num_rows, rows))
