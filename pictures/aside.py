"""Asking the process that decodes pictures: begun when it is first needed, ended when it takes too long, begun anew when it died."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from core.errors import Unavailable
from pictures.sniff import NotAPicture
from pictures.worker import receive, send

NEEDED = ("PIL", "zxingcpp", "imagehash", "rapidocr", "onnxruntime")
SECONDS = 30.0  # for one picture; half a second is usual


def obstacle() -> str:
    """Why no pictures can be read here; empty when they can."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    return f"{', '.join(missing)} not installed; pip install 'xuncha[pictures]'" if missing else ""


class Aside:
    """One such process. Use as a context manager, or call ``close``.

    Raises:
        Unavailable: the extra ``[pictures]`` is not installed.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        why = obstacle()
        if why:
            raise Unavailable(f"pictures are not read: {why}")
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, task: str, body: bytes) -> tuple[dict[str, Any], bytes]:
        """The answer to a task of ``pictures.worker`` (look, read, shown) about a picture.

        Raises:
            NotAPicture: it cannot be read; the message says why, also where its reader died of it or took too long.
        """
        process = self._process = self._process or self._begin()
        assert process.stdin
        assert process.stdout
        slow = threading.Event()

        def end() -> None:
            slow.set()
            process.kill()

        alarm = threading.Timer(self.seconds, end)
        alarm.daemon = True
        alarm.start()
        try:
            send(process.stdin, {"task": task}, body)  # type: ignore[arg-type]
            answer = receive(process.stdout)  # type: ignore[arg-type]
        except (OSError, ValueError):  # it died over the question, or in the middle of its answer
            answer = None
        finally:
            alarm.cancel()
        if answer is None:
            self.close()
            raise NotAPicture(f"took longer than {self.seconds:.0f} s" if slow.is_set() else "its reader died of it")
        if "fault" in answer[0]:
            raise NotAPicture(str(answer[0]["fault"]))
        return answer

    def _begin(self) -> subprocess.Popen[bytes]:
        root = Path(__file__).parent.parent
        # nothing of the operator's surroundings, keys least of all, goes along
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "pictures.worker"], cwd=root, env={**kept, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def close(self) -> None:
        """End the process, if any was begun."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
