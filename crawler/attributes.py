"""What a page tells in attributes and form fields: a number behind a call button, a WeChat id in a ``title`` or copied by a button.

A reader gets it by a tap, a hover or a copy, and none of it is text of the page. It is put into the text where its element stands,
unless the text around says it already; a ``title`` only where it can hold a contact, as most repeat the link or name a button.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import ElementNode, HTMLTree

MOST = 500  # elements of one fragment that are looked at
LONGEST = 300  # of one attribute: longer ones are no contact but a page's machinery
_ANY = re.compile(
    r"\s(?:title|data-clipboard-text|data-copy|aria-label)\s*=|<(?:input|button|textarea|option)\b|"
    r"href\s*=\s*[\"']?\s*(?:tel|sms|mailto|weixin|mqq|tencent|tg|whatsapp|line|skype|viber)[:\w]*|"
    r"(?:wpa\.qq\.com|t\.me|telegram\.me|wa\.me|api\.whatsapp\.com|line\.me)/",
    re.IGNORECASE,
)
_LOOKED_AT = (
    "a[href], [title], [data-clipboard-text], [data-copy], [aria-label], input[value], button, textarea, option"
)
_RUN = re.compile(r"[a-z0-9_\-]{5}", re.IGNORECASE)
_LABEL = re.compile("微信|薇信|威信|wx|vx|qq|电话|電話|手机|手機|whatsapp|telegram|line", re.IGNORECASE)
_NO_CONTACT = re.compile(
    r"[\s\d:./年月日时分秒\-]*(?:19|20)\d\d\s*[-./年]\s*\d{1,2}[\s\d:./年月日时分秒\-]*|\S*\.(?:jpe?g|png|gif|webp|bmp|svg|pdf)|https?://\S*",
    re.IGNORECASE,
)  # a time, the name of a picture, an address
_TYPED = ("", "text", "tel", "email", "url", "search", "number")
_MESSENGER_HOSTS = ("t.me", "telegram.me", "wa.me", "line.me")


def spelled_out(html: str) -> str:
    """An HTML fragment in which the contacts of its attributes stand as text; the fragment itself where there are none."""
    if not _ANY.search(html):
        return html
    tree = HTMLTree.parse(html)
    body = tree.body
    if body is None:
        return html
    shown = _folded(extract_plain_text(html, preserve_formatting=False, alt_texts=True))
    digits = re.sub(r"\D", "", shown)
    added = False
    for element in body.query_selector_all(_LOOKED_AT)[:MOST]:
        for told in dict.fromkeys(_told(element)):
            key, number = _folded(told), re.sub(r"\D", "", told)
            bare = key.rsplit(" ", 1)[-1]
            if bare in shown or (
                len(number) >= 7 and number == re.sub(r"[+\s()\-]", "", told) and number[-11:] in digits
            ):
                continue
            shown, digits, added = f"{shown} {key}", f"{digits} {number}", True
            _after(element, tree, f" {told} ")
    return body.html if added else html


def _told(element: ElementNode) -> Iterator[str]:
    """What the attributes of an element tell."""
    for name in ("title", "aria-label"):
        given = " ".join((element.getattr(name) or "").split())
        if 0 < len(given) <= LONGEST and not _NO_CONTACT.fullmatch(given):
            plain = unicodedata.normalize("NFKC", given)
            if _RUN.search(plain) or _LABEL.search(plain):
                yield given
    for name in ("data-clipboard-text", "data-copy"):
        given = " ".join((element.getattr(name) or "").split())
        if 0 < len(given) <= LONGEST and not _NO_CONTACT.fullmatch(given):
            yield given
    if element.tag == "input":
        given = (element.getattr("value") or "").strip()
        typed = (element.getattr("type") or "").lower() in _TYPED
        if typed and len(given) <= LONGEST and _RUN.search(unicodedata.normalize("NFKC", given)):
            yield given
    if element.tag in ("button", "textarea", "option"):  # what stands in them is no text to the extraction
        given = " ".join((element.text or "").split())
        if len(given) <= LONGEST and _RUN.search(unicodedata.normalize("NFKC", given)):
            yield given
    if element.tag == "a":
        found = linked(element.getattr("href") or "")
        if found:
            yield found


def linked(href: str) -> str:
    """The contact that a link dials, in words that name its kind; empty for any other link."""
    try:
        parts = urlsplit(href.strip())
        query = parse_qs(parts.query)
    except ValueError:
        return ""
    scheme, host = parts.scheme.lower(), parts.netloc.lower().removeprefix("www.")
    given = unquote(parts.path).strip("/ ")
    match scheme:
        case "tel" | "sms" | "callto":
            return given if re.search(r"\d{5}", re.sub(r"\D", "", given)) else ""
        case "mailto":
            return given if "@" in given else ""
        case "weixin":
            name = unquote(parts.query or given.rsplit("/", 1)[-1]).removeprefix("username=")
            return f"微信 {name}" if _RUN.search(name) else ""
        case "mqqwpa" | "mqq" | "mqqapi" | "tencent":
            return _first("QQ ", query, "uin")
        case "tg":
            return _first("Telegram @", query, "domain")
        case "whatsapp":
            return _first("WhatsApp ", query, "phone")
        case "line":
            return f"line.me/{'/'.join(filter(None, (host, given)))}" if given else ""
        case "skype" | "viber":
            return f"{scheme} {given}" if given else ""
        case "http" | "https":
            if host == "wpa.qq.com":
                return _first("QQ ", query, "uin")
            if host == "api.whatsapp.com":
                return _first("WhatsApp ", query, "phone")
            if host in _MESSENGER_HOSTS and given and given not in ("share/url", "s"):
                return f"{host}/{given}"
        case _:
            return ""
    return ""


def _first(label: str, query: dict[str, list[str]], name: str) -> str:
    found = query.get(name, [""])[0].strip()
    return f"{label}{found}" if found else ""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _after(element: ElementNode, tree: HTMLTree, text: str) -> None:
    """Put text behind an element; inside of it where it has no parent to hold it."""
    parent, node = element.parent, tree.create_text_node(text)
    if node is None:
        return
    if parent is None:
        element.append_child(node)
    elif element.next is not None:
        parent.insert_before(node, element.next)
    else:
        parent.append_child(node)
