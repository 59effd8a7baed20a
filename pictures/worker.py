"""The process in which pictures are decoded: no network, so much memory, so long, and nothing of it is kept when it dies.

Questions come on standard input, answers go to standard output; each is a length (4 bytes), a JSON object, a length, and bytes. Run by
``pictures.aside``; needs the extra ``[pictures]``.
"""

from __future__ import annotations

import json
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from pictures.found import rows_of
from pictures.sniff import NotAPicture

LENGTH = struct.Struct("!I")
MEMORY = 4_000_000_000  # of address space; models and libraries take 1.3 GB of it, half a GB of it resident
SECONDS = 60  # after so long on one picture the process ends itself, should nobody else end it
Answer = tuple[dict[str, Any], bytes]


def look(body: bytes) -> Answer:
    """Kind, size, codes and likeness of a picture."""
    from pictures.codes import codes
    from pictures.likeness import likeness
    from pictures.opening import opened

    image, told = opened(body)
    return {
        "kind": told.kind, "width": told.width, "height": told.height,
        "codes": rows_of(codes(image)), "likeness": likeness(image),
    }, b""  # fmt: skip


def read(body: bytes) -> Answer:
    """The words of a picture."""
    from pictures.opening import opened
    from pictures.words import reader, words

    return {"lines": rows_of(words(opened(body)[0])), "reader": reader()}, b""


def shown(body: bytes) -> Answer:
    """The picture as a new PNG."""
    from pictures.opening import png

    return {}, png(body)


TASKS: dict[str, Callable[[bytes], Answer]] = {"look": look, "read": read, "shown": shown}


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next message, None at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    told = json.loads(stream.read(LENGTH.unpack(head)[0]))
    return told, stream.read(LENGTH.unpack(stream.read(LENGTH.size))[0])


def send(stream: BinaryIO, told: dict[str, Any], body: bytes = b"") -> None:
    """Write a message."""
    packed = json.dumps(told, ensure_ascii=True).encode()
    stream.write(LENGTH.pack(len(packed)) + packed + LENGTH.pack(len(body)) + body)
    stream.flush()


def serve() -> None:
    """Answer questions until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    socket.socket.connect = _no_network  # type: ignore[method-assign]
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints must not get between the answers
    while (asked := receive(questions)) is not None:
        signal.alarm(SECONDS)
        try:
            told, body = TASKS[asked[0]["task"]](asked[1])
        except NotAPicture as error:
            told, body = {"fault": str(error)}, b""
        except MemoryError:
            told, body = {"fault": "more memory than a picture is given"}, b""
        except Exception as error:  # whatever a picture does to its reader is the answer
            told, body = {"fault": f"{type(error).__name__}: {error}"[:200]}, b""
        signal.alarm(0)
        send(answers, told, body)


def _no_network(*_: object) -> None:
    raise OSError("a picture is read without a network")


if __name__ == "__main__":
    serve()
