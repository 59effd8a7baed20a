from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import PluginError
from core.plugins import folders, load_yaml, suggest


def test_folders_with_the_marker_are_found_by_name_and_others_are_not(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "x.yml").touch()
    (tmp_path / "b" / "x.yml").touch()
    (tmp_path / "x.yml").touch()
    assert list(folders(tmp_path, "x.yml").items()) == [("a", tmp_path / "a"), ("b", tmp_path / "b")]
    assert folders(tmp_path / "missing", "x.yml") == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"- a\n", "expected a YAML mapping, found list"),
        (b"", "expected a YAML mapping, found NoneType"),
        (b"title: [", "expected a readable YAML mapping"),
        (b"title: \xff\xfe", "expected a readable YAML mapping"),
        (b"titel: x\n", "unknown key 'titel'; did you mean 'title'?"),
        (b"5: x\n", "unknown key 5; known are kind, title"),
        (b"kind: html\n", "key 'title' is missing; add it"),
        (b"title: ''\n", "key 'title' is missing; add it"),
        (b"!!python/object/apply:os.system ['true']\n", "expected a readable YAML mapping"),
    ],
)
def test_a_faulty_declaration_says_where_and_what(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "source.yml"
    path.write_bytes(content)
    with pytest.raises(PluginError) as found:
        load_yaml(path, ("title", "kind"), required=("title",))
    assert str(found.value).startswith(f"{path}: {told}")


def test_a_missing_declaration_is_named(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"no\.yml: expected a readable YAML mapping"):
        load_yaml(tmp_path / "no.yml", ())


def test_a_sound_declaration_is_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("title: 论坛\nkind: html\n", "utf-8")
    assert load_yaml(tmp_path / "a.yml", ("title", "kind"), required=("title",)) == {"title": "论坛", "kind": "html"}


def test_the_nearest_word_is_suggested_or_all_are_listed() -> None:
    assert suggest("linaer", ["linear", "dummy"]) == "did you mean 'linear'?"
    assert suggest("qqqqqq", ["linear", "dummy"]) == "known are dummy, linear"
