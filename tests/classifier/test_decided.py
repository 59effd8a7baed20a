"""Learning from analysts' decisions: what they saw and nothing else, and never for the worse."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from classifier import decided, models
from classifier.contract import Text
from classifier.material import Example
from core.errors import ModelError
from core.store import Store
from core.types import Act, Decision, Document, Judgement, Lead
from xuncha import workspace

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
RATER = "model:test@0"


def put(store: Store, native_id: str, text: str, score: float = 0.9, quiet: str = "seeker", at: datetime = NOW) -> int:
    """A judged document."""
    document = Document(
        "forum", native_id, f"http://forum.example/{native_id}", "post", text, author="zq0writer", source="forum"
    )
    id, _ = store.documents.add(document, at)
    label = "fetal_sex_test_ad" if score >= 0.5 else quiet
    row = store.documents.row(id)
    assert row
    store.judgements.add(
        [
            (
                id,
                row["version"],
                Judgement(label, score >= 0.5, score, RATER, {"fetal_sex_test_ad": score, quiet: 0.3, "other_ad": 0.1}),
            )
        ],
        at,
    )
    return id


def lead(store: Store, id: str, *documents: int, at: datetime = NOW) -> None:
    store.leads.put(Lead(id, "fetal_sex_test_ad", "题", documents, (), 0.5, (), NOW, NOW), {}, at)


def answer(store: Store, id: str, act: Act, label: str = "", at: datetime = NOW + timedelta(hours=1)) -> None:
    store.decisions.add(Decision(id, act, "zq0analyst", at, label))


@pytest.fixture
def store() -> Store:
    return Store.in_memory()


def test_confirmed_documents_bear_the_analysts_label_and_the_lead_as_their_group(store: Store) -> None:
    lead(store, "L1", put(store, "1", "寄血到港，冷链上门"))
    answer(store, "L1", Act.CONFIRM, "sample_shipping_ad")
    (example,) = decided.examples(store.decisions.answered())
    assert (example.label, example.flagged, example.group) == ("sample_shipping_ad", True, "lead:L1")


def test_a_rejected_document_bears_the_likeliest_label_that_is_not_flagged(store: Store) -> None:
    lead(store, "L1", put(store, "1", "想去香港验血，有人去过吗", quiet="seeker"))
    answer(store, "L1", Act.REJECT)
    (example,) = decided.examples(store.decisions.answered())
    assert (example.label, example.flagged) == ("seeker", False)


def test_what_is_unsure_undecided_or_taken_back_teaches_nothing(store: Store) -> None:
    for number, act in enumerate((Act.UNSURE, Act.NOTE, Act.CONFIRM)):
        lead(store, f"L{number}", put(store, str(number), f"香港验血{number}"))
        answer(store, f"L{number}", act, "fetal_sex_test_ad" if act is Act.CONFIRM else "")
    answer(store, "L2", Act.UNDO, at=NOW + timedelta(hours=2))
    assert decided.examples(store.decisions.answered()) == []


def test_a_document_that_joined_or_changed_after_the_answer_teaches_nothing(store: Store) -> None:
    seen, changed = put(store, "1", "香港验血，当天出结果"), put(store, "2", "香港验血，加我")
    lead(store, "L1", seen, changed)
    answer(store, "L1", Act.CONFIRM, "fetal_sex_test_ad")
    later = NOW + timedelta(days=1)
    put(store, "2", "今天天气真好", at=later)
    lead(store, "L1", seen, changed, put(store, "3", "寄血到港", at=later), at=later)
    assert [example.id for example in decided.examples(store.decisions.answered())] == ["forum:1"]


def test_copies_within_a_lead_count_once_and_a_large_lead_only_so_far(store: Store) -> None:
    documents = [put(store, str(number), f"香港验血第{number // 2}号") for number in range(100)]
    lead(store, "L1", *documents)
    answer(store, "L1", Act.CONFIRM, "fetal_sex_test_ad")
    found = decided.examples(store.decisions.answered())
    assert len(found) == decided.MOST_OF_A_LEAD
    assert len({example.text.text for example in found}) == len(found)


@pytest.fixture
def gate_model(tmp_path: Path) -> Path:
    """A folder of models with a copy of the gate, quick to train."""
    folder = tmp_path / "models" / "gate"
    folder.mkdir(parents=True)
    for name in ("meta.json", "weights.npz"):
        shutil.copy(models.FOLDER / "gate" / name, folder / name)
    (folder / "model.yml").write_text(
        "title: Gate\nkind: gate\noptions: {copies: 0.05, contacted: 0, cost: 0.05}\n", "utf-8"
    )
    return folder


def learned() -> list[Example]:
    return [Example("forum:1", Text("暗号茶叶到港，懂的来"), "sample_shipping_ad", True, "lead:L1")]


def test_a_model_that_keeps_its_floors_takes_the_place_of_the_old_one(gate_model: Path) -> None:
    (gate_model / "floors.json").write_text(json.dumps({"recall": 0.9}), "utf-8")
    before = models.load("gate", gate_model.parent).name
    told = decided.retrain("gate", learned(), [], gate_model.parent)
    assert told["decided"] == 1
    assert models.load("gate", gate_model.parent).name != before
    assert [path.name for path in gate_model.parent.iterdir()] == ["gate"]


def test_a_model_that_falls_below_a_floor_leaves_the_old_one_untouched(gate_model: Path) -> None:
    (gate_model / "floors.json").write_text(json.dumps({"precision": 0.99}), "utf-8")
    before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in gate_model.iterdir()}
    with pytest.raises(ModelError, match=r"precision is 0\.\d+, expected at least 0\.990; the old model stays"):
        decided.retrain("gate", learned(), [], gate_model.parent)
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in gate_model.iterdir()} == before
    assert [path.name for path in gate_model.parent.iterdir()] == ["gate"]


def test_a_model_that_learns_nothing_cannot_be_retrained() -> None:
    with pytest.raises(ModelError, match="learns nothing"):
        decided.retrain("dummy", learned(), [])


def test_the_queue_is_nearest_first_and_shows_one_of_a_campaign(store: Store) -> None:
    far, near, twin, decided_one = (
        put(store, name, f"正文{name}", score) for name, score in (("a", 0.95), ("b", 0.52), ("c", 0.55), ("d", 0.5))
    )
    store.campaigns.put("C1", [(near, 1.0, twin), (twin, 0.9, near)], NOW)
    lead(store, "L1", decided_one)
    answer(store, "L1", Act.REJECT)
    assert [id for id, *_ in store.judgements.undecided(RATER, 0.5, 10)] == [near, far]
    assert [id for id, *_ in store.judgements.undecided(RATER, 1.0, 1)] == [far]


def test_the_queue_shows_neither_authors_nor_addresses_nor_contacts(
    tmp_path: Path, xuncha: Callable[..., CompletedProcess[bytes]]
) -> None:
    workspace.create(tmp_path / "w")
    name = models.load("keywords").name
    with Store.open(tmp_path / "w" / "xuncha.db") as store:
        document = Document(
            "forum",
            "1",
            "http://forum.example/u/zq0writer",
            "post",
            "请问姐妹，有人去过吗，加我微信 zq0asker88",
            author="zq0writer",
            source="forum",
        )
        id, _ = store.documents.add(document, NOW)
        store.judgements.add([(id, 1, Judgement("seeker", False, 0.45, name))], NOW)
    done = xuncha("queue", "--uncertain", "--json", "--model", "keywords", "--workspace", tmp_path / "w")
    (row,) = json.loads(done.stdout)
    assert row["document"] == id
    assert row["label"] == "seeker"
    assert "请问姐妹" in row["text"]
    assert b"zq0writer" not in done.stdout
    assert b"zq0asker88" not in done.stdout


def test_training_from_decisions_without_any_says_what_to_do(
    tmp_path: Path, xuncha: Callable[..., CompletedProcess[bytes]]
) -> None:
    workspace.create(tmp_path / "w")
    done = xuncha("train", "gate", "--from-decisions", "--gold-only", "--workspace", tmp_path / "w")
    assert done.returncode == 3
    assert b"decide some in `xuncha review` first" in done.stderr
