"""A tiny model of every task as an export directory with one file, and what Python answers with it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

TEXTS = [
    "",
    "the film was good",
    "a good day, a bad film!",
    "the cat was bad . " * 9,
    "don't 3.5 (the day's)",
    "é😀 中国 ad",
    "one film . " * 30,
    "good" * 30,
    "\u200b the\u00adfilm\u0301s \U0001e944 bad",
    "ſ İ ẞ ﬁ",
    "[MASK] the [SEP] day",
]
WIDTH = {"hidden_dim": 16, "num_layers": 1, "num_heads": 2, "intermediate_dim": 32, "max_sequence_length": 64}


def models(tokenizer: Any, max_length: int = 24) -> Iterator[tuple[str, Any]]:
    """A model of each task with random weights, large enough that answers differ from text to text."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.config import BertConfig
    from kbert.tasks import IntentSlotClassifier, QuestionAnswerer, TextClassifier, TextEmbedder, TokenClassifier

    config = BertConfig(vocabulary_size=tokenizer.vocabulary_size, initializer_range=0.6, **WIDTH)
    slots = ["O", "B-day", "I-day", "B-film", "I-film"]
    makers = {
        "text-classification": lambda b: TextClassifier(b, ["bad", "good", "neither"], tokenizer, max_length),
        "multi-label": lambda b: TextClassifier(b, ["x", "y", "z"], tokenizer, max_length, task="multi-label"),
        "regression": lambda b: TextClassifier(b, ["score"], tokenizer, max_length, task="regression"),
        "token-classification": lambda b: TokenClassifier(b, slots, tokenizer, max_length),
        "token-classification-plain": lambda b: TokenClassifier(b, ["DET", "NOUN", "VERB"], tokenizer, max_length),
        "intent-slots": lambda b: IntentSlotClassifier(b, slots, ["ask", "tell"], tokenizer, max_length),
        "question-answering": lambda b: QuestionAnswerer(b, tokenizer, max_length, stride=4, no_answer_threshold=0.5),
        "embedding": lambda b: TextEmbedder(b, tokenizer, max_length),
    }
    for name, make in makers.items():
        keras.utils.set_random_seed(5)
        yield name, make(BertBackbone(config))


def write_export(folder: Path, model: Any, files: dict[str, str]) -> None:
    """An export directory of `files`, format by name, in float32: what `export_model` writes, without the gate."""
    from kbert.checkpoints import extract_weights
    from kbert.checkpoints.huggingface import config_to_dict
    from kbert.export.conversion import Converter
    from kbert.export.facts import ArtefactFacts
    from kbert.export.golden_texts import golden_vectors
    from kbert.export.recipe import Recipe
    from kbert.files import write_json

    folder.mkdir(parents=True)
    facts = ArtefactFacts(
        task=model.problem.task,
        labels=model.labels,
        tokenizer=model.tokenizer,
        max_length=model.max_length,
        scheme="float32",
        kbert_version="0",
        task_settings=model.problem.settings(),
    )
    recipe = Recipe(formats=tuple(files.values()), schemes=("float32",))
    converter = Converter(model, extract_weights(model.named_variables()), recipe, "tiny", ())
    for name, format_ in files.items():
        converter.write(folder / name, format_, facts)
    model.tokenizer.save(folder)
    config = config_to_dict(model.backbone.config, model.architecture, model.labels, model.problem.task)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    write_json(folder / "tokenizer_golden.json", golden_vectors(model.tokenizer, model.max_length))
    if model.labels:
        (folder / "labels.txt").write_text("".join(f"{label}\n" for label in model.labels), "utf-8")


def inputs_of(model: Any, texts: Sequence[str]) -> list[Any]:
    """Texts, or questions with texts that have something to find."""
    if model.problem.task == "question-answering":
        full = [text for text in texts if len(model.tokenizer.encode(text)) > 2]
        return [(question, text) for question in ("was the film", "day") for text in full]
    return list(texts)


def write_answers(path: Path, folder: Path, file: str, inputs: Sequence[Any]) -> None:
    """What the file answers in Python's runtime."""
    from kbert.export import open_artefact
    from kbert.prediction import predict

    artefact = open_artefact(folder / file)
    rows = [
        {"given": [given] if isinstance(given, str) else list(given), "answer": answer}
        for given, answer in zip(inputs, predict(artefact, inputs), strict=True)
    ]
    case = {"task": artefact.problem.task, "folder": str(folder), "model": file, "rows": rows}
    path.write_text(json.dumps(case), "utf-8")


def write_polarity(folder: Path, shared: Path) -> None:
    """The whole polarity test set, answered by a tiny classifier with a real vocabulary."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.config import BertConfig
    from kbert.data import read_labelled_texts
    from kbert.tasks import TextClassifier
    from kbert.tokenizer import BertTokenizer

    tokenizer = BertTokenizer(shared / "data" / "vocabs" / "bert-base-uncased.vocab.txt")
    config = BertConfig(vocabulary_size=tokenizer.vocabulary_size, initializer_range=0.6, **WIDTH)
    keras.utils.set_random_seed(5)
    model = TextClassifier(BertBackbone(config), ["negative", "positive"], tokenizer, max_length=64)
    write_export(folder / "exports" / "polarity", model, {"onnx/model.onnx": "onnx"})
    texts = read_labelled_texts(shared / "data" / "polarity" / "test.tsv").texts
    write_answers(folder / "answers-polarity.json", folder / "exports" / "polarity", "onnx/model.onnx", texts)
