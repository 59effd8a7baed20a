"""Copies of training documents with the same label: hidden words, the same words on another site, and parts of long texts.

The site copies teach that a site proves nothing by itself: an advert stands on a decoration firm's pages, a woman's question on a
clinic's. Their share was chosen on the training writers alone (docs/decisions/0003).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from classifier.material import Example
from classifier.obfuscate import obfuscate
from classifier.passages import close_looks
from text.contacts import find_contacts

RATES = (0.1, 0.2, 0.3, 0.5)


def hidden(examples: Sequence[Example], share: float, rng: random.Random) -> list[Example]:
    """Obfuscated copies of about a share of the examples, flagged or not alike."""
    chosen = [example for example in examples if rng.random() < share]
    return [
        replace(
            example,
            text=replace(
                example.text, text=obfuscate(example.text.text, rng.choice(RATES), rng), title=_title(example, rng)
            ),
        )
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
            text = replace(
                example.text,
                site="" if bare else there.site,
                author="" if bare else there.author,
                url="" if bare else there.url,
            )
            copies.append(replace(example, text=text))
    return copies


CONTEXT = 8  # characters before a contact that are taken along with it: 加微信, 电话, 想要的联系


def snippets(examples: Sequence[Example]) -> list[str]:
    """Contacts as the examples show them, each with the few characters before it and the rest of its clause."""
    found = []
    for example in examples:
        text = example.text.text
        for point in find_contacts(text):
            if point.confidence >= 0.5:
                piece = text[max(0, point.start - CONTEXT) : point.end]
                found.append(piece.split("\n")[-1].strip(" ，。！、,.!"))
    return [piece for piece in dict.fromkeys(found) if piece]


def contacted(examples: Sequence[Example], pieces: Sequence[str], share: float, rng: random.Random) -> list[Example]:
    """Copies of about a share of the examples that are neither flagged nor a seeker's, with a contact put in.

    A contact must not be a shortcut: without these, everyday posts that end in a WeChat id were taken for adverts of the trade.
    A seeker is left alone: with a contact of her own she may no longer be one.
    """
    copies = []
    for example in examples:
        if pieces and not example.flagged and example.label != "seeker" and rng.random() < share:
            piece, text = rng.choice(pieces), example.text.text
            joint = rng.choice(("，", "。", "\n", " "))
            body = f"{text}{joint}{piece}" if rng.random() < 0.8 else f"{piece}{joint}{text}"
            copies.append(replace(example, text=replace(example.text, text=body)))
    return copies


# labels of long texts that adverts are put into; news are none of them: they quote adverts word for word, and stay news
HOSTS = frozenset({"medical_info", "folk_lore", "other_ad", "unrelated"})
BRIEF = 160  # characters: a longer advert fills several close looks, and is found without them
MOSTLY = 0.7  # of an advert, or of a close look: so much of the one has to be in the other


def look(example: Example, rng: random.Random) -> Example:
    """One of the close looks at a long text, its label unchanged; a short text as it is."""
    looks = close_looks(example.text)
    return replace(example, text=rng.choice(looks)) if looks else example


def woven(example: Example, host: Example, rng: random.Random) -> Example:
    """A close look at a long lawful text (one of ``HOSTS``) that a brief advert was put into: mostly the advert, around it the host.

    Title, site and author are the host's. Where no close look shows enough of the advert, the advert comes back as it is.
    """
    advert, body = example.text.text, host.text.text
    ends = [place + 1 for place, sign in enumerate(body) if sign in "。！？\n"][:-1]
    if not ends:
        return example
    at = rng.choice(ends)
    looks = []
    for found in close_looks(replace(host.text, text=f"{body[:at]}{advert}{body[at:]}")):
        # readers fold and cut what they read: the look is laid on the advert by what they share
        shared = _shared(found.text, advert)
        if shared >= MOSTLY * min(len(advert), len(found.text)):
            looks.append(found)
    return replace(example, text=rng.choice(looks)) if looks else example


def _shared(one: str, other: str) -> int:
    """The length of the longest run of signs that two texts share."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.find_longest_match().size
