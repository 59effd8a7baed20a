"""Learned arrays in a file: npz, never pickle, and the same arrays give the same bytes, so that a digest names a model."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_STAMP = (1980, 1, 1, 0, 0, 0)


def write(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write named arrays to a compressed npz file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _STAMP), buffer.getvalue(), zipfile.ZIP_DEFLATED)
