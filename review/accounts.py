"""Accounts: argon2id passwords, throttled sign-in, one-time links and sessions whose secrets the store knows as digests only."""

from __future__ import annotations

import functools
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.errors import InputError
from core.plugins import suggest
from core.store import Store
from review.roles import Role

LEAST_PASSWORD = 12  # characters
MOST_PASSWORD = 256
NAME = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
SESSION = timedelta(hours=12)
IDLE = timedelta(hours=2)
LINK = timedelta(minutes=10)
WINDOW = timedelta(minutes=15)
MOST_FAILURES = {"account": 5, "address": 30}  # in one window
_HASHER = PasswordHasher()


class Throttled(Exception):
    """Too many sign-ins failed; try again after ``WINDOW``."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in: ``id`` is the digest of the cookie, ``form_token`` what each form must bear."""

    id: str
    account: str
    role: Role
    form_token: str


def add(store: Store, name: str, role: str, password: str, now: datetime) -> None:
    """Add an account and enter it in the ledger.

    Raises:
        InputError: the name or role is not valid, the name is taken, or the password is too short or too long.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"account name: expected a letter, then up to 31 of a-z 0-9 . _ -; found {name!r}")
    if role not in (roles := [str(one) for one in Role]):
        raise InputError(f"account {name}: unknown role {role!r}; {suggest(role, roles)}")
    hashed = _hashed(name, password)
    with store.writing():
        if not store.accounts.add(name, role, hashed, now):
            raise InputError(f"account {name}: the name is taken; choose another")
        store.ledger.append(now, "command line", "account added", name, {"role": role})


def new_password(store: Store, name: str, password: str, now: datetime) -> None:
    """Give an account another password, and end its sessions.

    Raises:
        InputError: there is no such account, or the password is too short or too long.
    """
    hashed = _hashed(name, password)
    with store.writing():
        _known(store, name)
        store.accounts.rehash(name, hashed)
        store.accounts.end_sessions(name)
        store.ledger.append(now, "command line", "password changed", name)


def close(store: Store, name: str, now: datetime) -> None:
    """Close an account for good: nobody signs in with it any more, and what it did stays under its name.

    Raises:
        InputError: there is no such account that is open.
    """
    with store.writing():
        _known(store, name)
        store.accounts.close(name, now)
        store.ledger.append(now, "command line", "account closed", name)


def one_time_link(store: Store, name: str, now: datetime) -> str:
    """A token that signs ``name`` in once, within ten minutes, at ``/enter/<token>``.

    Raises:
        InputError: there is no such account.
    """
    _known(store, name)
    token = secrets.token_urlsafe(32)
    with store.writing():
        store.accounts.add_link(digest(token), name, now + LINK)
        store.ledger.append(now, "command line", "one-time link made", name)
    return token


def check(store: Store, name: str, password: str, address: str, now: datetime) -> str | None:
    """The account that a name and password open, or None; ``address`` is where the attempt comes from.

    Raises:
        Throttled: too many attempts on this name or from this address failed; the password was not looked at.
    """
    keys = {"account": f"account:{digest(name)}", "address": f"address:{address}"}
    for kind, key in keys.items():
        if store.accounts.failures(key, now - WINDOW) >= MOST_FAILURES[kind]:
            raise Throttled
    # counted before the slow check, so that attempts made at once cannot outrun the count
    store.accounts.add_failure(list(keys.values()), now, now - WINDOW)
    account = store.accounts.get(name)
    try:
        right = _HASHER.verify(account["password"] if account else _nobody(), password[:MOST_PASSWORD])
    except (VerifyMismatchError, InvalidHashError):
        return None
    if account is None or not right:
        return None
    store.accounts.forget_failures(list(keys.values()))
    if _HASHER.check_needs_rehash(account["password"]):
        store.accounts.rehash(name, _HASHER.hash(password))
    return name


def open_session(store: Store, account: str, how: str, now: datetime) -> str:
    """Begin a session, entered in the ledger with ``how``; returns the secret for the cookie, which is never stored."""
    secret = secrets.token_urlsafe(32)
    with store.writing():
        store.accounts.open_session(digest(secret), account, secrets.token_urlsafe(32), now, now + SESSION)
        store.ledger.append(now, account, "signed in", account, {"how": how})
    return secret


def session(store: Store, secret: str, now: datetime) -> Session | None:
    """The session that a cookie opens, or None when it has ended (twelve hours, or two hours unused)."""
    row = store.accounts.session(digest(secret), now, now - IDLE) if secret else None
    if row is None:
        return None
    if now - datetime.fromisoformat(row["seen_at"]) > IDLE / 24:
        store.accounts.touch_session(row["id"], now)
    return Session(row["id"], row["account"], Role(row["role"]), row["form_token"])


def digest(secret: str) -> str:
    """SHA-256 (hex) of a random secret: what the store knows it by."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _hashed(name: str, password: str) -> str:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise InputError(
            f"account {name}: expected a password of {LEAST_PASSWORD} to {MOST_PASSWORD} characters, found {len(password)}"
        )
    return _HASHER.hash(password)


def _known(store: Store, name: str) -> None:
    if store.accounts.get(name) is None:
        known = [row["name"] for row in store.accounts.all() if not row["closed_at"]]
        near = f"{suggest(name, known)}; " if known else ""
        raise InputError(f"account {name!r}: there is none; {near}add it with `xuncha user add`")


@functools.cache
def _nobody() -> str:
    """A hash to check against when there is no such account, so that the answer takes as long."""
    return _HASHER.hash(secrets.token_urlsafe(16))
