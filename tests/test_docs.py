"""Documentation can fail: README, docs, settings and --help agree with the program."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest
import yaml
from typer.main import get_command

from core.labels import labels
from core.settings import SETTINGS
from crawler import sources
from xuncha.cli import ALARMS, app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCS = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def commands() -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}

    def walk(name: str, command: click.Command) -> None:
        inner = getattr(command, "commands", None)
        if inner:
            for part, child in inner.items():
                walk(f"{name} {part}".strip(), child)
        else:
            found[name] = command

    walk("", get_command(app))
    return found


COMMANDS = commands()


def test_the_readme_opens_with_two_commands_that_set_up_everything() -> None:
    for name, line in (("demo", "pip install -e . && xuncha demo"), ("test", "pip install -e '.[test]' && pytest")):
        assert f"<!-- command: {name} -->\n```sh\n{line}\n```" in README


def test_the_first_screen_says_what_it_finds_and_for_whom_and_shows_a_picture() -> None:
    first = README[: README.index("## What it refuses to do")]
    assert "illegal fetal-sex tests" in first
    assert "For enforcement analysts" in first
    assert (ROOT / re.search(r"!\[.*?\]\((.*?)\)", first)[1]).exists()  # type: ignore[index]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_command_in_the_docs_exists_with_its_options(path: Path) -> None:
    for line in re.findall(r"(?:^|`|&& |\* )xuncha ([^`\n#>|]+)", path.read_text("utf-8"), re.MULTILINE):
        words = line.split()
        name = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in COMMANDS), None)
        assert name, f"{path.name}: no command in {line!r}; known are {sorted(COMMANDS)}"
        known = {
            option for parameter in COMMANDS[name].params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        for word in words:
            if word.startswith("-") and word != "-":
                assert word.strip("[]()").split("=")[0] in known, f"{path.name}: {name} has no {word}"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_every_command_is_documented_as_its_help_says() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for name, command in COMMANDS.items():
        assert f"## xuncha {name}\n" in text, f"docs/cli.md lacks {name}; run scripts in docs/cli.md's first line"
        assert " ".join((command.help or "").split()) in text, f"docs/cli.md tells something else of {name}"
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    section = text.split(f"## xuncha {name}\n", 1)[1].split("\n## ", 1)[0]
                    assert f"`{option}`" in section, f"docs/cli.md: {name} lacks {option}"


def test_every_setting_is_documented_with_its_default_and_help() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for setting in SETTINGS:
        assert f"| `{setting.name}` | {setting.type.__name__} | `{setting.default!r}` | {setting.help} |" in text
    assert text.count("\n| `") == len(SETTINGS)


def test_the_source_keys_in_the_docs_are_those_of_the_program() -> None:
    block = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "sources.md").read_text("utf-8"), re.DOTALL)
    assert block
    assert set(yaml.safe_load(block[1])) == set(sources.KEYS)


def test_exit_statuses_are_documented() -> None:
    from core import errors

    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    statuses = {cls.exit_status for cls in vars(errors).values() if isinstance(cls, type)} | {ALARMS, 0, 130}
    assert statuses == {int(status) for status in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}


def test_the_guide_names_every_label() -> None:
    guide = (ROOT / "classifier" / "gold" / "GUIDE.md").read_text("utf-8")
    for label in labels():
        assert f"`{label}`" in guide


def test_ci_runs_the_readmes_own_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "readme demo" in script
    assert "readme test" in script
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0
