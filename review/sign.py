"""Signing in and out, one-time links, and the switch of the language."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from review import accounts
from review.door import LANGUAGE_COOKIE, Visit, local, session_cookie
from review.words import LANGUAGES

YEAR = 365 * 24 * 3600  # seconds


def form(visit: Visit) -> Response:
    """The form to sign in with; where a proxy vouches for people, its word is enough and there is no form."""
    if visit.desk.proxy:
        name = visit.desk.proxy.names(visit.request.headers)
        if name and visit.store.accounts.get(name):
            return _let_in(visit, name, "proxy", local(visit.request.query_params.get("back", "/")))
        raise HTTPException(403, "proxy")
    return visit.page("sign_in.html", back=local(visit.request.query_params.get("back", "/")), error="", name="")


def sign_in(visit: Visit) -> Response:
    """Check a name and password; a new session each time, so that none can be planted before."""
    _no_proxy(visit)
    name = visit.form.get("name", "").strip().lower()
    back = local(visit.form.get("back", "/"))
    client = visit.request.client
    try:
        account = accounts.check(
            visit.store, name, visit.form.get("password", ""), client.host if client else "", visit.now
        )
    except accounts.Throttled:
        return visit.page("sign_in.html", 429, back=back, error="sign_in_throttled", name=name[:32])
    if account is None:
        return visit.page("sign_in.html", 401, back=back, error="sign_in_wrong", name=name[:32])
    return _let_in(visit, account, "password", back)


def link(visit: Visit) -> Response:
    """The page of a one-time link: a button, so that a program which looks ahead does not use it up."""
    return visit.page("enter.html", link=visit.request.path_params["link"], gone=False)


def enter(visit: Visit) -> Response:
    """Use a one-time link up."""
    _no_proxy(visit)
    account = visit.store.accounts.use_link(accounts.digest(visit.request.path_params["link"]), visit.now)
    if account is None:
        return visit.page("enter.html", 410, link="", gone=True)
    return _let_in(visit, account, "one-time link", "/")


def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.store.accounts.close_session(visit.session_id)
    response = RedirectResponse("/sign-in", 303)
    name = session_cookie(visit.request)
    response.delete_cookie(name, secure=name.startswith("__Host-"), httponly=True, samesite="strict")
    return response


def language(visit: Visit) -> Response:
    """Keep the chosen language in a cookie."""
    chosen = visit.form.get("language", "")
    if chosen not in LANGUAGES:
        raise HTTPException(400)
    response = RedirectResponse(local(visit.form.get("back", "/")), 303)
    secure = visit.request.url.scheme == "https"
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, secure=secure, httponly=True, samesite="strict")
    return response


def _no_proxy(visit: Visit) -> None:
    """Where a proxy decides who comes in, nobody comes in past it."""
    if visit.desk.proxy:
        raise HTTPException(403, "proxy")


def _let_in(visit: Visit, account: str, how: str, back: str) -> Response:
    name = session_cookie(visit.request)
    old = visit.request.cookies.get(name, "")
    if old:
        visit.store.accounts.close_session(accounts.digest(old))
    secret = accounts.open_session(visit.store, account, how, visit.now)
    response = RedirectResponse(back, 303)
    response.set_cookie(name, secret, secure=name.startswith("__Host-"), httponly=True, samesite="strict")
    return response
