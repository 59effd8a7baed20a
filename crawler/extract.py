"""From bytes to text: charset, selectors, visible text and the words of the site around a document."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import ElementNode, HTMLTree

from core.types import Picture, SiteContext
from crawler.attributes import spelled_out
from text.charset import decode as decode  # what an adapter needs to read a page is found here

MAX_ELEMENTS = (
    20_000  # found by one selector. Always as a slice: resiliparse 2.0.1 walks from the root at each step of a list
)
_ATTRIBUTE = re.compile(r"^(.*?)\s*::attr\(([\w-]+)\)$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NESTING = re.compile(
    r"<(/?)(?!(?:br|img|hr|input|meta|link|p|li|t[rdh]|d[td]|option|source|wbr|col|area|param|base)\b)[a-z]",
    re.IGNORECASE,
)
MAX_DEPTH = 1_000
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")


def tidy(text: str) -> str:
    """Text with control characters dropped, runs of white space made one, lines kept and trimmed."""
    return _LINES.sub("\n", _SPACES.sub(" ", _CONTROL.sub("", text))).strip()


def html_text(html: str) -> str:
    """The text of an HTML fragment, a line for each block: alternative texts of pictures included, and the contacts in attributes."""
    return plain_text(spelled_out(_sound(html)))


def plain_text(html: str) -> str:
    """The visible text of an HTML fragment and the alternative texts of its pictures: names, times and titles are read by it."""
    if not html:
        return ""
    return tidy(extract_plain_text(_sound(html), preserve_formatting=True, list_bullets=False, alt_texts=True))


@lru_cache(maxsize=2)  # each of a page's documents may ask for it
def main_text(html: str) -> str:
    """The main text of a page whose structure nobody declared."""
    html = spelled_out(_sound(html))
    if _depth(html) > MAX_DEPTH:  # the rules for main content take time by the square of it: 20,000 levels took 5 s
        return plain_text(html)
    text = extract_plain_text(html, preserve_formatting=True, main_content=True, list_bullets=False, alt_texts=True)
    return tidy(text) or plain_text(html)


def _sound(html: str) -> str:
    """HTML without lone surrogates, as JSON may hold them and no parser takes them: replaced one for one, as the store would."""
    try:
        html.encode()  # a quarter of the time that looking for them takes
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", html)
    return html


def _depth(html: str) -> int:
    """About how deep the elements of a page lie in each other; those that need no end tag are not counted."""
    level = deepest = 0
    for match in _NESTING.finditer(html):
        level = max(0, level - 1) if match[1] else level + 1
        deepest = max(deepest, level)
    return deepest


def locked(html: str) -> bool:
    """Whether an HTML fragment is WordPress's form that stands for a post under a password."""
    return "post-password-form" in html


def select(node: ElementNode | None, selector: str, most: int = MAX_ELEMENTS) -> list[ElementNode]:
    """The first elements that a CSS selector finds below a node; none when the selector is empty or finds nothing."""
    css = _split(selector)[0]
    if node is None or not selector:
        return []
    # sliced: a collection that is walked finds its elements anew for each one
    return [node] if not css else list(node.query_selector_all(css)[:most])


def value(node: ElementNode | None, selector: str) -> str:
    """The text, or with ``::attr(name)`` the attribute, of the first element found; empty when there is none."""
    css, attribute = _split(selector)
    # the first one does, on most pages, and ends the search
    first = node.query_selector(css) if node is not None and css else None
    for element in itertools.chain([first] if first is not None else (), _each(node, selector)):
        found = (element.getattr(attribute) or "") if attribute else plain_text(element.html)
        if found.strip():
            return tidy(found)
    return ""


def _each(node: ElementNode | None, selector: str) -> Iterator[ElementNode]:
    yield from select(node, selector)


def _split(selector: str) -> tuple[str, str]:
    match = _ATTRIBUTE.match(selector.strip())
    return (match[1], match[2]) if match else (selector.strip(), "")


def links(node: ElementNode | None, limit: int = 500) -> list[str]:
    """The targets of the links below a node, as written."""
    if node is None:
        return []
    return [href for element in node.query_selector_all("a[href]")[:limit] if (href := element.getattr("href"))]


def pictures(node: ElementNode | None, limit: int = 100) -> list[Picture]:
    """The pictures below a node; lazy ones by where they really lie."""
    found = []
    for element in node.query_selector_all("img")[:limit] if node is not None else ():
        source = next(
            (
                given
                for name in ("zoomfile", "file", "data-src", "data-original", "src")
                if (given := element.getattr(name))
            ),
            "",
        )
        if source and not source.startswith("data:"):
            found.append(Picture(source, tidy(element.getattr("alt") or "")))
    return found


def fragment(html: str, join: Callable[[str], str]) -> tuple[str, tuple[str, ...], tuple[Picture, ...]]:
    """Text, links and pictures of an HTML fragment that came in a feed or an interface; ``join`` makes an address absolute."""
    if "<" not in html:
        return html_text(html), (), ()
    body = parse(html).body
    shown = {url: picture.alt for picture in pictures(body) if (url := join(picture.url))}
    return (
        html_text(html),
        tuple(dict.fromkeys(url for link in links(body) if (url := join(link)))),
        tuple(Picture(url, alt) for url, alt in shown.items()),
    )


def site_context(tree: HTMLTree, url: str, declared: Sequence[str] = ("", "", "")) -> SiteContext:
    """The words of the site around a document: title, navigation, footer, host and path.

    ``declared`` are the source's selectors for site title, navigation and footer, empty where it has none.
    """
    parts = urlsplit(url)
    body = tree.body
    title = value(body, declared[0]) or _meta(tree, "og:site_name") or tidy(tree.title or "")
    words: list[str] = []
    for element in select(body, declared[1] or "nav a, header a, .nav a, #nav a, .menu a", 60):
        word = tidy(element.text or "")[:40]
        if word and word not in words:
            words.append(word)
    footer = value(body, declared[2] or "footer, .footer, #footer, #ft")
    return SiteContext(title[:200], tuple(words[:40]), footer[:1000], parts.netloc.lower(), parts.path)


def shown_text(html: str) -> str:
    """All that a page shows, its title and description included: what a document taken from it is looked for in."""
    tree = parse(html)
    said = (tidy(tree.title or ""), _meta(tree, "og:description") or _meta(tree, "description"), html_text(html))
    return "\n".join(dict.fromkeys(filter(None, said)))


def _meta(tree: HTMLTree, name: str) -> str:
    head = tree.head
    for element in head.query_selector_all("meta[property], meta[name]")[:200] if head is not None else ():
        if name in (element.getattr("property"), element.getattr("name")):
            return tidy(element.getattr("content") or "")
    return ""


def parse(html: str) -> HTMLTree:
    """The tree of a page; anything parses."""
    return HTMLTree.parse(_sound(html) or "<html></html>")
