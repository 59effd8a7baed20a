"""Sign-in by a proxy in front, behind a switch: the proxy has checked who it is, names them in a header, and proves itself by a secret.

Any program on the machine can send a header, so the name alone is never believed: a second header must bear the secret that proxy
and application share. While this is on there is no other way in: neither passwords nor one-time links.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import SettingsError
from core.settings import Settings

PROOF_HEADER = "x-xuncha-proxy-secret"
LEAST_SECRET = 32  # characters


@dataclass(frozen=True, slots=True)
class Proxy:
    """A trusted proxy: the ``header`` that it names people in (lower case), and the ``secret`` that it proves itself by."""

    header: str
    secret: str

    def names(self, headers: Mapping[str, str]) -> str:
        """The account that the proxy vouches for; empty when it names nobody, or the secret is not right."""
        given = headers.get(PROOF_HEADER, "")
        right = secrets.compare_digest(given.encode(), self.secret.encode())
        return headers.get(self.header, "").strip().lower() if right else ""


def of(settings: Settings) -> Proxy | None:
    """The proxy that the settings name, or None where they name none.

    Raises:
        SettingsError: the secret cannot be read or is too short.
    """
    header = str(settings["proxy_user_header"]).strip().lower()
    if not header:
        return None
    path = settings.path("proxy_secret_file")
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: proxy_user_header is set, so a file with the proxy's secret is expected here: {error}"
        ) from error
    if len(secret) < LEAST_SECRET:
        raise SettingsError(f"{path}: expected a secret of {LEAST_SECRET} characters or more, found {len(secret)}")
    return Proxy(header, secret)
