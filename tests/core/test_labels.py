from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import PluginError
from core.labels import Label, digest, hooks, labels, load

FLAGGED = {
    "fetal_sex_test_ad",
    "sample_shipping_ad",
    "agent_recruitment_ad",
    "genetic_acquisition_ad",
    "sex_selection_ad",
}
OTHERS = {"seeker", "news_legal", "medical_info", "folk_lore", "other_ad", "unrelated"}


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yml").write_text(text, "utf-8")


def test_the_eleven_labels_are_those_of_the_design() -> None:
    assert {name for name, label in labels().items() if label.flagged} == FLAGGED
    assert {name for name, label in labels().items() if not label.flagged} == OTHERS


@pytest.mark.parametrize("label", labels().values(), ids=lambda label: label.name)
def test_a_shipped_label_tells_what_it_does_in_both_languages(label: Label) -> None:
    assert label.title
    assert label.title_en
    assert label.does
    assert 0 <= label.harm <= 1
    assert (label.harm > 0) == label.flagged


@pytest.mark.parametrize("name", sorted(FLAGGED))
def test_a_flagged_label_falls_under_a_law_and_has_cues(name: str) -> None:
    assert labels()[name].law
    assert labels()[name].cues


def test_flagged_labels_come_first_and_the_most_harmful_of_them(tmp_path: Path) -> None:
    write(tmp_path, "a", "title: a\ntitle_en: a\nflagged: false\ndoes: a\n")
    write(tmp_path, "b", "title: b\ntitle_en: b\nflagged: true\nharm: 0.5\ndoes: b\n")
    write(tmp_path, "c", "title: c\ntitle_en: c\nflagged: true\nharm: 0.9\ndoes: c\n")
    assert list(load(tmp_path)) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: a\ntitle_en: a\ndoes: a\n", "key 'flagged' expects true or false, found None"),
        ("title: a\ntitle_en: a\ndoes: a\nflagged: 'yes'\n", "key 'flagged' expects true or false, found 'yes'"),
        ("title: a\ntitle_en: a\ndoes: a\nflaged: true\n", "unknown key 'flaged'; did you mean 'flagged'"),
        ("title: a\nflagged: true\ndoes: a\n", "key 'title_en' is missing"),
    ],
)
def test_a_faulty_label_is_named_with_its_fault(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, "new_ad", text)
    with pytest.raises(PluginError, match=told) as found:
        load(tmp_path)
    assert "new_ad.yml" in str(found.value)


def test_every_hook_says_whether_a_source_was_read_for_it() -> None:
    told = [hook for label in labels().values() for hook in hooks(label)]
    assert "中华人民共和国刑法 第三百三十四条之一" in told
    assert "中华人民共和国刑法 第二百八十七条之一（待核实 unconfirmed）" in told


@pytest.mark.parametrize(
    "hook",
    [
        "{instrument: a, article: b, source: c}",
        "{instrument: a, article: b, source: c, confirmed: maybe}",
        "{instrument: a, article: b, source: c, confirmed: true, page: 3}",
        "a law",
    ],
)
def test_a_hook_without_its_source_or_its_standing_is_a_fault(tmp_path: Path, hook: str) -> None:
    write(tmp_path, "a", f"title: a\ntitle_en: a\nflagged: true\ndoes: a\nlaw: [{hook}]\n")
    with pytest.raises(PluginError, match="key 'law' expects article, confirmed, instrument, source"):
        load(tmp_path)


@pytest.mark.parametrize("harm", ["great", "true", "1.5", "-0.1", ".nan", ""])
def test_harm_is_a_number_from_0_to_1(tmp_path: Path, harm: str) -> None:
    write(tmp_path, "a", f"title: a\ntitle_en: a\nflagged: true\ndoes: a\nharm: {harm}\n")
    with pytest.raises(PluginError, match="key 'harm' expects a number from 0 to 1"):
        load(tmp_path)


def test_the_digest_changes_with_the_set_and_with_what_is_flagged(tmp_path: Path) -> None:
    write(tmp_path, "a", "title: a\ntitle_en: a\nflagged: true\ndoes: a\n")
    first = digest(load(tmp_path))
    write(tmp_path, "a", "title: other words\ntitle_en: a\nflagged: true\ndoes: a\n")
    assert digest(load(tmp_path)) == first
    write(tmp_path, "a", "title: a\ntitle_en: a\nflagged: false\ndoes: a\n")
    assert digest(load(tmp_path)) != first
    write(tmp_path, "b", "title: b\ntitle_en: b\nflagged: true\ndoes: b\n")
    assert digest(load(tmp_path)) not in (first, digest())
