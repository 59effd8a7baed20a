from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from nights import NOW, RATER

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.types import ContactKind, ContactPoint, Document, Judgement
from reports.prevalence.page import page
from reports.prevalence.report import agreement, build, write
from reports.prevalence.sample import draw, given, hand_out, settled, take_in

Xuncha = Callable[..., "CompletedProcess[bytes]"]
DOCUMENTS = 300
AD = "fetal_sex_test_ad"


def positive(number: int) -> bool:
    return number % 10 == 0


def fill(store: Store, rater: str = RATER) -> None:
    """300 posts on two platforms and in two months; every tenth is an ad, and the model sees most of them."""
    for number in range(DOCUMENTS):
        flagged = positive(number) and number % 40 != 0
        text = f"第{number}帖 加薇 zq0lily{number:03d} 预约" if positive(number) else f"=第{number}帖 宝宝车转让"
        document = Document(
            "forum" if number % 3 else "board",
            str(number),
            f"http://forum.example/{number}",
            "post",
            text,
            f"标题{number}",
        )
        id, _ = store.documents.add(document, NOW - timedelta(days=number % 40))
        score = (0.7 if flagged else 0.05) + (number * 37 % 100) / 400
        store.judgements.add([(id, 1, Judgement(AD if flagged else "unrelated", flagged, score, rater))], NOW)
        if flagged:
            start = text.index("zq0")
            store.contact_points.add(
                id,
                1,
                [
                    ContactPoint(
                        ContactKind.WECHAT, text[start : start + 10], f"zq0lily{number % 70:03d}", start, start + 10
                    )
                ],
                True,
            )


@pytest.fixture
def store(empty: Store) -> Store:
    fill(empty)
    return empty


def right(store: Store, document: int) -> str:
    row = store.documents.row(document)
    assert row is not None
    return AD if positive(int(row["native_id"])) else "unrelated"


def labelled(store: Store, name: str, folder: Path, rater: str = "mei", wrong: int = 0) -> Path:
    """A file of labels of the whole queue, of which the first ``wrong`` are not right."""
    path = folder / f"{rater}.jsonl"
    lines = []
    for place, row in enumerate(store.study.queue(name)):
        label = right(store, row["document"])
        if place < wrong:
            label = "seeker" if label == AD else AD
        lines.append(json.dumps({"document": row["document"], "label": label, "rater": rater}))
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture
def sample(store: Store, tmp_path: Path) -> str:
    name = draw(store, RATER, NOW, size=120)["name"]
    for rater, wrong in (("mei", 0), ("lan", 4)):
        take_in(store, name, labelled(store, name, tmp_path, rater, wrong), NOW)
    return str(name)


# -- drawing and handing out ----------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_queue(store: Store) -> None:
    one, again, other = (
        draw(store, RATER, NOW, size=50, seed=seed, name=name) for seed, name in ((7, "a"), (7, "b"), (8, "c"))
    )
    queues = [[row["document"] for row in store.study.queue(drawn["name"])] for drawn in (one, again, other)]
    assert queues[0] == queues[1] != queues[2]
    assert len(set(queues[0])) == 50


@pytest.mark.parametrize("kind", ["stratified", "random"])
def test_inclusion_probabilities_are_recorded_and_weigh_up_to_the_frame(store: Store, kind: str) -> None:
    name = draw(store, RATER, NOW, kind=kind, size=90)["name"]
    assert sum(1 / row["probability"] for row in store.study.drawn(name)) == pytest.approx(DOCUMENTS)


def test_a_sample_is_never_drawn_over(store: Store) -> None:
    draw(store, RATER, NOW, size=50)
    with pytest.raises(InputError, match="drawn before"):
        draw(store, RATER, NOW, size=50)
    assert len(store.study.names()) == 1


def test_a_name_cannot_leave_the_folder(store: Store) -> None:
    for name in ("../x", "a/b", ".x", "a b", "x" * 61):
        with pytest.raises(InputError, match="--name"):
            draw(store, RATER, NOW, name=name)


def test_without_judgements_there_is_nothing_to_draw(empty: Store) -> None:
    with pytest.raises(InputError, match="xuncha classify"):
        draw(empty, "", NOW)


def test_the_queue_tells_neither_score_nor_flag_nor_stratum_nor_contact(store: Store, tmp_path: Path) -> None:
    name = draw(store, RATER, NOW, size=120)["name"]
    jsonl, table = hand_out(store, name, tmp_path)
    rows = [json.loads(line) for line in jsonl.read_text("utf-8").splitlines()]
    assert {key for row in rows for key in row} == {"document", "title", "text", "label", "note"}
    assert not re.search(r"zq0lily\d", jsonl.read_text("utf-8") + table.read_text("utf-8"))
    scores = {row["document"]: row["score"] for row in store.study.drawn(name)}
    order = [scores[row["document"]] for row in rows]
    assert order != sorted(order)
    assert order != sorted(order, reverse=True)


def test_cells_of_the_csv_are_no_formulas(store: Store, tmp_path: Path) -> None:
    _, table = hand_out(store, draw(store, RATER, NOW, size=120)["name"], tmp_path)
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    with table.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert any(cell.startswith("'=") for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_a_frame_stays_as_it_was_when_documents_change(store: Store) -> None:
    name = draw(store, RATER, NOW, size=300)["name"]
    before = (store.study.strata(name), {row["document"]: row["text"] for row in store.study.queue(name)})
    store.documents.add(Document("board", "0", "http://forum.example/0", "post", "改了", "标题0"), NOW)
    fill(store, "model:other@000000000000")
    assert (store.study.strata(name), {row["document"]: row["text"] for row in store.study.queue(name)}) == before


def test_of_texts_that_are_the_same_one_counts_where_campaigns_are_the_unit(store: Store) -> None:
    for copy in range(5):
        id, _ = store.documents.add(
            Document("forum", f"copy{copy}", "http://forum.example/c", "post", "同一段话", "同题"), NOW
        )
        store.judgements.add([(id, 1, Judgement("unrelated", False, 0.1, RATER))], NOW)
    assert draw(store, RATER, NOW, size=10)["frame"] == DOCUMENTS + 5
    assert draw(store, RATER, NOW, size=10, unit="campaign")["frame"] == DOCUMENTS + 1


# -- labels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('{"document": 999999, "label": "seeker"}', "was not drawn"), ('{"document": "x", "label": "seeker"}', "whole number"),
        ('{"document": 1, "label": "seekr"}', "did you mean 'seeker'|was not drawn"), ("[]", "JSON object"), ("{", "JSON object"),
    ],
)  # fmt: skip
def test_a_faulty_line_keeps_the_whole_file_out_and_is_named(
    store: Store, tmp_path: Path, line: str, found: str
) -> None:
    name = draw(store, RATER, NOW, size=300)["name"]
    file = tmp_path / "labels.jsonl"
    file.write_text(f'{{"document": 2, "label": "seeker"}}\n{line}\n', "utf-8")
    with pytest.raises(InputError, match=rf"labels\.jsonl:2: .*({found})"):
        take_in(store, name, file, NOW, rater="mei")
    assert store.study.labels(name) == []


def test_the_csv_that_was_handed_out_comes_back(store: Store, tmp_path: Path) -> None:
    name = draw(store, RATER, NOW, size=30)["name"]
    _, table = hand_out(store, name, tmp_path)
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows[:10]:
        row["label"] = "unrelated"
    with (tmp_path / "back.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert take_in(store, name, tmp_path / "back.csv", NOW, rater="mei") == {"labels": 10, "empty": 20}


def one_document(store: Store, tmp_path: Path, *labels: tuple[str, str, bool]) -> tuple[dict[int, bool], list[int]]:
    name = draw(store, RATER, NOW, size=300, name="one")["name"]
    file = tmp_path / "one.jsonl"
    file.write_text(
        "\n".join(json.dumps({"document": 1, "rater": r, "label": label, "adjudicated": a}) for r, label, a in labels),
        "utf-8",
    )
    take_in(store, name, file, NOW)
    return settled(store, name)


def test_the_adjudicated_label_wins(store: Store, tmp_path: Path) -> None:
    assert one_document(store, tmp_path, ("mei", "seeker", False), ("lan", "seeker", False), ("head", AD, True)) == (
        {1: True},
        [],
    )


def test_without_adjudication_more_than_half_of_the_raters_settle(store: Store, tmp_path: Path) -> None:
    assert one_document(store, tmp_path, ("mei", "seeker", False), ("lan", AD, False), ("zhu", AD, False)) == (
        {1: True},
        [],
    )


def test_an_even_split_stays_open(store: Store, tmp_path: Path) -> None:
    assert one_document(store, tmp_path, ("mei", "seeker", False), ("lan", AD, False)) == ({}, [1])


def test_a_raters_later_label_counts(store: Store, tmp_path: Path) -> None:
    assert one_document(store, tmp_path, ("mei", "seeker", False), ("mei", AD, False)) == ({1: True}, [])
    assert given(store, "one") == {1: {"mei": AD}}


# -- the report -----------------------------------------------------------------------------------------------------


def test_the_intervals_hold_the_truth(store: Store, settings: Settings, sample: str, tmp_path: Path) -> None:
    take_in(store, sample, labelled(store, sample, tmp_path, "head"), NOW, adjudicated=True)
    data = build(store, settings, NOW, sample=sample)
    assert [row["method"] for row in data["estimates"]] == ["stratified", "ppi++", "rogan-gladen"]
    for row in data["estimates"]:
        assert row["low"] <= 0.1 <= row["high"], row
    assert data["open"] == 0


def test_agreement_lists_what_raters_differ_on_and_how_it_was_settled(
    store: Store, sample: str, tmp_path: Path
) -> None:
    take_in(store, sample, labelled(store, sample, tmp_path, "head"), NOW, adjudicated=True)
    found = agreement(store, sample)
    assert len(found["disagreements"]) == 4
    assert all(row["settled"] == right(store, row["document"]) for row in found["disagreements"])
    assert found["raters"] == ["lan", "mei"]  # the adjudicator is no rater


def test_the_parts_of_the_frame_add_up_and_small_ones_get_no_estimate(
    store: Store, settings: Settings, sample: str
) -> None:
    data = build(store, settings, NOW, sample=sample, by=["platform", "month"])
    assert sum(group["documents"] for group in data["groups"]) == DOCUMENTS
    assert sum(group["labelled"] for group in data["groups"]) == data["labelled"]
    assert {(group["platform"], group["month"]) for group in data["groups"]} == {
        (p, m) for p in ("board", "forum") for m in ("2026-10", "2026-11")
    }
    assert all((group["estimates"] is None) == (group["labelled"] < 20) for group in data["groups"])


def test_the_page_names_the_denominator_in_words_and_cites_its_methods(
    store: Store, settings: Settings, sample: str
) -> None:
    text = page(build(store, settings, NOW, sample=sample))
    assert f"the {DOCUMENTS} documents that this crawl reached" in text
    assert "de-duplicated: one for each platform and native id" in text
    assert "去重方法" in text
    for cited in ("Cochran 1977", "Angelopoulos, Duchi and Zrnic 2023", "Rogan and Gladen 1978", "Chao 1987"):
        assert cited in text


def test_the_count_of_the_classifier_is_nowhere(store: Store, settings: Settings, sample: str) -> None:
    data = build(store, settings, NOW, sample=sample)
    flagged = sum(row["flagged"] for row in store.study.strata(sample))
    told = page(data) + json.dumps(data, ensure_ascii=False)
    assert f"{flagged / DOCUMENTS:.2%}" not in told
    assert f"{flagged} of {DOCUMENTS}" not in told
    assert '"flagged"' not in told
    assert "apparent" not in told


@pytest.mark.parametrize(("ads", "warned"), [(9, True), (10, False)])
def test_fewer_than_ten_positives_are_warned_of(
    store: Store, settings: Settings, tmp_path: Path, ads: int, warned: bool
) -> None:
    name = draw(store, RATER, NOW, kind="random", size=100)["name"]
    file = tmp_path / "labels.jsonl"
    rows = [
        {"document": row["document"], "label": AD if place < ads else "seeker"}
        for place, row in enumerate(store.study.queue(name))
    ]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    take_in(store, name, file, NOW, rater="mei")
    data = build(store, settings, NOW, sample=name)
    assert any("quote the interval" in row["en"] for row in data["warnings"]) is warned
    assert data["estimates"][0]["method"] == "wilson"
    assert any("Fewer than two raters" in row["en"] for row in data["warnings"])


def test_building_writes_nothing(store: Store, settings: Settings, sample: str) -> None:
    before = "\n".join(store.db.conn.iterdump())
    build(store, settings, NOW, sample=sample, by=["month"])
    assert "\n".join(store.db.conn.iterdump()) == before


def test_the_files_bear_sample_and_date_and_hostile_platforms_stay_text(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    id, _ = store.documents.add(Document("<img src=x>|`x", "h", "http://h.example/", "post", "x"), NOW)
    store.judgements.add([(id, 1, Judgement("unrelated", False, 0.1, RATER))], NOW)
    name = draw(store, RATER, NOW, size=301, name="all")["name"]
    take_in(store, name, labelled_all(store, name, tmp_path), NOW, rater="mei")
    paths = write(build(store, settings, NOW, by=["platform"]), tmp_path / "reports")
    assert [path.name for path in paths] == ["prevalence-all-2026-11-20.md", "prevalence-all-2026-11-20.json"]
    assert "<img" not in paths[0].read_text("utf-8")
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == sorted(path.name for path in paths)


def labelled_all(store: Store, name: str, folder: Path) -> Path:
    path = folder / "all.jsonl"
    path.write_text(
        "\n".join(json.dumps({"document": row["document"], "label": "unrelated"}) for row in store.study.queue(name)),
        "utf-8",
    )
    return path


def test_contacts_get_a_lower_bound_by_kind(store: Store, settings: Settings, sample: str) -> None:
    bounds: dict[str, Any] = build(store, settings, NOW, sample=sample)["hidden"]["bounds"]
    assert set(bounds) == {"all", "wechat"}
    assert bounds["all"]["observed"] == 7
    assert bounds["all"]["at_least"] >= 7


def test_a_sample_without_labels_has_no_estimate(store: Store, settings: Settings) -> None:
    draw(store, RATER, NOW, size=50)
    with pytest.raises(InputError, match="xuncha label stratified-50-seed7 FILE"):
        build(store, settings, NOW)


def test_an_unknown_sample_or_group_names_the_nearest(store: Store, settings: Settings, sample: str) -> None:
    with pytest.raises(InputError, match="did you mean 'stratified-120-seed7'"):
        build(store, settings, NOW, sample="stratified-120-sed7")
    with pytest.raises(InputError, match="did you mean 'month'"):
        build(store, settings, NOW, sample=sample, by=["moth"])


# -- the commands ---------------------------------------------------------------------------------------------------


def test_a_study_from_draw_to_estimate_on_the_command_line(xuncha: Xuncha, tmp_path: Path) -> None:
    assert xuncha("init", tmp_path).returncode == 0
    with Store.open(tmp_path / "xuncha.db") as store:
        fill(store)
    done = xuncha("sample", "--size", 120, "-w", tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"120 of 300 judged documents" in done.stdout
    name = "stratified-120-seed7"
    with Store.open(tmp_path / "xuncha.db") as store:
        files = [labelled(store, name, tmp_path, rater, wrong) for rater, wrong in (("mei", 0), ("lan", 3))]
    for file in files:
        assert (
            xuncha("label", name, file, "-w", tmp_path).stdout
            == b"120 labels stored, 0 lines without a label passed over\n"
        )
    told = xuncha("agreement", name, "-w", tmp_path).stdout.decode()
    assert "Cohen's kappa" in told
    assert told.count("open\n") == 3
    done = xuncha("estimate", name, "--by", "platform,month", "-w", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Denominator: the 300 documents that this crawl reached" in done.stdout.decode()
    assert "not adjudicated" in done.stderr.decode()
    assert len(list((tmp_path / "reports").glob(f"prevalence-{name}-*"))) == 2
    assert xuncha("report", "prevalence", "-w", tmp_path).returncode == 0
    assert xuncha("estimate", "no", "-w", tmp_path).returncode == 3
