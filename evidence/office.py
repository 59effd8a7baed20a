"""The papers of a bundle that an office edits: 清单.xlsx and 提取记录.docx. The same record gives the same bytes.

What they must say: 法发〔2016〕22号, art. 14 (cause, object, content, time, place, method, process; a list with category, format and check value;
signatures), and the procuratorate's 2021 rules on cyber cases, art. 37. What only the officer can say is left blank, and says so.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from evidence.record import COLUMNS, FIELDS, STANDING, rows_of
from text.shown import plain

ENDS = (1980, 1, 1, 0, 0, 0)  # the ZIP's own epoch: the time of packing is no part of the evidence
MOST_PROPERTY = 200  # characters; Office takes 255
MOST_EMBEDDED = 6  # pictures in the document; all of them lie in screenshots/
MOST_PIXELS = 1_600  # height of an embedded picture; the whole one lies in screenshots/
WIDTHS = (6, 20, 24, 22, 17, 13, 36, 38, 27, 30)  # in characters of a spreadsheet; a Chinese one takes two
LINE = 17  # points; Chinese fonts need more than Latin ones
SIGNED = 12  # mm, the height of a row that somebody signs in
DATED = "　　　　　　　　　　　　　　　　年　　月　　日"
BLANK = "（由执法人员填写 for the officer）"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_FONT = "宋体"


def inventory(record: Mapping[str, Any]) -> bytes:
    """清单.xlsx: every cell is a string, so that nothing in it is ever a formula, a link or a number that loses its digits."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    made = record["made"]
    book.set_properties(
        {"title": "电子数据清单", "author": _fit(made["by"])[:MOST_PROPERTY], "created": _time(made["time_utc"])}
    )
    sheet = book.add_worksheet("清单")
    head = book.add_format(
        {"bold": True, "font_name": _FONT, "bg_color": "#E8E8E8", "border": 1, "text_wrap": True, "valign": "vcenter"}
    )
    body = book.add_format({"font_name": _FONT, "border": 1, "text_wrap": True, "valign": "top"})
    plain_cell, title = (
        book.add_format({"font_name": _FONT}),
        book.add_format({"font_name": _FONT, "bold": True, "font_size": 16}),
    )
    sheet.write_string(0, 0, "电子数据清单", title)
    told = (
        f"线索编号 {record['lead']['id']}；提取单位 {made['operator'] or '—'}；出包人 {made['by']}；出包时间 {made['time_beijing']}（北京时间）",
        STANDING,
    )
    for row, line in enumerate(told, 1):
        sheet.write_string(row, 0, _fit(line), plain_cell)
    sheet.set_row(4, LINE * max(_lines(name, width) for name, width in zip(COLUMNS, WIDTHS, strict=True)))
    for column, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
        sheet.write_string(4, column, name, head)
        sheet.set_column(column, column, width)
    last = 4
    for last, cells in enumerate(rows_of(record), 5):
        sheet.set_row(last, LINE * max(_lines(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)))
        for column, cell in enumerate(cells):
            sheet.write_string(last, column, _fit(cell), body)
    for offset, name in enumerate(record["signatures"], 2):
        sheet.set_row(last + offset, 2 * LINE)
        sheet.write_string(
            last + offset, 0, f"{name}（签名或者盖章）：                              年    月    日", plain_cell
        )
    sheet.freeze_panes(5, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.set_footer("&C&P / &N")
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(4)
    book.close()
    return _same_bytes(buffer.getvalue())


def protocol(record: Mapping[str, Any], pictures: Mapping[str, bytes], law: Sequence[str], fingerprint: str) -> bytes:
    """提取记录.docx: how, when, by what and from where each piece was taken, with the first pictures and room for signatures."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    made, lead = record["made"], record["lead"]
    paper = Document()
    for section in paper.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin = section.bottom_margin = Cm(2)
    for style in ("Normal", "Title", "Heading 1", "Heading 2"):
        paper.styles[style].font.name = _FONT
        paper.styles[style].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    paper.styles["Normal"].font.size = Pt(10.5)
    for language in paper.styles.element.iter(
        qn("w:lang")
    ):  # else programs take any East Asian font, and set marks in the middle
        language.set(qn("w:eastAsia"), "zh-CN")
    properties = paper.core_properties
    properties.author = properties.last_modified_by = _fit(made["by"])[:MOST_PROPERTY]
    properties.title, properties.comments, properties.revision = "电子数据提取记录", "", 1
    properties.created = properties.modified = _time(made["time_utc"])
    paper.add_heading("电子数据提取记录（线索）", 0)
    paper.add_paragraph(STANDING)
    _table(paper, [
        ("案由", BLANK),
        ("线索编号", lead["id"]),
        ("对象", f"公开网页 {sum(bool(one['in_bundle']) for one in record['exhibits'])} 件，导入材料 {sum(not one['in_bundle'] for one in record['exhibits'])} 件，文本 {len(record['texts'])} 件"),
        ("内容（程序提示，非认定）", f"{lead['title']}；涉及 falls under：{'；'.join(law) or '—'}"),
        ("提取时间", _span([one["time_beijing"] for one in record["exhibits"]])),
        ("提取地点", BLANK),
        ("方法", "网络在线提取：依 robots.txt 许可，以公开方式访问，未登录，未绕过任何技术措施 (public pages, robots.txt obeyed, no sign-in)"),
        (FIELDS["tool"], "；".join(sorted({one["tool"] for one in record["exhibits"] if one["tool"]})) or made["software"]),
        (FIELDS["environment"], made["environment"]),
        (FIELDS["settings_sha256"], made["settings_sha256"]),
        (FIELDS["operator"], made["operator"] or "—"),
        ("出包人、出包时间", f"{made['by']}，{made['time_beijing']}（北京时间），{made['time_utc']}（世界时）"),
    ])  # fmt: skip
    paper.add_heading("一、过程 Process", 1)
    for line in _process(record):
        paper.add_paragraph(line, style="List Number")
    paper.add_heading("二、电子数据 Exhibits", 1)
    for one in record["exhibits"]:
        paper.add_heading(_fit(f"{one['exhibit']}　{plain(one['url'], 200)}"), 2)
        run = f"#{one['run']['id']} {one['run']['stage']} {one['run']['time_beijing']}" if one["run"] else "—"
        own = {**one, "run": run, "size": str(one["size"])}
        names = (
            "url",
            "request",
            "entry",
            "time_beijing",
            "time_utc",
            "ip",
            "robots",
            "media_type",
            "size",
            "sha256",
            "run",
        )
        _table(paper, [(FIELDS[name], own[name] or "—") for name in names])
    paper.add_heading("三、文本 Texts", 1)
    _table(
        paper,
        [
            (one["file"], f"取自 {one['exhibit'] or '—'}；{one['size']} 字节；SHA-256 {one['sha256']}")
            for one in record["texts"]
        ],
    )
    paper.add_heading("四、屏幕截图 Screenshots", 1)
    for number, one in enumerate(record["screenshots"]):
        paper.add_paragraph(_fit(_caption(one))).paragraph_format.keep_with_next = True
        if number < MOST_EMBEDDED:
            _picture(paper, pictures[one["file"]], one["height"])
    for line in record["screenshots_missing"] or (
        [] if record["screenshots"] else ["没有可截图的网页。 There was no page to show."]
    ):
        paper.add_paragraph(_fit(f"未截图 not taken：{plain(line, 300)}"))
    paper.add_heading("五、完整性校验 Integrity", 1)
    paper.add_paragraph(
        "各件的校验值见上表与清单；全包以 SHA-256、SHA-512 清单与 Ed25519 签名固定，核验方法见 VERIFY.txt，台账末值见 bag-info.txt。"
        f"签名公钥指纹 {fingerprint}（请以其他途径核对）。"
    )
    paper.add_heading("六、签名 Signatures", 1)
    _table(
        paper,
        [
            (f"{name}（签名或者盖章）", "　　　　　　　　　　　　　　　　年　　月　　日")
            for name in record["signatures"]
        ],
        SIGNED,
    )
    buffer = io.BytesIO()
    paper.save(buffer)
    return _same_bytes(buffer.getvalue())


def _process(record: Mapping[str, Any]) -> list[str]:
    lines = [
        "读取目标站点的 robots.txt，确认允许访问后再请求；该 robots.txt 一并存档。 robots.txt was read first and is archived too.",
        "以 HTTP GET 请求各网络地址，响应在解析之前逐字节写入 WARC（ISO 28500），同时计算 SHA-256。 Each response was written to the WARC before it was parsed.",
        "从响应中提取标题与正文，另存为文本；截图与文本均可由 WARC 重新得出。 Texts and pictures can be made again from the WARC.",
    ]
    if record["screenshots"]:
        one = record["screenshots"][0]
        lines.append(
            f"截图由 Chromium {one['chromium']} 在断网状态下自 WARC 渲染，视口 {one['viewport']} 像素，JavaScript {'开启' if one['javascript'] else '关闭'}。"
            " Pictures are rendered from the WARC with the network off."
        )
    return [
        *lines,
        "将本线索的材料装包、签名；出包行为记入台账。 The bundle was signed and its export entered in the ledger.",
    ]


def _caption(one: Mapping[str, Any]) -> str:
    cut = "，下部已截去 cut below" if one["cut_below"] else ""
    told = "" if one["charset"] == "as declared" else f"；网页声明的编码与内容不符，按 {one['charset']} 显示"
    return (
        f"{one['exhibit']}：{one['file']}，{one['width']}×{one['height']} 像素{cut}{told}；存档内资源 {one['served']} 项，存档中没有的 {one['missing']} 项；"
        f"SHA-256 {one['sha256']}"
    )


def _picture(paper: Any, png: bytes, height: int) -> None:
    """A picture across the page; of one that is too long for it the upper part is shown."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    shape = paper.add_picture(io.BytesIO(png), width=Cm(15))
    if height > MOST_PIXELS:
        crop = OxmlElement("a:srcRect")
        crop.set("b", str(round((1 - MOST_PIXELS / height) * 100_000)))
        shape._inline.graphic.graphicData.pic.blipFill.insert(1, crop)  # between the picture and how it is stretched
        shape.height = round(shape.height * MOST_PIXELS / height)


def _table(paper: Any, rows: Sequence[tuple[str, str]], height: float = 0) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Mm

    table = paper.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.autofit = False
    widths = (Cm(4.4), Cm(12.2))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for name, value in rows:
        row = table.add_row()
        if height:
            row.height = Mm(height)
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, width in zip(row.cells, (name, value), widths, strict=True):
            cell.text, cell.width = text if text == DATED else _fit(text), width
    paper.add_paragraph()


def _lines(text: str, width: int) -> int:
    """How many lines a cell takes; no spreadsheet counts them before somebody opens it."""
    return -(-sum(1 + (sign >= "\u2e80") for sign in text) // (width - 2)) or 1


def _span(times: Sequence[str]) -> str:
    return f"{min(times)} 至 {max(times)}（北京时间）" if times else "—"


def _fit(text: object) -> str:
    """What XML can hold, on one line; steering signs are made visible."""
    return _UNFIT.sub("\ufffd", plain(str(text), 4_000))


def _time(iso: str) -> datetime:
    return datetime.fromisoformat(iso).replace(tzinfo=None)


def _same_bytes(content: bytes) -> bytes:
    """A ZIP packed anew without the time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for info in given.infolist():
            made.writestr(zipfile.ZipInfo(info.filename, ENDS), given.read(info), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
