"""``xuncha import``: files that the operator lawfully has, broken rows and all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from core.store import Store
from xuncha.workspace import create

Xuncha = Callable[..., "CompletedProcess[bytes]"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    create(tmp_path / "w", environ={})
    return tmp_path / "w"


def texts(workspace: Path) -> list[str]:
    with Store.open(workspace / "xuncha.db") as store:
        return [document.text for id in range(store.documents.count()) if (document := store.documents.get(id + 1))]


def test_broken_rows_are_told_with_their_line_and_the_rest_is_stored(
    xuncha: Xuncha, workspace: Path, tmp_path: Path
) -> None:
    lines = [
        json.dumps({"id": "1", "text": "第一条", "title": "t"}), "{broken", json.dumps({"id": "2"}), "",
        json.dumps({"id": "3", "text": "第\ud800三条"}), json.dumps(["no", "row"]),
    ]  # fmt: skip
    (tmp_path / "posts.jsonl").write_text("\n".join(lines), "utf-8")
    (tmp_path / "posts.csv").write_bytes("id,text\r\n4,第四条\r\n5,\r\n6,第六条\r\n".encode("utf-8-sig"))
    done = xuncha(
        "import", tmp_path / "posts.jsonl", tmp_path / "posts.csv", "--platform", "xiaohongshu", "--json", cwd=workspace
    )
    assert done.returncode == 3
    assert texts(workspace) == ["第一条", "第\ufffd三条", "第四条", "第六条"]
    told = done.stderr.decode().splitlines()
    assert [line.split(": ")[0].rsplit("/", 1)[1] for line in told] == [
        "posts.jsonl:2",
        "posts.jsonl:3",
        "posts.jsonl:6",
        "posts.csv:3",
    ]
    first, second = json.loads(done.stdout)
    assert (first["new"], first["faulty"], second["new"], second["faulty"]) == (2, 3, 2, 1)
    again = xuncha("import", tmp_path / "posts.csv", "--platform", "xiaohongshu", "--json", cwd=workspace)
    assert (json.loads(again.stdout)[0]["known"], json.loads(again.stdout)[0]["new"]) == (2, 0)


def test_columns_of_other_names_are_named(xuncha: Xuncha, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nr,inhalt\n1,第一条\n", "utf-8")
    done = xuncha(
        "import", tmp_path / "a.csv", "--platform", "p", "--column", "text=inhalt", "--column", "id=nr", cwd=workspace
    )
    assert (done.returncode, texts(workspace)) == (0, ["第一条"])
    done = xuncha("import", tmp_path / "a.csv", "--platform", "p", "--column", "inhalt", cwd=workspace)
    assert (done.returncode, done.stderr.decode()) == (3, "xuncha: --column: expected field=column, found ['inhalt']\n")


@pytest.mark.parametrize("name", ["nowhere.jsonl", "notes.docx"])
def test_a_file_that_cannot_be_read_is_named(xuncha: Xuncha, workspace: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.docx").write_bytes(b"PK")
    done = xuncha("import", tmp_path / name, "--platform", "p", cwd=workspace)
    assert done.returncode == 3
    assert done.stderr.decode().startswith(f"xuncha: {tmp_path / name}: ")
    assert len(done.stderr.splitlines()) == 1
    with Store.open(workspace / "xuncha.db") as store:
        assert [run.state for run in store.runs.last("import", 1)] == ["failed"]
