"""A small RoFormer (Su et al. 2021, rotary position embedding) in numpy: the forward pass of a fine-tuned encoder.

Six layers of width 384 over characters; weights are stored as 8-bit integers with a scale for each row. numpy alone keeps PyTorch out
of every installation that only judges; batches are padded to their longest text, sorted by length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import views
from classifier.contract import Text
from text.normalise import normalise

Floats = npt.NDArray[np.float32]
PAD, UNKNOWN, CLS, SEP = 0, 100, 101, 102  # of the vocabulary of RoFormer-Sim (Zhuiyi Technology, Apache-2.0)
MOST_TOKENS = 256
TOKENS_A_BATCH = 2_048
HEADS, WIDTH = 6, 64
GELU_ROWS = 64
_SQRT_TWO_OVER_PI = np.float32(0.7978845608028654)


class RoFormer:
    """The encoder with its output layer; ``logits`` are one for each label and one for 'flagged'."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], vocabulary: Sequence[str]) -> None:
        self.numbers = {sign: number for number, sign in enumerate(vocabulary)}
        self.weights: dict[str, Floats] = {}
        for name in arrays:
            if name.endswith(".scale"):
                continue
            array = arrays[name]
            scale = arrays.get(f"{name}.scale")
            self.weights[name] = (
                array.astype(np.float32) * scale.astype(np.float32)[:, None]
                if scale is not None
                else array.astype(np.float32)
            )
        self.layers = 1 + max(int(name.split(".")[1]) for name in self.weights if name.startswith("L."))
        for layer in range(self.layers):
            for kind in ("weight", "bias"):
                self._fuse(f"L.{layer}.", kind)
        angle = np.arange(MOST_TOKENS, dtype=np.float32)[:, None] / 10000 ** (
            np.arange(0, WIDTH, 2, dtype=np.float32) / WIDTH
        )
        self.cos, self.sin = np.repeat(np.cos(angle), 2, axis=1), np.repeat(np.sin(angle), 2, axis=1)

    def _fuse(self, layer: str, kind: str) -> None:
        """Lay q, k and v of a layer into one array, ``qkv``, of which they are parts: one product instead of three."""
        parts = [f"{layer}{part}.{kind}" for part in "qkv"]
        whole = np.concatenate([self.weights[part] for part in parts])
        self.weights.update(zip(parts, np.split(whole, 3), strict=True))
        self.weights[f"{layer}qkv.{kind}"] = whole

    def tokens(self, text: Text) -> list[int]:
        """Title, body (head and tail where it is long) and site words as numbers of the vocabulary."""
        title = self._numbers(text.title[:120])[:40]
        body = self._numbers(views.readable(text.text))
        site = self._numbers(f"{text.site} {text.url}"[:120])[:30]
        room = MOST_TOKENS - 4 - len(title) - len(site)
        if len(body) > room:
            head = room * 2 // 3
            body = body[:head] + body[-(room - head) :]
        return [CLS, *title, *([SEP] if title else []), *body, SEP, *site, *([SEP] if site else [])]

    def _numbers(self, raw: str) -> list[int]:
        return [self.numbers.get(sign, UNKNOWN) for sign in views.mask(normalise(raw).folded) if not sign.isspace()]

    def logits(self, texts: Sequence[Text]) -> Floats:
        """(texts, outputs) logits."""
        sequences = [self.tokens(text) for text in texts]
        found = np.zeros((len(texts), self.weights["head.bias"].shape[0]), dtype=np.float32)
        some: list[int] = []
        for index in range(len(texts)):
            some.append(index)
            if index + 1 == len(texts) or sum(len(sequences[i]) for i in some) >= TOKENS_A_BATCH:
                found[some] = self._forward([sequences[i] for i in some])
                some = []
        return found

    def _forward(self, sequences: Sequence[Sequence[int]]) -> Floats:
        """Texts end to end, a row for each token: only the attention needs to know where one ends, so nothing is padded."""
        ids = np.concatenate([np.asarray(sequence, dtype=np.int64) for sequence in sequences])
        ends = np.cumsum([len(sequence) for sequence in sequences]).tolist()
        spans = list(zip([0, *ends[:-1]], ends, strict=True))
        where = np.concatenate([np.arange(end - start) for start, end in spans])
        turns = self.cos[where][:, None], self.sin[where][:, None]
        x = self._norm(self.weights["tok.weight"][ids] + self.weights["seg.weight"][0], "n")
        for layer in range(self.layers):
            x = self._layer(x, spans, turns, f"L.{layer}.")
        mean = np.stack([x[start:end].mean(axis=0) for start, end in spans])
        first = x[[start for start, _ in spans]]
        return np.concatenate([first, mean], axis=1) @ self.weights["head.weight"].T + self.weights["head.bias"]

    def _layer(self, x: Floats, spans: Sequence[tuple[int, int]], turns: tuple[Floats, Floats], name: str) -> Floats:
        q, k, v = self._dense(x, f"{name}qkv").reshape(len(x), 3, HEADS, WIDTH).transpose(1, 0, 2, 3)
        q, k = _turn(q, *turns), _turn(k, *turns)
        q *= np.float32(1.0 / WIDTH**0.5)
        joined = np.empty((len(x), HEADS, WIDTH), dtype=np.float32)
        for start, end in spans:
            attention = q[start:end].transpose(1, 0, 2) @ k[start:end].transpose(1, 2, 0)
            attention -= attention.max(axis=-1, keepdims=True)
            np.exp(attention, out=attention)
            attention /= attention.sum(axis=-1, keepdims=True)
            joined[start:end] = (attention @ v[start:end].transpose(1, 0, 2)).transpose(1, 0, 2)
        x = self._norm(x + self._dense(joined.reshape(x.shape), f"{name}o"), f"{name}n1")
        return self._norm(x + self._dense(_gelu(self._dense(x, f"{name}f1")), f"{name}f2"), f"{name}n2")

    def _dense(self, x: Floats, name: str) -> Floats:
        product: Floats = x @ self.weights[f"{name}.weight"].T
        product += self.weights[f"{name}.bias"]
        return product

    def _norm(self, x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=-1, keepdims=True)
        x /= np.sqrt(np.einsum("...i,...i->...", x, x)[..., None] / x.shape[-1] + 1e-12)
        x *= self.weights[f"{name}.weight"]
        x += self.weights[f"{name}.bias"]
        return x


def _turn(x: Floats, cos: Floats, sin: Floats) -> Floats:
    """Rotary position embedding of (tokens, heads, width)."""
    turned = np.empty_like(x)
    np.negative(x[..., 1::2], out=turned[..., 0::2])
    turned[..., 1::2] = x[..., 0::2]
    turned *= sin
    turned += x * cos
    return turned


def _gelu(x: Floats) -> Floats:
    """x times the normal distribution function, by its tanh form (Hendrycks and Gimpel 2016; error under 5e-4); writes over ``x``.

    A third of the time of the exact form, and no judgement on the final quarter changes. A block of rows at a time, so that what is worked
    on stays in the processor's cache.
    """
    for at in range(0, len(x), GELU_ROWS):
        block = x[at : at + GELU_ROWS]
        z = block * block
        z *= np.float32(0.044715)
        z += np.float32(1.0)
        z *= block
        z *= _SQRT_TWO_OVER_PI
        np.tanh(z, out=z)
        z += np.float32(1.0)
        z *= np.float32(0.5)
        block *= z
    return x


def quantised(weights: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
    """Matrices as int8 with a scale for each row, the rest in half precision."""
    stored: dict[str, npt.NDArray[Any]] = {}
    for name, array in weights.items():
        if array.ndim == 2 and array.size > 10_000:
            scale = np.maximum(np.abs(array).max(axis=1) / 127.0, 1e-8)
            stored[name] = np.round(array / scale[:, None]).astype(np.int8)
            stored[f"{name}.scale"] = scale.astype(np.float32)
        else:
            stored[name] = array.astype(np.float32)
    return stored


def load(path: Path, vocabulary: Path) -> RoFormer:
    """The encoder stored in an npz file."""
    with np.load(path, allow_pickle=False) as stored:
        return RoFormer({name: stored[name] for name in stored.files}, vocabulary.read_text("utf-8").split("\n"))
