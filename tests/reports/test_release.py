from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hostile import ATTACKS, SECRET, hostile
from hostile import NOW as ATTACKED_AT
from hypothesis import given
from hypothesis import strategies as st
from nights import NOW, advert

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.types import ContactKind, ContactPoint, Document, Judgement
from reports.release.records import CONTACTS, DOCUMENTS, SPLITS, splits
from reports.release.redact import Redactor, common_words, rare_words
from reports.release.report import build, release, write

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
VALUES = ("zq0yangben88", "13800000017", "zq0gang66", "zq0route", "100000456", "zq0saliva", SECRET[:8], "zq0mama")


@pytest.fixture
def filled_up(store: Store) -> Store:
    for lead in store.leads.queue(50):
        points = [ContactPoint(ContactKind(kind), value, value, 0, 1) for kind, value in lead.contacts]
        for document in lead.documents:
            store.contact_points.add(document, 1, points, flagged=True)
    for number, (kind, value) in enumerate((("微信", "zq0yangben88"), ("电话", "13800000017"), ("QQ", "100000456"))):
        id = advert(store, "baobao-forum", f"told-{number}", "上门取样", f"{kind}：{value}，找王小明医生", NOW)
        store.contact_points.add(
            id, 1, [ContactPoint(ContactKind.WECHAT, value, value, 3, 3 + len(value))], flagged=True
        )
    asks, _ = store.documents.add(
        Document("baobao-forum", "asks", "https://forum.example/1", "post", SECRET, author="zq0mama"), NOW
    )
    store.judgements.add([(asks, 1, Judgement("seeker", False, 0.1, "model:stack@4f2c81d09ab3", {"seeker": 0.9}))], NOW)
    return store


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]


def everything(folder: Path) -> str:
    """All that stands in the files, Parquet and SQLite read by their own readers."""
    told = [path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.suffix in (".jsonl", ".md", ".json")]
    told += [str(pq.read_table(path).to_pylist()) for path in sorted(folder.glob("*.parquet"))]
    told.append((folder / "release.db").read_bytes().decode("utf-8", "ignore"))
    return "\n".join(told)


# -- what may not be in it --------------------------------------------------------------------------------------------


def test_no_contact_author_address_name_or_seekers_word_is_in_any_file(
    filled_up: Store, settings: Settings, tmp_path: Path
) -> None:
    paths = write(build(filled_up, settings, NOW, key=KEY), tmp_path)
    told = everything(paths[0].parent)
    for value in (*VALUES, "王小明", ".example/t/", "urn:uuid", "native"):
        assert value not in told, value
    assert "[WECHAT_1]" in told


def test_the_title_of_a_seekers_thread_is_taken_from_the_adverts_below_it(
    filled_up: Store, settings: Settings, tmp_path: Path
) -> None:
    below, _ = filled_up.documents.add(
        Document("baobao-forum", "below", "https://forum.example/1", "post", "满七周就能约", SECRET, parent="asks"), NOW
    )
    filled_up.judgements.add([(below, 1, Judgement("fetal_sex_test_ad", True, 0.9, "model:stack@4f2c81d09ab3"))], NOW)
    data = build(filled_up, settings, NOW, key=KEY)
    assert data["redaction"]["titles_dropped"] == 1
    assert "" in {row["title"] for row in data["rows"]["documents"] if row["text"].startswith("满七周")}
    assert SECRET[:8] not in everything(write(data, tmp_path)[0].parent)


def test_ids_cannot_be_computed_again(filled_up: Store, settings: Settings, tmp_path: Path) -> None:
    first, second = (build(filled_up, settings, NOW, key=key)["rows"] for key in (KEY, OTHER))
    for table, column in (("documents", "id"), ("documents", "group"), ("documents", "venue"), ("contacts", "contact")):
        assert not {row[column] for row in first[table]} & {row[column] for row in second[table]}
    told = everything(write(build(filled_up, settings, NOW, key=KEY), tmp_path)[0].parent)
    assert KEY.hex() not in told
    for value in ("zq0yangben88", "13800000017"):
        assert hashlib.sha256(value.encode()).hexdigest()[:16] not in told


def test_one_contact_has_one_digest_in_all_documents(filled_up: Store, settings: Settings) -> None:
    advert(filled_up, "baobao-forum", "again", "另一条", "样本电话：13800000017 随时", NOW)
    contacts = build(filled_up, settings, NOW, key=KEY)["rows"]["contacts"]
    phones = [row["contact"] for row in contacts if row["kind"] == "phone"]
    assert len(phones) >= 2
    assert len(set(phones)) == 1


def test_rejected_leads_are_left_out_and_counted(filled_up: Store, settings: Settings) -> None:
    data = build(filled_up, settings, NOW, key=KEY)
    assert data["redaction"]["withheld"]["rejected by a reviewer"] == 2
    assert data["redaction"]["withheld"]["seeker"] > 0
    assert "seeker" not in data["labels"]


def test_the_key_is_asked_for(filled_up: Store, settings: Settings) -> None:
    with pytest.raises(InputError, match="--redact"):
        build(filled_up, settings, NOW)


# -- redaction --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        "加微 zq0gang66", "薇❤z q 0 g a n g", "➕v:ｚｑ０ｇａｎｇ６６", "电话一三八零零零零四四一七", "☎幺三八洞洞洞洞四四幺七", "138-0000-4417", "13哈80哈000哈0441",
        "138\u200b0000\u200b4417", "1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣4️⃣4️⃣1️⃣7️⃣", "①③⑧⓪⓪⓪⓪④④①⑦", "zq0@mail.example", "看 zq0gang 点 example", "t.me/zq0gang", "zq零gang六六",
        "zq玲酒散吧八", "71440000831（倒着）",
    ],
)  # fmt: skip
def test_a_contact_in_hiding_is_taken_out(told: str) -> None:
    found = Redactor().redact(f"满六周就可以约，{told} 当天出结果").text
    assert "满六周就可以" in found
    assert "出结果" in found
    assert not any(
        piece in found for piece in ("zq0", "zq", "4417", "四四", "0000", "零零", "gang", "④④", "哈80", "玲酒")
    )


@pytest.mark.parametrize(
    "told",
    [
        "联系人：王小明",
        "找李医生",
        "我叫欧阳雪",
        "王*小*明",
        "张丽老师亲自接",
        "，赵敏。",
        "@高秀丽",
        "署名 陈伟强",
        "私 高军",
        "，李娜。",
    ],
)
def test_a_name_is_taken_out(told: str) -> None:
    found = Redactor().redact(f"满六周就可以约，当天出结果。 {told}").text
    assert "满六周就可以约，当天" in found
    assert not any(
        name in found
        for name in ("王小明", "李医", "欧阳雪", "小*明", "张丽", "赵敏", "高秀丽", "陈伟强", "高军", "李娜")
    )


def test_known_author_names_are_taken_out_unless_they_are_words() -> None:
    redactor = Redactor(["糖糖zq0妈咪", "妈妈"])
    assert "糖糖" not in redactor.redact("问糖糖zq0妈咪就行").text
    assert "妈妈" in redactor.redact("很多妈妈都问").text


def test_a_word_of_no_dictionary_goes_unless_enough_groups_share_it() -> None:
    texts = [(number, "请认准维康达化验中心") for number in range(5)]
    word = common_words(texts, 5)
    assert common_words(texts[:4], 5) == frozenset()
    assert word
    assert list(rare_words(texts[0][1], word)) == []
    assert [texts[0][1][start:end] for start, end in rare_words(texts[0][1])] == list(word)


def test_rare_characters_go_however_often_they_are_seen() -> None:
    texts = [(number, "请认准灏鑫化验中心") for number in range(9)]
    assert "灏" not in Redactor((), common_words(texts, 5)).redact(texts[0][1]).text


def test_what_an_advert_says_stays() -> None:
    text = "怀孕满七周，胎芽五毫米，带通行证和B超单，罗湖口岸集合，4800元全包，三天出结果，准确率99%"
    assert Redactor().redact(text).text == text


def test_signs_that_cannot_be_seen_go_with_what_they_carry() -> None:
    hidden = "".join(chr(0xE0000 + ord(sign)) for sign in "zq0gang66")
    assert Redactor().redact(f"提前约{hidden}即可").text == "提前约即可"


def test_a_text_in_which_a_contact_can_still_be_found_is_dropped_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redactor, "_spans", lambda *_: [])
    found = Redactor().redact("加 z 我 q 0 g a n g", ["zq0gang"])
    assert "zq0gang" not in found.text
    assert found.dropped or "[" in found.text


@given(st.text(max_size=120))
def test_any_text_is_redacted_and_redacting_twice_finds_no_contact_more(text: str) -> None:
    first = Redactor().redact(text)
    assert Redactor().redact(first.text).contacts == ()


# -- splits -----------------------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 99).map(lambda day: f"2026-{day:03d}")),
        min_size=1,
        max_size=60,
    )
)
def test_no_group_stands_in_two_splits_and_later_splits_begin_later(dated: list[tuple[str, str]]) -> None:
    found = splits(dated)
    assert set(found) == {group for group, _ in dated}
    first = {group: min(at for other, at in dated if other == group) for group in found}
    order = [name for name, _ in SPLITS]
    spans = [[first[group] for group in found if found[group] == name] for name in order]
    for before, after in pairwise(span for span in spans if span):
        assert max(before) <= min(after)


# -- the files --------------------------------------------------------------------------------------------------------


def test_json_lines_parquet_and_sqlite_hold_the_same_rows(filled_up: Store, settings: Settings, tmp_path: Path) -> None:
    data = build(filled_up, settings, NOW, key=KEY)
    folder = write(data, tmp_path)[0].parent
    for name in (*(f"documents-{name}" for name, _ in SPLITS), "contacts"):
        assert rows_of(folder, name) == pq.read_table(folder / f"{name}.parquet").to_pylist()
        assert all(set(row) == set(CONTACTS if name == "contacts" else DOCUMENTS) for row in rows_of(folder, name))
    joined = [row for name, _ in SPLITS for row in rows_of(folder, f"documents-{name}")]
    assert sorted(row["id"] for row in joined) == [row["id"] for row in data["rows"]["documents"]]


def test_the_database_opens_in_datasette(filled_up: Store, settings: Settings, tmp_path: Path) -> None:
    data = build(filled_up, settings, NOW, key=KEY)
    folder = write(data, tmp_path)[0].parent
    asked = [
        sys.executable,
        "-m",
        "datasette",
        "--get",
        "/release/documents.json?_size=max&_shape=array",
        "-m",
        str(folder / "metadata.json"),
        str(folder / "release.db"),
    ]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert {row["id"] for row in json.loads(answer.stdout)} <= {row["id"] for row in data["rows"]["documents"]}
    assert len(json.loads(answer.stdout)) == min(1000, data["documents"])


def test_croissant_names_every_data_file_with_its_digest_and_every_column(
    filled_up: Store, settings: Settings, tmp_path: Path
) -> None:
    folder = write(build(filled_up, settings, NOW, key=KEY), tmp_path)[0].parent
    told = json.loads((folder / "croissant.json").read_text("utf-8"))
    files = {one["@id"]: one["sha256"] for one in told["distribution"]}
    assert set(files) == {path.name for path in folder.iterdir() if path.suffix in (".jsonl", ".parquet", ".db")}
    for name, digest in files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    for one in told["recordSet"]:
        assert [field["name"] for field in one["field"]] == list(CONTACTS if one["name"] == "contacts" else DOCUMENTS)
        assert {field["source"]["fileObject"]["@id"] for field in one["field"]} == {f"{one['@id']}.jsonl"}


def test_mlcroissant_reads_the_release(filled_up: Store, settings: Settings, tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    folder = write(build(filled_up, settings, NOW, key=KEY), tmp_path)[0].parent
    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    assert len(list(dataset.records("documents-train"))) == len(rows_of(folder, "documents-train"))


def test_the_datasheet_says_whose_labels_these_are_and_that_counts_are_no_prevalence(
    filled_up: Store, settings: Settings, tmp_path: Path
) -> None:
    told = (write(build(filled_up, settings, NOW, key=KEY), tmp_path)[0].parent / "README.md").read_text("utf-8")
    for words in (
        "Labels are a model's",
        "no prevalence",
        "model:stack@4f2c81d09ab3",
        "Motivation",
        "Composition",
        "Collection",
        "Uses",
        "Distribution",
    ):
        assert words in told
    for column in (*DOCUMENTS, *CONTACTS):
        assert f"| {column} |" in told


def test_a_release_is_in_the_ledger_and_never_written_over(filled_up: Store, settings: Settings) -> None:
    paths, _ = release(filled_up, settings, NOW, key=KEY, by="zq0", version="1")
    [*_, last] = filled_up.ledger.entries()
    assert (last["action"], last["object"]) == ("released", paths[0].parent.name)
    assert set(json.loads(last["payload"])["files"]) == {path.name for path in paths}
    with pytest.raises(InputError, match="never written over"):
        release(filled_up, settings, NOW, key=KEY, by="zq0", version="1")


def test_whatever_a_page_says_no_file_gets_out_and_all_are_readable(settings: Settings, tmp_path: Path) -> None:
    with hostile(*ATTACKS) as store:
        data = build(store, settings, ATTACKED_AT, key=KEY, k=2)
        folder = write(data, tmp_path / "a")[0].parent
    assert sorted(path.parent for path in tmp_path.rglob("*") if path.is_file()) == [folder] * len(
        list(folder.iterdir())
    )
    told = everything(folder)
    for value in ("evil.example", "0012345678901234567890", SECRET):
        assert value not in told
