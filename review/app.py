"""The web application: its routes, and what each needs."""

from __future__ import annotations

import logging
import threading
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
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from core.settings import Settings
from core.store import Store, StoreHeld
from review import decide, lead, ledger, queue, search, sign, today
from review.door import Desk, Stores, door, language
from review.headers import HEADERS, Headers
from review.roles import May
from text import shown

_log = logging.getLogger(__name__)
HERE = Path(__file__).parent
HOSTS = ("127.0.0.1", "localhost")
MOST_BODY_BYTES = 32_768
REFRESH_SECONDS = 20.0


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def create(
    store_path: Path, settings: Settings, now: Callable[[], datetime] = utc_now, hosts: Sequence[str] = HOSTS
) -> Starlette:
    """The application over the store at ``store_path``; ``hosts`` are the names that it answers to.

    Raises:
        StoreError: the store cannot be opened or migrated.
    """
    stores = Stores(store_path)
    with stores.lend():
        pass  # opened, and migrated, before anybody waits for a page
    index = Index(stores)
    desk = Desk(stores, settings, now, templates(), index.behind)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        index.start()
        yield
        index.stop()
        stores.close()

    app = Starlette(
        routes=[
            Route("/", door(today.page)),
            Route("/keys", door(today.keys)),
            Route("/queue", door(queue.page, May.SEE_LEADS)),
            Route("/next", door(decide.next_lead, May.DECIDE), methods=["POST"]),
            Route("/undo", door(decide.undo, May.DECIDE), methods=["POST"]),
            Route("/lead/{id}", door(lead.page, May.SEE_LEADS)),
            Route("/lead/{id}/decide", door(decide.decide, May.DECIDE), methods=["POST"]),
            Route("/lead/{id}/reveal", door(lead.reveal, May.REVEAL), methods=["POST"]),
            Route("/ledger", door(ledger.page, May.SEE_LEDGER)),
            Route("/language", door(sign.language, open=True), methods=["POST"]),
            Route("/sign-in", door(sign.form, open=True)),
            Route("/sign-in", door(sign.sign_in, open=True), methods=["POST"]),
            Route("/sign-out", door(sign.sign_out), methods=["POST"]),
            Route("/enter/{link}", door(sign.link, open=True)),
            Route("/enter/{link}", door(sign.enter, open=True), methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[
            Middleware(Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        ],
        exception_handlers={HTTPException: _refuse, Exception: _fail},
        lifespan=lifespan,
        max_body_size=MOST_BODY_BYTES,
    )
    app.state.desk = desk
    return app


class Index:
    """Keeps the search index up to date in a thread of its own, for as long as the application runs."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self._seen: tuple[int, int] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="search index", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the batch in hand."""
        self._stop.set()
        self._thread.join()

    def behind(self, store: Store) -> bool:
        """Whether documents may be missing from the index."""
        mark = store.review.mark()
        if mark != self._seen and not store.review.unindexed(1):
            self._seen = mark
        return mark != self._seen

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self.stores.lend() as store:
                    more = self.behind(store) and search.refresh(store, search.BATCH)
            except StoreHeld as error:  # the nightly run holds the store for long: later, then
                _log.warning("search index: %s; trying again in %.0f s", error, REFRESH_SECONDS)
                more = False
            if not more:
                self._stop.wait(REFRESH_SECONDS)


def templates() -> Environment:
    """The templates: everything is escaped, control signs are made visible, an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {"plain": shown.plain, "defanged": shown.defanged}
    return environment


def _shown(value: Any) -> Any:
    return shown.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


async def _refuse(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = (
        error.detail if isinstance(error, HTTPException) and error.detail in ("cross_site", "token", "role") else ""
    )
    return _error(request, status, reason)


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
        t=words, session=None, here="/", status=status, title=title, reason=words(f"error_{reason}") if reason else ""
    )
    return HTMLResponse(html, status)
