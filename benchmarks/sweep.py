"""How fast whole archives are judged, on one core and on two, and whether the counts are exact when a sweep is killed half way.

    python benchmarks/sweep.py [--quick] [--gigabytes N] [--workers N]

Archives are made first: of 100 records 50 are pages in English, 30 everyday Chinese texts set into pages with menus and scripts (about
30 KB), 8 gold documents that are no advert, 2 adverts, 6 pictures, 4 pages that are gone; and the same texts once more as WET. ``xuncha
sweep`` judges them, the program itself, in a folder of its own each time: with one worker, with two, and with two of which the whole
group is killed with -9 half way and started again. The last line is JSON: ``counts_exact`` says that every sweep counted each record that
was made, once, and found the same hits; ``efficiency_2_cores`` is the time of one worker over twice the time of two, ``cpu_efficiency`` the
same of CPU seconds, which others on the machine disturb less. ``--gigabytes`` makes that much WARC and only shows the killed sweep.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from classify_speed import everyday  # noqa: E402
from fastwarc.warc import WarcRecord, WarcRecordType  # noqa: E402

from classifier import material  # noqa: E402
from evidence.archive import Archive  # noqa: E402
from xuncha.sweep.judging import LEAST_CHINESE  # noqa: E402

AT = datetime(2026, 11, 20, tzinfo=UTC)
ENGLISH = "The boats lay in the harbour, and nobody had seen the herons since the rain began in the early morning. "
MENU = "".join(f"<li><a href='/c/{n}'>栏目{n}</a></li>" for n in range(30))
SCRIPT = (
    "<script>"
    + "window.q=window.q||[];window.q.push({id:1,refresh:function(e){return e?e.id:null}});" * 150
    + "</script>"
)
PAGE = (
    "<html><head><title>@title</title>"
    + SCRIPT
    + "</head><body><ul class='menu'>"
    + MENU
    + "</ul><article><h1>@title</h1>@text</article></body></html>"
)


def page(text: str) -> str:
    """A text set into a page, whose menu is in the language of the text."""
    whole = PAGE if not text.isascii() else PAGE.replace("栏目", "topic")
    return whole.replace("@title", text[:12]).replace("@text", "".join(f"<p>{line}</p>" for line in text.splitlines()))


def make(folder: Path, files: int, records: int, picture_bytes: int = 150_000, seed: int = 9) -> Counter[str]:
    """WARC files below ``folder/warc``, their texts below ``folder/wet``; what a sweep must count."""
    draw = random.Random(seed)
    stream = [text.text for text in everyday(min(5_000, files * records))[0] if _chinese(text.text)]
    gold = [example for example in material.training() if len(example.text.text) < 600 and _chinese(example.text.text)]
    adverts = [example.text.text for example in gold if example.flagged]
    quiet = [example.text.text for example in gold if not example.flagged]
    picture = draw.randbytes(picture_bytes)
    made: Counter[str] = Counter()
    for number in range(files):
        archive = Archive(folder / "warc", f"crawl-{number:04d}", "benchmark", max_bytes=1 << 40)
        (folder / "wet").mkdir(parents=True, exist_ok=True)
        with (folder / "wet" / f"crawl-{number:04d}.wet.gz").open("wb") as texts:
            for record in range(records):
                url, kind = f"http://h{record % 97}.example/{number}/{record}", record % 100
                if kind < 6:
                    archive.add(url, AT, "HTTP/1.1 200 OK", [("Content-Type", "image/jpeg")], b"\xff\xd8\xff" + picture)
                    made["skipped"] += 1
                elif kind < 10:
                    archive.add(url, AT, "HTTP/1.1 404 Not Found", [("Content-Type", "text/html")], b"gone")
                    made["skipped"] += 1
                else:
                    chinese = kind < 50
                    text = (
                        ENGLISH * draw.randrange(5, 40) if not chinese else draw.choice(adverts) if kind < 12
                        else draw.choice(quiet) if kind < 20 else draw.choice(stream) + draw.choice(stream)
                    )  # fmt: skip
                    html = page(text)
                    archive.add(
                        url, AT, "HTTP/1.1 200 OK", [("Content-Type", "text/html; charset=utf-8")], html.encode()
                    )
                    texts.write(gzip.compress(_text(url, text), 2))
                    made["foreign"] += not chinese
                    made["texts"] += 1
                made["records"] += 1
        archive.close()
    made["skipped"] += made["foreign"]
    made["bytes"] = sum(file.stat().st_size for file in (folder / "warc").iterdir())
    made["plain"] = made["texts"] * len(PAGE.encode())
    made["wet_bytes"] = sum(file.stat().st_size for file in (folder / "wet").iterdir())
    return made


def _chinese(text: str) -> bool:
    return sum("\u3400" <= sign <= "\u9fff" for sign in text) >= 2 * LEAST_CHINESE


def _text(url: str, text: str) -> bytes:
    record = WarcRecord()
    record.init_headers(record_type=WarcRecordType.conversion)
    record.headers["WARC-Target-URI"] = url
    record.headers["WARC-Date"] = "2026-11-20T00:00:00Z"
    record.headers["Content-Type"] = "text/plain"
    record.set_bytes_content(f"{text[:12]}\n{text}".encode())
    plain = io.BytesIO()
    record.write(plain)
    return plain.getvalue()


def start(archives: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    """The program itself, in a process group of its own."""
    command = [
        sys.executable,
        "-m",
        "xuncha.cli",
        "sweep",
        str(archives),
        "--out",
        str(out),
        "--workers",
        str(workers),
        "--json",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=out.parent, env=environment, start_new_session=True
    )


def swept(archives: Path, out: Path, workers: int) -> tuple[dict[str, Any], float, float]:
    """A sweep to its end: its summary, seconds by the clock and CPU seconds of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    process = start(archives, out, workers)
    told, errors = process.communicate()
    if process.returncode:
        raise SystemExit(errors.decode()[-3000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(told), time.perf_counter() - begun, cpu


def killed(archives: Path, out: Path, workers: int, files: int) -> int:
    """Kill a sweep when half of its files are done; how many were."""
    process = start(archives, out, workers)
    while (
        process.poll() is None
        and len(list((out / "parts").glob("*.parquet")) if (out / "parts").exists() else []) < files // 2
    ):
        time.sleep(0.02)
    if process.poll() is not None:
        raise SystemExit(f"the sweep ended before it was killed: {process.communicate()[1].decode()[-2000:]}")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return len(list((out / "parts").glob("*.parquet")))


def exact(summary: dict[str, Any], made: Counter[str], files: int) -> bool:
    """Whether a summary counts what was made, each record once."""
    counts = summary["counts"]
    return (
        summary["files"] == files and counts["records"] == made["records"] and counts["skipped"] == made["skipped"]
        and counts["failed"] == 0 and counts["read"] == made["records"] - made["skipped"] and counts["foreign"] == made["foreign"]
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="4 files of 200 records")
    parser.add_argument(
        "--gigabytes", type=float, default=0.0, help="make so much WARC (compressed), and only kill and resume"
    )
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    files, records = (4, 200) if given.quick else (8, 2_500)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.gigabytes:
            sample = make(folder / "sample", 1, 1_000, 600_000)
            records = 5_000
            files = max(4, round(given.gigabytes * 1e9 / (sample["bytes"] / 1_000 * records)) + 1)
        made = make(folder, files, records, 600_000 if given.gigabytes else 150_000)
        print(
            f"{files} WARC files, {made['bytes'] / 1e6:,.0f} MB, {made['records']:,} records; WET {made['wet_bytes'] / 1e6:,.1f} MB"
        )
        table: list[tuple[str, float, float, int]] = []
        right = []
        reference: dict[str, Any] = {}
        if not given.gigabytes:
            for label, workers in (("WARC, 1 worker", 1), ("WARC, 2 workers", 2)):
                summary, seconds, cpu = swept(folder / "warc", folder / f"out{workers}", workers)
                table.append((label, seconds, cpu, made["records"]))
                right.append(exact(summary, made, files) and (not reference or summary["counts"] == reference))
                reference = summary["counts"]
            summary, seconds, cpu = swept(folder / "wet", folder / "wet-out", 1)
            table.append(("WET, 1 worker", seconds, cpu, made["texts"]))
            right.append(summary["counts"]["records"] == made["texts"] and summary["counts"]["failed"] == 0)
        done = killed(folder / "warc", folder / "resumed", given.workers, files)
        summary, seconds, cpu = swept(folder / "warc", folder / "resumed", given.workers)
        right.append(
            exact(summary, made, files)
            and summary["done_before"] == done
            and (not reference or summary["counts"] == reference)
        )
        table.append(
            (f"WARC, killed after {done} files, the rest", seconds, cpu, made["records"] * (files - done) // files)
        )
    width = max(len(label) for label, *_ in table)
    print(f"{'sweep':<{width}}  seconds  CPU s  records/s  records/CPU s")
    for label, seconds, cpu, count in table:
        print(f"{label:<{width}}  {seconds:>7.1f}  {cpu:>5.1f}  {count / seconds:>9,.0f}  {count / cpu:>13,.0f}")
    print(f"counts: {summary['counts']}")
    result: dict[str, Any] = {
        "counts_exact": all(right),
        "megabytes": round(made["bytes"] / 1e6),
        "records": made["records"],
    }
    if not given.gigabytes:
        (_, one, cpu_one, _), (_, two, cpu_two, _), (_, _, wet, texts), *_ = table
        result |= {
            "efficiency_2_cores": round(one / two / 2, 2), "cpu_efficiency": round(cpu_one / cpu_two, 2),
            "records_per_cpu_s": round(made["records"] / cpu_one), "wet_records_per_cpu_s": round(texts / wet),
        }  # fmt: skip
    print(json.dumps(result))
    if not all(right):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
