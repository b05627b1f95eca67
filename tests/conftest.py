"""Fixtures that many tests share: the golden answers, and a model small enough to make anew."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# A test process for each core: threads of theirs would only wait for each other's, and those of BLAS wait busily.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(name, "1")

ROOT = Path(__file__).parent.parent
# Letters make every word spellable, so that no text of a test turns into [UNK] alone.
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
WORDS = ["good", "bad", "film", "day", "##s", "the", "a", "was", ".", ",", "!"]
TINY_VOCABULARY = list(
    dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS), *WORDS])
)


@pytest.fixture(scope="module", autouse=True)
def freeze_what_stays() -> None:
    """Leaves TensorFlow's million objects out of the later rounds of the garbage collector."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of golden answers and data sets beside the repository; a stranger has none, CI must."""
    folder = Path(os.environ.get("KBERT_SHARED", ROOT.parent / "shared"))
    if not (folder / "golden").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder}: the golden answers must be there in CI")
        pytest.skip(f"{folder}: no golden answers here")
    return folder


@pytest.fixture(scope="session")
def golden(shared: Path) -> Path:
    return shared / "golden"


@pytest.fixture(scope="session")
def tiny_config():
    from kbert.config import BertConfig

    return BertConfig(
        vocabulary_size=len(TINY_VOCABULARY),
        hidden_dim=16,
        num_layers=2,
        num_heads=2,
        intermediate_dim=32,
        max_sequence_length=32,
        initializer_range=0.2,
    )


@pytest.fixture(scope="session")
def tiny_tokenizer():
    from kbert.tokenizer import BertTokenizer

    return BertTokenizer(TINY_VOCABULARY)


@pytest.fixture
def tiny_classifier(tiny_config, tiny_tokenizer):
    """A classifier of two labels with random weights, the same in every test."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(7)
    return TextClassifier(BertBackbone(tiny_config), ["bad", "good"], tiny_tokenizer, max_length=16)


@pytest.fixture(scope="session")
def make_checkpoint(tmp_path_factory, tiny_config, tiny_tokenizer) -> Callable[[int], Path]:
    """A Hugging Face checkpoint of an encoder without a head, by its number of layers; tests only read it."""
    made: dict[int, Path] = {}

    def make(num_layers: int) -> Path:
        import keras

        from kbert.backbone import BertBackbone
        from kbert.checkpoints import extract_weights
        from kbert.checkpoints.huggingface import write_checkpoint

        if num_layers not in made:
            keras.utils.set_random_seed(7)
            config = tiny_config.replace(num_layers=num_layers)
            made[num_layers] = tmp_path_factory.mktemp("checkpoint")
            write_checkpoint(made[num_layers], config, extract_weights(BertBackbone(config).named_variables()))
            tiny_tokenizer.save(made[num_layers])
        return made[num_layers]

    return make


@pytest.fixture
def tiny_checkpoint(make_checkpoint, tmp_path) -> Path:
    """A Hugging Face checkpoint of an encoder of two layers without a head, for this test alone."""
    return Path(shutil.copytree(make_checkpoint(2), tmp_path / "checkpoint"))


@pytest.fixture
def shallow_checkpoint(make_checkpoint, tmp_path) -> Path:
    """The same of one layer, which is traced in half the time: for trainings of which nothing is about layers."""
    return Path(shutil.copytree(make_checkpoint(1), tmp_path / "checkpoint"))


@pytest.fixture(scope="session")
def write_sentiment() -> Callable[[Path], Path]:
    """Writes forty texts that a tiny model learns at once into a folder: the label is a word of the text."""

    def write(folder: Path) -> Path:
        path = folder / "sentiment.tsv"
        subjects = ["film", "day", "song", "meal", "game", "book", "walk", "trip", "cat", "dog"]
        labels = ("good", "bad")
        rows = [f"the {s} was {label}{end}\t{label}" for s in subjects for label in labels for end in ("", " .")]
        path.write_text("text\tlabel\n" + "\n".join(rows) + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def sentiment_file(write_sentiment, tmp_path) -> Path:
    return write_sentiment(tmp_path)


@pytest.fixture
def squad_file(tmp_path):
    """Writes SQuAD's JSON: rows of context, question and the answers in it; none is for no answer."""

    def write(name: str, rows: list[tuple[str, str, list[str]]]) -> Path:
        paragraphs = []
        for number, (context, question, answers) in enumerate(rows):
            found = [{"text": answer, "answer_start": context.index(answer)} for answer in answers]
            asked = {"id": f"q{number}", "question": question, "answers": found, "is_impossible": not answers}
            paragraphs.append({"context": context, "qas": [asked]})
        path = tmp_path / name
        path.write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}, indent=1), "utf-8")
        return path

    return write


@pytest.fixture
def opinion_rows() -> list[tuple[str, str, list[str]]]:
    """Forty questions that a tiny model learns at once: the answer is `good` or `bad`, wherever it stands."""
    subjects = ["film", "day", "song", "meal", "game", "book", "walk", "trip", "cat", "dog"]
    contexts = ["the {s} was {a} .", "{a} ! the {s}"]
    return [
        (context.format(s=s, a=answer), f"was the {s}", [answer])
        for s in subjects
        for answer in ("good", "bad")
        for context in contexts
    ]


@pytest.fixture(scope="session")
def interrupt_after() -> Callable[[pytest.MonkeyPatch, int], list[int]]:
    """Asks a training to stop as Ctrl-C does, once so many steps are done; gives a list that grows with each step."""
    from kbert.progress import StepCallback

    original = StepCallback.on_train_batch_end

    def interrupt(patch: pytest.MonkeyPatch, steps: int) -> list[int]:
        done: list[int] = []

        def on_train_batch_end(self, batch, logs=None):
            done.append(batch)
            if len(done) == steps:
                self.interruption.requested = True
            original(self, batch, logs)

        patch.setattr(StepCallback, "on_train_batch_end", on_train_batch_end)
        return done

    return interrupt


@pytest.fixture(scope="session")
def interrupt_in_step() -> Callable[[pytest.MonkeyPatch, int], None]:
    """Sends this process what Ctrl-C sends, in the step of a run on raw text of that number, its last one then."""
    from kbert.pretraining.loop import PretrainingLoop

    def interrupt(patch: pytest.MonkeyPatch, number: int) -> None:
        original = PretrainingLoop._train_step

        def step(self, *arguments):
            if self.step == number - 1:
                signal.raise_signal(signal.SIGINT)
            return original(self, *arguments)

        patch.setattr(PretrainingLoop, "_train_step", step)

    return interrupt


@pytest.fixture
def full_disk(tmp_path):
    """A disk of 16 kilobytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount")
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not permitted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
