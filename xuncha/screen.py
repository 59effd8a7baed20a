"""What a person sees on the terminal: tables, progress on a terminal, plain lines otherwise, JSON where a machine reads."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

# What steers a terminal instead of being shown: titles and URLs come from strangers' pages.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def say(text: str = "") -> None:
    """Text on standard output; signs that the terminal cannot show, or would obey, are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    print(_STEERING.sub("\ufffd", text).encode(encoding, "replace").decode(encoding))


def warn(text: str) -> None:
    """Text on standard error, likewise."""
    print(_STEERING.sub("\ufffd", text).encode("utf-8", "replace").decode("utf-8"), file=sys.stderr)


def as_json(data: Any) -> None:
    """One line of JSON on standard output, every character as it is, or escaped where the encoding cannot hold it."""
    line = json.dumps(data, ensure_ascii=False, default=str)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(data, default=str)
    print(line)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table: drawn on a terminal, tab-separated otherwise."""
    rows = [[" ".join(_STEERING.sub("\ufffd", str(cell)).split()) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [columns, *rows]:
            say("\t".join(row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=SIMPLE_HEAD)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
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

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda more: bar.advance(task, more)


def counts_table(by_source: Mapping[str, Mapping[str, int]]) -> None:
    """The table of a crawl: fetched, new, changed and refused by source."""
    what = ("fetched", "new", "changed", "refused")
    table(
        ("source", *what), [(name, *(counts.get(key, 0) for key in what)) for name, counts in sorted(by_source.items())]
    )
