"""Whether the scan itself is well: sources, runs, refusals and what calls for a look. A quiet source may be a broken one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.store import Store
from core.store.digest import ROBOTS
from reports.digest import yields
from reports.digest.trend import ZONE
from text.shown import defanged, plain

WHAT = ("fetched", "new", "changed", "refused")
WITHIN = ("digest", "weekly digest", "nightly")  # stages that are under way while a digest is made
ALARMING = ("silent", "layout", "drop")
REASONS = {
    "robots.txt": "robots.txt 不允许", "guard": "安全拦截", "wall": "登录或验证墙", "host stopped": "站点已停访", "page budget": "页数预算用尽",
    "server error": "服务器错误", "client error": "请求被拒", "redirect": "重定向", "unreadable": "无法解析", "not fetched": "未能取回",
    "byte budget": "流量预算用尽", "time budget": "时间预算用尽", "queue of the source": "待访队列已满", "outside visiting hours": "不在访问时段",
    "asked to wait": "对方要求等待", "too large": "内容过大", "too slow": "响应过慢", "broken off": "传输中断", "no address": "域名无法解析",
    "given up": "多次未果，已放弃", "source not in this crawl": "本次未巡查该来源", "off the source": "不属于该来源", "locked": "站点未公开",
    "repeats": "重复页面", "no end": "无尽列表", "not stored": "未能入库",
}  # fmt: skip


def sources(
    store: Store, expected: Mapping[str, Mapping[str, int]], silent_after: int, since: datetime, now: datetime
) -> list[dict[str, Any]]:
    """Each source that a run of the window asked or brought something from.

    Rows have its counts, the documents held, when one was last seen, the declared ``expected`` documents of a full crawl, and a
    state with its reason in Chinese and English: silent, layout, drop, unanswered, few, many, or empty where all is well.
    """
    counts: dict[str, Counter[str]] = {}
    most: Counter[str] = Counter()
    for run in store.overview.runs(since, now):
        brought = store.captures.by_source(run.id)
        for name in {*store.overview.asked(run.id), *brought} - {ROBOTS}:
            one = brought.get(name, {})
            counts.setdefault(name, Counter()).update(one)
            most[name] = max(most[name], one.get("new", 0) + one.get("changed", 0))
    held = store.overview.held()
    rows = []
    for name, count in sorted(counts.items()):
        documents, last = held.get(name, (0, None))
        low, high = expected.get(name, {}).get("min"), expected.get(name, {}).get("max")
        state, zh, en = "", "", ""
        found = store.yields.last(name, yields.HISTORY, now)
        if broken := yields.layout(found):
            state, zh, en = broken
        elif (
            last
            and not yields.quiet(found, silent_after)
            and (silence := _silence(store, name, documents, last, silent_after, now))
        ):
            state, (zh, en) = "silent", silence
        elif fewer := yields.drop(found):
            state, zh, en = fewer
        elif not documents and not count["fetched"]:
            refused = count["refused"]
            state, zh, en = (
                "unanswered",
                f"一页也没有取到，拒绝 {refused}。",
                f"no page came; {refused} URLs were refused.",
            )
        elif low is not None and documents < low:
            zh, en = (
                f"现有文档 {documents}，声明至少 {low}。",
                f"{documents} documents held; at least {low} are declared.",
            )
            state = "few"
        elif high is not None and most[name] > high:
            zh, en = (
                f"一次巡查 {most[name]} 篇，声明至多 {high}。",
                f"{most[name]} documents in one run; at most {high} are declared.",
            )
            state = "many"
        rows.append(
            {
                "source": plain(name, 60), **{what: count[what] for what in WHAT}, "held": documents,
                "last_seen": last.isoformat() if last else None, "expected_min": low, "expected_max": high,
                "state": state, "zh": zh, "en": en,
            }
        )  # fmt: skip
    return rows


def runs(store: Store, since: datetime, now: datetime) -> list[dict[str, Any]]:
    """The runs of the window, oldest first; not those that this digest is a part of."""
    return [
        {
            "id": run.id, "stage": run.stage, "state": run.state, "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at.isoformat() if run.finished_at else None, "issues": [plain(issue, 300) for issue in run.issues],
        }
        for run in store.overview.runs(since, now)
        if not (run.state == "running" and run.stage in WITHIN)
    ]  # fmt: skip


def refusals(store: Store, since: datetime) -> list[dict[str, Any]]:
    """What was not fetched or kept, by source and reason, with one example that cannot be followed."""
    return [
        {
            "source": plain(row["source"], 60), "reason": plain(row["reason"], 120), "count": row["n"], "example": defanged(row["example"]),
            "name": next((name for start, name in REASONS.items() if row["reason"].startswith(start)), ""),
        }
        for row in store.refusals.since(since)
    ]  # fmt: skip


def alarms(
    asked: Sequence[Mapping[str, Any]], ran: Sequence[Mapping[str, Any]], since: datetime
) -> list[dict[str, str]]:
    """What calls for a look, worst first, each in Chinese and English; from the rows of ``sources`` and ``runs``."""
    found = []
    if not any(run["stage"] == "crawl" for run in ran):
        found.append(_entry("alarm", "crawl", "本期内没有任何巡查。", "no crawl ran in this window."))
    for row in asked:
        if row["state"]:
            found.append(_entry("alarm" if row["state"] in ALARMING else "notice", row["source"], row["zh"], row["en"]))
    for run in ran:
        found += _of_run(run, since)
    return sorted(found, key=lambda entry: entry["level"] != "alarm")


def _silence(
    store: Store, name: str, held: int, last: datetime, silent_after: int, now: datetime
) -> tuple[str, str] | None:
    """Why a source that used to yield is silent, or None: no document new, changed or seen again, no 304, in so many crawls."""
    patrols = store.overview.patrols(name, silent_after, now)
    if len(patrols) < silent_after or last >= patrols[-1].started_at:
        return None
    answers = store.overview.answers(name, patrols[-1].started_at)
    if answers["unchanged"]:
        return None
    day, fetched, refused = f"{last.astimezone(ZONE):%m-%d}", answers["fetched"], answers["refused"]
    return (
        f"连续 {silent_after} 次巡查没有看到文档（此前 {held} 篇，最近 {day}）；取回 {fetched} 页，拒绝 {refused}。站点安静，还是规则失效？",
        f"no documents in {silent_after} crawls ({held} before, last on {day}); {fetched} pages came, {refused} refused. Quiet, or broken?",
    )


def _of_run(run: Mapping[str, Any], since: datetime) -> list[dict[str, str]]:
    subject = f"{run['stage']} #{run['id']}"
    begun = datetime.fromisoformat(run["started_at"])
    found = []
    if run["state"] == "failed":
        found.append(_entry("alarm", subject, "运行失败。", "the run failed."))
    elif run["state"] == "interrupted":
        found.append(_entry("alarm", subject, "中断，尚未续完。", "interrupted and not gone on with."))
    elif run["state"] == "running":
        level = "alarm" if begun < since else "notice"
        at = f"{begun.astimezone(ZONE):%m-%d %H:%M}"
        found.append(
            _entry(
                level,
                subject,
                f"{at} 开始，尚未结束：仍在进行，或已被杀死。",
                f"begun {at}, not ended: under way still, or killed.",
            )
        )
    return found + [_entry("notice", subject, issue, "") for issue in run["issues"]]


def _entry(level: str, subject: str, zh: str, en: str) -> dict[str, str]:
    return {"level": level, "subject": subject, "zh": zh, "en": en}
