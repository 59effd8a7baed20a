"""Adapters: one module for each kind of source, found by its name; see ``crawler.pages.Adapter`` for the contract."""

from __future__ import annotations

import importlib
from functools import cache
from typing import cast

from core.errors import PluginError
from core.plugins import suggest
from crawler.pages import Adapter
from crawler.sources import kinds


@cache  # asked for each page
def adapter(kind: str) -> Adapter:
    """The adapter of a kind; an unknown one raises PluginError."""
    if kind not in kinds():
        raise PluginError(f"unknown kind of source {kind!r}; {suggest(kind, kinds())}")
    return cast(Adapter, importlib.import_module(f"crawler.adapters.{kind}"))
