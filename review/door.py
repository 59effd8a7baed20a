"""The door: every request passes here. Session, role, where it comes from and its token are checked before a page runs."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.settings import Settings
from core.store import Store
from review import accounts
from review.roles import GRANTS, May
from review.words import LANGUAGES, Words

LANGUAGE_COOKIE = "xuncha_language"
FORM = "application/x-www-form-urlencoded"


class Stores:
    """Open stores that requests borrow, one at a time each; a store that is missing is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._free: LifoQueue[Store] = LifoQueue()

    @contextmanager
    def lend(self) -> Iterator[Store]:
        """A store for the time of one request."""
        try:
            store = self._free.get_nowait()
        except Empty:
            store = Store.open(self.path)
        try:
            yield store
        finally:
            self._free.put(store)

    def close(self) -> None:
        """Close the stores that nobody holds."""
        while not self._free.empty():
            self._free.get_nowait().close()


@dataclass(frozen=True, slots=True)
class Desk:
    """What all requests share."""

    stores: Stores
    settings: Settings
    now: Callable[[], datetime]
    templates: Environment
    behind: Callable[[Store], bool]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, after the door: who asks, in which language, at what time."""

    request: Request
    desk: Desk
    store: Store
    now: datetime
    words: Words
    form: Mapping[str, str]
    session: accounts.Session | None = None

    @property
    def by(self) -> str:
        """The name of who asks."""
        return self._session.account

    @property
    def _session(self) -> accounts.Session:
        if self.session is None:
            raise HTTPException(401)
        return self.session

    @property
    def session_id(self) -> str:
        """What the store knows the session by."""
        return self._session.id

    def may(self, what: May) -> bool:
        """Whether who asks may do something."""
        return self.session is not None and what in GRANTS[self.session.role]

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page from a template."""
        url = self.request.url
        here = url.path + (f"?{url.query}" if url.query else "")
        html = self.desk.templates.get_template(template).render(
            t=self.words, session=self.session, may=self.may, May=May, here=here, now=self.now, **values
        )
        return HTMLResponse(html, status)


Page = Callable[[Visit], Response]


def door(page: Page, needs: May | None = None, *, open: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for ``page``; ``needs`` is what the role must grant, ``open`` lets in who has not signed in."""

    async def endpoint(request: Request) -> Response:
        form: dict[str, str] = {}
        if request.method == "POST":
            if not same_origin(request):
                raise HTTPException(403, "cross_site")
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
                raise HTTPException(415)
            async with request.form(max_fields=50) as fields:
                form = {name: value for name, value in fields.items() if isinstance(value, str)}
        return await run_in_threadpool(_enter, request, form, page, needs, open)

    return endpoint


def _enter(request: Request, form: dict[str, str], page: Page, needs: May | None, open: bool) -> Response:
    desk: Desk = request.app.state.desk
    now = desk.now()
    with desk.stores.lend() as store:
        session = accounts.session(store, request.cookies.get(session_cookie(request), ""), now)
        visit = Visit(request, desk, store, now, language(request), form, session)
        if open:
            return page(visit)
        if session is None:
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            back = f"?back={quote(here)}" if request.method == "GET" and here != "/" else ""
            return RedirectResponse(f"/sign-in{back}", 303)
        if request.method == "POST" and not secrets.compare_digest(
            form.get("token", "").encode(), session.form_token.encode()
        ):
            raise HTTPException(403, "token")
        if needs and not visit.may(needs):
            raise HTTPException(403, "role")
        return page(replace(visit, session=session))


def same_origin(request: Request) -> bool:
    """Whether a change was asked for by one of our own pages.

    Browsers say so in ``Sec-Fetch-Site`` on https and on 127.0.0.1; ``Origin`` is looked at where they do not.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin", "") == f"{request.url.scheme}://{request.url.netloc}"


def session_cookie(request: Request) -> str:
    """The name of the session cookie; the prefix makes browsers insist on Secure, the root path and this very host."""
    return "__Host-xuncha" if request.url.scheme == "https" else "xuncha"


def language(request: Request) -> Words:
    """The language of the cookie, else what the browser asks for first, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen not in LANGUAGES:
        first = request.headers.get("accept-language", "zh").partition(",")[0].strip().lower()
        chosen = "en" if first.startswith("en") else "zh"
    return Words(chosen)


def local(path: str) -> str:
    """``path`` when it leads to a page of ours, else the first page."""
    parts = urlsplit(path)
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if inside and path.isprintable() else "/"
