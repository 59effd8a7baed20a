"""The links of a whole page, by its characters: three times as fast as by its tree, and only where both agree on how many there are."""

from __future__ import annotations

import re

from resiliparse.parse.html import HTMLTree

from crawler.extract import links

LEAST = 50  # links; with fewer the tree is as fast
# no "<" within: a tag that holds one, or does not end, is left to the tree, and the search stays linear
_LINK = re.compile(
    r"<a(?=[\s/])[^<>]*?[\s\"'/]href\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>=`]+))", re.IGNORECASE
)  # fmt: skip
_ENTITY = re.compile(r"&(?!amp;)(?:#|[A-Za-z]\w*(?![\w=]))")  # what a parser may read as a character


def page_links(tree: HTMLTree, html: str, limit: int = 500) -> list[str]:
    """What ``crawler.extract.links`` gives for the body of a page whose characters are at hand."""
    body = tree.body
    if body is None:
        return []
    found = _LINK.findall(html) if html.count("href") >= LEAST else []
    if not found or len(body.query_selector_all("a[href]")) != len(found):
        return links(body, limit)
    hrefs = [double or single or bare for double, single, bare in found[:limit]]
    told = "\x00".join(hrefs)
    if told.count("\x00") >= len(hrefs) or "\r" in told or _ENTITY.search(told):
        return links(body, limit)
    return [href for href in told.replace("&amp;", "&").split("\x00") if href]
