"""The paper that a letter is written on: A4 with the margins of official letters (GB/T 9704-2012), fonts, tables, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from reports.cells import written

# Office programs that lack them take another Chinese font; the Latin one is everywhere
BODY, HEAD, LATIN = "仿宋", "黑体", "Times New Roman"
WIDTH = 156  # mm between the margins
MUTED = RGBColor(0x59, 0x5F, 0x69)


class Paper:
    """A letter under way. All texts pass ``written``: shown as text, never as a field, a link or markup."""

    def __init__(self, title: str, at: datetime) -> None:
        self.docx: Any = Document()
        section = self.docx.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
            Mm(30),
            Mm(28),
            Mm(28),
            Mm(26),
        )
        style = self.docx.styles["Normal"]
        style.font.name, style.font.size = LATIN, Pt(12)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
        speaks_chinese(self.docx)
        self.docx.styles["Footer"].font.size = Pt(
            8.5
        )  # of the page numbers, which the program that opens the file fills in
        style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(4), 1.35
        properties = self.docx.core_properties
        properties.author, properties.title, properties.comments, properties.language = "xuncha", title, "", "zh-CN"
        properties.created = properties.modified = at.replace(tzinfo=None)
        properties.last_modified_by = "xuncha"

    def line(
        self,
        text: str,
        english: str = "",
        *,
        size: float = 12,
        bold: bool = False,
        align: str = "",
        font: str = BODY,
        indent: bool = False,
    ) -> Any:
        """A paragraph, with the same in English under it in small."""
        paragraph = self.docx.add_paragraph()
        if align:
            paragraph.alignment = {"center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}[align]
        if indent:
            paragraph.paragraph_format.first_line_indent = Pt(2 * size)
        self._run(paragraph, text, size, bold, font)
        if english:
            paragraph.paragraph_format.space_after = Pt(0)
            below = self.line(english, size=max(8, size - 3.5), align=align)
            below.runs[0].font.color.rgb = MUTED
            below.paragraph_format.line_spacing = 1.1
        return paragraph

    def heading(self, text: str, english: str) -> None:
        """The heading of a part, kept with what follows."""
        paragraph = self.docx.add_paragraph()
        paragraph.paragraph_format.space_before, paragraph.paragraph_format.keep_with_next = Pt(10), True
        self._run(paragraph, text, 13, True, HEAD)
        self._run(paragraph, f"  {english}", 9.5, False, BODY).font.color.rgb = MUTED

    def pairs(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """A table of two columns: (name, the same in English, value)."""
        table = self._table(2, (36, WIDTH - 36))
        for name, english, value in rows:
            row = table.add_row()
            self._mark(row, "w:cantSplit")
            cells = row.cells
            self._fill(cells[0], name, english, shaded=True)
            self._fill(cells[1], value, "")
        self._gap()

    def table(
        self, head: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], widths: Sequence[float], size: float = 8
    ) -> None:
        """A table with a heading that is repeated on each page; a row stays on one page."""
        table = self._table(len(head), widths)
        cells = table.add_row().cells
        for cell, (name, english) in zip(cells, head, strict=True):
            self._fill(cell, name, english, shaded=True, size=size)
        self._mark(table.rows[0], "w:tblHeader")
        for row in rows:
            for cell, value in zip(table.add_row().cells, row, strict=True):
                self._fill(cell, value, "", size=size)
        self._gap()

    def signatures(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """The hand-over: two columns of (name, English) with room to sign; nothing is filled in."""
        table = self._table(4, (30, 48, 30, 48))
        for left, left_en, right, right_en in rows:
            row = table.add_row()
            row.height = Mm(12)
            self._mark(row, "w:cantSplit")
            self._fill(row.cells[0], left, left_en, shaded=True)
            self._fill(row.cells[2], right, right_en, shaded=True)
        for cell in (cell for row in table.rows[:-1] for cell in row.cells):  # nobody signs half a table
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True

    def footer(self, text: str) -> None:
        """A line at the foot of each page, with the page's number."""
        paragraph = self.docx.sections[0].footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(paragraph, f"{text}    ", 8.5, False, BODY).font.color.rgb = MUTED
        for field in ("PAGE", "NUMPAGES"):  # the only fields there are, and ours
            run = self._run(paragraph, "" if field == "PAGE" else " / ", 8.5, False, BODY)
            for kind, told in (("begin", ""), ("", field), ("end", "")):
                part = OxmlElement("w:fldChar" if kind else "w:instrText")
                if kind:
                    part.set(qn("w:fldCharType"), kind)
                else:
                    part.text = told
                run._r.append(part)

    def save(self, path: Any) -> None:
        """Write the file."""
        self.docx.save(str(path))

    def _table(self, columns: int, widths: Sequence[float]) -> Any:
        table = self.docx.add_table(rows=0, cols=columns)
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        margins = OxmlElement("w:tblCellMar")
        for side, room in (("top", 40), ("left", 90), ("bottom", 40), ("right", 70)):  # twentieths of a point
            margin = OxmlElement(f"w:{side}")
            margin.set(qn("w:w"), str(room))
            margin.set(qn("w:type"), "dxa")
            margins.append(margin)
        table._tbl.tblPr.append(margins)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        return table

    def _fill(self, cell: Any, text: str, english: str, shaded: bool = False, size: float = 10) -> None:
        first, *more = text.split("\n")
        paragraph = cell.paragraphs[0]
        for place, line in enumerate((first, *more)):
            paragraph = paragraph if place == 0 else cell.add_paragraph()
            paragraph.paragraph_format.space_after, paragraph.paragraph_format.line_spacing = Pt(0), 1.15
            self._run(paragraph, line, size, False, HEAD if shaded else BODY)
        if english:
            below = cell.add_paragraph()
            below.paragraph_format.space_after, below.paragraph_format.line_spacing = Pt(0), 1.05
            self._run(below, english, size - 2, False, BODY).font.color.rgb = MUTED
        if shaded:
            shade = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F1EEE6")):
                shade.set(qn(f"w:{name}"), value)
            cell._tc.get_or_add_tcPr().append(shade)

    def _gap(self) -> None:
        self.docx.add_paragraph().paragraph_format.space_after = Pt(2)

    def _run(self, paragraph: Any, text: str, size: float, bold: bool, font: str) -> Any:
        run = paragraph.add_run(written(text))
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, LATIN
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        return run

    def _mark(self, row: Any, name: str) -> None:
        row._tr.get_or_add_trPr().append(OxmlElement(name))


def speaks_chinese(paper: Any) -> None:
    """Say that East Asian text is Chinese of the mainland: without it programs take any East Asian font, and set marks in the middle."""
    for language in paper.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
