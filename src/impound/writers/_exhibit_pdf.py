"""Exhibits as a PDF: A4, numbered pages, the case number above, the CSV file's hash below; always the same bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Frame, NextPageTemplate, PageBreak, PageTemplate, Paragraph, Table
from reportlab.platypus.flowables import Flowable

from impound.canonical import plural
from impound.writers._exhibit import Filed

FONT, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
CELL = 300
"""Characters of a cell that are printed; the CSV file has all."""
GREY = colors.HexColor("#555555")
PLAIN = ParagraphStyle("plain", fontName=FONT, fontSize=9.5, leading=13, spaceAfter=6)
TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=16, leading=20, spaceAfter=8)
SMALL = ParagraphStyle("small", fontName=FONT, fontSize=7.5, leading=9.5, splitLongWords=1)
HEAD = ParagraphStyle("head", parent=SMALL, fontName=BOLD)
SAMPLE = ParagraphStyle("sample", parent=SMALL, leftIndent=6, spaceAfter=8, borderPadding=4, backColor="#f3f3f3")
NEXT = ParagraphStyle("next", parent=PLAIN, fontName=BOLD, spaceBefore=10)


def write(to: Path, head: str, filed: Sequence[Filed]) -> None:
    """Write the exhibits to one file; ``head`` stands on top of every page. The fonts are in the file."""
    for name in (FONT, BOLD):
        font = files("impound.writers") / "fonts" / f"{name}.ttf"
        pdfmetrics.registerFont(TTFont(name, str(font)))
    made = BaseDocTemplate(str(to), pagesize=A4, title=head, author="impound", invariant=1, lang="en")
    frame = Frame(MARGIN, 24 * mm, WIDTH, A4[1] - 48 * mm, id="page", leftPadding=0, rightPadding=0)
    made.addPageTemplates(
        [PageTemplate(id=f"page{n}", frames=[frame], onPage=_edge(head, one)) for n, one in enumerate(filed)]
    )
    made.build([part for n, one in enumerate(filed) for part in _parts(n, one)])


def _edge(head: str, one: Filed) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(GREY)
        canvas.setFont(FONT, 8)
        canvas.drawString(MARGIN, A4[1] - 15 * mm, legible(head)[:100])
        canvas.drawRightString(A4[0] - MARGIN, A4[1] - 15 * mm, one.exhibit.mark)
        canvas.line(MARGIN, A4[1] - 17 * mm, A4[0] - MARGIN, A4[1] - 17 * mm)
        canvas.setFont(FONT, 6.5)
        canvas.drawString(MARGIN, 14 * mm, f"{one.exhibit.file}, SHA-256 {one.sha256}")
        canvas.setFont(FONT, 8)
        canvas.drawRightString(A4[0] - MARGIN, 14 * mm, f"page {document.page}")
        canvas.restoreState()

    return draw


def _parts(n: int, one: Filed) -> Iterator[Flowable]:
    made = one.exhibit
    if n:
        yield NextPageTemplate(f"page{n}")
        yield PageBreak()
    yield Paragraph(legible(f"{made.mark}: {made.title}"), TITLE)
    yield from (Paragraph(legible(text), PLAIN) for text in made.words)
    if one.shown:
        yield _table(one)
    said = f"{plural(one.total, 'row')}, also in {made.file}." if one.total <= len(one.shown) else (
        f"The first {len(one.shown):,} of {one.total:,} rows; all are in {made.file}."
    )  # fmt: skip
    yield Paragraph(said if one.total else "The case holds nothing of this kind.", NEXT)
    for heading, text in made.samples:
        yield Paragraph(legible(heading), NEXT)
        yield Paragraph(legible(text).replace("\n", "<br/>"), SAMPLE)


def _table(one: Filed) -> Table:
    head = [Paragraph(legible(name), HEAD) for name in one.exhibit.columns]
    body = [[Paragraph(legible(cell if len(cell) <= CELL else cell[: CELL - 1] + "…"), SMALL) for cell in row]
            for row in one.shown]  # fmt: skip
    whole = sum(one.exhibit.widths)
    table = Table([head, *body], colWidths=[WIDTH * w / whole for w in one.exhibit.widths], repeatRows=1)
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return table


def legible(text: str) -> str:
    """A text as the page's markup. A run of characters that the fonts lack is named: ``[3 characters: CJK]``."""
    known = pdfmetrics.getFont(FONT).face.charToGlyph if FONT in pdfmetrics.getRegisteredFontNames() else {}
    out, run = [], ""
    for c in f"{text}\0":
        if c != "\0" and ord(c) not in known and c != "\n":
            run += c
            continue
        out += [f"[{len(run)} characters: {unicodedata.name(run[0], 'unnamed').split()[0]}]"] if run else []
        run = ""
        out.append(c)
    return escape("".join(out[:-1]))
