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
_SQRT_HALF = np.float32(0.7071067811865476)


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
        angle = np.arange(MOST_TOKENS, dtype=np.float32)[:, None] / 10000 ** (
            np.arange(0, WIDTH, 2, dtype=np.float32) / WIDTH
        )
        self.cos, self.sin = np.repeat(np.cos(angle), 2, axis=1), np.repeat(np.sin(angle), 2, axis=1)

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
        order = sorted(range(len(sequences)), key=lambda index: len(sequences[index]))
        found = np.zeros((len(texts), self.weights["head.bias"].shape[0]), dtype=np.float32)
        at = 0
        while at < len(order):
            size = max(1, TOKENS_A_BATCH // max(1, len(sequences[order[min(at + 7, len(order) - 1)]])))
            some = order[at : at + size]
            longest = max(len(sequences[index]) for index in some)
            ids = np.zeros((len(some), longest), dtype=np.int64)
            real = np.zeros((len(some), longest), dtype=np.float32)
            for row, index in enumerate(some):
                ids[row, : len(sequences[index])] = sequences[index]
                real[row, : len(sequences[index])] = 1.0
            found[some] = self._forward(ids, real)
            at += size
        return found

    def _forward(self, ids: npt.NDArray[np.int64], real: Floats) -> Floats:
        x = self._norm(self.weights["tok.weight"][ids] + self.weights["seg.weight"][0], "n")
        hide = np.where(real > 0, 0.0, -1e9).astype(np.float32)[:, None, None, :]
        for layer in range(self.layers):
            x = self._layer(x, hide, f"L.{layer}.")
        mean = (x * real[..., None]).sum(axis=1) / real.sum(axis=1, keepdims=True)
        return np.concatenate([x[:, 0], mean], axis=1) @ self.weights["head.weight"].T + self.weights["head.bias"]

    def _layer(self, x: Floats, hide: Floats, name: str) -> Floats:
        documents, length, width = x.shape
        q, k, v = (
            self._dense(x, f"{name}{part}").reshape(documents, length, HEADS, WIDTH).transpose(0, 2, 1, 3)
            for part in "qkv"
        )
        attention = self._turn(q) @ self._turn(k).transpose(0, 1, 3, 2) / np.float32(WIDTH**0.5) + hide
        attention = np.exp(attention - attention.max(axis=-1, keepdims=True))
        attention /= attention.sum(axis=-1, keepdims=True)
        joined = (attention @ v).transpose(0, 2, 1, 3).reshape(documents, length, width)
        x = self._norm(x + self._dense(joined, f"{name}o"), f"{name}n1")
        return self._norm(x + self._dense(_gelu(self._dense(x, f"{name}f1")), f"{name}f2"), f"{name}n2")

    def _turn(self, x: Floats) -> Floats:
        turned = np.empty_like(x)
        turned[..., 0::2], turned[..., 1::2] = -x[..., 1::2], x[..., 0::2]
        rotated: Floats = x * self.cos[: x.shape[2]] + turned * self.sin[: x.shape[2]]
        return rotated

    def _dense(self, x: Floats, name: str) -> Floats:
        product: Floats = x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return product

    def _norm(self, x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=-1, keepdims=True)
        x /= np.sqrt(np.einsum("...i,...i->...", x, x)[..., None] / x.shape[-1] + 1e-12)
        normal: Floats = x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return normal


def _gelu(x: Floats) -> Floats:
    """x times the normal distribution function, its erf by Abramowitz and Stegun 7.1.26 (error under 1.5e-7)."""
    z = np.abs(x) * _SQRT_HALF
    t = 1.0 / (1.0 + 0.3275911 * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.copysign(1.0 - series * np.exp(-z * z), x)
    result: Floats = (0.5 * x * (1.0 + erf)).astype(np.float32)
    return result


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
