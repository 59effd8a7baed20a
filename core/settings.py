"""Settings, declared once in ``SETTINGS`` and read from ``xuncha.toml`` and ``XUNCHA_*`` variables (the later wins)."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.plugins import suggest

FILE = "xuncha.toml"
PREFIX = "XUNCHA_"
SECRET_PREFIX = "XUNCHA_SECRET_"  # noqa: S105 - keys of services that sources ask; never a setting, never written to a file by us
# XUNCHA_WORKSPACE names the workspace itself, XUNCHA_SHARED_DATA public training data; the endpoint of a second opinion and its key
# are for one process, and a key is never written to a file
NOT_SETTINGS = ("workspace", "shared_data", "endpoint_url", "endpoint_key")


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting: its name, type, default and help."""

    name: str
    type: type
    default: Any
    help: str


SETTINGS = (
    Setting("contact", str, "", "who runs the patrol: an address or URL that site owners can write to; part of the user agent; live crawls need it"),
    Setting("database", str, "xuncha.db", "SQLite file of the store, relative to the workspace"),
    Setting("archive", str, "archive", "folder of the WARC files, relative to the workspace"),
    Setting("reports", str, "reports", "folder that reports are written to, relative to the workspace"),
    Setting("sources", str, "sources", "folder of the operator's own source declarations, relative to the workspace"),
    Setting("delay_seconds", float, 5.0, "least time between two requests to one host; a longer Crawl-delay or source delay wins"),
    Setting("max_page_bytes", int, 10_000_000, "largest response body, after decompression; larger ones are refused"),
    Setting("page_deadline_seconds", float, 60.0, "longest time a single response may take"),
    Setting("max_pages_per_source", int, 2_000, "page budget of one source in one run"),
    Setting("max_bytes_per_source", int, 500_000_000, "byte budget of one source in one run, as received"),
    Setting("max_minutes_per_source", float, 240.0, "time budget of one source in one run"),
    Setting("max_wait_seconds", float, 1_800.0, "longest wait for a host that asks for patience (Retry-After, visiting hours); a longer one is left to the next night"),
    Setting("robots_max_age_hours", float, 24.0, "how long a robots.txt may be remembered (RFC 9309 2.4: at most 24)"),
    Setting("known_in_a_row", int, 20, "a list is left after this many known documents in a row (newest first)"),
    Setting("revisit_share", float, 0.25, "the share of a source's page budget that may go to pages visited again"),
    Setting("lease_seconds", float, 300.0, "a leased page that was not acknowledged returns to the queue after this time"),
    Setting("frontier", str, "", "redis://[:password@]host[:port]/db of the queue that several crawlers share (extra cluster); empty: the store's own, for one machine"),
    Setting("worker", str, "", "the name of this crawler among those that share a frontier; empty: the machine's name"),
    Setting("hand_over", str, "", "folder or URL (s3://bucket/prefix; extra cluster) where a crawler leaves captures and documents after each crawl, for `xuncha ingest` at the one store; empty: nowhere"),
    Setting("allow_addresses", list, [], "non-global addresses that may be fetched all the same (tests and the demo: 127.0.0.1)"),
    Setting("browser", str, "/usr/bin/chromium", "the Chromium that draws the pages of sources with `browser: true` (extra browser)"),
    Setting("model", str, "stack", "the model of models/ that judges"),
    Setting("unsure_low", float, 0.35, "scores from here ..."),
    Setting("unsure_high", float, 0.65, "... to here are marked unsure"),
    Setting("hub_documents", int, 20, "a contact seen in at least so many documents that are not flagged, and in more of them than in adverts, ties nothing together"),
    Setting("official_contacts", list, [], "contacts of platforms and offices that tie nothing together, each as kind:value (wechat:gongzhonghao)"),
    Setting("near_duplicate", float, 0.6, "Jaccard similarity of character shingles from which two texts are one campaign"),
    Setting("silent_after", int, 2, "alarm when a source that used to yield documents yields none in this many runs"),
    Setting("audit_share", float, 0.1, "share of randomly drawn documents among the leads of the review queue, for measurement; 0 turns them off"),
    Setting("audit_sample", int, 200, "documents in each sample that is drawn for that share when the one before is labelled"),
    Setting("proxy_user_header", str, "", "header in which a proxy in front of the review application names the account; empty: people sign in here"),
    Setting("proxy_secret_file", str, "proxy-secret", "file with the secret that this proxy sends as X-Xuncha-Proxy-Secret, relative to the workspace"),
    Setting("timestamp_urls", list, [], "time-stamp authorities (RFC 3161) that stamp the ledger's head each night and each bundle, asked in this order; none: no stamps"),
    Setting("timestamp_roots", str, "", "PEM file of the certificates that their answers are trusted by, relative to the workspace"),
    Setting("timestamp_seconds", float, 20.0, "how long an authority may take to answer; after that the stamp waits for the next night"),
    Setting("pictures_per_document", int, 9, "pictures of a document that are fetched; 0 fetches none"),
    Setting("pictures_per_source", int, 300, "pictures of one source that are fetched in one run; they count as pages of its budgets too"),
    Setting("max_picture_bytes", int, 5_000_000, "largest file that is taken for a picture; larger ones are captured and not read"),
    Setting("picture_minutes", float, 30.0, "so long a night reads pictures (extra pictures); what is left waits for the next"),
    Setting("picture_words_per_night", int, 2_000, "pictures whose words are read in one night, the most suspect first"),
    Setting("picture_short_text", int, 60, "words are read in the pictures of documents with fewer characters than this ..."),
    Setting("picture_suspect", float, 0.1, "... and of those whose score is at least this"),
    Setting("seeker_retention_days", int, 30, "so many days after it was first seen, a seeker's document is purged to hash, label and date"),
    Setting("retention_days", list, [], "the same for other labels, each as label=days (other_ad=365); a label that is not named is kept. A hold keeps, and so does a lead that stands confirmed or referred"),
    Setting("page_retention_days", int, 0, "so many days after they were fetched, captures that gave no document (lists, pages that could not be read) are erased; 0 keeps them"),
    Setting("metrics", str, "metrics/xuncha.prom", "file of the metrics (Prometheus text format), relative to the workspace; empty: none"),
    Setting("notify", list, [], "apprise URLs that are told of a night (wecombot://, dingtalk://, feishu://, mailto://); never shown"),
    Setting("notify_file", str, "", "file with more such URLs, one a line, readable by its owner alone"),
    Setting("notify_when", str, "alarms", "when they are told: alarms, always or never"),
    Setting("review_url", str, "", "address of the review application, for links in messages"),
    Setting("dead_man_url", str, "", "URL that is asked for after each night that ends well; who serves it raises the alarm when it is not; never shown"),
)  # fmt: skip
SECRETS = (
    "notify",
    "dead_man_url",
)  # settings whose values hold keys: `xuncha config show` says only that they are set
_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one workspace, each with the place its value came from; read a value with ``settings["name"]``."""

    workspace: Path
    values: Mapping[str, Any]
    origins: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def path(self, name: str) -> Path:
        """The value of a path setting, made absolute against the workspace."""
        return self.workspace / str(self.values[name])

    def replace(self, origin: str = "argument", **changes: Any) -> Settings:
        """A copy with ``changes``; an unknown name raises SettingsError."""
        for name in changes:
            if name not in _BY_NAME:
                raise SettingsError(f"unknown setting {name!r}; {suggest(name, _BY_NAME)}")
        return Settings(self.workspace, {**self.values, **changes}, {**self.origins, **dict.fromkeys(changes, origin)})


def load(workspace: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a workspace: defaults, then ``xuncha.toml``, then ``XUNCHA_*`` variables.

    Raises:
        SettingsError: the file cannot be read or is no TOML, a key is unknown (the nearest known one is named), or a value has
            the wrong type or is out of range.
    """
    environ = os.environ if environ is None else environ
    values = {setting.name: setting.default for setting in SETTINGS}
    origins = dict.fromkeys(values, "default")
    path = workspace / FILE
    if path.exists():
        try:
            data = tomllib.loads(path.read_text("utf-8-sig"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: expected a readable TOML file in UTF-8: {error}") from error
        for name, value in data.items():
            if name not in _BY_NAME:
                raise SettingsError(f"{path}: unknown setting {name!r}; {suggest(name, _BY_NAME)}")
            values[name], origins[name] = _cast(_BY_NAME[name], value, str(path)), str(path)
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable.startswith(SECRET_PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in NOT_SETTINGS:
            continue
        if name not in _BY_NAME:
            raise SettingsError(f"{variable}: unknown setting {name!r}; {suggest(name, _BY_NAME)}")
        values[name], origins[name] = _cast(_BY_NAME[name], text, variable), variable
    return Settings(workspace.resolve(), values, origins)


def _cast(setting: Setting, value: Any, where: str) -> Any:
    if setting.type is list and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if setting.type is list and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    if setting.type is str and isinstance(value, str):
        return value
    if setting.type in (int, float) and not isinstance(value, bool) and isinstance(value, int | str | setting.type):
        try:
            number = setting.type(value)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number) and number >= 0:
            return number
    expected = {
        list: "a list of strings",
        str: "a string",
        int: "a whole number of 0 or more",
        float: "a number of 0 or more",
    }
    raise SettingsError(f"{where}: setting {setting.name!r} expects {expected[setting.type]}, found {value!r}")


def template() -> str:
    """A ``xuncha.toml`` that names every setting, commented out, with its help and default."""
    lines = ["# Settings of this workspace. `xuncha config show` tells where each value comes from.", ""]
    for setting in SETTINGS:
        default = setting.default
        shown = f'"{default}"' if isinstance(default, str) else str(default)
        lines += [f"# {setting.help}", f"# {setting.name} = {shown}", ""]
    return "\n".join(lines)
