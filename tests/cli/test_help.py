import subprocess
import sys
from pathlib import Path

import click
import pytest

import kbert
from kbert.cli.main import COMMANDS, cli

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("tensorflow", "keras", "numpy", "rich", "tokenizers", "sklearn", "ai_edge_litert", "onnxruntime")
PUBLIC_NAMES = [
    "BertBackbone",
    "BertConfig",
    "BertPretrainer",
    "BertTokenizer",
    "CorpusDistillSettings",
    "DistillSettings",
    "Distiller",
    "FinetuneSettings",
    "GateError",
    "InputError",
    "IntentSlotClassifier",
    "Objectives",
    "QuestionAnswerer",
    "Recipe",
    "StudentSpec",
    "TextClassifier",
    "TextEmbedder",
    "TokenClassifier",
    "distill",
    "distill_corpus",
    "export_model",
    "finetune",
]


def command_of(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


def imported_by(code: str) -> list[str]:
    """Which heavy packages a fresh Python holds after some code."""
    script = f"import sys\n{code}\nprint('\\n', *[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return result.stderr.split()


def test_the_commands():
    assert cli.list_commands(click.Context(cli)) == sorted(COMMANDS)
    assert all((ROOT / "kbert" / "cli" / f"{name}.py").is_file() for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_has_help(kbert, name):
    command = command_of(name)
    outcome = kbert(name, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"kbert {name} {parameter.opts[0]}"
            assert all(option in outcome.out for option in parameter.opts)
        else:
            assert parameter.name.upper() in outcome.out
            assert parameter.name.upper() in command.help, f"kbert {name}: what is {parameter.name.upper()}?"


def test_help_lists_every_command(kbert):
    outcome = kbert("--help")
    assert outcome.code == 0
    for name, summary in COMMANDS.items():
        assert any(line.split(maxsplit=1) == [name, summary] for line in outcome.out.splitlines())
    assert kbert("-h").out == outcome.out


def test_version(kbert):
    outcome = kbert("--version")
    assert (outcome.code, outcome.out) == (0, f"kbert, version {kbert_version()}\n")


def kbert_version() -> str:
    return kbert.__version__


@pytest.mark.parametrize("arguments", [["nonsense"], ["finetune"], ["predict", "--no-such-option"], ["encode", "run"]])
def test_usage_errors(kbert, arguments):
    outcome = kbert(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize("exception", [KeyboardInterrupt, click.Abort])
def test_ctrl_c_in_any_command(kbert, monkeypatch, exception):
    def interrupted(**options):
        raise exception

    monkeypatch.setattr(command_of("encode"), "callback", interrupted)
    outcome = kbert("encode", "checkpoint", "text")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "stopped\n")


def test_help_loads_nothing_heavy():
    calls = [["--help"], *([name, "--help"] for name in COMMANDS)]
    code = f"from kbert.cli.main import main\nfor call in {calls}:\n    try: main(call)\n    except SystemExit: pass"
    assert imported_by(code) == []


def test_importing_the_package_loads_nothing_heavy():
    assert imported_by("import kbert") == []
    assert imported_by("import kbert; kbert.BertConfig, kbert.InputError") == []


def test_the_public_names():
    assert sorted(kbert.__all__) == kbert.__all__ == PUBLIC_NAMES
    for name in PUBLIC_NAMES:
        assert getattr(kbert, name).__name__ == name
    with pytest.raises(AttributeError, match=r"^module 'kbert' has no attribute 'nonsense'$"):
        _ = kbert.nonsense


def test_python_m_kbert():
    result = subprocess.run(
        [sys.executable, "-m", "kbert", "--version"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert result.stdout == f"kbert, version {kbert.__version__}\n"
