"""What the linear heads are fitted on, put together from gold documents, their copies and the shared negatives."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from classifier.copies import contacted, hidden, moved, snippets
from classifier.fitting import Labelled, count
from classifier.material import Example


def assemble(
    options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]
) -> tuple[dict[str, list[Example]], Labelled]:
    """(examples by kind, all of them counted and labelled, in the same order).

    ``options``: ``seed``; ``copies``, ``moved`` and ``contacted`` (shares of the examples); ``shared`` (most shared negatives).
    The same options and examples give the same result.
    """
    rng = random.Random(int(options.get("seed", 7)))  # noqa: S311 - not for secrets
    some = list(shared)
    rng.shuffle(some)
    some = some[: int(options.get("shared", 8000))]
    pieces = snippets(examples)
    share = float(options.get("contacted", 0.5))
    copies = [
        *hidden(examples, float(options.get("copies", 0.35)), rng),
        *moved(examples, float(options.get("moved", 0.5)), rng),
        *contacted(examples, pieces, share, rng),
    ]
    adverts = [example for example in some if example.label == "other_ad"]  # real adverts of other trades teach most
    parts = {
        "gold": list(examples),
        "copy": [*copies, *adverts],
        "shared": some,
        "contacted": contacted(some, pieces, share / 2, rng),
    }
    every = [example for part in parts.values() for example in part]
    data = Labelled(
        count([example.text for example in every]),
        np.array([example.label for example in every]),
        np.array([kind for kind, part in parts.items() for _ in part]),
        np.array([example.group for example in every]),
    )
    return parts, data
