"""What keeps a request out: where it comes from, its token, its role, its size, its host."""

from __future__ import annotations

import re

import pytest
from leads_desk import PASSWORD
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from visitor import Visitor

from core.store import Store
from review.app import ACTS, PAGES, routes
from review.headers import HEADERS
from review.roles import GRANTS, Role

LEAD = "L0000000000"
GIVEN = {"sample": "none", "document": "1", "event": "1", "file": "0", "capture": "none"}


def address(path: str) -> str:
    """A route as an address."""
    return path.format(id="K0001" if path.startswith("/case/") else LEAD, **GIVEN)


CHANGES = [address(path) for path, *_ in ACTS] + ["/language", "/sign-in", "/enter/x"]
WHO = {
    Role.VIEWER: "vera",
    Role.ANALYST: "mei",
    Role.LEAD_REVIEWER: "lin",
    Role.RESEARCHER: "rui",
    Role.OPERATOR: "ops",
    Role.AUDITOR: "aud",
}
NEEDS = {address(path): needs for path, _, needs in PAGES} | {f"POST {address(path)}": needs for path, _, needs in ACTS}


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"}]
)
def test_a_change_from_elsewhere_is_refused(mei: Visitor, path: str, headers: dict[str, str]) -> None:
    assert mei.post(path, {"act": "reject", "language": "zh"}, **headers).status_code == 403


@pytest.mark.parametrize(("origin", "status"), [("http://127.0.0.1", 200), ("http://evil.example", 403), ("null", 403)])
def test_without_fetch_metadata_the_origin_counts(app: Starlette, origin: str, status: int) -> None:
    client = TestClient(app, base_url="http://127.0.0.1")
    form = {"name": "mei", "password": PASSWORD}
    assert client.post("/sign-in", data=form, headers={"origin": origin}).status_code == status


@pytest.mark.parametrize("path", CHANGES[:-3])
@pytest.mark.parametrize("token", ["", "x", "词"])
def test_a_change_without_the_token_of_the_session_is_refused(
    mei: Visitor, store: Store, path: str, token: str
) -> None:
    before = list(store.decisions.of([LEAD]).values())
    assert mei.post(path, {"act": "reject", "seen": "0", "token": token}).status_code == 403
    assert list(store.decisions.of([LEAD]).values()) == before


def test_the_token_of_another_session_does_not_count(mei: Visitor, bo: Visitor) -> None:
    mei.get("/")
    bo.get("/")
    assert mei.post("/undo", {"token": bo.hidden("token")}).status_code == 403


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_what_it_may_and_nothing_else(app: Starlette, role: Role) -> None:
    visitor = Visitor(app).sign_in(WHO[role])
    visitor.get("/keys")
    token = visitor.hidden("token")
    for route, needs in NEEDS.items():
        method, _, path = route.rpartition(" ")
        if path == "/sign-out":
            continue
        response = visitor.post(path, {"token": token, "act": "unsure", "seen": "0"}) if method else visitor.get(path)
        refused = needs is not None and needs not in GRANTS[role]
        assert (response.status_code == 403) == refused, f"{route}: {response.status_code}"
        assert response.status_code < 500, route


def test_every_route_says_what_it_needs_and_only_signing_in_is_open() -> None:
    opened = {route.path for route in routes() if isinstance(route, Route)} - {path for path, *_ in (*PAGES, *ACTS)}
    assert opened == {"/language", "/sign-in", "/enter/{link}"}


@pytest.mark.parametrize("path", [address(path) for path, *_ in PAGES])
def test_nobody_sees_anything_without_signing_in(app: Starlette, path: str) -> None:
    visitor = Visitor(app)
    assert visitor.get(path).url.path == "/sign-in"
    assert "取样" not in visitor.page


def test_an_operator_sees_the_scan_and_no_content(app: Starlette) -> None:
    visitor = Visitor(app).sign_in("ops")
    assert "Scan health" in visitor.text
    assert "取样" not in visitor.page
    assert "New and grown" not in visitor.text


def test_an_auditor_sees_the_ledger_alone(app: Starlette) -> None:
    visitor = Visitor(app).sign_in("aud")
    assert visitor.get("/").url.path == "/ledger"
    assert "Scan health" not in visitor.text


def test_a_researcher_sees_neither_authors_nor_addresses(app: Starlette) -> None:
    visitor = Visitor(app).sign_in("rui")
    visitor.get(f"/lead/{LEAD}")
    assert "满七周就行" in visitor.text
    for hidden in ("小云妈妈", "hxxp", "SHA-256", "zq0yangben88", "13800000017"):
        assert hidden not in visitor.page


@pytest.mark.parametrize(
    "path", ["/", "/queue", f"/lead/{LEAD}", "/nope", "/sign-in", "/static/style.css", "/static/../app.py"]
)
def test_every_answer_bears_the_headers(mei: Visitor, path: str) -> None:
    headers = mei.get(path).headers
    for name, value in HEADERS.items():
        assert headers[name] == ("no-cache" if name == "Cache-Control" and path.startswith("/static/s") else value)


def test_even_a_broken_page_bears_the_headers_and_tells_nothing(app: Starlette, mei: Visitor, store: Store) -> None:
    store.db.execute("DROP TABLE skips")
    response = mei.get("/")
    assert response.status_code == 500
    assert response.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert "skips" not in response.text


def test_there_is_no_inline_script_or_style(mei: Visitor) -> None:
    for path in ("/", "/queue?q=寄血", "/lead/Lhostile", f"/lead/{LEAD}", "/keys"):
        mei.get(path)
        markup = re.sub(r'<script src="/static/(keys|htmx.min).js" defer></script>', "", mei.page)
        for forbidden in ("<script", "<style", " style=", " onclick=", 'javascript:"'):
            assert forbidden not in markup


def test_a_file_is_refused(mei: Visitor) -> None:
    mei.get("/")
    response = mei.client.post("/undo", data={"token": mei.hidden("token")}, files={"file": b"x"})
    assert response.status_code == 415


def test_a_large_body_is_refused(mei: Visitor) -> None:
    assert mei.post("/undo", {"note": "x" * 100_000}).status_code == 413


def test_another_host_name_is_not_answered(app: Starlette) -> None:
    assert TestClient(app, base_url="http://rebound.example").get("/sign-in").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/lead/..%2f..%2fetc",
        "/lead/%00",
        "/queue?page=-1",
        "/queue?page=9999999999",
        "/ledger?page=x",
    ],
)
def test_odd_paths_lead_nowhere(app: Starlette, path: str) -> None:
    visitor = Visitor(app).sign_in("lin")
    response = visitor.get(path)
    assert response.status_code in (200, 404)
    assert "import" not in response.text


def test_a_lone_surrogate_in_a_form_is_no_accident(mei: Visitor) -> None:
    mei.get("/")
    body = b"token=" + mei.hidden("token").encode() + b"&queue=q%3D%ED%A0%80"
    response = mei.client.post("/next", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert response.status_code == 200
