"""Accounts, sessions and the door."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from leads_desk import NOW, PASSWORD, Clock
from starlette.applications import Starlette
from visitor import Visitor

from core.errors import InputError
from core.store import Store
from review import accounts


def test_a_right_password_leads_to_today(app: Starlette) -> None:
    assert "Today" in Visitor(app).sign_in("mei").text


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(app: Starlette) -> None:
    wrong, unknown = Visitor(app).sign_in("mei", "x"), Visitor(app).sign_in("nobody", "x")
    assert "is not right" in wrong.text
    assert wrong.text == unknown.text


def test_the_store_keeps_no_password_and_no_session_secret(mei: Visitor, database: Path) -> None:
    kept = b"".join(file.read_bytes() for file in database.parent.glob("xuncha.db*"))
    assert PASSWORD.encode() not in kept
    assert mei.client.cookies["xuncha"].encode() not in kept
    assert b"$argon2id$" in kept


def test_after_five_failures_even_the_right_password_waits_a_quarter_of_an_hour(app: Starlette, clock: Clock) -> None:
    visitor = Visitor(app)
    for _ in range(5):
        visitor.sign_in("mei", "wrong")
    assert "Too many attempts" in visitor.sign_in("mei").text
    clock.forward(minutes=16)
    assert "Start reviewing" in visitor.sign_in("mei").text


def test_a_success_forgets_the_failures_before_it(app: Starlette) -> None:
    visitor = Visitor(app)
    for _ in range(3):
        for _ in range(3):
            visitor.sign_in("mei", "wrong")
        assert "Start reviewing" in visitor.sign_in("mei").text


def test_the_cookie_over_http_is_strict_and_out_of_reach_of_scripts(app: Starlette) -> None:
    visitor = Visitor(app)
    visitor.client.follow_redirects = False
    cookie = visitor.post("/sign-in", {"name": "mei", "password": PASSWORD}).headers["set-cookie"].lower()
    assert cookie.startswith("xuncha=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie


def test_the_cookie_over_https_bears_the_host_prefix(app: Starlette) -> None:
    visitor = Visitor(app, scheme="https")
    visitor.client.follow_redirects = False
    cookie = visitor.post("/sign-in", {"name": "mei", "password": PASSWORD}).headers["set-cookie"]
    assert cookie.startswith("__Host-xuncha=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_planted_session_is_not_taken_over(app: Starlette) -> None:
    visitor = Visitor(app)
    visitor.client.cookies.set("xuncha", "planted", domain="127.0.0.1")
    visitor.sign_in("mei")
    assert "planted" not in [cookie.value for cookie in visitor.client.cookies.jar]


def test_signing_out_ends_the_session_on_the_server(app: Starlette, mei: Visitor) -> None:
    secret = mei.client.cookies["xuncha"]
    mei.post("/sign-out", {})
    other = Visitor(app)
    other.client.cookies.set("xuncha", secret, domain="127.0.0.1")
    assert other.get("/queue").url.path == "/sign-in"


@pytest.mark.parametrize(("minutes", "alive"), [(119, True), (121, False)])
def test_a_session_ends_after_two_unused_hours(mei: Visitor, clock: Clock, minutes: int, alive: bool) -> None:
    clock.forward(minutes=minutes)
    assert (mei.get("/").url.path == "/") == alive


def test_a_session_ends_after_twelve_hours_of_use(mei: Visitor, clock: Clock) -> None:
    for _ in range(12):
        assert mei.get("/").url.path == "/"
        clock.forward(minutes=61)
    assert mei.get("/").url.path == "/sign-in"


def test_who_must_sign_in_first_comes_back_to_the_page_asked_for(app: Starlette) -> None:
    visitor = Visitor(app)
    assert visitor.get("/queue?state=unsure").url.path == "/sign-in"
    back = visitor.hidden("back")
    assert visitor.post("/sign-in", {"name": "mei", "password": PASSWORD, "back": back}).url.path == "/queue"


@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\n/evil.example"]
)
def test_coming_back_never_leads_elsewhere(app: Starlette, back: str) -> None:
    visitor = Visitor(app)
    visitor.client.follow_redirects = False
    assert visitor.post("/sign-in", {"name": "mei", "password": PASSWORD, "back": back}).headers["location"] == "/"


def test_a_one_time_link_signs_in_once(app: Starlette, store: Store) -> None:
    link = f"/enter/{accounts.one_time_link(store, 'mei', NOW)}"
    first, second = Visitor(app), Visitor(app)
    first.get(link)
    assert "Start reviewing" not in first.text  # looking at it does not use it up
    first.post(link, {})
    assert "Start reviewing" in first.text
    assert second.post(link, {}).status_code == 410


def test_a_one_time_link_ends_after_ten_minutes(app: Starlette, store: Store, clock: Clock) -> None:
    link = f"/enter/{accounts.one_time_link(store, 'mei', NOW)}"
    clock.forward(minutes=11)
    assert Visitor(app).post(link, {}).status_code == 410


@pytest.mark.parametrize(
    ("name", "role", "password", "said"),
    [
        ("Mei Mei", "analyst", PASSWORD, "account name"),
        ("xin", "anlyst", PASSWORD, "did you mean 'analyst'"),
        ("xin", "analyst", "short", "12 to 256"),
        ("mei", "analyst", PASSWORD, "taken"),
    ],
)
def test_an_account_that_cannot_be_is_told_why(store: Store, name: str, role: str, password: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        accounts.add(store, name, role, password, NOW)


def test_a_link_for_nobody_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="user add"):
        accounts.one_time_link(store, "nobody", NOW + timedelta())
