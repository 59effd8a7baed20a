"""Cells of tables that offices open: nothing in them becomes a formula or a link, whatever page it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from text.shown import guarded, visible

__all__ = ["CELL", "CUT", "LINE", "SHEET", "Workbook", "guarded", "written"]

# what XML cannot hold, and no program would open the file for
_NO_XML = {code: f"⟨U+{code:04X}⟩" for code in (0xFFFE, 0xFFFF)}
CELL = 32_767  # characters that a cell of XLSX may hold
SHEET = 1_048_575  # rows under the heading
# of a column (characters), of a line (points: Chinese fonts need more than Latin ones), lines of a row, characters across a page
WIDTH, LINE, MOST_LINES, PRINTED = 18, 17, 10, 345
CUT = "…[cut; the whole text is in the JSON lines]"


def written(text: str) -> str:
    """A text as the XML of an office file holds it: control signs visible, what XML cannot hold by its number."""
    return visible(text).translate(_NO_XML)


class Workbook:
    """An XLSX file of plain tables: strings by ``write_string`` alone, so that there is no formula and no link; ``cut`` counts cells cut off.

    Numbers and truth values are written as such (they cannot be either); long ids are strings already and stay text.
    """

    def __init__(self, path: Path, made_at: datetime, title: str = "") -> None:
        import xlsxwriter

        self.cut = 0
        self.book = xlsxwriter.Workbook(
            str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        )
        self.book.set_properties({"title": title, "author": "xuncha", "created": made_at.replace(tzinfo=None)})
        base = {"font_name": "Noto Sans CJK SC", "valign": "top"}
        self._head = self.book.add_format({**base, "bold": True, "bg_color": "#E8E4DA", "bottom": 1, "text_wrap": True})
        self._cell = self.book.add_format({**base, "text_wrap": True, "num_format": "@"})
        self._number = self.book.add_format({**base, "align": "right", "indent": 1})  # clear of the text beside it

    def sheet(
        self,
        name: str,
        head: Sequence[str],
        rows: Iterable[Sequence[Any]],
        widths: Sequence[int] = (),
        raw: bool = False,
    ) -> int:
        """Add a table with frozen heading and filter; returns how many rows it has. More than ``SHEET`` rows go on in a further sheet.

        ``raw`` writes strings as they are instead of making control signs visible.
        """
        total, number, part = 0, 0, 1
        sheet = self._started(name, head, widths)
        for row in rows:
            if number == SHEET:
                sheet.autofilter(0, 0, number, len(head) - 1)
                part, number = part + 1, 0
                sheet = self._started(f"{name} {part}", head, widths)
            number, total = number + 1, total + 1
            for column, value in enumerate(row):
                self._write(sheet, number, column, value, raw)
            # programs that do not measure wrapped cells themselves would show their first line alone
            sheet.set_row(number, LINE * min(MOST_LINES, max(1, *map(_lines, row, [*widths, *[WIDTH] * len(head)]))))
        sheet.autofilter(0, 0, number, len(head) - 1)
        return total

    def close(self) -> None:
        """Write the file."""
        self.book.close()

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self, name: str, head: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3: more than that and the print is too small to read, so it goes on beside
        if sum(widths) <= PRINTED:
            sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.repeat_rows(0)
        sheet.set_footer("&C&P / &N")
        for column, title in enumerate(head):
            sheet.set_column(column, column, widths[column] if column < len(widths) else WIDTH)
            sheet.write_string(0, column, title, self._head)
        sheet.set_row(0, LINE * max(1, *map(_lines, head, [*widths, *[WIDTH] * len(head)])))
        return sheet

    def _write(self, sheet: Any, row: int, column: int, value: Any, raw: bool) -> None:
        match value:
            case None:
                return
            case bool():
                sheet.write_boolean(row, column, value, self._number)
            case int() | float() if abs(value) < 10**15:  # a longer number would lose digits
                sheet.write_number(row, column, value, self._number)
            case _:
                text = str(value).translate(_NO_XML) if raw else written(str(value))
                if len(text.encode("utf-16-le")) // 2 > CELL:
                    self.cut += 1
                    text = text.encode("utf-16-le")[: 2 * (CELL - len(CUT) - 1)].decode("utf-16-le", "ignore") + CUT
                sheet.write_string(row, column, text, self._cell)


def _lines(value: Any, width: int) -> int:
    """How many lines a value takes in a column; Chinese signs are two wide."""
    return sum(
        1 + sum(2 if ord(sign) > 0x2E7F else 1 for sign in line) // max(1, width)
        for line in str(value)[:2_000].split("\n")
    )
