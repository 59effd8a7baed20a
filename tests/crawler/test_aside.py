"""Facts about pages that are read aside: which they are, and that none can hold up what comes after it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.types import Document
from crawler.aside import MAX_BYTES, Aside, TooCostly, costly
from crawler.pages import Follow, Page
from crawler.sources import Source

AT = datetime(2026, 11, 20, tzinfo=UTC)
SOURCE = Source(
    "s", "S", "html", "s", ("http://a.test/",), Path(), ("a.test",), document={"title": "h1", "text": "p"}, list={"link": "a.t"}
)  # fmt: skip
POST = "<html><body><h1>帖</h1><p>今天去河边走了走。</p>"
WIDE = POST + "<div " + " ".join(f"a{number}=1" for number in range(200_000)) + ">x</div>"
OPEN = "".join(f"<div><font color=c{number}>x</div>" for number in range(3_000))


def page(body: str, role: str = "document") -> Page:
    return Page("http://a.test/1", body.encode(), AT, role, {"content-type": "text/html; charset=utf-8"})


@pytest.mark.parametrize(
    "body",
    [
        WIDE, POST + OPEN, POST + OPEN.upper(), "<div>" * 30_000, "<p>" + "x" * MAX_BYTES,
        "<div " + "a/" * 20_000, "<a b='" + "<" * 30_000, "<div a=\">\" " + "b " * 20_000,
    ],
)  # fmt: skip
def test_a_page_that_may_take_long_is_read_aside(body: str) -> None:
    assert costly(body.encode())


def test_markup_in_another_width_is_no_hiding_place() -> None:
    assert costly(("<div>" * 21_000).encode("utf-16"))


@pytest.mark.parametrize(
    "body",
    [
        POST, "", "x" * 100_000, "<p>" + "河边的风很大。" * 20_000, "<div>" * 2_000, "<a href='/x'>y</a>" * 5_000,
        f"<img src='data:image/png;base64,{'iVBORw0KGgo' * 4_000}'>", "<b>x</b>" * 400, "<p>one two three</p>" * 4_000,
    ],
)  # fmt: skip
def test_an_ordinary_page_is_read_in_place(body: str) -> None:
    assert not costly(body.encode())


def test_what_is_read_aside_is_what_the_adapter_reads() -> None:
    async def read() -> list[object]:
        aside = Aside()
        try:
            found = await aside.read(SOURCE, page(POST))
            return [*found, *(await aside.read(SOURCE, page("<a class=t href=/2>x</a>" * 15_000, "list")))]
        finally:
            await aside.close()

    document, *follows = asyncio.run(read())
    assert isinstance(document, Document)
    assert document.text == "今天去河边走了走。"
    assert follows == [Follow("http://a.test/2", "document", document=True)] * 15_000


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_read() -> None:
    async def read() -> tuple[float, list[object]]:
        aside = Aside(seconds=1.5)
        try:
            await aside.read(SOURCE, page(POST))  # the process is up
            begun = time.monotonic()
            with pytest.raises(TooCostly, match="longer than"):
                await aside.read(SOURCE, page(WIDE))
            took = time.monotonic() - begun
            aside.seconds = 30.0
            return took, list(await aside.read(SOURCE, page(POST)))
        finally:
            await aside.close()

    took, found = asyncio.run(read())
    assert 1.4 < took < 10
    assert len(found) == 1


def test_other_work_goes_on_meanwhile() -> None:
    async def read() -> int:
        aside, ticks = Aside(seconds=1.5), 0
        try:
            await aside.read(SOURCE, page(POST))
            reading = asyncio.ensure_future(aside.read(SOURCE, page(WIDE)))
            while not reading.done():
                await asyncio.sleep(0.01)
                ticks += 1
            assert isinstance(reading.exception(), TooCostly)
        finally:
            await aside.close()
        return ticks

    assert asyncio.run(read()) > 20


def test_a_reader_that_dies_is_told_and_begun_anew() -> None:
    async def read() -> list[object]:
        aside = Aside()
        try:
            await aside.read(SOURCE, page(POST))
            assert aside._process is not None
            aside._process.kill()
            await aside._process.wait()
            with pytest.raises(TooCostly, match="died"):
                await aside.read(SOURCE, page(POST))
            return list(await aside.read(SOURCE, page(POST)))
        finally:
            await aside.close()

    assert len(asyncio.run(read())) == 1


def test_what_the_adapter_raises_comes_back() -> None:
    async def read() -> None:
        aside = Aside()
        try:
            feed = Source("s", "S", "feed", "s", ("http://a.test/",), Path(), ("a.test",))
            with pytest.raises(RuntimeError, match="expected RSS, Atom or JSON Feed"):
                await aside.read(feed, page("<p>no feed"))
        finally:
            await aside.close()

    asyncio.run(read())
