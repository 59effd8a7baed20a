"""The prevalence study as a person reads it: Markdown, and tables on a terminal. Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reports.prevalence import words
from reports.prevalence.words import LEAST_LABELLED, TITLE
from text.shown import plain


def terminal(
    data: Mapping[str, Any],
    say: Callable[[str], None],
    table: Callable[[Sequence[str], Sequence[Sequence[Any]]], None],
    warn: Callable[[str], None],
) -> None:
    """The report on a terminal: the denominator, the estimates, the warnings and the methods."""
    say(data["denominator"]["zh"])
    say(data["denominator"]["en"])
    table(*_overall(data))
    for row in data["warnings"]:
        warn(f"{row['zh']} {row['en']}")
    if data["design_effect"] is not None:
        say(f"design effect (Kish) {data['design_effect']:.2f}")
    if data["groups"]:
        table(*_parts(data))
    table(*_bounds(data))
    say(data["hidden"]["words"]["en"])
    say(data["methods"]["zh"])
    say(data["methods"]["en"])


def page(data: Mapping[str, Any]) -> str:
    """The report as Markdown."""
    about = data["sample"]
    effect = "—" if data["design_effect"] is None else f"{data['design_effect']:.2f}"
    parts = [
        f"# {TITLE['zh']} {TITLE['en']}: {about['name']}",
        *data["denominator"].values(),
        *(f"> **注意 Warning.** {row['zh']} {row['en']}" for row in data["warnings"]),
        "## 估计 Estimates",
        _markdown(*_overall(data)),
        f"设计效应 design effect (Kish): {effect}. 灵敏度 sensitivity {_percent(data['sensitivity'])}, 特异度 specificity {_percent(data['specificity'])}.",
        "## 样本 Sample",
        _markdown(
            ("层 stratum", "文档 documents", "抽中 drawn", "入样概率 probability", "有定论 settled", "阳性 positive"),
            [
                (r["stratum"], r["documents"], r["drawn"], f"{r['probability']:.4f}", r["labelled"], r["positives"])
                for r in data["strata"]
            ],
        ),
        *(("## 分组 Parts of the frame", _markdown(*_parts(data))) if data["groups"] else ()),
        "## 一致性 Agreement",
        _markdown(("measure", "of", "raters", "documents", "value", "95 % low", "high"), data["agreement"]["rows"]),
        "## 联系方式下限 Contact points, at least",
        *data["hidden"]["words"].values(),
        _markdown(*_bounds(data)),
        "## 方法 Methods",
        *data["methods"].values(),
    ]
    return "\n\n".join(parts) + "\n"


def _overall(data: Mapping[str, Any]) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    head = ("方法 method", "估计 estimate", "95 % 下限 low", "上限 high", "区间 interval")
    return head, [
        (_method(row), *_shares(row), "偏保守 conservative" if row["conservative"] else "95 %")
        for row in data["estimates"]
    ]


def _parts(data: Mapping[str, Any]) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    head = (
        *data["by"],
        "文档 documents",
        "有定论 settled",
        "阳性 positive",
        "方法 method",
        "估计 estimate",
        "95 % low",
        "high",
    )
    rows: list[tuple[Any, ...]] = []
    for group in data["groups"]:
        start = (
            *(plain(str(group[name])) for name in data["by"]),
            group["documents"],
            group["labelled"],
            f"{group['positives']}{' (!)' if group['few'] else ''}",
        )
        if group["estimates"] is None:
            rows.append((*start, f"定论太少 fewer than {LEAST_LABELLED} settled", "—", "—", "—"))
        rows += [(*start, _method(row), *_shares(row)) for row in group["estimates"] or ()]
    return head, rows


def _bounds(data: Mapping[str, Any]) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    head = ("联系方式 contacts", "场合 occasions", "见到 seen", "下限 at least", "95 % low", "high")
    rows = [
        (
            kind,
            r["occasions"],
            r["observed"],
            f"{r['at_least']:.0f}",
            *("—" if r[end] is None else f"{r[end]:.0f}" for end in ("low", "high")),
        )
        for kind, r in data["hidden"]["bounds"].items()
    ]
    return head, rows


def _method(row: Mapping[str, Any]) -> str:
    return " ".join(words.METHODS[row["method"]])


def _shares(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_percent(row[key]) for key in ("value", "low", "high"))


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.2%}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; what comes from outside can neither leave its cell nor become markup."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in lines)


def _cell(value: Any) -> str:
    text = plain(str(value))
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\\<", "&lt;").replace("\\>", "&gt;")
