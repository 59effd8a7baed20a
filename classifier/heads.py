"""Linear heads over hashed channels: the arithmetic of the ``linear`` model, in numpy alone, so that it starts fast.

A document's value for a bucket is (1 + ln count) x idf, each channel scaled to unit length (Salton and Buckley 1988) and
weighted; a head's margin is the weighted sum plus its intercept. Weights are kept for the buckets that training saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier import hashing, views
from classifier.contract import Text
from text.normalise import Normalised

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Table:
    """One channel's learned numbers: ``place[bucket]`` is its row in ``idf`` and ``weights`` (row 0 is 'never seen')."""

    channel: views.Channel
    place: npt.NDArray[np.int32]
    idf: Floats
    weights: Floats

    def values(self, counted: hashing.Rows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """(document, row of the table, value) of what is known among counted n-grams, values at unit length a document."""
        place = self.place[counted.bucket].astype(np.int64)
        known = place > 0
        row, place = counted.row[known], place[known]
        value = (1.0 + np.log(counted.count[known])) * self.idf[place]
        length = np.sqrt(np.bincount(row, weights=value * value, minlength=counted.documents))
        length[length == 0] = 1.0
        return row, place, (value / length[row] * self.channel.weight).astype(np.float32)

    def margins(self, counted: hashing.Rows) -> Floats:
        """(documents, heads) sums of weighted values."""
        row, place, value = self.values(counted)
        found = np.zeros((counted.documents, self.weights.shape[1]), dtype=np.float32)
        if len(row):
            products = self.weights[place].astype(np.float32, copy=False) * value[:, None]
            starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
            found[row[starts]] = np.add.reduceat(products, starts, axis=0)
        return found


@dataclass(frozen=True, slots=True)
class Heads:
    """Named heads over several channels."""

    names: tuple[str, ...]
    tables: tuple[Table, ...]
    intercepts: Floats

    def margins(self, texts: Sequence[Text], normals: Sequence[Normalised] | None = None) -> Floats:
        """(texts, heads) margins."""
        normals = views.normals_of(texts) if normals is None else normals
        total = np.tile(self.intercepts, (len(texts), 1)).astype(np.float32)
        for table in self.tables:
            channel = table.channel
            total += table.margins(hashing.rows(views.units(texts, channel, normals), channel.orders, channel.bits))
        return total

    def evidence(self, body: str, head: npt.NDArray[np.float32]) -> Floats:
        """For each character of a body channel's text: what it adds to a combination of heads (weights ``head``)."""
        table = self.tables[0]
        units = hashing.code_points(body)
        added = np.zeros(len(units), dtype=np.float32)
        for order in range(table.channel.orders[0], table.channel.orders[1] + 1):
            bucket = hashing.positions(units, order, table.channel.bits)
            place = table.place[bucket]
            gain = (table.weights[place].astype(np.float32) @ head) * table.idf[place] / order
            for offset in range(order):
                added[offset : offset + len(gain)] += gain
        return added
