"""Write docs/cli.md and docs/settings.md from the program: `python docs/write.py`. tests/test_docs.py holds them to it."""

from __future__ import annotations

from pathlib import Path

import click
from typer.main import get_command

from core.settings import SETTINGS
from xuncha.cli import app

HERE = Path(__file__).parent


def settings() -> str:
    """The settings table."""
    rows = [f"| `{item.name}` | {item.type.__name__} | `{item.default!r}` | {item.help} |" for item in SETTINGS]
    head = (
        "# Settings\n\nRead from `xuncha.toml` in the workspace, then from `XUNCHA_<NAME>` variables (lists: comma-separated); the later wins. "
        "`xuncha config show` tells where each value comes from. An unknown name is an error that names the nearest known one.\n\n"
        "| setting | type | default | what it is |\n| --- | --- | --- | --- |\n"
    )
    return head + "\n".join(rows) + "\n"


def commands(command: click.Command, name: str = "xuncha") -> str:
    """The sections of a command and of those below it."""
    inner = getattr(command, "commands", None)
    if inner:
        return "".join(commands(child, f"{name} {part}") for part, child in inner.items())
    lines = [f"## {name}\n", " ".join((command.help or "").split()), ""]
    for parameter in command.params:
        names = ", ".join(
            f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts) if option.startswith("-")
        )
        shown = names or f"`{parameter.name.upper()}`"  # type: ignore[union-attr]
        lines.append(f"- {shown}: {getattr(parameter, 'help', '') or ''}")
    return "\n".join(lines) + "\n\n"


if __name__ == "__main__":
    (HERE / "settings.md").write_text(settings(), "utf-8")
    (HERE / "cli.md").write_text(
        "# Commands\n\nWritten by `python docs/write.py` from the program's own help.\n\n" + commands(get_command(app)),
        "utf-8",
    )
