"""One place each: a new source, label, model or report is one folder or file, found without registration."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core import labels
from core.errors import ModelError, PluginError
from core.plugins import folders


def test_a_source_is_one_folder(tmp_path: Path) -> None:
    from crawler import sources

    folder = tmp_path / "sources" / "new_place"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text("title: New\nkind: feed\nstart_urls: [https://new.example/feed]\n", "utf-8")
    found = sources.discover(tmp_path / "sources")
    assert found["new_place"].hosts == ("new.example",)


def test_a_source_with_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    from crawler import sources

    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "source.yml").write_text("title: New\nkind: feed\nstart_url: [https://new.example/feed]\n", "utf-8")
    with pytest.raises(PluginError, match="did you mean 'start_urls'"):
        sources.load(folder)


def test_an_adapter_kind_is_one_module() -> None:
    from crawler import adapters, sources

    for kind in sources.kinds():
        module = adapters.adapter(kind)
        assert callable(module.start)
        assert callable(module.read)


def test_a_label_is_one_file(tmp_path: Path) -> None:
    shutil.copytree(labels.FOLDER, tmp_path / "labels")
    (tmp_path / "labels" / "organ_ad.yml").write_text(
        "title: 器官\ntitle_en: organs\nflagged: true\nharm: 1.0\ndoes: offers organs\n", "utf-8"
    )
    known = labels.load(tmp_path / "labels")
    assert known["organ_ad"].flagged
    assert labels.digest(known) != labels.digest()  # a model made for the old set must abstain


def test_a_model_is_one_folder(tmp_path: Path) -> None:
    from classifier import models
    from classifier.contract import Text

    folder = tmp_path / "models" / "strict_words"
    folder.mkdir(parents=True)
    (folder / "model.yml").write_text("title: Strict words\nkind: keywords\noptions: {hits: 3}\n", "utf-8")
    rater = models.load("strict_words", tmp_path / "models")
    assert rater.name.startswith("model:strict_words@")
    assert not rater.judge([Text("今天天气好")])[0].flagged


def test_an_unknown_model_names_the_nearest() -> None:
    from classifier import models

    with pytest.raises(ModelError, match="did you mean 'linear'"):
        models.load("linaer")


def test_a_report_is_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "short"
    folder.mkdir(parents=True)
    (folder / "report.py").write_text("TITLE = 'Short'\n", "utf-8")
    assert folders(tmp_path / "reports", "report.py") == {"short": folder}


def test_an_import_format_is_one_module() -> None:
    from crawler.imports import formats

    for module in formats().values():
        assert module.SUFFIXES
        assert callable(module.rows)
