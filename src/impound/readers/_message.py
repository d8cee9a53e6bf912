"""One message to its rows."""

from __future__ import annotations

from impound import canonical
from impound.plugin import Piece, Rows
from impound.readers import _answers, _body, _facts, _mbox, _mime
from impound.readers._images import ImageHasher, MessageImages
from impound.readers._personal import pseudonym, redactor
from impound.readers._shapes import Shapes


def read(piece: Piece, out: Rows, images: ImageHasher | None, shapes: Shapes) -> None:
    """Add the rows of one message; a reject where there is no message, or a part of it could not be read.

    Their shapes are there when ``shapes`` is filled.
    """
    raw = _mbox.unquote(piece.data)
    parsed = _mime.parse(raw)
    if not parsed.headers:
        out.reject(piece, piece.offset, "no mail headers", piece.data[:120])
        return
    for offset, reason in parsed.problems:
        out.reject(piece, piece.offset + offset, reason)
    headers = _facts.headers(parsed.headers)
    if "x-drill" in headers.first:
        out.drills.add(piece.source_id)
    redact = redactor(headers.people + _answers.undelivered(parsed))
    message_id = canonical.record_id(piece.source_sha256, piece.offset, "messages")
    charset = next((part.charset for part in parsed.parts if part.charset), None)
    facts = _facts.facts(headers, raw, redact, charset)
    context = _body.Context(piece, message_id, out, redact, shapes)
    body, pictures = _body.Body(redact), MessageImages(images)
    for part in parsed.parts:
        if _body.is_text(part):
            body.add(part)
        else:
            _body.attachment(context, part, pictures)
    for reason in body.cut[:1]:
        out.reject(piece, piece.offset, reason)
    _body.urls(context, body.links())
    _answers.answers(context, parsed, raw)
    out.row(
        "messages",
        id=message_id,
        source_id=piece.source_id,
        offset=piece.offset,
        bytes=len(piece.data),
        recipients=[pseudonym(out.key, person.address) for person in headers.people],
        mime_shape=parsed.mime_shape,
        boundary_shape=None,
        charset=body.charset,
        body_sha256=_body.bodies(body, out),
        **facts,
    )
    row = out.rows["messages"][-1]
    _facts.shapes(headers, row, shapes)
    if parsed.boundary:
        shapes.want(row, "boundary_shape", parsed.boundary)
