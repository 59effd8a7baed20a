"""The contract of ``xuncha classify FILE|- --json``, kept by the command itself in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Xuncha = Callable[..., "CompletedProcess[bytes]"]
AD = "广东福建的姐妹看过来，怀孕七周就可以过港验血知道男女，全包4800元，加微信：zq0gang88 预约，当天出结果。"
FIELDS = {"id", "label", "flagged", "score", "labels", "spans", "contacts", "places", "prices", "week", "rater"}


def answers(done: CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_file_with_every_kind_of_line_is_answered_in_order_with_status_3(xuncha: Xuncha, tmp_path: Path) -> None:
    lines = [
        b'\xef\xbb\xbf{"id": "first", "text": ""}', json.dumps({"text": AD, "title": "t", "site": ["a"]}).encode(), b"", b"{broken",
        rb'{"id": "\ud800", "text": "\ud800\u0000\u202e' + "血".encode() + b'"}', b"[" * 50_000, b'{"id": 7}', b'{"text": 7}', b"\xff",
        json.dumps({"id": None, "text": "婴儿车" * 300_000}).encode() + b"\r", b'{"id": {"deep": []}, "text": "last"}',
    ]  # fmt: skip
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))  # no line end after the last
    done = xuncha("classify", tmp_path / "in.jsonl", "--json", cwd=tmp_path)
    found = answers(done)
    assert [answer["id"] for answer in found] == ["first", 2, "\ud800", None, {"deep": []}]
    assert all(set(answer) >= FIELDS for answer in found)
    assert [span["quote"] for span in found[1]["spans"]] == [
        AD[span["start"] : span["end"]] for span in found[1]["spans"]
    ]
    told = done.stderr.decode().splitlines()
    assert [line.split(":")[0] for line in told] == ["line 4", "line 6", "line 7", "line 8", "line 9", "xuncha"]
    assert told[-1] == "xuncha: 5 broken lines were passed over"
    assert done.returncode == 3


def test_standard_input_is_read_where_there_is_no_workspace(xuncha: Xuncha, tmp_path: Path) -> None:
    done = xuncha("classify", "-", "--json", input=json.dumps({"text": AD}).encode(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [answer["flagged"] for answer in answers(done)] == [True]
    assert list(tmp_path.iterdir()) == []


def test_nothing_in_is_nothing_out(xuncha: Xuncha, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    done = xuncha("classify", tmp_path / "empty", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "gb18030", "latin-1"])
def test_json_is_utf_8_whatever_the_terminal_speaks(xuncha: Xuncha, encoding: str) -> None:
    line = json.dumps({"id": "一🩸", "text": AD}).encode()
    done = xuncha("classify", "-", "--json", "-m", "keywords", input=line, PYTHONIOENCODING=encoding)
    assert [answer["id"] for answer in answers(done)] == ["一🩸"]


def test_without_json_a_reader_gets_lines_that_cannot_steer_the_terminal(xuncha: Xuncha) -> None:
    line = json.dumps({"id": "a", "text": "\x1b[2J\x9b\u202e加微信 \ud800"}).encode()
    done = xuncha("classify", "-", "-m", "keywords", input=line, PYTHONIOENCODING="utf-8")
    assert done.returncode == 0
    assert done.stdout.decode().startswith("a\t")
    assert not set(done.stdout.decode()) & set("\x1b\x9b\u202e")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("nowhere.jsonl", "--json"), 3, "xuncha: nowhere.jsonl: cannot be read: "),
        ((".", "--json"), 3, "xuncha: .: cannot be read: "),
        (("-", "--json", "-m", "linaer"), 1, "xuncha: no model 'linaer' in "),
        (("-", "--jsn"), 2, "Usage: "),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_status(
    xuncha: Xuncha, tmp_path: Path, arguments: tuple[str, ...], status: int, told: str
) -> None:
    done = xuncha("classify", *arguments, cwd=tmp_path)
    assert done.returncode == status
    assert done.stderr.decode().startswith(told)
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""
