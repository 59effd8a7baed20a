"""The words of the pages, in Chinese and English, from one table."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import yaml

from core.labels import UNCONFIRMED, labels
from text.tiles import PINYIN

FILE = Path(__file__).with_name("words.yml")
LANGUAGES = {"zh": "zh-Hans", "en": "en"}
BEIJING = timezone(timedelta(hours=8))
_PLURAL = re.compile(r"\b(\d[\d,-]*) ([\w ]+?)\(s\)")
_REASON = re.compile(r"(\w+) ([0-9.]+): (.*)", re.DOTALL)


@functools.cache
def table() -> dict[str, dict[str, str]]:
    """Key -> language -> words."""
    return dict(yaml.safe_load(FILE.read_text("utf-8")))


@functools.cache
def _patterns(prefix: str) -> list[tuple[re.Pattern[str], str]]:
    """How what the night says in English is said in Chinese: patterns and what they become."""
    return [(re.compile(entry["en"]), entry["zh"]) for key, entry in table().items() if key.startswith(prefix)]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; call it with a key and the values that the words name."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        words = table()[key][self.language]
        return _counted(words.format(**values)) if values else words

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return LANGUAGES[self.language]

    @property
    def other(self) -> str:
        """The language that the switch leads to."""
        return "en" if self.language == "zh" else "zh"

    def label(self, name: str) -> str:
        """The title of a label; an unknown one by its name."""
        label = labels().get(name)
        if label is None:
            return name
        return label.title if self.language == "zh" else label.title_en

    def short(self, name: str) -> str:
        """A label in a word or two, for buttons; a label that has no such words by its title."""
        entry = table().get(f"short_{name}")
        return entry[self.language] if entry else self.label(name)

    def refusal(self, reason: str) -> str:
        """Why a page was not fetched, in words; an unknown reason as it is."""
        entries = (entry for key, entry in table().items() if key.startswith("refusal_"))
        return next((entry[self.language] for entry in entries if reason.startswith(entry["start"])), reason)

    def known(self, prefix: str, value: str) -> str:
        """The words for one of a set of values (states, kinds, roles); a value without words stands for itself."""
        entry = table().get(f"{prefix}_{value}")
        return entry[self.language] if entry else value

    def time(self, at: datetime | str | None) -> str:
        """A time to the minute, in Beijing."""
        return _local(at).strftime("%Y-%m-%d %H:%M") if at else self("none")

    def day(self, at: datetime | str | None) -> str:
        """The day of a time, in Beijing."""
        return _local(at).strftime("%Y-%m-%d") if at else self("none")

    def tie(self, why: str) -> str:
        """Why a document is in its lead; each part in the language where it is known."""
        return "；".join(_said("tie_pattern_", part) for part in why.split("; ")) if self.language == "zh" else why

    def why(self, text: str) -> str:
        """Why a model marked a stretch of text; each part in the language where it is known."""
        if self.language != "zh":
            return text
        return "；".join(_whys().get(part, part) for part in text.split("; "))

    def soon(self, said: str) -> str:
        """How soon a result is promised, as ``text.offers`` says it."""
        return _said("soon_pattern_", said) if self.language == "zh" else _counted(re.sub(r"s$", "(s)", said))

    def money(self, currency: str, low: float, high: float) -> str:
        """A price or a span of prices."""
        amount = f"{low:,.0f}" + (f"–{high:,.0f}" if high > low else "")
        entry = table().get(f"money_{currency}", table()["money_other"])
        return entry[self.language].format(n=amount, unit=currency)

    def hook(self, law: str) -> str:
        """A legal hook, with its mark where it was not checked at its source."""
        return law.replace(UNCONFIRMED, f"（{self('lead_law_unconfirmed')}）")

    def robots(self, verdict: str) -> str:
        """What robots.txt said of a capture, in a word; what follows it in brackets is left as it is recorded."""
        word, blank, rest = verdict.partition(" ")
        return self.known("robots", word) + blank + rest

    def did(self, action: str) -> str:
        """What the ledger says that somebody did; an action without words stands for itself."""
        if action.startswith("case "):
            return self("ledger_case", step=self.known("case_step", action.removeprefix("case ")))
        entry = table().get(f"did_{action.replace(' ', '_')}")
        return entry[self.language] if entry else action

    def place(self, province: str) -> str:
        """A province by the name that the language has for it."""
        return province if self.language == "zh" else PINYIN.get(province, province)

    def reason(self, text: str) -> tuple[str, float | None, str]:
        """The part of a priority that a reason explains, its value, and why; a text of another form is all reason."""
        match = _REASON.fullmatch(text)
        if not match:
            return "", None, text
        part, value, why = match.groups()
        if self.language == "zh":
            why = _said("reason_pattern_", why)
        elif part == "harm":
            why = next((label.title_en for label in labels().values() if label.title == why), why)
        return self.known("part", part), float(value) if value.count(".") < 2 else None, why


def midnight(now: datetime) -> datetime:
    """When the day began in Beijing."""
    return now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)


def _counted(text: str) -> str:
    """A text in which "1 lead(s)" and "2 lead(s)" have become "1 lead" and "2 leads"."""
    return _PLURAL.sub(lambda found: f"{found[1]} {found[2]}{'' if found[1] == '1' else 's'}", text)


@functools.cache
def _whys() -> dict[str, str]:
    return {entry["en"]: entry["zh"] for key, entry in table().items() if key.startswith("why_")}


def _said(prefix: str, english: str) -> str:
    return next(
        (found.expand(zh) for pattern, zh in _patterns(prefix) if (found := pattern.fullmatch(english))), english
    )


def _local(at: datetime | str) -> datetime:
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(BEIJING)
