"""What README.md and docs/ show, exists: the files and headings behind links, the commands and their options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kbert.cli.main import COMMANDS, cli

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
INLINE_CODE = re.compile(r"`([^`]+)`")
COMMAND = re.compile(r"(?:\$ )?kbert(?: |$)")


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def prose_of(page: Path) -> str:
    return FENCE.sub("", text_of(page))


def anchors_of(page: Path) -> set[str]:
    """The anchors that a Markdown page's headings get: lower case, spaces to hyphens, punctuation gone."""
    headings = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands_in(page: Path) -> Iterator[list[str]]:
    """The words after `kbert` of every command shown: lines of code blocks, and inline code."""
    blocks = FENCE.findall(text_of(page))
    lines = [line for block in blocks for line in re.sub(r"\\\n\s*", "", block).splitlines()]
    lines += [" ".join(code.split()) for code in INLINE_CODE.findall(prose_of(page))]
    for line in lines:
        if COMMAND.match(line):
            yield shlex.split(line.removeprefix("$ "), comments=True)[1:]


def options_of(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


def problems_of(words: list[str]) -> list[str]:
    """What is wrong with a command line: an unknown command, or an option that it does not have."""
    name, *rest = words or ["--help"]
    context = click.Context(cli)
    command = cli if name.startswith("-") else cli.get_command(context, name)
    if command is None:
        return [f"kbert {name}: no such command"]
    known = {"-h", "--help"}.union(*(options_of(parameter) for parameter in command.params))
    given = [word.split("=")[0] for word in ([name, *rest] if command is cli else rest) if re.match(r"--?[a-z]", word)]
    return [f"kbert {name}: no option {option}" for option in given if option not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in LINK.findall(prose_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link} leads nowhere"
        assert not anchor or anchor in anchors_of(target), f"{page.name}: {link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    assert [problem for words in commands_in(page) for problem in problems_of(words)] == []


def test_every_command_is_documented() -> None:
    shown = {words[0] for page in PAGES for words in commands_in(page) if words}
    assert set(COMMANDS) <= shown


def test_every_option_of_the_long_commands_is_documented() -> None:
    pages = {
        "finetune": ["text-classification.md", "fine-tuning-options.md", "tasks.md"],
        "export": ["export.md", "tasks.md"],
        "pretrain": ["pretraining.md"],
        "prepare": ["pretraining-data.md"],
        "vocab": ["pretraining-data.md"],
        "predict": ["tasks.md", "pretraining.md"],
        "evaluate": ["tasks.md"],
    }
    for name, names in pages.items():
        text = "".join(text_of(ROOT / "docs" / page) for page in names)
        for parameter in cli.get_command(click.Context(cli), name).params:
            if isinstance(parameter, click.Option):
                found = [option for option in options_of(parameter) if re.search(rf"{option}\b", text)]
                assert found, (name, parameter.opts)


def test_the_check_finds_what_is_wrong() -> None:
    assert problems_of(["export", "run", "--tflite", "--max-drop", "-1"]) == []
    assert problems_of(["--version"]) == []
    assert problems_of(["distribute", "run"]) == ["kbert distribute: no such command"]
    assert problems_of(["predict", "run", "--onnx"]) == ["kbert predict: no option --onnx"]
