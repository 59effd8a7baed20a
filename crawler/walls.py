"""Walls: what a site puts before its pages for robots. A wall is recorded and respected, never solved.

A refusing status or header; a redirect to a login or a proof; a short page that asks for a proof, for a login, or only loads itself
again; a JSON answer that says one was banned. Statuses beyond 401, 403 and 429 as Chinese sites and their firewalls use them: 405
(Aliyun), 412 and JSON -412 (Bilibili), 418 (Douban), 432 (Weibo), 461 and 471 (Xiaohongshu), 521 (Jiasule), 567 (Tencent), 999 (Alibaba).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick

from crawler.extract import decode, html_text

WALL_STATUS = (401, 403, 405, 412, 418, 429, 432, 461, 471, 521, 567, 999)
WALL_TEXT = 600  # a page with more visible text than this is no wall, whatever words it holds
MAX_BODY = 100_000  # bytes; what is larger is no wall
_LOGIN_PATH = re.compile(
    r"(?:^|[/?&.=])(?:login|signin|sign_in|passport|sso|authorize|accounts?/log)(?:[/?&.=]|$)", re.IGNORECASE
)
_PROOF_PATH = re.compile(
    r"(?:^|[/?&.=])(?:captcha|verify|antispider|anti_spider|challenge|waf|robotcheck|validate)(?:[/?&.=]|$)|//sec\.",
    re.IGNORECASE,
)
_PROOF = re.compile(
    r"请输入验证码|输入.{0,6}验证码|安全验证|滑动验证|拖动.{0,6}滑块|按住滑块|人机验证|人机识别|机器人验证|请完成.{0,4}验证|点击.{0,6}完成验证"
    r"|访问过于频繁|访问频次过高|操作过于频繁|请求过于频繁|访问频率|异常流量|异常访问|访问异常|网络环境存在异常|环境异常|访问被阻断|访问被拦截|疑似黑客"
    r"|captcha|are you a robot|verify (?:that )?you are (?:a )?human|unusual traffic|just a moment|checking your browser|security check"
    r"|enable javascript and cookies|access to this page has been denied|ddos protection",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"请先登[录入]|需要登[录入]|登[录入]后(?:才能|可)?(?:查看|浏览|继续|访问)|您需要登[录入]|請先登[錄入]|需要登[錄入]"
)
_AGAIN = re.compile(r"location\s*\.\s*reload|acw_sc__v2|__jsl_clearance|cdn-cgi/challenge", re.IGNORECASE)
_ELSEWHERE = re.compile(r"location\s*\.\s*replace|location(?:\s*\.\s*href)?\s*=[^=]", re.IGNORECASE)
_META = re.compile(r"<meta\b([^>]{0,3000})", re.IGNORECASE)
_IS_REFRESH = re.compile(r"http-equiv\s*=\s*[\"']?\s*refresh\b", re.IGNORECASE)
_CONTENT = re.compile(r"content\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*))", re.IGNORECASE)
_TARGET = re.compile(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?(.*?)[\"']?\s*$", re.IGNORECASE | re.DOTALL)
_BANNED = re.compile(
    rb"""["']code["']\s*:\s*["']?-(?:412|352|509|799)\b|["']ok["']\s*:\s*-100\b|["']msg["']\s*:\s*["'][^"']{0,20}(?:\\u9a8c\\u8bc1|verify)"""
)
# what a wall of any kind holds; a page without any of them is none, and need not be read for it
_WORDS = (
    "验证", "滑块", "频繁", "频次", "频率", "异常", "阻断", "拦截", "黑客", "机器人", "登录", "登入", "登錄", "captcha", "Captcha", "CAPTCHA", "robot", "Robot",
    "human", "Human", "unusual traffic", "moment", "your browser", "ecurity", "ookies", "denied", "DDoS", "location", "acw_sc__v2",
    "__jsl_clearance", "cdn-cgi/challenge", "efresh", "EFRESH",
)  # fmt: skip
_ANY = BytesAhoCorasick(
    sorted({word.encode(charset, "ignore") for word in _WORDS for charset in ("utf-8", "gb18030", "big5")} - {b""})
)


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands before a page, in words; ``shut`` when the whole host is to be left alone for it.

    ``target`` is where the page leads on by a meta refresh, as written: that is a redirect, and treated as one.
    """

    what: str
    shut: bool = True
    target: str = ""


def wall(status: int, headers: Mapping[str, str], body: bytes = b"", charset: str = "") -> Wall | None:
    """What stands before a page, or None. ``headers`` have lower-case names; ``charset`` is the source's hint."""
    if status in WALL_STATUS:
        return Wall(f"status {status}")
    location = headers.get("location", "")
    if 300 <= status < 400:
        if _LOGIN_PATH.search(location):
            return Wall("login redirect")
        return Wall("redirect to a proof") if _PROOF_PATH.search(location) else None
    if headers.get("cf-mitigated") or headers.get("x-amzn-waf-action"):
        return Wall("challenge header")
    if status == 304 or len(body) > MAX_BODY:
        return None
    if body[:200].lstrip()[:1] in (b"{", b"["):
        return (
            Wall(f"banned, by its JSON ({match[0].decode('ascii', 'replace')})")
            if (match := _BANNED.search(body[:2000]))
            else None
        )
    if not _ANY.find_matches_as_indexes(body, overlapping=False):
        return None
    html, _ = decode(body, headers.get("content-type", ""), charset)
    return _of_page(html)


def _of_page(html: str) -> Wall | None:
    title = re.search(r"<title[^>]{0,200}>([^<]{0,300})", html, re.IGNORECASE)
    text = f"{title[1] if title else ''}\n{html_text(html)}".strip()
    if len(text) > WALL_TEXT:
        return None
    match = _PROOF.search(text)
    if match:
        return Wall(f"challenge page ({match[0]})")
    if _LOGIN.search(text) and len(text) < WALL_TEXT // 3:
        return Wall("login page", shut=False)
    if len(text) < 40:
        target, elsewhere = refresh(html), _ELSEWHERE.search(html)
        if target == "" or _AGAIN.search(html) or (elsewhere and "document.cookie" in html):
            return Wall("reload page")
        if target:
            return Wall("meta refresh", shut=False, target=target)
        if elsewhere:
            return Wall("page that only leads on by script", shut=False)
    return None


def refresh(html: str) -> str | None:
    """Where a page's meta refresh leads, as written; empty when it loads the page again, None when there is none."""
    for tag in _META.findall(html[:50_000]):
        if _IS_REFRESH.search(tag):
            content = _CONTENT.search(tag)
            found = _TARGET.match(next((part for part in content.groups() if part), "")) if content else None
            return found[1].strip() if found else ""
    return None
