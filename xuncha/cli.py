"""The command line. Exit status: 0 done, 1 error, 2 settings or plug-ins, 3 input, 4 evidence, 5 workspace busy, 6 done with alarms, 130 stopped."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from typer.main import get_command

import xuncha
from core.errors import XunchaError
from xuncha.commands import (
    audit,
    collect,
    desk,
    hand_over,
    judge,
    look,
    monitor,
    network,
    pictures,
    prove,
    retain,
    sources,
    spread,
    study,
    watch,
    workspace,
)
from xuncha.screen import warn

ALARMS = 6
STOPPED = 130
app = typer.Typer(
    name="xuncha",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    workspace,
    collect,
    sources,
    watch,
    desk,
    judge,
    look,
    network,
    study,
    prove,
    audit,
    retain,
    hand_over,
    pictures,
    monitor,
    spread,
):
    module.register(app)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"xuncha {xuncha.__version__}")
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version and end.")
    ] = False,
) -> None:
    """巡查: patrols public pages for adverts of illegal fetal-sex tests and sample export, and lays them before an investigator."""


def main() -> None:
    """Run the command line; our own errors are one line and a stable exit status, never a trace."""
    try:
        get_command(app)(standalone_mode=True)
    except XunchaError as error:
        warn(f"xuncha: {error}")
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a full disk, a folder without rights: the machine's fault, so no trace
        warn(f"xuncha: {error}")
        sys.exit(XunchaError.exit_status)
    except SystemExit as ended:
        if ended.code == STOPPED:  # typer's answer to Ctrl-C
            warn("xuncha: stopped; what was stored is safe, the same command goes on from there")
        raise


if __name__ == "__main__":
    main()
