"""Evaluation: figures that mean what they say, a picture that shows them, and venues that the heads never saw."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from classifier import card, evaluation, venues
from classifier.contract import Text
from classifier.evaluation import Judged
from classifier.material import Example
from classifier.picture import calibration_picture, wilson
from core.labels import labels
from core.types import Judgement


def example(number: int, flagged: bool, genre: str = "", venue: str = "") -> Example:
    return Example(str(number), Text("字"), "fetal_sex_test_ad" if flagged else "seeker", flagged, "w", venue, genre)


def judgement(score: float) -> Judgement:
    return Judgement("fetal_sex_test_ad" if score >= 0.5 else "seeker", score >= 0.5, score, "model:test@0")


def test_genres_tell_shares_not_f1() -> None:
    pairs = [(example(n, False, "question_price"), judgement(0.9 if n < 2 else 0.1)) for n in range(10)]
    found = evaluation.genres(Judged(tuple(e for e, _ in pairs), tuple(j for _, j in pairs)))
    assert found == {"question_price": {"n": 10, "truly": 0.0, "flagged": 0.2, "right": 0.8}}


def test_a_genre_of_few_documents_is_not_shown() -> None:
    few = Judged((example(1, True, "rare"),), (judgement(0.9),))
    assert evaluation.genres(few) == {}


def test_the_calibration_picture_is_well_formed_and_has_a_dot_for_each_bin() -> None:
    picture = calibration_picture([(0.05, 0.0, 400), (0.55, 0.6, 20), (0.95, 1.0, 300)], "校准 <linear> & co")
    root = ElementTree.fromstring(picture)
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 3
    assert root.find("{http://www.w3.org/2000/svg}title").text == "校准 <linear> & co"  # type: ignore[union-attr]


def test_a_picture_of_nothing_is_a_picture_all_the_same() -> None:
    assert ElementTree.fromstring(calibration_picture([], "empty")) is not None


def test_an_honest_bin_lies_on_the_diagonal_and_an_overclaiming_one_below_it() -> None:
    def dot(said: float, true: float) -> tuple[float, float]:
        circle = ElementTree.fromstring(calibration_picture([(said, true, 9)], "t")).find(
            "{http://www.w3.org/2000/svg}circle"
        )
        assert circle is not None
        return float(circle.attrib["cx"]), float(circle.attrib["cy"])

    (x0, y0), (x1, y1), (x2, y2) = dot(0.2, 0.2), dot(0.8, 0.8), dot(0.8, 0.4)
    assert (y1 - y0) == pytest.approx(-(x1 - x0))
    assert x2 == x1
    assert y2 > y1  # lower on the page


def test_wilson_intervals_hold_the_share_and_shrink_with_documents() -> None:
    low, high = wilson(0.5, 10)
    assert low == pytest.approx(0.2366, abs=1e-3)
    assert high == pytest.approx(0.7634, abs=1e-3)
    assert wilson(1.0, 50)[1] == 1.0
    assert wilson(0.0, 0) == (0.0, 1.0)
    narrow = wilson(0.5, 1000)
    assert narrow[1] - narrow[0] < high - low


def test_the_card_shows_the_picture_and_the_genres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "model.yml").write_text("title: Words\nkind: keywords\n", "utf-8")
    monkeypatch.setattr(card, "declared", lambda name: (folder, None, {"title": "Words", "kind": "keywords"}))
    pairs = [(example(n, n % 2 == 0, "direct_ad", "comment"), judgement(0.9 if n % 2 == 0 else 0.2)) for n in range(40)]
    found = Judged(tuple(e for e, _ in pairs), tuple(j for _, j in pairs))
    figures = {
        "model": "words", "rater": "model:words@0", "set": "final quarter", "scores": evaluation.scores(found),
        "interval": {"f1": evaluation.bootstrap(found, "f1", rounds=20)}, "labels": evaluation.per_label(found),
        "slices": evaluation.slices(found), "genres": evaluation.genres(found), "documents_per_cpu_second": 1.0,
        "calibration": evaluation.calibration_bins(found), "errors": [], "false_alarms": {},
    }  # fmt: skip
    written = card.write_card("words", figures).read_text("utf-8")
    assert "![What the model said against what was true](calibration.svg)" in written
    assert "| direct_ad | 40 | 0.500 | 0.500 | 1.000 |" in written
    assert "## By script" in written
    ElementTree.parse(folder / "calibration.svg")


def gold_like(writers: int, seed: int) -> list[Example]:
    """Examples of every label in three venues; in venue `odd` other words are used for the same labels."""
    rng = random.Random(seed)
    made = []
    for number, (name, label) in enumerate(labels().items()):
        for writer in range(writers):
            for venue in ("comment", "channel", "odd"):
                words = chr(0x4E00 + number) + chr(0x5200 + number) + ("甲乙" if label.flagged else "丙丁")
                text = "".join(rng.choices(words, k=14)) if venue != "odd" else "".join(rng.choices("戊己庚辛", k=14))
                made.append(
                    Example(
                        f"{name}{writer}{venue}{seed}",
                        Text(text),
                        name,
                        label.flagged,
                        f"w{seed}{writer}",
                        venue,
                        "other",
                    )
                )
    return made


def test_a_venue_of_other_words_is_the_one_that_suffers_when_left_out() -> None:
    found = venues.leave_venues_out({"shared": 0}, gold_like(4, 1), gold_like(3, 2), [], least=30)
    assert set(found) == {"channel", "comment", "odd"}
    assert found["comment"]["f1"] == pytest.approx(1.0)
    assert found["channel"]["f1"] == pytest.approx(1.0)
    assert found["odd"]["f1"] < 0.8
    assert found["comment"]["n"] == 33


def test_a_venue_with_few_final_documents_is_not_scored() -> None:
    final = [example for example in gold_like(3, 2) if example.venue != "odd" or example.label == "seeker"]
    assert "odd" not in venues.leave_venues_out({"shared": 0}, gold_like(3, 1), final, [], least=30)
