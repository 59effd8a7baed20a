"""Copies of training documents with the same label: hidden words, and the same words on another site.

The site copies teach that a site proves nothing by itself: an advert stands on a decoration firm's pages, a woman's question on a
clinic's. Their share was chosen on the training writers alone (docs/decisions/0003).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from classifier.material import Example
from classifier.obfuscate import obfuscate

RATES = (0.1, 0.2, 0.3, 0.5)


def hidden(examples: Sequence[Example], share: float, rng: random.Random) -> list[Example]:
    """Obfuscated copies of about a share of the examples, flagged or not alike."""
    chosen = [example for example in examples if rng.random() < share]
    return [
        replace(example, text=replace(example.text, text=obfuscate(example.text.text, rng.choice(RATES), rng), title=_title(example, rng)))
        for example in chosen
    ]


def _title(example: Example, rng: random.Random) -> str:
    title = example.text.title
    return obfuscate(title, rng.choice(RATES), rng) if title and rng.random() < 0.5 else title


def moved(examples: Sequence[Example], share: float, rng: random.Random) -> list[Example]:
    """Copies of about a share of the examples on the site of another, drawn without regard to its label, or on none."""
    sites = [example.text for example in examples if example.text.site or example.text.url]
    copies = []
    for example in examples:
        if sites and rng.random() < share:
            there = rng.choice(sites)
            bare = bool(example.text.site or example.text.url) and rng.random() < 0.5
            text = replace(example.text, site="" if bare else there.site, author="" if bare else there.author, url="" if bare else there.url)
            copies.append(replace(example, text=text))
    return copies
