"""Runs commands as the shell would, in this process."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines on stderr, without what says how the training data looks."""
        return [line for line in self.err.splitlines() if " rows, " not in line]


@pytest.fixture
def kbert(capsys, monkeypatch) -> Callable[..., Outcome]:
    """Runs `kbert` with some arguments."""
    from kbert.cli.main import main

    monkeypatch.delenv("KBERT_DEBUG", raising=False)

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exited:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(int(exited.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def saved_run(tmp_path_factory, tiny_config, tiny_tokenizer) -> Path:
    """A run directory with random weights and the labels bad and good; tests only read it."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(7)
    model = TextClassifier(BertBackbone(tiny_config), ["bad", "good"], tiny_tokenizer, max_length=16)
    return model.save_checkpoint(tmp_path_factory.mktemp("saved") / "run")
