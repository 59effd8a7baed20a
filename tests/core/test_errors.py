from __future__ import annotations

import pytest

from core import errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.XunchaError, 1), (errors.StoreError, 1), (errors.ModelError, 1), (errors.Unavailable, 1), (errors.SettingsError, 2), (errors.PluginError, 2),
        (errors.InputError, 3), (errors.EvidenceError, 4), (errors.Busy, 5),
    ],
)  # fmt: skip
def test_each_error_has_a_stable_exit_status(error: type[errors.XunchaError], status: int) -> None:
    assert error.exit_status == status
    assert issubclass(error, errors.XunchaError)


def test_there_are_no_other_errors() -> None:
    found = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert found == {
        "XunchaError",
        "SettingsError",
        "PluginError",
        "StoreError",
        "InputError",
        "ModelError",
        "Unavailable",
        "EvidenceError",
        "Busy",
    }
