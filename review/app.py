"""The web application: its routes, and what each needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from core.settings import Settings
from core.store import StoreHeld, held
from review import (
    arrange,
    audit,
    capture,
    cases,
    decide,
    handover,
    keys,
    kin,
    lead,
    ledger,
    proxy,
    queue,
    sign,
    today,
    views,
)
from review.door import Desk, Page, Stores, door, language
from review.headers import HEADERS, Headers
from review.index import Index
from review.picture import fitting
from review.roles import May
from review.tools import Tools
from text import shown

HERE = Path(__file__).parent
HOSTS = ("127.0.0.1", "localhost")
MOST_BODY_BYTES = 32_768
REASONS = ("cross_site", "token", "role", "proxy", "reveal")

# path, page, what the role must grant (None: to be signed in)
PAGES: tuple[tuple[str, Page, May | None], ...] = (
    ("/", today.page, None),
    ("/keys", keys.page, None),
    ("/queue", queue.page, May.SEE_LEADS),
    ("/lead/{id}", lead.page, May.SEE_LEADS),
    ("/lead/{id}/similar", kin.similar, May.SEE_LEADS),
    ("/lead/{id}/template", kin.slots, May.SEE_LEADS),
    ("/lead/{id}/network", kin.page, May.SEE_LEADS),
    ("/capture/{capture}", capture.page, May.REVEAL),
    ("/capture/{capture}/screenshot.png", capture.screenshot, May.REVEAL),
    ("/audit/{sample}/{document}", audit.page, May.LABEL),
    ("/cases", cases.page, May.SEE_CASES),
    ("/case/{id}", cases.case, May.SEE_CASES),
    ("/ledger", ledger.page, May.SEE_LEDGER),
)
ACTS: tuple[tuple[str, Page, May | None], ...] = (
    ("/keys", keys.choose, None),
    ("/next", decide.next_lead, May.DECIDE),
    ("/undo", decide.undo, May.DECIDE),
    ("/watches/seen", arrange.seen, May.DECIDE),
    ("/views", views.save, May.SEE_LEADS),
    ("/lead/{id}/decide", decide.decide, May.DECIDE),
    ("/lead/{id}/merge", arrange.merge, May.DECIDE),
    ("/lead/{id}/assign", arrange.assign, May.DECIDE),
    ("/lead/{id}/watch", arrange.watch, May.DECIDE),
    ("/lead/{id}/case", arrange.into_case, May.WORK_CASES),
    ("/lead/{id}/reveal", lead.reveal, May.REVEAL),
    ("/audit", audit.begin, May.LABEL),
    ("/audit/{sample}/{document}", audit.label, May.LABEL),
    ("/cases", cases.open_case, May.WORK_CASES),
    ("/case/{id}", cases.act, May.WORK_CASES),
    ("/case/{id}/export", handover.export, May.EXPORT),
    ("/case/{id}/delivered", handover.delivered, May.EXPORT),
    # fetching what was exported is an act: it is logged, so a link from elsewhere must not do it
    ("/case/{id}/export/{event}/{file}", handover.download, May.EXPORT),
    ("/sign-out", sign.sign_out, None),
)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def create(
    store_path: Path,
    settings: Settings,
    now: Callable[[], datetime] = utc_now,
    hosts: Sequence[str] = HOSTS,
    tools: Tools | None = None,
) -> Starlette:
    """The application over the store at ``store_path``; ``hosts`` are the names that it answers to, ``tools`` what other rooms do for it.

    Raises:
        StoreError: the store cannot be opened or migrated.
        SettingsError: a proxy is to be trusted, and its secret cannot be read.
    """
    stores = Stores(store_path)
    with stores.lend():
        pass  # opened, and migrated, before anybody waits for a page
    index = Index(stores)
    desk = Desk(stores, settings, now, templates(), index.behind, tools or Tools(), proxy.of(settings))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        index.start()
        yield
        index.stop()
        stores.close()

    app = Starlette(
        routes=routes(),
        middleware=[
            Middleware(Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        ],
        exception_handlers={HTTPException: _refuse, StoreHeld: _busy, Exception: _fail},
        lifespan=lifespan,
        max_body_size=MOST_BODY_BYTES,
    )
    app.state.desk = desk
    app.state.index = index
    app.router.redirect_slashes = False  # a path that is not ours is not found, and sends nobody anywhere
    return app


def routes() -> list[BaseRoute]:
    """All routes; what is not in ``PAGES`` and ``ACTS`` is open to who has not signed in."""
    return [
        *(Route(path, door(page, needs), methods=["GET"]) for path, page, needs in PAGES),
        *(Route(path, door(act, needs), methods=["POST"]) for path, act, needs in ACTS),
        Route("/language", door(sign.language, open=True), methods=["POST"]),
        Route("/sign-in", door(sign.form, open=True)),
        Route("/sign-in", door(sign.sign_in, open=True), methods=["POST"]),
        Route("/enter/{link}", door(sign.link, open=True)),
        Route("/enter/{link}", door(sign.enter, open=True), methods=["POST"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


def templates() -> Environment:
    """The templates: everything is escaped, control signs are made visible, an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
        auto_reload=False,
    )
    environment.filters |= {"plain": shown.plain, "defanged": shown.defanged, "fitting": fitting, "covered": _covered}
    return environment


def _covered(text: str, limit: int) -> str:
    """A text that one of us typed, as everybody may read it: a contact in it is masked."""
    return shown.plain(shown.without_contacts(text), limit)


def _shown(value: Any) -> Any:
    return shown.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


async def _refuse(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = error.detail if isinstance(error, HTTPException) and error.detail in REASONS else ""
    return _error(request, status, reason)


async def _busy(request: Request, error: Exception) -> Response:
    """The night holds the store: nothing was stored, and a moment later it will be free."""
    if not held(error):
        raise error
    response = _error(request, 503, "busy")
    response.headers["Retry-After"] = "30"
    return response


async def _fail(request: Request, _: Exception) -> Response:
    response = _error(request, 500, "")
    response.headers.update(HEADERS)  # this answer is made outside the middleware
    return response


def _error(request: Request, status: int, reason: str) -> Response:
    desk: Desk = request.app.state.desk
    words = language(request)
    title = words.known("error", str(status))
    page = desk.templates.get_template("error.html")
    html = page.render(
        t=words,
        session=None,
        here="/",
        status=status,
        title=title,
        reason=words(f"error_{reason}") if reason else "",
        fragment=False,
    )
    return HTMLResponse(html, status)
