"""The demo's websites: each is a folder of ``sites`` with a ``content.yml``, templates and the ``source.yml`` that patrols it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape

from core.errors import PluginError
from core.plugins import folders, load_yaml

SITES = Path(__file__).parent / "sites"
MEDIA_TYPES = {".html": "text/html", ".htm": "text/html", ".xml": "application/xml", ".txt": "text/plain"}
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says to a path: a body, a redirect (``location``), or the name of a hostile behaviour."""

    status: int = 200
    body: bytes = b""
    media_type: str = ""
    location: str = ""
    behave: str = ""

    @property
    def etag(self) -> str:
        """A strong validator of the body (RFC 9110, 8.8.3)."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


def sites() -> list[str]:
    """The names of the demo's sites."""
    return list(folders(SITES, "content.yml"))


def answers(site: str, base: str) -> dict[str, Answer]:
    """All answers of a site by path (with its query); ``base`` is its address, such as ``http://127.0.0.1:8000``.

    Raises:
        PluginError: ``content.yml`` cannot be read, or a page of it says neither template, file, redirect nor behave.
    """
    where = SITES / site / "content.yml"
    content = load_yaml(where, ("site", "pages", "encoding", "declared"), required=("pages",))
    environment = Environment(loader=FileSystemLoader(SITES / site), autoescape=select_autoescape())
    environment.filters |= {"lines": _lines, "paragraphs": _paragraphs}
    pages: dict[str, dict[str, Any]] = {page["path"]: page for page in content["pages"]}
    context = {"site": content.get("site", {}), "pages": pages, "base": base}
    encoding = content.get("encoding", "utf-8")
    found = {}
    for path, page in pages.items():
        if "redirect" in page:
            found[path] = Answer(302, location=page["redirect"])
        elif "behave" in page:
            found[path] = Answer(behave=page["behave"])
        elif "template" in page:
            body = environment.get_template(page["template"]).render(context, page=page).encode(encoding)
            charset = content.get("declared", encoding)
            media_type = page.get("media_type") or f"{MEDIA_TYPES[Path(page['template']).suffix]}; charset={charset}"
            found[path] = Answer(page.get("status", 200), body, media_type)
        elif "file" in page:
            found[path] = Answer(200, (SITES / site / page["file"]).read_bytes(), PICTURES[Path(page["file"]).suffix])
        else:
            raise PluginError(f"{where}: page {path}: expected template, file, redirect or behave; add one")
    return found


def _lines(text: str) -> Markup:
    """Lines parted by ``<br>``, as forums store them."""
    return Markup("<br>\n").join(escape(line) for line in text.splitlines())


def _paragraphs(text: str) -> Markup:
    """A ``<p>`` for each line, as editors write them."""
    return Markup("\n").join(Markup("<p>{}</p>").format(line) for line in text.splitlines())


def source_files(site: str) -> Mapping[str, str]:
    """The source declarations of a site by source name, with ``${base}`` still in them."""
    own = {site: SITES / site / "source.yml"}
    more = {f"{site}-{path.stem.removeprefix('source-')}": path for path in sorted((SITES / site).glob("source-*.yml"))}
    return {name: path.read_text("utf-8") for name, path in (own | more).items()}
