"""Fine-tuning a sentence-transformers encoder on the gold labels: texts of one label drawn together, others pushed apart.

Batch-all triplet loss (Hermans et al. 2017) needs labels alone, no pairs. Extra ``[train]``; a model kept is some hundred megabytes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier.encoders import TUNED, Encoder, SentenceTransformers, needed
from classifier.material import Example


def finetune(folder: Path, options: Mapping[str, Any], examples: Sequence[Example]) -> Encoder:
    """Adapt the encoder of ``options`` (``model``, ``local_files_only``, ``finetune`` epochs, ``seed``, ``batch``) to the labels of
    examples and keep it in ``folder/tuned``.

    Raises:
        ModelError: the extra is not installed, or the model cannot be had.
    """
    package = needed("sentence_transformers", "train")
    losses = needed("sentence_transformers.sentence_transformer.losses", "train")
    datasets = needed("datasets", "train")
    needed("accelerate", "train")
    from classifier.raters.encoder import passages

    model_name = str(options["model"])
    inside = folder / model_name
    start = SentenceTransformers(
        str(inside) if inside.is_dir() else model_name, bool(options.get("local_files_only", True))
    )
    numbers = {label: number for number, label in enumerate(sorted({example.label for example in examples}))}
    rows = [
        (max(passages(example.text), key=lambda passage: len(passage.words)).words, numbers[example.label])
        for example in examples
    ]
    data = datasets.Dataset.from_dict(
        {"sentence": [words for words, _ in rows], "label": [number for _, number in rows]}
    )
    with tempfile.TemporaryDirectory() as scratch:
        arguments = package.SentenceTransformerTrainingArguments(
            output_dir=scratch,
            num_train_epochs=float(options["finetune"]),
            per_device_train_batch_size=int(options.get("batch", 32)),
            batch_sampler="group_by_label",
            learning_rate=float(options.get("learning_rate", 2e-5)),
            warmup_steps=10,
            seed=int(options.get("seed", 7)),
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
        )
        loss = losses.BatchAllTripletLoss(start.model)
        package.SentenceTransformerTrainer(model=start.model, args=arguments, train_dataset=data, loss=loss).train()
        start.model.save(str(folder / TUNED))
    return SentenceTransformers(str(folder / TUNED), local_files_only=True)
