from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import PluginError
from crawler.sources import discover, kinds, load

GOOD = "title: 河边\nkind: html\nstart_urls: ['http://Bbs.Test:8000/forum']\n"


def declared(folder: Path, text: str, name: str = "hebian") -> Path:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "source.yml").write_text(text, "utf-8")
    return folder / name


def test_a_source_is_a_folder_with_its_declaration(tmp_path: Path) -> None:
    source = load(declared(tmp_path, GOOD + "hosts: [Img.Test]\n"))
    assert (source.name, source.platform, source.hosts) == ("hebian", "hebian", ("bbs.test:8000", "img.test"))
    assert source.covers("http://BBS.test:8000/x")
    assert not source.covers("http://bbs.test/x")
    assert not source.covers("http://[oops")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x\nkind: html\n", "key 'start_urls' is missing"),
        (GOOD + "charsett: gbk\n", "unknown key 'charsett'; did you mean 'charset'"),
        (GOOD.replace("html", "htm"), "unknown kind 'htm'; did you mean 'html'"),
        (GOOD + "document: {titel: h1}\n", "unknown key document.titel; did you mean 'title'"),
        (GOOD + "list: {links: a}\n", "unknown key list.links; did you mean 'link'"),
        (GOOD + "id_pattern: '(['\n", "id_pattern is no regular expression"),
        (GOOD.replace("http:", "ftp:"), "expected an http or https URL"),
        ("- a\n", "expected a YAML mapping"),
        ("title: [\n", "expected a readable YAML mapping"),
    ],
)
def test_a_mistake_in_a_declaration_is_told_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    folder = declared(tmp_path, text)
    with pytest.raises(PluginError, match=message) as error:
        load(folder)
    assert str(folder / "source.yml") in str(error.value)


def test_the_operators_own_sources_are_found_beside_the_shipped_ones(tmp_path: Path) -> None:
    declared(tmp_path, GOOD)
    declared(tmp_path, GOOD, "zweite")
    assert {"hebian", "zweite"} <= set(discover(tmp_path))


def test_every_shipped_source_loads() -> None:
    assert all(source.name == name for name, source in discover().items())


def test_kinds_are_the_modules_of_the_adapters() -> None:
    assert {"html", "feed", "sitemap", "wordpress"} <= set(kinds())
