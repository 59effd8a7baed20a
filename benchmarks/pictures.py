"""How much of authored picture adverts is read: contacts, codes, characters; how long it takes; and which pictures are taken for one poster.

    python -m benchmarks.pictures [--quick] [--step N] [--show]

160 adverts in eleven manners and 50 innocent pictures (``benchmarks/posters``), each through the process that the night uses. A contact
counts as found when its canonical value is, of the codes or the words. The character error rate is the edit distance between what was drawn
and what was read, both without spaces and punctuation, by the characters drawn. Each picture is then judged as a document that says nothing
else. For posters, each plain poster is compared with re-encoded, scaled and framed copies, and with others of its own template. ``--quick``
takes every tenth picture and ends after some twenty seconds. The last line is JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.posters import drawing, made
from classifier import pictured
from classifier.contract import Text
from classifier.models import load
from leads.posters import ALIKE
from pictures.aside import Aside, obstacle
from pictures.found import field, lines_of
from pictures.likeness import distance
from text.contacts import find_contacts
from text.contacts.coded import find_coded

QUICK_SECONDS = 20.0


def edits(one: str, other: str) -> int:
    """The least number of insertions, deletions and replacements between two strings (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, second in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (sign != second))
    return row[-1]


def bare(text: str) -> str:
    """Letters and digits alone."""
    return "".join(sign for sign in text if sign.isalnum())


def memory(process: Any) -> float:
    """The most memory that a process had resident, in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def posters(aside: Aside, count: int) -> dict[str, float]:
    """The share of copies of a poster that are taken for it, and of others: of its own template with other contacts, and of any."""
    near: Counter[str] = Counter()
    for number in range(count):
        image, _ = drawing.poster(random.Random(f"same {number}"))
        framed = drawing.Image.new("RGB", (image.width + 12, image.height + 12), "white")
        framed.paste(image, (6, 6))
        others = {
            "JPEG": (image, "JPEG"), "half": (image.resize((360, 450)), "WEBP"), "framed": (framed, "PNG"),
            "rival": (drawing.poster(random.Random(f"same {number}"), rival=random.Random(f"rival {number}"))[0], "PNG"),
            "other": (drawing.poster(random.Random(f"other {number}"))[0], "PNG"),
        }  # fmt: skip
        first = likeness(aside, image, "PNG")
        for name, (picture, form) in others.items():
            near[name] += distance(first, likeness(aside, picture, form)) <= ALIKE
    same = near["JPEG"] + near["half"] + near["framed"]
    return {
        "same_poster": round(same / (3 * count), 3), "rival_poster_mistaken": round(near["rival"] / count, 3),
        "other_poster_mistaken": round(near["other"] / count, 3),
    }  # fmt: skip


def likeness(aside: Aside, picture: drawing.Image.Image, form: str) -> str:
    """The hash of a picture that is saved in a form."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **({"quality": 30} if form == "JPEG" else {}))
    return str(aside.ask("look", buffer.getvalue())[0]["likeness"])


def main() -> int:
    """Print the table and the line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--step", type=int, default=1, help="take every so many-th picture of each manner")
    parser.add_argument("--show", action="store_true", help="print what was missed")
    options = parser.parse_args()
    if why := obstacle():
        print(json.dumps({"benchmark": "pictures", "skipped": why}))
        return 0
    begun = time.perf_counter()
    rater = load("stack")
    drawn, found, wrong, signs, seen, spent = (Counter[str]() for _ in range(6))
    codes_drawn: Counter[str] = Counter()
    codes_found: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    with Aside(seconds=60) as aside:
        for one in made.pictures(options.quick, options.step):
            if options.quick and time.perf_counter() - begun > QUICK_SECONDS:
                break
            start = time.perf_counter()
            looked, _ = aside.ask("look", one.body)
            read, _ = aside.ask("read", one.body)
            spent[one.manner] += int(1e6 * (time.perf_counter() - start))
            text, _ = field([("", lines_of(read["lines"]))])
            coded = [line.text for line in lines_of(looked["codes"])]
            points = [*find_contacts(text), *find_coded("\n".join(coded))]
            values = {(str(point.kind), point.canonical) for point in points}
            seen[one.manner] += 1
            drawn[one.manner] += len(one.said.contacts)
            found[one.manner] += sum(contact in values for contact in one.said.contacts)
            codes_drawn[one.manner] += len(one.said.codes)
            codes_found[one.manner] += sum(code in coded for code in one.said.codes)
            said, heard = bare("".join(one.said.lines)), bare(text)
            signs[one.manner] += len(said)
            wrong[one.manner] += edits(said, heard)
            judged = pictured.judge(rater, [Text("", pictures=text)])[0]
            flagged[one.manner] += judged.flagged
            missed = [
                *(contact for contact in one.said.contacts if contact not in values),
                *(code for code in one.said.codes if code not in coded),
            ]
            if options.show and (missed or judged.flagged != one.advert):
                print(
                    f"{one.name}: flagged {judged.flagged} {judged.score}; missed {missed}; read {text!r}; codes {coded}"
                )
        assert aside._process
        resident = memory(aside._process)
        alike = posters(aside, 1 if options.quick else max(4, 40 // options.step))
    print(f"{'manner':<18}{'pictures':>9}{'contacts':>10}{'codes':>9}{'CER':>8}{'flagged':>9}{'s each':>8}")
    for manner, count in seen.items():
        shares = [f"{found[manner]}/{drawn[manner]}", f"{codes_found[manner]}/{codes_drawn[manner]}"]
        print(
            f"{manner:<18}{count:>9}{shares[0]:>10}{shares[1]:>9}{wrong[manner] / max(1, signs[manner]):>8.3f}{flagged[manner]:>9}{spent[manner] / 1e6 / count:>8.2f}"
        )
    innocent = seen["innocent"]
    result = {
        "benchmark": "pictures", "pictures": seen.total(), "adverts": seen.total() - innocent, "innocent": innocent,
        "contact_recall": round(found.total() / max(1, drawn.total()), 4), "qr_recall": round(codes_found.total() / max(1, codes_drawn.total()), 4),
        "cer": round(wrong.total() / max(1, signs.total()), 4), "seconds_per_picture": round(spent.total() / 1e6 / seen.total(), 3),
        "reader_megabytes": round(resident), "flagged_adverts": round((flagged.total() - flagged["innocent"]) / max(1, seen.total() - innocent), 4),
        "flagged_innocent": flagged["innocent"], **alike, "seconds": round(time.perf_counter() - begun, 1),
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
