"""The `kbert` command and its exit codes: 0, 1 error, 2 usage, 3 gate failed, 130 interrupted."""

import importlib
import os
import shlex
import sys
from typing import Any

import click

from kbert import __version__
from kbert.errors import GateError, InputError

COMMANDS = {
    "android": "Write an Android app that runs an exported model.",
    "average": "Average runs, of several seeds or settings, into one.",
    "bench": "Measure runs and exported files: latency, cold start, memory.",
    "check": "Say which runtimes take an exported file, and why not.",
    "compress": "Make the file that a budget of size or time allows.",
    "distill": "Teach a small student what a fine-tuned run knows.",
    "encode": "Print tokens, ids and hidden states of texts.",
    "evaluate": "Score a run or an exported file on labelled texts.",
    "export": "Convert a run to TFLite and ONNX, and prove the files.",
    "finetune": "Fine-tune a checkpoint on labelled texts.",
    "inspect": "Show what a run or an exported file holds.",
    "predict": "Label texts, or fill their [MASK], with a run or an exported file.",
    "prepare": "Turn raw text into shards for pretraining.",
    "pretrain": "Pretrain a model on raw text.",
    "prune": "Take the least important heads, neurons and layers out of a run.",
    "serve": "Show an exported file in the browser, on this machine alone.",
    "trim": "Keep only the tokens of a vocabulary that a corpus uses.",
    "vocab": "Train a vocabulary on raw text.",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, so that help is instant."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"kbert.cli.{name}").command
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (KeyboardInterrupt, click.Abort):
            # Here, since click itself would make a plain error of it, with exit code 1.
            click.echo("stopped", err=True)
            sys.exit(130)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kbert")
def cli() -> None:
    """BERT, from raw text to a phone: fine-tune, export, and prove that the exported file is as good."""


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and exits. Every error is one line; KBERT_DEBUG=1 shows the traceback instead."""
    # TensorFlow's greetings say nothing about the user's work.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    debug = os.environ.get("KBERT_DEBUG", "") not in ("", "0")
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        cli(arguments, prog_name="kbert", obj=shlex.join(["kbert", *arguments]))
    except GateError as error:
        click.echo(f"refused: nothing was put in place\n{error}", err=True)
        sys.exit(3)
    except InputError as error:
        _fail(error, str(error), debug)
    except OSError as error:
        _fail(error, f"{error.filename or 'a file'}: {error.strerror or error}", debug)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        _fail(error, f"kbert met a defect of its own: {reason[:300]} (set KBERT_DEBUG=1 for the traceback)", debug)


def _fail(error: Exception, line: str, debug: bool) -> Any:
    if debug:
        raise error
    click.echo(f"error: {line}", err=True)
    sys.exit(1)
