"""The article of a page whose structure nobody declared: trafilatura where it is installed, resiliparse's rules otherwise.

Both are heuristics, and both take a box with a number in it for furniture. So what a page shows outside of its navigation and footer
(those are the site's own words, kept as such) is searched for contacts, and lines that hold one the article lacks are put below it.
Slow (about 40 ms a page with trafilatura): for batches after the capture, never for the reactor.
"""

from __future__ import annotations

import importlib
import logging
from functools import cache
from types import ModuleType

from crawler.attributes import spelled_out
from crawler.extract import main_text, parse, plain_text, select, tidy
from text.contacts import find_contacts

MAX_CHARACTERS = 1_500_000  # beyond these two lxml, which trafilatura reads by, takes seconds and gigabytes
MAX_TAGS = 30_000
BELIEVED = 0.5  # the confidence from which the program believes a contact
FURNITURE = "nav, header, footer, script, style, #nav, #header, #footer, #ft, #hd, .nav, .header, .footer"


def article_text(html: str, url: str = "") -> str:
    """The text of a page's article, and below it the lines elsewhere on the page that hold a contact which the article lacks."""
    whole = spelled_out(html)
    text = _by_trafilatura(whole, url) or main_text(whole)
    return tidy("\n".join([text, *_missed(whole, text)]))


@cache
def trafilatura() -> ModuleType | None:
    """The package trafilatura (extra ``article``), or None where it is not installed."""
    try:
        found = importlib.import_module("trafilatura")
    except ImportError:
        return None
    for name in ("trafilatura", "htmldate"):  # they log what they find wrong with each page; it is all in the archive
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return found


def _by_trafilatura(html: str, url: str) -> str:
    package = trafilatura()
    if package is None or len(html) > MAX_CHARACTERS or html.count("<") > MAX_TAGS:
        return ""
    try:
        found = package.extract(
            html, url=url or None, fast=True, favor_recall=True, include_comments=True, include_tables=True, with_metadata=False
        )  # fmt: skip
    except Exception:  # whatever a page does to lxml and the rules above it: resiliparse reads it
        return ""
    return tidy(found or "")


def _missed(html: str, text: str) -> list[str]:
    tree = parse(html)
    for element in reversed(select(tree.body, FURNITURE)):
        element.decompose()
    lines = list(dict.fromkeys(plain_text(tree.body.html if tree.body else "").splitlines()))
    had = set(text.splitlines())
    rest = [line for line in lines if line not in had]
    known = {(point.kind, point.canonical) for point in find_contacts(text)}
    if not rest or not {(point.kind, point.canonical) for point in find_contacts("\n".join(rest))} - known:
        return []
    found = []
    for line in rest:
        new = {(point.kind, point.canonical) for point in find_contacts(line) if point.confidence >= BELIEVED} - known
        if new:
            known |= new
            found.append(line)
    return found
