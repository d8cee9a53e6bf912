"""The owner's letter as a PDF for print: A4, embedded fonts, room for a window's address, always the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Table,
)
from reportlab.platypus.flowables import Flowable, Spacer

from impound.notices.letter import Letter, Section

FONT, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
LEFT, RIGHT, WINDOW, TOP = 25 * mm, 20 * mm, 62 * mm, 98 * mm
"""Margins, and where the window and the text begin from the top: DIN 5008, form B (45 mm and 98.5 mm)."""
WIDTH = A4[0] - LEFT - RIGHT
INK, GREY = colors.HexColor("#1f4e79"), colors.HexColor("#4a4a4a")
PLAIN = ParagraphStyle("plain", fontName=FONT, fontSize=10, leading=12.8, spaceAfter=3.5)
TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=15, leading=19, spaceAfter=8, textColor=INK)
HEAD = ParagraphStyle("head", fontName=BOLD, fontSize=11, leading=14, spaceBefore=6, spaceAfter=2.5, textColor=INK)
ITEM = ParagraphStyle("item", parent=PLAIN, spaceAfter=3, leftIndent=15, bulletFontName=FONT, bulletFontSize=10)
CELL = ParagraphStyle("cell", fontName=FONT, fontSize=10, leading=13)


def pdf(made: Letter) -> bytes:
    """The letter as a PDF file."""
    _fonts()
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=made.title,
        author=made.sender[0],
        subject=made.ticket,
        lang=made.language,
        invariant=1,
        initialFontName=FONT,
    )
    first = Frame(LEFT, 20 * mm, WIDTH, A4[1] - TOP - 20 * mm, id="first", leftPadding=0, rightPadding=0)
    other = Frame(LEFT, 20 * mm, WIDTH, A4[1] - 43 * mm, id="other", leftPadding=0, rightPadding=0)
    document.addPageTemplates(
        [
            PageTemplate(id="first", frames=[first], onPage=lambda canvas, page: _first(canvas, page, made)),
            PageTemplate(id="other", frames=[other], onPage=lambda canvas, page: _other(canvas, page, made)),
        ]
    )
    document.build(list(_story(made)))
    return out.getvalue()


@cache
def _fonts() -> None:
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(files("impound") / "writers" / "fonts" / f"{name}.ttf")))


def _first(canvas: Any, page: Any, made: Letter) -> None:
    """The first page: who writes, the line above the window, date and ticket beside it."""
    canvas.saveState()
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 14)
    canvas.drawString(LEFT, A4[1] - 24 * mm, made.sender[0][:60])
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.2)
    canvas.line(LEFT, A4[1] - 27 * mm, A4[0] - RIGHT, A4[1] - 27 * mm)
    canvas.setFillColor(GREY)
    canvas.setFont(FONT, 7)
    canvas.drawString(LEFT, A4[1] - 48 * mm, " · ".join(made.sender[:-1])[:95])
    canvas.setFont(FONT, 9.5)
    for n, line in enumerate((*made.sender[1:], "", made.date, made.ticket)):
        canvas.drawString(125 * mm, A4[1] - (50 + 5 * n) * mm, line[:44])
    canvas.restoreState()
    _foot(canvas, page, made)


def _other(canvas: Any, page: Any, made: Letter) -> None:
    canvas.saveState()
    canvas.setFillColor(GREY)
    canvas.setFont(FONT, 8)
    canvas.drawString(LEFT, A4[1] - 18 * mm, made.sender[0][:60])
    canvas.drawRightString(A4[0] - RIGHT, A4[1] - 18 * mm, made.ticket)
    canvas.line(LEFT, A4[1] - 20 * mm, A4[0] - RIGHT, A4[1] - 20 * mm)
    canvas.restoreState()
    _foot(canvas, page, made)


def _foot(canvas: Any, page: Any, made: Letter) -> None:
    canvas.saveState()
    canvas.setFillColor(GREY)
    canvas.setFont(FONT, 8)
    canvas.drawRightString(A4[0] - RIGHT, 13 * mm, made.page.format(n=page.page))
    canvas.restoreState()


def _story(made: Letter) -> Iterator[Flowable]:
    yield NextPageTemplate("other")
    yield Paragraph(escape(made.title), TITLE)
    yield from (Paragraph(escape(words), PLAIN) for words in made.opening)
    for section in made.sections:
        parts = list(_parts(section))
        yield KeepTogether([Paragraph(escape(section.heading), HEAD), *parts[:1]])
        yield from parts[1:]
    yield Spacer(1, 4)
    yield KeepTogether([Paragraph(escape(words), PLAIN) for words in made.closing])


def _parts(section: Section) -> Iterator[Flowable]:
    if section.rows:
        cells = [[Paragraph(escape(cell), CELL) for cell in row] for row in section.rows]
        table = Table(cells, colWidths=[WIDTH * 0.38, WIDTH * 0.62], hAlign="LEFT")
        table.setStyle([
            ("FONTNAME", (0, 0), (-1, -1), FONT),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#c8c8c8")),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ])  # fmt: skip
        yield table
        yield Spacer(1, 5)
    for n, words in enumerate(section.steps, 1):
        yield Paragraph(escape(words), ITEM, bulletText=f"{n}.")
    for words in section.items:
        yield Paragraph(escape(words), ITEM, bulletText="•")
    yield from (Paragraph(f'<font name="{BOLD}">{escape(n)}</font>&nbsp; {escape(w)}', PLAIN) for n, w in section.terms)
    yield from (Paragraph(escape(words), PLAIN) for words in section.paragraphs)
