"""What hostile servers get from a patrol: each must end as declared, and none may hold up, blow up or mislead the rest.

    python benchmarks/hostile_servers.py [--quick] [--only NAME ...]

Some fifty servers on loopback, each with one way to hurt a crawler, and one well-behaved site among them are patrolled by ``xuncha crawl``,
the program itself, in a process of its own, for two nights. Each server is judged by what store and archive hold afterwards: documents,
refusals with their reasons, requests that came. Names are looked up in a table that stands in for the operating system's resolver (no
request leaves the machine); the only address that the settings allow is 127.0.0.1, so every other loopback address stands for the inside
of the operator's network. ``--quick`` leaves out what takes longest. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from hostile.server import Facts, Server, Trap  # noqa: E402
from hostile.traps import SERVERS, bomb  # noqa: E402

from core.store import Store  # noqa: E402

ALLOWED, INSIDE = "127.0.0.1", "127.0.0.66"
MOST_MEMORY = 700  # MB
MOST_STALL = 8.0  # seconds without a request to the well-behaved site, which is asked ten times a second
SETTINGS = f"""
contact = "benchmark@xuncha.example"
delay_seconds = 0.0
allow_addresses = ["{ALLOWED}"]
page_deadline_seconds = 3.0
max_wait_seconds = 4.0
"""
DEFAULT = "list: {link: a.t, next: a.next}\ndocument: {title: h1, text: p}\n"


def patrol(workspace: str, table: str, *sources: str) -> None:
    """The program, with a resolver of its own; called in a process of its own."""
    names = json.loads(Path(table).read_text())
    asked = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        told = host.decode() if isinstance(host, bytes) else host
        found = names.get(told)
        if found is None:
            if told.endswith(".test"):
                raise socket.gaierror(socket.EAI_NONAME, "no such name in the benchmark's table")
            return asked(host, port, *more, **named)
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        address = (found, port or 0, 0, 0) if ":" in found else (found, port or 0)
        return [(family, socket.SOCK_STREAM, 6, "", address)]

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]
    from xuncha.cli import app

    app(["crawl", "-w", workspace, "--json", *(option for source in sources for option in ("--source", source))])


def night(workspace: Path, names: dict[str, str], sources: list[str]) -> tuple[dict[str, Any], float, float]:
    """One night over some sources: what the program said, its greatest memory (MB) and its seconds."""
    table = workspace / "names.json"
    table.write_text(json.dumps(names))
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, __file__, "--patrol", str(workspace), str(table), *sources],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    most = 0.0
    while process.poll() is None and time.monotonic() - begun < 240:
        most = max(most, memory(process.pid))
        time.sleep(0.05)
    process.kill()
    out, errors = process.communicate()
    if process.returncode:
        raise SystemExit(
            f"the patrol ended with {process.returncode} after {time.monotonic() - begun:.0f} s:\n{errors[-4000:]}"
        )
    return json.loads(out), most, time.monotonic() - begun


def memory(pid: int) -> float:
    """Resident memory of a process, in MB."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def declare(workspace: Path, trap: Trap, server: Server) -> None:
    """A source for a trap."""
    folder = workspace / "sources" / trap.name
    folder.mkdir(parents=True)
    host = trap.host or ALLOWED
    text = f"title: {trap.name}\nkind: {trap.kind}\nstart_urls: ['http://{host}:{server.port}/']\n"
    if trap.kind == "html":
        text += DEFAULT
    (folder / "source.yml").write_text(text + trap.more, "utf-8")


def facts_of(store: Store, trap: Trap, server: Server) -> Facts:
    """What store and server hold of a trap."""
    base = f"http://{trap.host or ALLOWED}:{server.port}"
    texts = [
        document.text
        for batch in store.documents.unjudged("nobody")
        for _, _, document in batch
        if document.source == trap.name
    ]
    refusals: dict[str, tuple[str, str]] = {}
    for refusal in store.refusals.all(source=trap.name):
        refusals.setdefault(refusal.url.removeprefix(base), (refusal.reason, refusal.detail))
    captures = {capture.url.removeprefix(base): capture for capture in store.captures.all(trap.name)}
    return Facts(
        texts, refusals, captures, [path for path, _ in server.asked], [at for _, at in server.asked], server.sent
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="without the servers that take longest")
    parser.add_argument("--only", nargs="+", help="only these servers")
    parser.add_argument("--patrol", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.patrol:
        patrol(*given.patrol)
        return
    traps = [
        trap for trap in SERVERS if not (given.quick and trap.long) and (not given.only or trap.name in given.only)
    ]
    for trap in traps:
        if trap.bomb:
            bomb(trap.bomb)  # made beforehand: it takes the servers' time
    wrong: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        workspace = Path(name)
        (workspace / "xuncha.toml").write_text(SETTINGS)
        inside = stack.enter_context(Server(Trap("inside", "inside", lambda asked: asked.page("secret")), INSIDE))
        servers = {}
        for trap in traps:
            server = servers[trap.name] = stack.enter_context(Server(trap, ALLOWED))
            server.inside = f"http://{INSIDE}:{inside.port}"
            declare(workspace, trap, server)
            if trap.host:  # the same port inside, for a name that turns there
                stack.enter_context(
                    Server(Trap("inside", "inside", lambda asked: asked.page("secret")), INSIDE, server.port, inside)
                )
        names = {trap.host: trap.resolves or ALLOWED for trap in traps if trap.host}
        said, most, seconds = night(workspace, names, [trap.name for trap in traps])
        names |= {trap.host: trap.turns for trap in traps if trap.turns}
        first = {trap.name: len(servers[trap.name].asked) for trap in traps}
        second = [trap.name for trap in traps if trap.turns or not given.quick]
        again, most_again, seconds_again = night(workspace, names, second or ["well_behaved"])
        with Store.open(workspace / "xuncha.db") as store:
            print(f"{'server':24} {'what it does':58} what it got")
            for trap in traps:
                facts = facts_of(store, trap, servers[trap.name])
                facts.first = first[trap.name]
                fault = trap.judge(facts)
                if fault:
                    wrong[trap.name] = fault
                got = f"WRONG: {fault}; refused: {facts.refusals}" if fault else facts.told()
                print(f"{trap.name:24} {trap.what:58.58} {got[:600]}")
        if inside.asked:
            wrong["(inside)"] = f"the inside was asked for {inside.asked[:3]}"
        for run in (said, again):
            if run["state"] != "finished":
                wrong["(run)"] = f"{run['state']}: {run['issues']}"
        if max(most, most_again) > MOST_MEMORY:
            wrong["(memory)"] = f"{max(most, most_again):.0f} MB"
        good = servers.get("well_behaved")
        stall = (
            max(
                (later - sooner for (_, sooner), (_, later) in pairwise(good.asked[: first["well_behaved"]])),
                default=0.0,
            )
            if good
            else 0.0
        )
        if stall > MOST_STALL:
            wrong["(stall)"] = f"{stall:.1f} s"
    print(
        f"\nnights of {seconds:.0f} and {seconds_again:.0f} s; greatest memory {max(most, most_again):.0f} MB; "
        f"longest wait of the well-behaved site {stall:.1f} s; {said['counts']['refused']} refusals, {said['counts']['kept']} pages kept"
    )
    for name, fault in wrong.items():
        print(f"MISHANDLED {name}: {fault}")
    print(
        json.dumps(
            {
                "servers": len(traps), "mishandled": len(wrong), "stall_seconds": round(stall, 1),
                "memory_mb": round(max(most, most_again)), "seconds": round(seconds + seconds_again),
            }
        )
    )  # fmt: skip
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
