from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages import Page, absolute

BASES = st.sampled_from(
    ["http://a.test/", "http://a.test/x/y?z=1", "https://a.test:81/x", "http://a.test", "HTTP://A.test/", "http://[::1]/x", "http://a.test?x"]
)  # fmt: skip
LINKS = st.builds(
    str.__add__,
    st.sampled_from(
        ["", "/", "//", "/a", "?a", "http://b.test", "http://b.test/", "https://b.test:8/", "http:/", "HTTP://b.test/"]
    ),
    st.text("/.?#:;=&%a-Zb1_~!@é \\[]", max_size=10),
)


def by_the_book(base: str, link: str) -> str:
    try:
        return urlunsplit(urlsplit(urljoin(base, link.strip()))._replace(fragment=""))
    except ValueError:
        return ""


@given(BASES, LINKS)
@settings(max_examples=1_000, deadline=None)
def test_the_short_way_to_an_absolute_link_is_the_long_way(base: str, link: str) -> None:
    assert absolute(base, link) == by_the_book(base, link)


@given(BASES, st.lists(LINKS, max_size=4))
@settings(max_examples=300, deadline=None)
def test_many_links_are_joined_as_one_is(base: str, links: list[str]) -> None:
    page = Page(base, b"", datetime(2026, 11, 20, tzinfo=UTC), "document")
    assert page.joined(links) == tuple(url for link in links if (url := page.join(link)))


def test_a_malformed_link_is_empty() -> None:
    assert absolute("http://a.test/", "http://[oops") == ""
