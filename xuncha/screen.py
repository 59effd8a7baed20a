"""What a person sees on the terminal: tables, progress on a terminal, plain lines otherwise, JSON where a machine reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any


def say(text: str = "") -> None:
    """A line on standard output; characters that the terminal cannot show are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def warn(text: str) -> None:
    """A line on standard error."""
    print(text.encode("utf-8", "replace").decode("utf-8"), file=sys.stderr)


def as_json(data: Any) -> None:
    """One line of JSON on standard output."""
    say(json.dumps(data, ensure_ascii=False, default=str))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table: drawn on a terminal, tab-separated otherwise."""
    if not sys.stdout.isatty():
        for row in [columns, *rows]:
            say("\t".join(str(cell) for cell in row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=SIMPLE_HEAD)
    for row in rows:
        drawn.add_row(*(Text(str(cell)) for cell in row))
    Console().print(drawn)


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A function that moves a bar on a terminal; elsewhere a plain line at the end."""
    done = 0
    if not sys.stderr.isatty():

        def count(more: int) -> None:
            nonlocal done
            done += more

        yield count
        warn(f"{title}: {done}")
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda more: bar.advance(task, more)


def counts_table(by_source: Mapping[str, Mapping[str, int]]) -> None:
    """The table of a crawl: fetched, new, changed and refused by source."""
    what = ("fetched", "new", "changed", "refused")
    table(("source", *what), [(name, *(counts.get(key, 0) for key in what)) for name, counts in sorted(by_source.items())])
