"""Discuz! X forums (X3.4, X3.5; GBK and UTF-8) by their stock templates: boards, the guide, threads, and the archiver.

What a post quotes is kept in ``fields`` and not in its text: they are another's words. Hidden posts, and attachments that
members alone see, are told as locked. The native id is the post's own (pid); the archiver shows none, so there it is made of
thread, page and place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from resiliparse.parse.html import ElementNode, HTMLTree

from core.types import Document, Picture, SiteContext
from crawler.extract import decode, html_text, links, parse, pictures, select, site_context, tidy, value
from crawler.pages import Follow, Locked, Page
from crawler.sources import Source
from crawler.times import resolve

THREADS = (
    "tbody[id^=normalthread_] a.xst", "tbody[id^=normalthread_] th.common a, tbody[id^=normalthread_] th.new a",
    "ul#waterfall li h3 a", "#content li a[href*=tid-]", "tbody[id^=stickthread_] a.xst",
)  # fmt: skip
JAMMERS = 'font.jammer, span[style*="display:none"], span[style*="display: none"], .tip, .aimg_tip, script, style'
BODY = 'td[id^="postmessage_"], .pcbs'
AUTHOR = '.authi a[href*="uid="], .authi a[href*="space-uid-"]'
_PID = re.compile(r"post_(\d+)")
_TID = re.compile(r"(?:[?&]tid=|thread-|tid-)(\d+)")
_ARCHIVED = re.compile(r"<p class=\"author\">(.*?)</p>(.*?)(?=<p class=\"author\">|<div class=\"page\"|\Z)", re.DOTALL)
_POSTED = re.compile(r"[发發]表[于於]\s*([^\n]*)")
_CLOSED = re.compile(r"[阅閱][读讀][权權]限|密[码碼]|登[录錄入]|付[费費]|屏蔽|[没沒]有[权權]限|[无無][权權]")
HIDDEN = "Hidden Message"


def start(source: Source) -> Iterable[Follow]:
    """The boards to begin with: forumdisplay, the guide's newest threads, or the archiver's board pages."""
    for url in source.start_urls:
        yield Follow(url, "list", priority=10)


def role_of(url: str) -> str:
    """What a page of an archive was, told from its address: a thread has its number there."""
    return "document" if _TID.search(url) else "list"


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked]:
    """A board gives its threads, newest first and sticky ones last; a thread its posts; and each its next page."""
    html, _ = decode(page.body, page.headers.get("content-type", ""), source.charset)
    tree = parse(html)
    if page.role == "list":
        yield from _listed(source, page, tree)
        yield from _next(page, tree, "list", 8, "")
        return
    message = value(tree.body, "#messagetext")
    if message and _CLOSED.search(message):
        yield Locked(page.url, tidy(message.splitlines()[0])[:200])
    found = list(_archived(source, page, tree) if select(tree.body, "p.author") else _posts(source, page, tree))
    yield from found
    first = next((item for item in found if isinstance(item, Document)), None)
    opener = first.parent or first.native_id if first else str(page.extra.get("parent", ""))
    yield from _next(page, tree, "document", 5, opener)


def _listed(source: Source, page: Page, tree: HTMLTree) -> Iterator[Follow]:
    wanted = re.compile(source.follow) if source.follow else None
    seen = set()
    for selector in THREADS:
        for element in select(tree.body, selector):
            url = _thread(page.join(element.getattr("href") or ""))
            thread = _TID.search(url)
            number = thread[1] if thread else ""
            if number and number not in seen and source.covers(url) and (wanted is None or wanted.search(url)):
                seen.add(number)  # a row links the thread's later pages too; those are reached from its first
                yield Follow(url, "document", document=True)


def _thread(url: str) -> str:
    """A thread's address without what only says which list led there; empty for any other address."""
    if not _TID.search(url):
        return ""
    parts = urlsplit(url)
    if "tid=" not in parts.query:
        return url
    kept = [(name, given) for name, given in parse_qsl(parts.query) if name in ("mod", "tid")]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _next(page: Page, tree: HTMLTree, role: str, priority: int, opener: str) -> Iterator[Follow]:
    given = [element.getattr("href") or "" for element in select(tree.body, ".pg a.nxt")[:1]]
    if not given:  # the archiver numbers its pages and has no word for the next one
        here = re.search(r"[&?]page=(\d+)", page.url)
        after = f"page={int(here[1]) + 1 if here else 2}"
        given = (
            [href for href in links(select(tree.body, "div.page")[0])[:50] if href.endswith(after)][:1]
            if select(tree.body, "div.page")
            else []
        )
    url = page.join(given[0]) if given else ""
    if url and url != page.url:
        yield Follow(url, role, priority=priority, extra={"parent": opener} if role == "document" else {})


def _site(source: Source, page: Page, tree: HTMLTree) -> SiteContext:
    wanted = source.document
    declared = (
        wanted.get("site_title", "") or "#hd h2",
        wanted.get("navigation", "") or "#nv a, #pt a",
        wanted.get("footer", "") or "#ft, #footer",
    )
    return site_context(tree, page.url, declared)


def _posts(source: Source, page: Page, tree: HTMLTree) -> Iterator[Document | Locked]:
    site, title = _site(source, page, tree), value(tree.body, "#thread_subject")
    opener = str(page.extra.get("parent", ""))
    for node in select(tree.body, "#postlist > div[id^=post_]"):
        match = _PID.fullmatch(node.getattr("id") or "")
        if not match:
            continue
        pid = match[1]
        fields, shown = _fields(node), _pictures(page, node)
        notes = select(node, "div.locked, .attach_nopermission")
        yield from [Locked(page.url, f"post {pid}: {html_text(note.html)[:150]}") for note in notes]
        _drop(notes)
        body_links = [url for part in select(node, BODY) for link in links(part) if (url := page.join(link))]
        text = tidy("\n".join([*_form(node), *(html_text(part.html) for part in select(node, BODY))]))
        if text or shown:
            raw = value(node, f"#authorposton{pid} span::attr(title)") or _posted(value(node, f"#authorposton{pid}"))
            yield Document(
                platform=source.platform, native_id=pid, url=page.url, kind="post", text=text, title=title,
                author=value(node, AUTHOR) or value(node, ".pi"), published_at=resolve(raw, page.at, source.zone), published_raw=raw, site=site,
                links=tuple(dict.fromkeys(body_links)), pictures=shown, source=source.name, capture=page.capture, parent=opener, fields=fields,
            )  # fmt: skip
        yield from _short_replies(source, page, node, pid, site)
        opener = opener or pid


def _fields(node: ElementNode) -> dict[str, str]:
    """What belongs to a post and is not its text; taken out of the tree, with what the site puts in against copying."""
    _drop(select(node, JAMMERS))
    fields = {"edited": value(node, "i.pstatus"), "quote": value(node, "div.quote"), "signature": value(node, ".sign")}
    _drop(select(node, "i.pstatus, div.quote"))
    return {name: found for name, found in fields.items() if found}


def _drop(elements: list[ElementNode]) -> None:
    """Take elements out of the tree, the inner ones first: one that went with its parent must not be touched again."""
    for element in reversed(elements):
        element.decompose()


def _form(node: ElementNode) -> list[str]:
    """The lines of a classified thread's form."""
    rows = [(value(row, "th").rstrip(":："), value(row, "td")) for row in select(node, ".typeoption table tr")]
    return [f"{name}: {given}" for name, given in rows if given]


def _pictures(page: Page, node: ElementNode) -> tuple[Picture, ...]:
    """Pictures in the body and attached below it, by where they really lie; the site's own smileys and marks are left out."""
    found: dict[str, Picture] = {}
    for part in select(node, f"{BODY}, .pattl, .guestviewthumb"):
        for element in select(part, ".guestviewthumb img[makefile]"):
            element["src"] = element.getattr("makefile") or ""
        for picture in pictures(part):
            url = page.join(picture.url)
            if url and not re.search(r"static/image/|image/common/|smil(?:ey|ies)/", url):
                found.setdefault(url, Picture(url, picture.alt))
    return tuple(found.values())


def _posted(text: str) -> str:
    """The time in a line such as 发表于 2026-11-6 21:40:43."""
    match = _POSTED.search(text)
    return match[1].strip() if match else ""


def _short_replies(source: Source, page: Page, node: ElementNode, pid: str, site: SiteContext) -> Iterator[Document]:
    for row in select(node, f"#comment_{pid} .pstl"):
        raw = value(row, ".psti .xg1 span::attr(title)") or _posted(value(row, ".psti .xg1"))
        _drop(select(row, ".psti .xg1"))
        text = value(row, ".psti")
        if text:
            mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            yield Document(
                platform=source.platform, native_id=f"{pid}-{mark}", url=page.url, kind="comment", text=text, author=value(row, ".psta a.xi2"),
                published_at=resolve(raw, page.at, source.zone), published_raw=raw, site=site, source=source.name, capture=page.capture, parent=pid,
            )  # fmt: skip


def _archived(source: Source, page: Page, tree: HTMLTree) -> Iterator[Document | Locked]:
    """The archiver: an author's line, a heading over the first post, then bare text until the next author's line."""
    content = next(iter(select(tree.body, "#content")), tree.body)
    thread, number = _TID.search(page.url), re.search(r"[&?]page=(\d+)", page.url)
    if content is None or not thread:
        return
    site, opener = _site(source, page, tree), str(page.extra.get("parent", ""))
    title = value(content, "h3")
    for place, (head, body) in enumerate(_ARCHIVED.findall(content.html), 1):
        text = html_text(re.sub(r"<h3>.*?</h3>", "", body, count=1, flags=re.DOTALL))
        native = f"{thread[1]}-{number[1] if number else 1}-{place}"
        if HIDDEN in text:
            yield Locked(page.url, f"post {native}: hidden until one replies")
            text = tidy(re.sub(r"\*+\s*Hidden Message\s*\*+", "", text))
        if text:
            raw = _posted(html_text(head))
            yield Document(
                platform=source.platform, native_id=native, url=page.url, kind="post", text=text, title=title,
                author=value(parse(head).body, "strong"), published_at=resolve(raw, page.at, source.zone), published_raw=raw, site=site,
                source=source.name, capture=page.capture, parent=opener,
            )  # fmt: skip
        opener = opener or native
