"""The digest as a workbook: what the page shows in tables, one sheet each, for offices that sort and filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.cells import Workbook
from reports.digest import words
from reports.digest.pictures import TILES
from reports.digest.trend import ZONE

CAVEAT = "线索，不是结论；数字只说明本次巡查触及的网页，不代表流行程度。Leads, not findings; counts are of the pages this crawl reached and say nothing of prevalence."
NOTHING = ("（无） none",)


def write(data: Mapping[str, Any], path: Path) -> None:
    """Write the data of a digest to ``path`` (XLSX); contacts are masked in it as they are in the data."""
    head, judged, backlog = data["headline"], data["judged"], data["backlog"]
    with Workbook(path, datetime.fromisoformat(data["made_at"]), data["title"]) as book:

        def sheet(name: str, head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[int]) -> None:
            book.sheet(name, head, rows or [NOTHING], widths)  # a sheet of headings alone looks like a fault

        new = head["new_leads"]
        sheet("概览 overview", ("项目 what", "值 value"), [
            ("说明 note", CAVEAT), ("日期 date", data["date"]), ("起（北京） since, Beijing", _clock(data["window"]["since"])), ("止（北京） until, Beijing", _clock(data["window"]["until"])),
            ("判读者 rater", data["rater"]),
            ("新线索 new leads", new["count"]), ("每天 a day", new["a_day"]), ("此前每天均值 mean a day before", "—" if new["mean_a_day"] is None else new["mean_a_day"]), ("有增长 grown", head["grown"]),
            ("换平台 changed platform", head["hopped"]), ("删除后重现 back after removal", head["returned"]), ("未结 open", backlog["open"]), ("待判断 undecided", backlog["undecided"]),
            ("拿不准 unsure", backlog["unsure"]), ("最久 oldest, days", backlog["oldest_days"]), ("取回 fetched", head["fetched"]), ("新文档 new documents", head["new"]),
            ("有改动 changed", head["changed"]), ("未取 refused", head["refused"]), ("模型判读 judged", judged["documents"]), ("模型标记 flagged by the model", judged["flagged"]),
            ("求助者，只计数 seekers, counted only", judged["seekers"]), ("警报 alarms", head["alarms"]), ("提示 notices", head["notices"]),
            *((f"标记页面 pages: {' '.join(words.PRESENCE[state])}", count) for state, count in data["presence"]["counts"].items()),
            ("台账末值 head of the ledger", f"{data['ledger']['seq']}:{data['ledger']['head']}"),
        ], (38, 90))  # fmt: skip
        sheet("扫描状况 alarms", ("级别 level", "对象 subject", "中文", "English"),
              [(words.LEVELS.get(row["level"], row["level"]), *(row[name] for name in ("subject", "zh", "en"))) for row in data["alarms"]], (16, 24, 60, 60))  # fmt: skip
        sheet(
            "优先线索 leads",
            ("线索 lead", "优先级 priority", "新变化 news", "类别 kind", "标题 title", "涉及 falls under", "联系方式（已遮盖） contacts, masked", "文档 documents", "平台 platforms", "文中省份 provinces", "首见（北京） first seen", "末见（北京） last seen", "理由 reasons"),
            [
                (
                    lead["id"], lead["priority"], _event(lead["news"]), f"{lead['label_title']} {lead['label_title_en']}", lead["title"], "\n".join(lead["law"]),
                    "\n".join(f"{one['name']} {one['shown']}" for one in lead["contacts"]), lead["documents"], _counts(lead["platforms"]), _counts(lead["provinces"]),
                    _clock(lead["first_seen"]), _clock(lead["last_seen"]), "\n".join(f"{one['name']} {one['value']}: {one['why']}" for one in lead["reasons"]),
                )
                for lead in data["leads"]
            ],
            (16, 10, 12, 22, 36, 40, 24, 12, 20, 18, 14, 14, 48),
        )  # fmt: skip
        sheet("线索变化 events", ("变化 event", "线索 lead", "标题 title", "文档 documents", "并入 into", "来自 from", "时间（北京） at, Beijing"),
              [(_event(row["kind"]), row["lead"], row["title"], row["documents"], row["into"], " ".join(row["from"]), _clock(row["at"])) for row in data["events"]], (16, 16, 48, 12, 16, 24, 22))  # fmt: skip
        sheet("换平台 platforms", ("线索 lead", "标题 title", "原平台 was on", "新平台 now also on", "新文档 new documents"),
              [(row["lead"], row["title"], "、".join(row["from"]), "、".join(row["to"]), row["documents"]) for row in data["hops"]], (16, 40, 30, 30, 14))  # fmt: skip
        sheet("重现 returned", ("方式 how", "线索 lead", "标题 title", "平台 platform", "删除（北京） gone", "重现（北京） back", "文档 documents"),
              [(words.RETURNS.get(row["kind"], row["kind"]), row["lead"], row["title"], row["platform"], _clock(row["gone"]), _clock(row["back"]), row["documents"]) for row in data["returns"]], (20, 16, 40, 20, 22, 22, 12))  # fmt: skip
        sheet("标记页面 pages", ("变化 event", "线索 lead", "来源 source", "依据 seen by", "时间（北京） at, Beijing"),
              [(" ".join(words.PRESENCE[row["state"]]), row["lead"], row["source"], row["reason"], _clock(row["at"])) for row in data["presence"]["turns"]], (24, 16, 24, 60, 22))  # fmt: skip
        sheet("地域 places", ("平台 platform", *TILES), [(row["platform"], *(row["provinces"].get(name) for name in TILES)) for row in data["places"]["platforms"]], (22, *[7] * len(TILES)))  # fmt: skip
        sheet("联系方式 contacts", ("种类 kind", "已遮盖 masked", "标记文档 documents", "其中新见 new", "平台 platforms", "线索 leads"),
              [tuple(row[name] for name in ("name", "shown", "documents", "new", "platforms", "leads")) for row in data["top_contacts"]], (12, 28, 12, 12, 12, 12))  # fmt: skip
        sheet("判读构成 labels", ("标签 label", "中文", "English", "文档 documents", "标记 flagged"),
              [(*(row[name] for name in ("label", "title", "title_en", "documents")), "是 yes" if row["flagged"] else "否 no") for row in judged["labels"]], (26, 36, 52, 14, 12))  # fmt: skip
        # a day without a crawl has no counts, which is not a count of nothing
        sheet("走势 trend", ("日期 day", "模型标记 flagged", "新线索 new leads", "触及网页 pages", "未结束 not ended"),
              [(row["day"], *(row[name] if row["pages"] or row[name] else "—" for name in ("flagged", "leads")), row["pages"], "是 yes" if row["partial"] else "") for row in data["trend"]], (16, 18, 18, 18, 18))  # fmt: skip
        sheet("漂移 drift", ("来源 source", "本期 documents", "此前四周 before", "标记 flagged", "此前标记 flagged before", "PSI", "状况 state"),
              [(*(row[name] for name in ("source", "documents", "before", "flagged", "flagged_before")), "—" if row["index"] is None else row["index"], words.DRIFT[row["state"]])
               for row in ({**data["drift"]["all"], "source": "全部 all"}, *data["drift"]["sources"])], (24, 16, 18, 16, 22, 10, 30))  # fmt: skip
        counts = ("fetched", "new", "changed", "refused", "held", "expected_min", "expected_max")
        sheet("来源 sources", ("来源 source", "取回 fetched", "新 new", "改动 changed", "拒绝 refused", "现有 held", "声明至少 declared, least", "声明至多 declared, most", "末见（北京） last seen", "状况 state"),
              [(row["source"], *(row[name] for name in counts), _clock(row["last_seen"]), words.SOURCES[row["state"]]) for row in data["sources"]], (24, *[12] * 7, 22, 20))  # fmt: skip
        sheet("未取回 refused", ("来源 source", "原因 reason", "网址数 URLs", "例（不可点击） example"),
              [(row["source"], f"{row['name']} {row['reason']}".strip(), row["count"], row["example"]) for row in data["refusals"]], (24, 48, 12, 80))  # fmt: skip
        sheet("运行 runs", ("阶段 stage", "开始（北京） begun", "结束（北京） ended", "状态 state", "问题 issues"),
              [(f"{run['stage']} #{run['id']}", _clock(run["started_at"]), _clock(run["finished_at"]), f"{words.RUNS.get(run['state'], '')} {run['state']}".strip(), "\n".join(run["issues"])) for run in data["runs"]], (24, 22, 22, 20, 80))  # fmt: skip


def _counts(pairs: Any) -> str:
    return "、".join(f"{name} {count}" for name, count in pairs)


def _event(kind: str) -> str:
    return " ".join(words.EVENTS.get(kind, (kind,)))


def _clock(iso: str | None) -> str:
    """A time as a reader in Beijing writes it, to the second; machines take it from the JSON file."""
    return f"{datetime.fromisoformat(iso).astimezone(ZONE):%Y-%m-%d %H:%M:%S}" if iso else "—"
