from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import SETTINGS, load, template


def write(workspace: Path, text: str) -> None:
    (workspace / "xuncha.toml").write_text(text, "utf-8")


def test_without_a_file_every_setting_has_its_default_and_says_so(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert {name: settings[name] for name in settings.values} == {item.name: item.default for item in SETTINGS}
    assert set(settings.origins.values()) == {"default"}


def test_the_file_wins_over_the_default_and_a_variable_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'contact = "mailto:a@xuncha.example"\ndelay_seconds = 9\n')
    settings = load(tmp_path, {"XUNCHA_DELAY_SECONDS": "2.5", "HOME": "/root"})
    assert (settings["contact"], settings.origins["contact"]) == (
        "mailto:a@xuncha.example",
        str(tmp_path / "xuncha.toml"),
    )
    assert (settings["delay_seconds"], settings.origins["delay_seconds"]) == (2.5, "XUNCHA_DELAY_SECONDS")


def test_a_whole_number_in_the_file_may_stand_for_a_decimal_one(tmp_path: Path) -> None:
    write(tmp_path, "delay_seconds = 9")
    assert load(tmp_path, {})["delay_seconds"] == 9.0
    assert isinstance(load(tmp_path, {})["delay_seconds"], float)


def test_a_list_is_a_toml_list_or_comma_separated(tmp_path: Path) -> None:
    write(tmp_path, 'allow_addresses = ["127.0.0.1"]')
    assert load(tmp_path, {})["allow_addresses"] == ["127.0.0.1"]
    assert load(tmp_path, {"XUNCHA_ALLOW_ADDRESSES": "127.0.0.1, ::1,"})["allow_addresses"] == ["127.0.0.1", "::1"]


def test_an_unknown_name_in_the_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "delay_second = 3")
    with pytest.raises(
        SettingsError, match=r"xuncha\.toml: unknown setting 'delay_second'; did you mean 'delay_seconds'\?"
    ):
        load(tmp_path, {})


def test_an_unknown_variable_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"XUNCHA_CONTCAT: unknown setting 'contcat'; did you mean 'contact'\?"):
        load(tmp_path, {"XUNCHA_CONTCAT": "x"})


def test_a_name_like_none_lists_what_is_known(tmp_path: Path) -> None:
    write(tmp_path, "zzz = 1")
    with pytest.raises(
        SettingsError, match=r"unknown setting 'zzz'; known are allow_addresses, archive, audit_sample, "
    ):
        load(tmp_path, {})


def test_the_variables_that_are_no_settings_are_left_alone(tmp_path: Path) -> None:
    settings = load(tmp_path, {"XUNCHA_WORKSPACE": "/srv/night", "XUNCHA_SHARED_DATA": "/srv/data"})
    assert set(settings.origins.values()) == {"default"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('delay_seconds = "soon"', "a number of 0 or more, found 'soon'"),
        ("delay_seconds = true", "a number of 0 or more, found True"),
        ("delay_seconds = -1", "a number of 0 or more, found -1"),
        ("delay_seconds = nan", "a number of 0 or more, found nan"),
        ("delay_seconds = inf", "a number of 0 or more, found inf"),
        ("known_in_a_row = 2.5", "a whole number of 0 or more, found 2.5"),
        ("known_in_a_row = false", "a whole number of 0 or more, found False"),
        ("contact = 5", "a string, found 5"),
        ("allow_addresses = [1]", r"a list of strings, found \[1\]"),
        ("allow_addresses = 1", "a list of strings, found 1"),
        ("[contact]\na = 1", "a string, found"),
    ],
)
def test_a_value_of_the_wrong_kind_says_where_what_was_expected_and_what_was_found(
    tmp_path: Path, text: str, expected: str
) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=rf"xuncha\.toml: setting '\w+' expects {expected}"):
        load(tmp_path, {})


def test_a_variable_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="XUNCHA_MAX_PAGE_BYTES: setting 'max_page_bytes' expects a whole number"):
        load(tmp_path, {"XUNCHA_MAX_PAGE_BYTES": "10 MB"})


def test_a_file_that_is_no_toml_is_named_with_the_place(tmp_path: Path) -> None:
    write(tmp_path, "contact = ")
    with pytest.raises(SettingsError, match=r"xuncha\.toml: expected a readable TOML file in UTF-8: Invalid value"):
        load(tmp_path, {})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "xuncha.toml").mkdir()
    with pytest.raises(SettingsError, match=r"xuncha\.toml: expected a readable TOML file"):
        load(tmp_path, {})


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "xuncha.toml").write_bytes('contact = "巡查"'.encode("gb18030"))
    with pytest.raises(SettingsError, match="in UTF-8"):
        load(tmp_path, {})


def test_the_mark_that_windows_editors_put_first_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "xuncha.toml").write_bytes(b'\xef\xbb\xbfmodel = "keywords"')
    assert load(tmp_path, {})["model"] == "keywords"


def test_a_path_is_taken_from_the_workspace_unless_it_is_absolute(tmp_path: Path) -> None:
    settings = load(tmp_path, {"XUNCHA_ARCHIVE": "/srv/archive"})
    assert settings.path("database") == tmp_path / "xuncha.db"
    assert settings.path("archive") == Path("/srv/archive")


def test_a_changed_copy_leaves_the_first_alone_and_knows_its_origin(tmp_path: Path) -> None:
    first = load(tmp_path, {})
    second = first.replace("demo", delay_seconds=0.0)
    assert (first["delay_seconds"], second["delay_seconds"]) == (5.0, 0.0)
    assert (first.origins["delay_seconds"], second.origins["delay_seconds"]) == ("default", "demo")
    with pytest.raises(SettingsError, match="did you mean 'delay_seconds'"):
        first.replace(delay_second=1)


def test_the_template_names_every_setting_and_sets_none(tmp_path: Path) -> None:
    assert tomllib.loads(template()) == {}
    assert all(f"# {item.name} = " in template() for item in SETTINGS)


def test_the_template_with_its_marks_taken_off_is_the_defaults(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in template().splitlines()]
    names = {f"{item.name} =" for item in SETTINGS}
    write(tmp_path, "\n".join(line for line in lines if any(line.startswith(name) for name in names)))
    assert load(tmp_path, {}).values == {item.name: item.default for item in SETTINGS}
