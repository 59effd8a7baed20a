from __future__ import annotations

from pathlib import Path

import pytest
from proving import bundled, workspace

from core.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return workspace(tmp_path / "patrol")


@pytest.fixture
def bundle(settings: Settings, tmp_path: Path) -> Path:
    return bundled(settings, tmp_path / "out").folder
