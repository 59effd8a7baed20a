"""The door: every request passes here. Session, role, where it comes from and its token are checked before a page runs."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from review.actions import ACTIONS
from review.proxy import Proxy
from review.roles import GRANTS, May
from review.tools import Tools
from review.words import LANGUAGES, Words
from text.shown import masked

LANGUAGE_COOKIE = "xuncha_language"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 400  # a form may bear a tick for each document of a lead
PATIENCE_SECONDS = 5  # a person waits no longer for the night's writing; the page then says so
REDACTED = "▮▮▮"  # what a researcher sees of a contact, whatever its length

Cover = Callable[[str], str]


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
            store = Store.open(self.path, patience=PATIENCE_SECONDS)
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
    """What all requests share; ``remembered`` keeps what is slow to count, by name, with the mark of the store that it was counted at."""

    stores: Stores
    settings: Settings
    now: Callable[[], datetime]
    templates: Environment
    behind: Callable[[Store], bool]
    tools: Tools
    proxy: Proxy | None = None
    remembered: dict[str, tuple[object, Any]] = field(default_factory=dict)

    def remember(self, name: str, mark: object, count: Callable[[], Any]) -> Any:
        """What ``count`` gave when ``mark`` was last the same, else what it gives now."""
        known = self.remembered.get(name)
        if known is None or known[0] != mark:
            known = self.remembered[name] = (mark, count())
        return known[1]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, after the door: who asks, in which language, at what time; ``ticked`` are the documents ticked in the form."""

    request: Request
    desk: Desk
    store: Store
    now: datetime
    words: Words
    form: Mapping[str, str]
    session: accounts.Session | None = None
    ticked: tuple[str, ...] = ()

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

    @property
    def keys(self) -> dict[str, str]:
        """The key of each act, as the person has chosen."""
        return {**ACTIONS, **(self.store.desk.keys(self.session.account) if self.session else {})}

    @property
    def cover(self) -> Cover:
        """How contacts are shown that have not been revealed: masked, or not at all to who sees no origins."""
        return masked if self.may(May.SEE_ORIGIN) else redacted

    @property
    def fragment(self) -> bool:
        """Whether a script asks for a part of a page, to be put into the page that is there."""
        return self.request.headers.get("hx-request") == "true"

    def number(self, name: str, most: int = 99_999) -> int:
        """A whole number of 1 or more from the query, 1 where there is none that can be used."""
        given = self.request.query_params.get(name, "1")
        usable = given.isascii() and given.isdigit() and len(given) < 9 and int(given) > 0
        return min(int(given), most) if usable else 1

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page from a template."""
        url = self.request.url
        here = url.path + (f"?{url.query}" if url.query else "")
        html = self.desk.templates.get_template(template).render(
            t=self.words, session=self.session, may=self.may, May=May, here=here, now=self.now, keys=self.keys,
            fragment=self.fragment, **values,
        )  # fmt: skip
        return HTMLResponse(html, status)


Page = Callable[[Visit], Response]


def redacted(_: str) -> str:
    """A contact as who sees no origins reads it."""
    return REDACTED


def door(page: Page, needs: May | None = None, *, open: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for ``page``; ``needs`` is what the role must grant, ``open`` lets in who has not signed in."""

    async def endpoint(request: Request) -> Response:
        form: dict[str, str] = {}
        ticked: tuple[str, ...] = ()
        if not led_here(request):
            raise HTTPException(403, "cross_site")
        if request.method == "POST":
            if not same_origin(request):
                raise HTTPException(403, "cross_site")
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
                raise HTTPException(415)
            async with request.form(max_fields=MOST_FIELDS) as fields:
                form = {name: value for name, value in fields.items() if isinstance(value, str)}
                ticked = tuple(value for value in fields.getlist("doc") if isinstance(value, str))
        return await run_in_threadpool(_enter, request, form, ticked, page, needs, open)

    return endpoint


def _enter(
    request: Request, form: dict[str, str], ticked: tuple[str, ...], page: Page, needs: May | None, open: bool
) -> Response:
    desk: Desk = request.app.state.desk
    now = desk.now()
    with desk.stores.lend() as store:
        session = accounts.session(store, request.cookies.get(session_cookie(request), ""), now)
        if desk.proxy and session and session.account != desk.proxy.names(request.headers):
            session = None  # the proxy vouches for somebody else by now, or for nobody
        visit = Visit(request, desk, store, now, language(request), form, session, ticked)
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
        return page(visit)


def same_origin(request: Request) -> bool:
    """Whether a change was asked for by one of our own pages.

    Browsers say so in ``Sec-Fetch-Site`` on https and on 127.0.0.1; ``Origin`` is looked at where they do not.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin", "") == f"{request.url.scheme}://{request.url.netloc}"


def led_here(request: Request) -> bool:
    """Whether a page was asked for by one of ours, or by a person who followed a link: nobody else's page loads ours as a picture,
    a frame or by a script. To look at a lead is to claim it, and a strict cookie still goes with requests from other ports of this machine.
    """
    headers = request.headers
    if request.method == "POST" or headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
        return True
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


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
