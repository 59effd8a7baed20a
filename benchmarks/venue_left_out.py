"""How well the whole stack judges a venue that it has never seen: python benchmarks/venue_left_out.py [VENUE] [--quick] [--models DIR]

The linear model and the stack are trained as `xuncha train` does, on all training documents but those of one venue (``news`` unless
another is named), and judge the venue's documents of the final quarter and of the writer who came after the models
(``tests/classifier/unseen.jsonl``): they know neither venue nor writers. ``xuncha evaluate linear``
leaves out each venue in turn for the linear half alone; the encoder takes an hour of two cores for each, so it is done here, for one. ``--models``
keeps what was trained in a folder, and goes on from what stands there. --quick trains the linear half alone, on every fourth document. The last
line is JSON: F1 of both over all of these documents, and how many there are.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from classifier import evaluation, material  # noqa: E402
from classifier.material import Example  # noqa: E402
from classifier.models import declared, load, read_meta  # noqa: E402
from core.errors import ModelError  # noqa: E402

UNSEEN = ROOT / "tests" / "classifier" / "unseen.jsonl"
COLUMNS = ("model", "of", "documents", "F1", "precision", "recall", "label accuracy", "trained in s")
FEW = 4  # --quick: every fourth document


def trained(name: str, folder: Path, examples: Sequence[Example], shared: Sequence[Example], quick: bool) -> float:
    """Train a model by its own declaration in another folder of models, unless it stands there; the seconds that it took."""
    declaration = declared(name)[0] / "model.yml"
    (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(declaration, folder / name / "model.yml")
    try:
        read_meta(folder / name)["labels"]
    except (ModelError, KeyError):  # nothing yet, or an encoder that waits to be calibrated
        started = time.perf_counter()
        path, module, data = declared(name, folder)
        options = {**data["options"], **({"shared": 500, "contacted": 0.1, "moved": 0.1} if quick else {})}
        module.train(path, options, examples, shared)
        return time.perf_counter() - started
    return 0.0


def main(arguments: list[str] | None = None) -> int:
    """Print the table and, as the last line, the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("venue", nargs="?", default="news")
    parser.add_argument("--quick", action="store_true", help="the linear half alone, on every fourth document")
    parser.add_argument("--models", type=Path, help="a folder that keeps what was trained")
    given = parser.parse_args(arguments)
    examples, shared = material.training(), material.shared("train")
    left = [example for example in examples if example.venue != given.venue]
    left = left[::FEW] if given.quick else left
    sets = {"final quarter": material.final(), "unseen writer": material.training([UNSEEN])}
    sets = {name: [example for example in some if example.venue == given.venue] for name, some in sets.items()}
    sets["both"] = [example for some in sets.values() for example in some]
    if given.venue not in {example.venue for example in examples} or not sets["both"]:
        print(f"no documents of the venue {given.venue!r} in the gold set", file=sys.stderr)
        return 1
    figures: dict[str, object] = {"venue": given.venue, "documents": len(sets["both"])}
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = given.models or Path(name)
        for model in ["linear"] if given.quick else ["linear", "stack"]:
            seconds = trained(model, folder, left, shared, given.quick)
            rater = load(model, folder)
            for of, asked in sets.items():
                found = evaluation.scores(evaluation.judged(rater, asked)) if asked else {"n": 0}
                shares = (found.get(figure, 0.0) for figure in ("f1", "precision", "recall", "label_accuracy"))
                rows.append((model, of, f"{found['n']}", *(f"{share:.3f}" for share in shares), f"{seconds:.0f}"))
                figures[f"{model}_f1"] = round(found.get("f1", 0.0), 3)
    widths = [max(len(row[place]) for row in [COLUMNS, *rows]) for place in range(len(COLUMNS))]
    for row in [COLUMNS, *rows]:
        print("  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)))
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
