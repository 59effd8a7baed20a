"""Fitting the linear heads: the same hashed channels as at judging, scikit-learn for the optimisation, margins of unseen folds for
the calibration.

Heads: one for each label (one against the rest), ``flagged`` (the act: gold documents weigh most), ``topic`` (the trade against
everything else: the shared negatives weigh more). LinearSVC: squared hinge, L2 (Fan et al. 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from classifier import hashing, views
from classifier.contract import Text
from classifier.heads import Heads, Table
from classifier.passages import columns, passages, strongest
from core.labels import labels

FLAGGED, TOPIC = "flagged", "topic"
MIN_DOCUMENTS = 2  # an n-gram of a single document teaches nothing that holds elsewhere


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a document counts for the act heads and for the topic head, and the cost parameter of the machine."""

    shared_act: float = 0.003
    contacted_act: float = 0.03
    shared_topic: float = 0.3
    copies: float = 0.5
    cost: float = 2.0


@dataclass(frozen=True, slots=True)
class Counted:
    """The n-gram counts of some texts and of their passages, channel by channel (1 + ln count); ``owner[i]`` is passage i's text."""

    channels: tuple[csr_matrix, ...]
    passages: tuple[csr_matrix, ...]
    owner: npt.NDArray[np.int64]

    def __getitem__(self, index: npt.NDArray[np.int64]) -> Counted:
        """The part of some texts, each named once."""
        place = np.full(self.channels[0].shape[0], -1, dtype=np.int64)
        place[index] = np.arange(len(index))
        kept = np.flatnonzero(place[self.owner] >= 0)
        return Counted(
            tuple(matrix[index] for matrix in self.channels),
            tuple(matrix[kept] for matrix in self.passages),
            place[self.owner[kept]],
        )


def count(texts: Sequence[Text]) -> Counted:
    """Count the n-grams of texts and of their passages."""
    inside = [(place, passage) for place, text in enumerate(texts) for passage in passages(text)]
    owner = np.array([place for place, _ in inside], dtype=np.int64)
    return Counted(_counts(texts), _counts([passage for _, passage in inside]), owner)


def _counts(texts: Sequence[Text], batch: int = 500) -> tuple[csr_matrix, ...]:
    parts: list[list[csr_matrix]] = [[] for _ in views.CHANNELS]
    for start in range(0, len(texts), batch):
        some = texts[start : start + batch]
        normals = views.normals_of(some)
        for found, channel in zip(parts, views.CHANNELS, strict=True):
            rows = hashing.rows(views.units(some, channel, normals), channel.orders, channel.bits)
            values = (1.0 + np.log(rows.count)).astype(np.float32)
            found.append(csr_matrix((values, (rows.row, rows.bucket)), shape=(len(some), 1 << channel.bits)))
    return tuple(
        vstack(found).tocsr() if found else csr_matrix((0, 1 << channel.bits), dtype=np.float32)
        for found, channel in zip(parts, views.CHANNELS, strict=True)
    )


def inverse_frequency(counted: Counted) -> list[npt.NDArray[np.float32]]:
    """The smoothed inverse document frequency of each bucket; 0 where fewer than two documents have it."""
    found = []
    for matrix in counted.channels:
        frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
        idf = np.log((1 + matrix.shape[0]) / (1 + frequency)) + 1
        idf[frequency < MIN_DOCUMENTS] = 0
        found.append(idf.astype(np.float32))
    return found


def scaled(counts: Sequence[csr_matrix], idf: Sequence[npt.NDArray[np.float32]]) -> csr_matrix:
    """One row a text (or passage): each channel times its idf, at unit length, times its weight."""
    parts = []
    for matrix, frequency, channel in zip(counts, idf, views.CHANNELS, strict=True):
        values = (matrix @ diags(frequency)).tocsr()
        length = np.sqrt(np.asarray(values.multiply(values).sum(axis=1)).ravel())
        length[length == 0] = 1.0
        parts.append(diags(channel.weight / length) @ values)
    return hstack(parts).tocsr().astype(np.float32)


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is fitted on: counts, and for each text its label, kind, and group.

    Kinds: gold; copy (of gold); shared (negatives with weak labels); contacted (shared ones with a contact put in).
    """

    counted: Counted
    label: npt.NDArray[Any]
    kind: npt.NDArray[Any]
    group: npt.NDArray[Any]

    def pick(self, mask: npt.NDArray[np.bool_]) -> Labelled:
        """Those for which a mask holds."""
        return Labelled(self.counted[np.flatnonzero(mask)], self.label[mask], self.kind[mask], self.group[mask])


def names() -> tuple[str, ...]:
    """The heads, in order."""
    return (*labels(), FLAGGED, TOPIC)


@dataclass(frozen=True, slots=True)
class Fitted:
    """All heads as they were fitted: idf by channel, coefficients (features, heads), intercepts."""

    idf: list[npt.NDArray[np.float32]]
    coefficients: npt.NDArray[np.float64]
    intercepts: npt.NDArray[np.float64]

    def margins(self, counted: Counted) -> npt.NDArray[np.float64]:
        """(texts, heads and strongest passages) margins, as ``classifier.raters.linear`` gives them."""

        def of(counts: Sequence[csr_matrix]) -> npt.NDArray[np.float64]:
            found: npt.NDArray[np.float64] = scaled(counts, self.idf) @ self.coefficients + self.intercepts
            return found

        return strongest(of(counted.channels), counted.owner, of(counted.passages), columns(names()))


def fit(data: Labelled, weights: Weights) -> Fitted:
    """Fit all heads."""
    idf = inverse_frequency(data.counted[np.flatnonzero(data.kind == "gold")])
    matrix = scaled(data.counted.channels, idf)
    known = labels()
    flagged = np.array([known[label].flagged for label in data.label])
    directions, intercepts = [], []
    for name in names():
        truth = flagged if name in (FLAGGED, TOPIC) else data.label == name
        plain, contacted = (weights.shared_topic,) * 2 if name == TOPIC else (weights.shared_act, weights.contacted_act)
        kinds = [data.kind == "shared", data.kind == "contacted", data.kind == "copy"]
        sample = np.select(kinds, [plain, contacted, weights.copies], 1.0)
        use = sample > 0
        machine = LinearSVC(C=weights.cost, max_iter=3000, random_state=7)
        machine.fit(matrix[use], truth[use], sample_weight=sample[use])
        directions.append(machine.coef_[0])
        intercepts.append(float(machine.intercept_[0]))
    return Fitted(idf, np.array(directions).T, np.array(intercepts))


def unseen_margins(data: Labelled, weights: Weights, folds: int = 5) -> npt.NDArray[np.float64]:
    """Margins (see ``Fitted.margins``) of each text from a fit that saw neither it nor any other of its group."""
    parts = []
    for train, test in GroupKFold(folds).split(data.label, groups=data.group):
        part = Labelled(data.counted[train], data.label[train], data.kind[train], data.group[train])
        parts.append((test, fit(part, weights).margins(data.counted[test])))
    margins = np.zeros((len(data.label), parts[0][1].shape[1]))
    for test, found in parts:
        margins[test] = found
    return margins


def heads_of(fitted: Fitted) -> Heads:
    """The fitted heads as they are stored: only buckets with a weight, in half precision."""
    tables, start = [], 0
    for channel, frequency in zip(views.CHANNELS, fitted.idf, strict=True):
        block = fitted.coefficients[start : start + (1 << channel.bits)]
        start += 1 << channel.bits
        used = np.flatnonzero((frequency > 0) & (np.abs(block).max(axis=1) > 1e-4))
        place = np.zeros(1 << channel.bits, dtype=np.int32)
        seen = np.flatnonzero(frequency > 0)
        # buckets without a weight still count towards the length of the row, so they keep a place of their own
        order = np.concatenate([used, np.setdiff1d(seen, used)])
        place[order] = np.arange(1, len(order) + 1)
        kept: npt.NDArray[Any] = np.zeros((len(order) + 1, block.shape[1]), dtype=np.float16)
        kept[1 : len(order) + 1] = block[order]
        tables.append(Table(channel, place, np.concatenate([[0], frequency[order]]).astype(np.float32), kept))
    return Heads(names(), tuple(tables), fitted.intercepts.astype(np.float32))
