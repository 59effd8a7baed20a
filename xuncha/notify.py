"""Telling people that a night is over: counts and links, by apprise (WeCom, DingTalk, Feishu, mail and a hundred more); a dead man's switch.

A message holds numbers, names of sources and kinds of alarm. It never holds a text, a title, a URL of a page or a contact. A message
that cannot be sent is told to the operator and changes nothing else: the night's work is stored by then.
"""

from __future__ import annotations

import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from core.errors import SettingsError
from core.settings import Settings

WHEN = ("alarms", "always", "never")
SECONDS = 15.0
KINDS = {
    "silent": "静默 silent", "layout": "版面变化 layout changed", "drop": "骤减 fewer documents", "unanswered": "无应答 no answer",
    "few": "偏少 few", "many": "偏多 many",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title, a body of plain lines, and whether it is about something wrong."""

    title: str
    body: str
    wrong: bool


def of_night(done: Mapping[str, Any], data: Mapping[str, Any], settings: Settings) -> Message:
    """The message about a night: ``done`` is what ``xuncha.nightly.night`` returns, ``data`` the digest's."""
    crawl, headline, alarms = done["crawl"], data["headline"], len(done["alarms"])
    turned = data["presence"]["turned"]
    lines = [
        f"取回 fetched {crawl['fetched']}, 新文档 new {crawl['new']}, 有改动 changed {crawl['changed']}, 未取 refused {crawl['refused']}",
        f"新线索 new leads {headline['new_leads']['count']}, 待判断 undecided {data['backlog']['undecided']}",
        f"标记页面 flagged pages: 已删除 gone {turned['gone']}, 重现 returned {turned['returned']}, 有改动 changed {turned['changed']}",
    ]
    lines += [
        f"警报 {row['source']}: {KINDS.get(row['state'], row['state'])}" for row in data["sources"] if row["state"]
    ]
    failed = sorted(
        {f"{run['stage']}: {run['state']}" for run in data["runs"] if run["state"] in ("failed", "interrupted")}
    )
    lines += [f"警报 {entry}" for entry in failed]
    title = (
        f"巡查 xuncha {data['date']}: {alarms} 警报 alarms"
        if alarms
        else f"巡查 xuncha {data['date']}: 无警报 no alarms"
    )
    return Message(title, "\n".join(lines + _link(settings)), bool(alarms))


def of_failure(error: BaseException, settings: Settings) -> Message:
    """The message about a night that broke off; the error's kind and not its words, which may hold anything."""
    lines = [f"错误 error: {type(error).__name__}", "详见日志与 `xuncha doctor`。 See the log and `xuncha doctor`."]
    return Message("巡查 xuncha: 本夜失败 the night failed", "\n".join(lines + _link(settings)), True)


def _link(settings: Settings) -> list[str]:
    return [f"复核 review: {settings['review_url']}"] if settings["review_url"] else []


def addresses(settings: Settings) -> list[str]:
    """The apprise URLs of the settings and of the secret file (one a line, # begins a comment).

    Raises:
        SettingsError: the file cannot be read, or others may read it; ``notify_when`` or ``dead_man_url`` is none that is known;
            there are addresses, and the extra ``notify`` is not installed.
    """
    if settings["notify_when"] not in WHEN:
        raise SettingsError(
            f"setting 'notify_when' expects one of {', '.join(WHEN)}, found {settings['notify_when']!r}"
        )
    if settings["dead_man_url"] and not str(settings["dead_man_url"]).startswith(("https://", "http://")):
        raise SettingsError("setting 'dead_man_url' expects an http or https URL")
    found = list(settings["notify"])
    if settings["notify_file"]:
        path = settings.path("notify_file")
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise SettingsError(f"{path}: holds secrets and others may read it; run `chmod 600 {path}`")
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: expected a file of apprise URLs (setting 'notify_file'): {error}") from error
        found += [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if found and find_spec("apprise") is None:
        raise SettingsError("setting 'notify' needs the extra: pip install 'xuncha[notify]'")
    return found


def wanted(message: Message, settings: Settings) -> bool:
    """Whether a message is to be sent at all."""
    return settings["notify_when"] == "always" or (settings["notify_when"] == "alarms" and message.wrong)


def send(message: Message, urls: Sequence[str], say: Callable[[str], None]) -> int:
    """Send a message to each address; to how many it went. What went wrong is said without the address, which is a secret."""
    if not urls:
        return 0
    import apprise

    sent = 0
    for place, url in enumerate(urls, 1):
        scheme = url.partition(":")[0]
        sender = apprise.Apprise()
        if not sender.add(url):
            say(f"notify: address {place} ({scheme}:...) is none that apprise knows; see its list of services")
            continue
        kind = apprise.NotifyType.WARNING if message.wrong else apprise.NotifyType.INFO
        try:
            delivered = bool(
                sender.notify(
                    title=message.title, body=message.body, notify_type=kind, body_format=apprise.NotifyFormat.TEXT
                )
            )
        except Exception as error:  # a plug-in of theirs must not end our night
            delivered = False
            say(f"notify: {scheme}: {type(error).__name__}")
        if delivered:
            sent += 1
        else:
            say(f"notify: address {place} ({scheme}:...) did not take the message")
    return sent


def alive(settings: Settings, say: Callable[[str], None]) -> bool:
    """Ask for ``dead_man_url``, which raises the alarm elsewhere when it is not asked for; whether it answered."""
    url = str(settings["dead_man_url"])
    if not url:
        return False
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - the scheme was looked at by addresses()
            return bool(200 <= answer.status < 300)
    except (OSError, urllib.error.URLError, ValueError) as error:
        say(f"dead_man_url: {type(error).__name__}; the switch was not reset")
        return False
