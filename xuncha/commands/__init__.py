"""The commands, by what they are for. Heavy libraries are imported where they are used: ``--help`` must answer at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Workspace = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="the workspace folder (or XUNCHA_WORKSPACE; default: here)")
]
Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="at most so many rows")]


def who() -> str:
    """The system's user, as the ledger names who acts."""
    import getpass

    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):  # a container's user may have no name
        return "command line"
