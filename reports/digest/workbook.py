"""The digest as a workbook: what the page shows in tables, one sheet each, for offices that sort and filter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.cells import Workbook
from reports.digest.pictures import TILES

CAVEAT = "线索，不是结论；数字只说明本次巡查触及的网页，不代表流行程度。Leads, not findings; counts are of the pages this crawl reached and say nothing of prevalence."


def write(data: Mapping[str, Any], path: Path) -> None:
    """Write the data of a digest to ``path`` (XLSX); contacts are masked in it as they are in the data."""
    head, judged, backlog = data["headline"], data["judged"], data["backlog"]
    with Workbook(path, datetime.fromisoformat(data["made_at"]), data["title"]) as book:
        new = head["new_leads"]
        book.sheet("概览 overview", ("项目 what", "值 value"), [
            ("说明 note", CAVEAT), ("日期 date", data["date"]), ("起 since", data["window"]["since"]), ("止 until", data["window"]["until"]), ("判读者 rater", data["rater"]),
            ("新线索 new leads", new["count"]), ("每天 a day", new["a_day"]), ("此前每天均值 mean a day before", new["mean_a_day"]), ("有增长 grown", head["grown"]),
            ("换平台 changed platform", head["hopped"]), ("删除后重现 back after removal", head["returned"]), ("未结 open", backlog["open"]), ("待判断 undecided", backlog["undecided"]),
            ("拿不准 unsure", backlog["unsure"]), ("最久 oldest, days", backlog["oldest_days"]), ("取回 fetched", head["fetched"]), ("新文档 new documents", head["new"]),
            ("有改动 changed", head["changed"]), ("未取 refused", head["refused"]), ("模型判读 judged", judged["documents"]), ("模型标记 flagged by the model", judged["flagged"]),
            ("求助者，只计数 seekers, counted only", judged["seekers"]), ("警报 alarms", head["alarms"]), ("提示 notices", head["notices"]),
        ], (38, 90))  # fmt: skip
        book.sheet(
            "扫描状况 alarms",
            ("级别 level", "对象 subject", "中文", "English"),
            [tuple(row[name] for name in ("level", "subject", "zh", "en")) for row in data["alarms"]],
            (10, 24, 60, 60),
        )
        book.sheet(
            "优先线索 leads",
            ("线索 lead", "优先级 priority", "新变化 news", "类别 kind", "标题 title", "涉及 falls under", "联系方式（已遮盖） contacts, masked", "文档 documents", "平台 platforms", "文中省份 provinces", "首见 first", "末见 last", "理由 reasons"),
            [
                (
                    lead["id"], lead["priority"], lead["news"], f"{lead['label_title']} {lead['label_title_en']}", lead["title"], "\n".join(lead["law"]),
                    "\n".join(f"{one['name']} {one['shown']}" for one in lead["contacts"]), lead["documents"], _counts(lead["platforms"]), _counts(lead["provinces"]),
                    lead["first_seen"], lead["last_seen"], "\n".join(f"{one['name']} {one['value']}: {one['why']}" for one in lead["reasons"]),
                )
                for lead in data["leads"]
            ],
            (16, 9, 10, 18, 36, 36, 24, 9, 18, 18, 16, 16, 44),
        )  # fmt: skip
        book.sheet("线索变化 events", ("变化 event", "线索 lead", "标题 title", "文档 documents", "并入 into", "来自 from", "时间 at"),
                   [(row["kind"], row["lead"], row["title"], row["documents"], row["into"], " ".join(row["from"]), row["at"]) for row in data["events"]], (12, 16, 40, 10, 16, 24, 34))  # fmt: skip
        book.sheet("换平台 platforms", ("线索 lead", "标题 title", "原平台 was on", "新平台 now also on", "新文档 new documents"),
                   [(row["lead"], row["title"], "、".join(row["from"]), "、".join(row["to"]), row["documents"]) for row in data["hops"]], (16, 40, 30, 30, 12))  # fmt: skip
        book.sheet("重现 returned", ("方式 how", "线索 lead", "标题 title", "平台 platform", "删除 gone", "重现 back", "文档 documents"),
                   [tuple(row[name] for name in ("kind", "lead", "title", "platform", "gone", "back", "documents")) for row in data["returns"]], (10, 16, 40, 20, 34, 34, 10))  # fmt: skip
        book.sheet(
            "地域 places",
            ("平台 platform", *TILES),
            [(row["platform"], *(row["provinces"].get(name) for name in TILES)) for row in data["places"]["platforms"]],
            (22, *[7] * len(TILES)),
        )
        book.sheet("联系方式 contacts", ("种类 kind", "已遮盖 masked", "标记文档 documents", "其中新见 new", "平台 platforms", "线索 leads"),
                   [tuple(row[name] for name in ("name", "shown", "documents", "new", "platforms", "leads")) for row in data["top_contacts"]], (12, 28, 12, 12, 12, 12))  # fmt: skip
        book.sheet(
            "判读构成 labels",
            ("标签 label", "中文", "English", "文档 documents", "标记 flagged"),
            [
                tuple(row[name] for name in ("label", "title", "title_en", "documents", "flagged"))
                for row in judged["labels"]
            ],
            (24, 24, 40, 12, 10),
        )
        book.sheet(
            "走势 trend",
            ("日期 day", "模型标记 flagged", "新线索 new leads", "触及网页 pages", "未结束 partial"),
            [tuple(row[name] for name in ("day", "flagged", "leads", "pages", "partial")) for row in data["trend"]],
            (14, 14, 14, 14, 12),
        )
        book.sheet("漂移 drift", ("来源 source", "本期 documents", "此前四周 before", "标记 flagged", "此前标记 flagged before", "PSI", "状况 state"),
                   [tuple(row[name] for name in ("source", "documents", "before", "flagged", "flagged_before", "index", "state")) for row in ({**data["drift"]["all"], "source": "全部 all"}, *data["drift"]["sources"])], (24, 12, 14, 12, 14, 10, 12))  # fmt: skip
        names = (
            "source",
            "fetched",
            "new",
            "changed",
            "refused",
            "held",
            "expected_min",
            "expected_max",
            "last_seen",
            "state",
        )
        book.sheet(
            "来源 sources",
            names,
            [tuple(row[name] for name in names) for row in data["sources"]],
            (24, *[10] * 7, 34, 14),
        )
        book.sheet(
            "未取回 refused",
            ("来源 source", "原因 reason", "网址数 URLs", "例（不可点击） example"),
            [tuple(row[name] for name in ("source", "reason", "count", "example")) for row in data["refusals"]],
            (24, 40, 10, 80),
        )


def _counts(pairs: Any) -> str:
    return "、".join(f"{name} {count}" for name, count in pairs)
