"""The lists of a referral as one workbook: leads, contacts, evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.cells import Workbook
from reports.digest.standing import KINDS
from reports.referral import letter

LEADS = {
    "主送 to": 14, "抄送 copies": 20, "线索 lead": 16, "类别 kind": 20, "标题 title": 32, "涉及 falls under": 36, "平台 platforms": 18, "文中地域 provinces": 16,
    "文中价格 prices": 16, "文档 documents": 11, "首见（北京） first seen": 13, "末见（北京） last seen": 13, "可打开 there": 9, "已删除 gone": 9, "复核 review": 14,
    "复核人 by": 12, "复核时间（北京） at": 13, "优先级 priority": 10, "理由 reasons": 44,
}  # fmt: skip
CONTACTS = {"线索 lead": 16, "种类 kind": 12, "联系方式 contact": 36}
EVIDENCE = {
    "主送 to": 14, "编号 exhibit": 9, "线索 lead": 16, "网络地址 address": 40, "提取时间（世界时） UTC": 14, "提取时间（北京） Beijing": 14, "响应 status": 9,
    "格式 media type": 16, "大小（字节） bytes": 14, "网页响应 SHA-256": 34, "正文文本 SHA-256（标题、换行、正文）": 34, "版本 version": 9, "档案位置 archive": 22,
    "记录编号 record": 24, "来源方式 provenance": 12, "robots.txt": 18, "服务器地址 IP": 16,
}  # fmt: skip


def write(data: Mapping[str, Any], path: Path) -> None:
    """Write the lists of all letters of a referral to ``path`` (XLSX)."""
    names = data["departments"]
    with Workbook(path, datetime.fromisoformat(data["made_at"]), f"线索移送 {data['date']}") as book:
        pairs = [(one, lead) for one in data["letters"] for lead in one["leads"]]
        book.sheet(
            "线索 leads", list(LEADS),
            [
                (
                    names[one["to"]]["zh"], "、".join(names[key]["zh"] for key in one["copies"]), lead["id"], f"{lead['label_title']} {lead['label_title_en']}", lead["title"],
                    "\n".join(lead["falls_under"]), "、".join(lead["platforms"]), "、".join(lead["provinces"]), "、".join(lead["prices"]), lead["documents"],
                    letter.clock(lead["first_seen"]), letter.clock(lead["last_seen"]), lead["still_there"]["there"], lead["still_there"]["gone"],
                    " ".join(letter.ANSWERS[lead["answer"]["act"]]), lead["answer"]["by"], letter.clock(lead["answer"]["at"]), lead["priority"], "\n".join(lead["reasons"]),
                )
                for one, lead in pairs
            ],
            list(LEADS.values()),
        )  # fmt: skip
        book.sheet(
            "联系方式 contacts",
            list(CONTACTS),
            [
                (lead["id"], KINDS.get(contact["kind"], contact["kind"]), contact["value"])
                for _, lead in pairs
                for contact in lead["contacts"]
            ],
            list(CONTACTS.values()),
        )
        book.sheet(
            "证据 evidence", list(EVIDENCE),
            [
                (
                    names[one["to"]]["zh"], row["exhibit"], row["lead"], row["url"], letter.clock(row["time_utc"]), letter.clock(row["time_beijing"]), row["status"], row["media_type"],
                    row["size"], row["sha256"], row["text_sha256"], row["version"], row["archive"], row["record"], row["provenance"], row["robots"], row["address"],
                )
                for one in data["letters"] for row in one["exhibits"]
            ],
            list(EVIDENCE.values()),
        )  # fmt: skip
