"""The letter to one department, in Chinese with the English in small. What a person must decide or sign is left blank."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.digest.standing import KINDS
from reports.referral.paper import WIDTH, Paper
from text.shown import plain

BLANK = "＿＿＿＿＿＿"
ANSWERS = {
    "confirm": ("已确认", "confirmed"), "refer": ("已决定移送", "referred"), "unsure": ("存疑", "unsure"), "": ("尚无人工复核", "not reviewed by a person yet"),
}  # fmt: skip
SIGNED = (
    ("移送人（一）", "handed over by (1)", "接收人（一）", "received by (1)"), ("移送人（二）", "handed over by (2)", "接收人（二）", "received by (2)"),
    ("移送单位（盖章）", "sending office (seal)", "接收单位（盖章）", "receiving office (seal)"), ("移送时间", "handed over at", "接收时间", "received at"),
)  # fmt: skip
WIDTHS = (13, 45, 21, 46, WIDTH - 13 - 45 - 21 - 46)


def write(data: Mapping[str, Any], one: Mapping[str, Any], path: Path) -> None:
    """Write the letter ``one`` of the data of a referral to ``path`` (DOCX)."""
    departments, leads = data["departments"], one["leads"]
    to, copies = departments[one["to"]], [departments[key] for key in one["copies"]]
    paper = Paper(f"线索移送函 {data['date']}", datetime.fromisoformat(data["made_at"]))
    draft = "" if data["revealed"] else "（草稿：联系方式已遮盖）"
    paper.line(
        f"线索移送函{draft}",
        "Referral of leads" + (" (draft: contacts are masked)" if draft else ""),
        size=20,
        align="center",
        font="黑体",
    )
    paper.line(f"文号 No.：{BLANK}〔{data['date'][:4]}〕{BLANK}号", align="right", size=11)
    paper.line(f"主送：{to['zh']}", f"To: {to['en']}", bold=True)
    if copies:
        paper.line(
            f"抄送：{'、'.join(copy['zh'] for copy in copies)}", f"Copies: {', '.join(copy['en'] for copy in copies)}"
        )
    paper.line(
        f"在公开网页巡查中发现下列线索 {len(leads)} 条，其内容可能涉及贵单位职责（{to['part'].get('zh', '见分工')}）。现参照{data['basis']['zh']}的部门分工移送，供核查。",
        f"A patrol of public pages found the {len(leads)} lead{'s' if len(leads) > 1 else ''} below, which may be yours to look at "
        f"({to['part'].get('en', 'see the notice')}). Handed over along the division of work of {data['basis']['en']}.",
        indent=True,
    )  # fmt: skip
    paper.line(
        "以下为线索，不是结论。所列法律条文仅表示“涉及”，不认定任何人违法；网页内容须由执法人员依法重新提取、固定。",
        "These are leads, not findings. Provisions are those that the text falls under; nobody is said to have broken them. The officer captures again.",
        indent=True,
    )  # fmt: skip
    paper.heading("一、线索", "Leads")
    for number, lead in enumerate(leads, 1):
        paper.line(f"{number}. {lead['title']}", size=11.5, bold=True).paragraph_format.keep_with_next = True
        paper.pairs(_facts(lead))
    paper.heading("二、证据清单", f"Evidence, {len(one['exhibits'])} exhibits")
    paper.table(
        (("编号", "exhibit"), ("网络地址", "address"), ("提取时间（北京）", "captured, Beijing time"), ("网页响应 SHA-256", "of the response as received"), ("档案位置", "in the archive")),
        [_exhibit(row) for row in one["exhibits"]], WIDTHS, size=7.5,
    )  # fmt: skip
    if not one["exhibits"]:
        paper.line("（无）", "none")
    paper.line(
        f"正文文本的校验值及其余字段见附表 referral-{data['stamp']}.xlsx；签名证据包可按线索编号另行出具。审计台账末值（出函前）：{data['ledger_head'] or '（空）'}",
        f"Hashes of the texts and all other fields: the list referral-{data['stamp']}.xlsx. A signed evidence bundle of each lead can be had. Head of the audit ledger before this letter: as above.",
        size=9.5,
    )  # fmt: skip
    paper.heading("三、说明", "What to know")
    for zh, en in _notes(data, leads):
        paper.line(zh, en, size=10.5)
    paper.heading("四、移交", "Hand-over")
    paper.signatures(SIGNED)
    paper.footer("线索移送函 · 内部资料 Restricted · 线索，不是结论")
    paper.save(path)


def _facts(lead: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    zh, en = ANSWERS[lead["answer"]["act"]]
    reviewed = f"{zh} {en}" + (
        f"：{lead['answer']['by']}，{clock(lead['answer']['at'])}" if lead["answer"]["by"] else ""
    )
    state = f"末次访问时可打开 {lead['still_there']['there']}，已删除（404/410）{lead['still_there']['gone']}"
    return [
        ("线索编号", "lead", lead["id"]),
        ("类别", "kind", f"{lead['label_title']}（{lead['label_title_en']}）"),
        ("涉及", "falls under", "\n".join(lead["falls_under"]) or "—"),
        ("联系方式", "contacts", "\n".join(f"{KINDS.get(c['kind'], plain(c['kind'], 20))}：{plain(c['value'], 200)}" for c in lead["contacts"]) or "未见 none"),
        ("平台", "platforms", "、".join(plain(name, 60) for name in lead["platforms"])),
        ("文中地域", "provinces claimed", "、".join(lead["provinces"]) or "未提及 none"),
        ("文中价格", "prices claimed", "、".join(lead["prices"]) or "未提及 none"),
        ("文档数", "documents", f"{lead['documents']}" + (f"（另有 {lead['left_out']} 篇求助者文字不移送 of people who ask, not handed over）" if lead["left_out"] else "")),
        ("首见／末见", "first, last seen", f"{clock(lead['first_seen'])}  ／  {clock(lead['last_seen'])}（北京时间）"),
        ("页面状态", "state of the pages", state),
        ("人工复核", "review", reviewed),
        ("优先级", "priority (0 to 1)", f"{lead['priority']:.2f}（理由见附表 reasons in the list）"),
    ]  # fmt: skip


def _exhibit(row: Mapping[str, Any]) -> tuple[str, ...]:
    place = row["archive"] if row["live"] else f"导入材料 imported\n{row['record']}"
    return (
        row["exhibit"],
        plain(row["url"], 400),
        clock(row["time_beijing"]),
        row["sha256"] or "—",
        plain(place, 200),
    )


def clock(iso: str) -> str:
    """2026-11-28T14:21:37+08:00 (or with Z) as 2026-11-28 14:21:37; the heading over it names the zone."""
    return iso.removesuffix("+08:00").removesuffix("Z").replace("T", " ")


def _notes(data: Mapping[str, Any], leads: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    notes = [
        ("1. 网页均为未登录可见的公开页面，遵守 robots.txt；未与任何人联系。", "Public pages, seen without signing in, under robots.txt; nobody was contacted."),
        ("2. 地域、价格为文中自称，未经核实；类别由模型判读，人工复核情况见各条。", "Places and prices are what the text claims. Kinds are a model's judgement; see each lead for its review."),
        ("3. 求助、咨询者的文字不在移送范围。", "Texts of people who ask are not handed over."),
    ]  # fmt: skip
    if any(lead["answer"]["act"] in ("", "unsure") for lead in leads):
        notes.append(
            (
                "4. 有线索尚未经人工确认，请勿据此直接处置。",
                "A lead here has not been confirmed by a person: do not act on it as it stands.",
            )
        )
    if not data["revealed"]:
        notes.append(
            (
                f"{len(notes) + 1}. 本件为草稿，联系方式已遮盖；正式移送请以 --reveal 重新出具（记入台账）。",
                "A draft with masked contacts: write it again with --reveal to hand over (entered in the ledger).",
            )
        )
    return notes
