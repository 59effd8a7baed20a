"""Serving the application."""

from __future__ import annotations

from collections.abc import Sequence

import uvicorn

from core.settings import Settings
from review.app import HOSTS, create
from review.tools import Tools

PORT = 8790


def serve(
    settings: Settings, host: str = "127.0.0.1", port: int = PORT, names: Sequence[str] = (), tools: Tools | None = None
) -> None:
    """Serve the review application of a workspace until it is interrupted; in front of it a proxy may speak https.

    ``names`` are further host names that it answers to (those of the proxy), ``tools`` what other rooms do for it. There is no access log: paths of one-time
    links are secrets, and who looked at what stands in the ledger.

    Raises:
        StoreError: the store cannot be opened or migrated.
    """
    app = create(settings.path("database"), settings, hosts=(*HOSTS, host, *names), tools=tools)
    uvicorn.run(app, host=host, port=port, access_log=False, server_header=False, log_level="warning")
