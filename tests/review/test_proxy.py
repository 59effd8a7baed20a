"""Sign-in by a proxy, behind a switch: believed only with its secret, and then the only way in."""

from __future__ import annotations

from pathlib import Path

import pytest
from leads_desk import NOW, PASSWORD
from visitor import Visitor

from core.errors import SettingsError
from core.settings import load
from core.store import Store
from review import accounts, proxy
from review.app import create

SECRET = "zq0-proxy-secret-of-forty-characters-0000"


@pytest.fixture
def behind(database: Path):  # type: ignore[no-untyped-def]
    """The application behind a proxy."""
    (database.parent / "proxy-secret").write_text(f"{SECRET}\n", "utf-8")
    settings = load(database.parent, environ={"XUNCHA_PROXY_USER_HEADER": "X-Forwarded-User"})
    app = create(database, settings, lambda: NOW)
    yield app
    app.state.desk.stores.close()


def coming(app, user: str, secret: str = SECRET) -> Visitor:  # type: ignore[no-untyped-def]
    visitor = Visitor(app)
    visitor.client.headers |= {"x-forwarded-user": user, proxy.PROOF_HEADER: secret}
    return visitor


def test_who_the_proxy_vouches_for_is_in(behind, store: Store) -> None:  # type: ignore[no-untyped-def]
    mei = coming(behind, "Mei")
    mei.get("/queue?state=unsure")
    assert "Queue of leads" in mei.text
    entry = [entry for entry in store.ledger.entries() if entry["action"] == "signed in"][-1]
    assert (entry["actor"], entry["payload"]) == ("mei", '{"how":"proxy"}')


@pytest.mark.parametrize(("user", "secret"), [("mei", "wrong"), ("mei", ""), ("nobody", SECRET), ("", SECRET)])
def test_who_it_does_not_vouch_for_is_not(behind, user: str, secret: str) -> None:  # type: ignore[no-untyped-def]
    visitor = coming(behind, user, secret)
    assert visitor.get("/queue").status_code == 403
    assert "proxy in front" in visitor.text


def test_there_is_no_other_way_in(behind, store: Store) -> None:  # type: ignore[no-untyped-def]
    visitor = Visitor(behind)
    assert visitor.post("/sign-in", {"name": "mei", "password": PASSWORD}).status_code == 403
    link = accounts.one_time_link(store, "mei", NOW)
    assert visitor.post(f"/enter/{link}", {}).status_code == 403


def test_a_session_ends_when_the_proxy_names_somebody_else(behind) -> None:  # type: ignore[no-untyped-def]
    visitor = coming(behind, "mei")
    visitor.get("/")
    visitor.client.headers["x-forwarded-user"] = "vera"
    visitor.get("/")
    assert "vera viewer" in visitor.text


def test_a_stolen_cookie_is_worth_nothing_without_the_proxy(behind) -> None:  # type: ignore[no-untyped-def]
    mei = coming(behind, "mei")
    mei.get("/")
    thief = Visitor(behind)
    thief.client.cookies.set("xuncha", mei.client.cookies["xuncha"], domain="127.0.0.1")
    assert thief.get("/queue").status_code == 403


def test_without_the_switch_the_headers_mean_nothing(app) -> None:  # type: ignore[no-untyped-def]
    assert coming(app, "mei").get("/queue").url.path == "/sign-in"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "file with the proxy's secret"), ("short", "32 characters or more")]
)
def test_a_proxy_without_a_good_secret_is_refused_at_the_start(database: Path, content: str | None, said: str) -> None:
    if content:
        (database.parent / "proxy-secret").write_text(content, "utf-8")
    settings = load(database.parent, environ={"XUNCHA_PROXY_USER_HEADER": "X-Forwarded-User"})
    with pytest.raises(SettingsError, match=said):
        create(database, settings, lambda: NOW)
