"""Whether a source is quiet or broken, from what its last crawls found there. Pure; the counts are those of ``core.store.yields``.

A quiet site answers as ever (304, or lists with links to known pages) and has nothing new. A broken one gives lists without links, pages
without documents, or documents without the fields that they used to have. Medians, because the first crawl of a source brings it all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

HISTORY = 15  # crawls that are looked at
LEAST_BEFORE = 3  # crawls that must lie behind before one is measured against them
LINKS = 0.3  # links of a list, against the median of earlier ones
EMPTY, EMPTY_PAGES = 0.5, 3  # share and number of pages without a document
FIELD_USED, FIELD_LOST, FIELD_DOCUMENTS = (
    0.6,
    0.5,
    5,
)  # share of documents that had a field; what of it is left; documents for a share
DROP, DROP_CRAWLS, DROP_LEAST = (
    0.2,
    3,
    3,
)  # new documents of the last crawls against the median, where that is at least so many
FIELDS = {"titled": ("标题", "title"), "authored": ("作者", "author"), "dated": ("发布时间", "time of publication")}
Found = tuple[str, str, str]  # state, Chinese, English
Rows = Sequence[Mapping[str, Any]]


def quiet(rows: Rows, crawls: int) -> bool:
    """Whether a source has answered as ever in one of its last so many crawls, new documents or none: 304, links, documents, or not due."""
    return any(row["unchanged"] or row["links"] or row["documents"] or row["waiting"] for row in rows[:crawls])


def layout(rows: Rows) -> Found | None:
    """What of a source's pages is no longer found by its rules; None where all is, or too little is known. Rows newest first."""
    if not rows:
        return None
    now, before = rows[0], rows[1:HISTORY]
    return _lists(now, before) or _empty(now, before) or _fields(now, before)


def drop(rows: Rows) -> Found | None:
    """Whether far fewer documents came than used to; None where not, or too little is known."""
    last, before = rows[:DROP_CRAWLS], rows[DROP_CRAWLS:HISTORY]
    if len(before) < LEAST_BEFORE:
        return None
    usual, came = median(row["new"] for row in before), sum(row["new"] for row in last)
    if usual < DROP_LEAST or came > DROP * usual * len(last):
        return None
    return (
        "drop",
        f"最近 {len(last)} 次巡查共 {came} 篇新文档，以往每次约 {usual:g} 篇。",
        f"{came} new documents in the last {len(last)} crawls; about {usual:g} in each crawl before.",
    )


def _lists(now: Mapping[str, Any], before: Rows) -> Found | None:
    read = [row["links"] / row["lists"] for row in before if row["lists"]]
    if not now["lists"] or not read:
        return None
    usual, found = median(read), now["links"] / now["lists"]
    if usual < 1 or (found and (len(read) < LEAST_BEFORE or found > LINKS * usual)):
        return None
    return (
        "layout",
        f"{now['lists']} 个列表页平均 {found:.1f} 条，以往 {usual:.1f} 条：版面变了？",
        f"{now['lists']} lists with {found:.1f} entries each, {usual:.1f} before: has the layout changed?",
    )


def _empty(now: Mapping[str, Any], before: Rows) -> Found | None:
    pages, empty = sum(row["pages"] for row in before), sum(row["empty"] for row in before)
    many = now["empty"] >= EMPTY_PAGES and now["empty"] >= EMPTY * now["pages"]
    if not many or pages < EMPTY_PAGES or empty > pages * EMPTY / 2:
        return None
    return (
        "layout",
        f"{now['pages']} 个内容页中有 {now['empty']} 个取不到正文，以往 {pages} 个中有 {empty} 个：版面变了？",
        f"{now['empty']} of {now['pages']} pages gave no document, {empty} of {pages} before: has the layout changed?",
    )


def _fields(now: Mapping[str, Any], before: Rows) -> Found | None:
    known = sum(row["documents"] for row in before)
    if now["documents"] < FIELD_DOCUMENTS or known < 2 * FIELD_DOCUMENTS:
        return None
    for name, (zh, en) in FIELDS.items():
        usual, share = sum(row[name] for row in before) / known, now[name] / now["documents"]
        if usual >= FIELD_USED and share <= FIELD_LOST * usual:
            return (
                "layout",
                f"{share:.0%} 的文档有{zh}，以往 {usual:.0%}：版面变了？",
                f"{share:.0%} of the documents have a {en}, {usual:.0%} before: has the layout changed?",
            )
    return None
