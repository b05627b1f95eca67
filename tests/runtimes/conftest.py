"""Exported files in other runtimes, each with an environment of its own; `make test-runtimes` makes them.

KBERT_RUNTIMES is the folder of the environments: without it nothing here is collected. The files come from the export
directory KBERT_EXPORTED, or from the run KBERT_RUN, or from a small classifier that is trained here.
"""

import dataclasses
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMANDS = ROOT / "examples" / "commands"
HERE = Path(__file__).parent
if "KBERT_RUNTIMES" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


@dataclasses.dataclass(frozen=True)
class Answer:
    """`error` is empty where the file ran; `probabilities` are a list or, by label, a dict for each text."""

    error: str
    probabilities: list[Any]


@pytest.fixture(scope="session")
def ask() -> Callable[..., Answer]:
    """Runs one of the scripts here in its environment and returns what it answers."""
    runtimes = Path(os.environ["KBERT_RUNTIMES"]).resolve()

    def run(environment: str, script: str, arguments: Sequence[object], request: dict[str, Any]) -> Answer:
        folder = runtimes / environment
        if not (folder / ".installed").is_file():
            if os.environ.get("CI") == "true":
                pytest.fail(f"{folder}: the environment must be there in CI")
            pytest.skip(f"{folder}: no such environment here")
        program = "node" if script.endswith(".mjs") else str(folder / "bin" / "python")
        command = [program, str(HERE / script), *map(str, arguments)]
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command, input=json.dumps(request), capture_output=True, text=True, cwd=folder, env=clean, check=True
        )
        return Answer(**json.loads(done.stdout.splitlines()[-1]))

    return run


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """An export directory with every scheme in both formats."""
    if given := os.environ.get("KBERT_EXPORTED"):
        return Path(given).resolve()
    from kbert.data import read_labelled_texts
    from kbert.export import Recipe, export_model
    from kbert.tasks import TextClassifier

    run = os.environ.get("KBERT_RUN")
    model = TextClassifier.from_checkpoint(run) if run else train(tmp_path_factory.mktemp("vocabulary"))
    validation = read_labelled_texts(COMMANDS / "test.tsv")
    if run:  # scored on texts that it labels itself: what counts here is that runtimes agree
        labels = [model.labels[index] for index in model.predict_proba(validation.texts).argmax(axis=1)]
        validation = dataclasses.replace(validation, labels=labels)
    target = tmp_path_factory.mktemp("export") / "exported"
    recipe = Recipe(schemes=("dynamic_int8", "float32", "float16", "int4"), max_drop=100.0)
    export_model(model, recipe, validation, target)
    return target


def train(work: Path) -> Any:
    """A classifier of commands with a small vocabulary, trained from random weights until it is sure of its labels."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.config import BertConfig
    from kbert.data import read_labelled_texts
    from kbert.optimizer import make_optimizer
    from kbert.tasks import TextClassifier
    from kbert.tokenizer import BertTokenizer
    from kbert.vocabulary import train_vocabulary

    data = read_labelled_texts(COMMANDS / "train.tsv")
    raw = work / "raw.txt"
    raw.write_text("\n".join(data.texts), "utf-8")
    tokenizer = BertTokenizer(train_vocabulary([raw], size=2000))
    keras.utils.set_random_seed(3)
    config = BertConfig(
        vocabulary_size=tokenizer.vocabulary_size,
        hidden_dim=128,
        num_layers=2,
        num_heads=4,
        intermediate_dim=256,
        max_sequence_length=64,
        dropout=0.0,
        attention_dropout=0.0,
    )
    model = TextClassifier(BertBackbone(config), sorted(set(data.labels)), tokenizer, max_length=64)
    steps = 15 * -(-len(data.texts) // 32)
    model.compile(
        make_optimizer(learning_rate=1e-3, total_steps=steps, warmup_steps=steps // 10),
        loss=TextClassifier.loss_function(),
    )
    model.fit(data.texts, data.labels, batch_size=32, epochs=15, verbose=0)
    return model


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Real sentences of ASCII alone."""
    from kbert.data import read_texts

    shared = Path(os.environ.get("KBERT_SHARED", ROOT.parent / "shared")) / "data" / "polarity" / "test.tsv"
    found = read_texts(shared if shared.is_file() else COMMANDS / "test.tsv", text_column="text")
    return [text for text in found if text.isascii()]
