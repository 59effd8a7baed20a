"""Judging whole archives: each file by one worker that keeps its model loaded; processes of this machine, or actors of Ray Data.

What is written about a file is the mark that it is done, so a sweep that was cut off goes on with the files that are left.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError, Unavailable
from xuncha.sweep.judging import COUNTS, Judge, Plan
from xuncha.sweep.parts import PARTS, PLAN, SUMMARY, part_of, told

Done = dict[str, Any]
_judge: Judge | None = None


def sweep(
    files: Sequence[str],
    out: Path,
    plan: Plan,
    workers: int = 1,
    ray: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Done:
    """Judge archives and write hits below ``out``; returns the summary, which ``out/sweep.json`` holds too.

    Raises:
        InputError: the folder holds the sweep of another model.
        Unavailable: pyarrow, or Ray where it is wanted, is not installed.
    """
    _packages("pyarrow", *(["ray"] if ray else []))
    out = out.resolve()
    (out / PARTS).mkdir(parents=True, exist_ok=True)
    _same_plan(out, plan)
    left = [path for path in files if not part_of(out, path).exists()]
    progress(len(files) - len(left))
    results = _ray(left, out, plan, workers) if ray else _here(left, out, plan, workers)
    unread = []
    for done in results:
        if done.get("unread"):
            unread += done["faults"]
        progress(1)
    return _summary(files, out, plan, len(files) - len(left), unread)


def _packages(*names: str) -> None:
    import importlib.util

    for name in names:
        if importlib.util.find_spec(name) is None:
            raise Unavailable(f"sweep: expected the package {name}, found none; pip install 'xuncha[cluster]'")


def _same_plan(out: Path, plan: Plan) -> None:
    """Judgements of two models in one folder could not be told apart in its counts."""
    file, wanted = out / PLAN, {"model": plan.model, "every": plan.every}
    if not file.exists():
        file.write_text(json.dumps(wanted), "utf-8")
    found = json.loads(file.read_text("utf-8"))
    if found != wanted:
        raise InputError(f"{out}: expected a sweep with {wanted}, found one with {found}; name another folder")


def _here(files: Sequence[str], out: Path, plan: Plan, workers: int) -> Iterator[Done]:
    if workers == 1 or len(files) < 2:
        judge = Judge(plan) if files else None
        for path in files:
            assert judge is not None  # there are files
            yield judge.file(path, out)
        return
    with multiprocessing.get_context("spawn").Pool(min(workers, len(files)), _begin, (plan,)) as pool:
        yield from pool.imap_unordered(_one, [(path, out) for path in files])


def _begin(plan: Plan) -> None:
    global _judge
    _judge = Judge(plan)


def _one(job: tuple[str, Path]) -> Done:
    assert _judge is not None  # the pool has begun
    return _judge.file(*job)


class Actor:
    """The same for Ray Data: one model for each actor."""

    def __init__(self, plan: Plan, out: str) -> None:
        self.judge, self.out = Judge(plan), Path(out)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Judge the archive of a row."""
        return {"done": json.dumps(self.judge.file(str(row["path"]), self.out))}


def _ray(files: Sequence[str], out: Path, plan: Plan, workers: int) -> Iterator[Done]:
    if not files:
        return
    import ray

    if not ray.is_initialized():
        ray.init(include_dashboard=False, log_to_driver=False)  # or the cluster that RAY_ADDRESS names
    rows = ray.data.from_items([{"path": path} for path in files], override_num_blocks=len(files))
    done = rows.map(
        Actor, fn_constructor_kwargs={"plan": plan, "out": str(out)}, compute=ray.data.ActorPoolStrategy(size=min(workers, len(files))), num_cpus=1,
    )  # fmt: skip
    yield from (json.loads(row["done"]) for row in done.iter_rows())


def _summary(files: Iterable[str], out: Path, plan: Plan, before: int, unread: list[str]) -> Done:
    counts = dict.fromkeys(COUNTS, 0)
    faults: list[str] = []
    number = 0
    for path in files:
        part = part_of(out, path)
        if not part.exists():
            continue
        found = told(part)
        number += 1
        for name in COUNTS:
            counts[name] += int(found["counts"][name])
        faults += [f"{path}: {fault}" for fault in found["faults"]]
    summary = {"model": plan.model, "files": number, "done_before": before, "unread": len(unread), "counts": counts, "faults": [*unread, *faults][:1000]}  # fmt: skip
    (out / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=1), "utf-8")
    return summary
