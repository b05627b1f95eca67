"""The page in headless Chromium: answers as Python gives them, and errors that say what to do."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from kbert.data import read_texts
from kbert.export import open_artefact
from kbert.export.onnx import METADATA_PREFIX
from kbert.tokenizer import BertTokenizer

ROOT = Path(__file__).parent.parent.parent
VOCABULARIES = {"uncased": True, "cased": False, "multilingual-cased": False, "chinese": True}
PROBABILITY_TOLERANCE = 1e-3
# 8-bit activations: the last bit of a float decides between two levels, and changes all that follows.
INT8_TOLERANCE = 0.05


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return read_texts(ROOT / "examples" / "commands" / "test.tsv", text_column="text")[:50]


def compare(shown: list[dict], export: Path, texts: list[str], model: str, tolerance: float) -> None:
    """The bars of the page against what Python makes of the file."""
    artefact = open_artefact(export / model)
    expected = artefact.predict_proba(texts)
    labels = artefact.facts.labels
    assert len({labels[row.argmax()] for row in expected}) > 1
    for text, row, page in zip(texts, expected, shown, strict=True):
        found = dict(page["bars"])
        assert abs(np.array([found[label] for label in labels]) - row).max() <= tolerance, text
        best = np.sort(row)
        if best[-1] - best[-2] > 2 * tolerance:
            assert page["bars"][0][0] == labels[row.argmax()], text
            assert page["headline"].startswith(labels[row.argmax()])


def test_it_answers_as_python_does_and_without_a_server(
    browse, serve, serve_command, classifier_export, tmp_path, texts
):
    float32 = tmp_path / "exported"
    shutil.copytree(classifier_export, float32, ignore=shutil.ignore_patterns("*_quantized*"))
    url, process = serve_command(float32)
    typed = [{"do": "type", "text": text} for text in texts]
    isolated = {"do": "evaluate", "code": "crossOriginIsolated"}
    kept = {"do": "evaluate", "code": "navigator.serviceWorker.ready.then(() => true)"}
    results = browse(
        {"do": "open", "url": serve(classifier_export)},
        *typed[:10],
        {"do": "open", "url": url},
        isolated,
        *typed,
        {"do": "golden"},
        {"do": "measure"},
        kept,
        {"do": "kill", "pid": process},
        {"do": "open", "url": url},
        isolated,
        *typed[:3],
        {"do": "golden"},
        errors=True,  # Chromium notes each request that no server answers
    )
    compare(results[1:11], classifier_export, texts[:10], "onnx/model_quantized.onnx", INT8_TOLERANCE)
    opened, was_isolated, *results = results[11:]
    assert (opened["state"], opened["problem"], was_isolated) == ("ready", "", True)
    compare(results[:50], float32, texts, "onnx/model.onnx", PROBABILITY_TOLERANCE)
    golden, measured, is_kept, _, opened, still_isolated, *offline, golden_offline = results[50:]
    assert golden == golden_offline == "✓ All 35 texts have the tokens and offsets that Python gives."
    assert [row.split(" ms")[1:] for row in measured] == [[""]] * 4
    assert (is_kept, opened["state"], still_isolated) == (True, "ready", True)
    assert [page["bars"] for page in offline] == [page["bars"] for page in results[:3]]


@pytest.fixture(scope="module")
def golden_export(golden, shared, classifier_export, tmp_path_factory):
    """An export with one of Google's vocabularies, and the golden texts of it as its own."""

    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name) / name
        (folder / "onnx").mkdir(parents=True)
        tokenizer = BertTokenizer(shared / "data" / "vocabs" / f"bert-base-{name}.vocab.txt", VOCABULARIES[name])
        model = onnx.load(classifier_export / "onnx" / "model.onnx")
        resize_table(model, tokenizer.vocabulary_size)
        facts = open_artefact(classifier_export / "onnx" / "model.onnx").facts
        set_facts(model, dataclasses.replace(facts, tokenizer=tokenizer))
        onnx.save(model, folder / "onnx" / "model.onnx")
        lines = (golden / "tokenizer" / f"{name}.jsonl").read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        vectors = [{"text": row["text"], "token_ids": row["ids"], "offsets": row["offsets"]} for row in rows]
        longest = max(len(row["ids"]) for row in rows)
        content = {"lowercase": tokenizer.lowercase, "max_length": longest, "vectors": vectors}
        (folder / "tokenizer_golden.json").write_text(json.dumps(content), "utf-8")
        return folder

    return make


def resize_table(model, rows: int) -> None:
    """Gives the table of token embeddings another number of rows."""
    table = next(node.input[0] for node in model.graph.node if list(node.input[1:]) == ["input_ids"])
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == table)
    tensor.CopyFrom(onnx.numpy_helper.from_array(np.zeros((rows, tensor.dims[1]), "float32"), table))


def set_facts(model, facts) -> None:
    del model.metadata_props[:]
    for name, content in facts.to_files().items():
        model.metadata_props.add(key=METADATA_PREFIX + name, value=content.decode())


def test_every_golden_text_in_the_browser(browse, serve, golden_export):
    steps = []
    for name in VOCABULARIES:
        steps += [{"do": "open", "url": serve(golden_export(name))}, {"do": "golden"}]
    results = browse(*steps)
    assert [page["state"] for page in results[::2]] == ["ready"] * 4
    assert results[1::2] == ["✓ All 469 texts have the tokens and offsets that Python gives."] * 4


def test_a_tokenizer_that_reads_otherwise_and_texts_that_are_hard(browse, serve, classifier_export, tmp_path):
    folder = tmp_path / "exported"
    shutil.copytree(classifier_export, folder)
    golden = json.loads((folder / "tokenizer_golden.json").read_text("utf-8"))
    golden["vectors"][4]["token_ids"][1] += 1
    (folder / "tokenizer_golden.json").write_text(json.dumps(golden), "utf-8")
    golden, empty, typed, long, half, pair, markup = browse(
        {"do": "open", "url": serve(folder)},
        {"do": "golden"},
        {"do": "type", "text": ""},
        {"do": "press", "text": "the good film"},
        {"do": "paste", "text": "a good film !\n" * 7200},
        {"do": "paste", "text": "bad \ud83d"},
        {"do": "type", "text": "[SEP] \u00c9t\u00e9", "textB": "a bad day"},
        {"do": "type", "text": "<b onclick='x'>&amp;</b>"},
    )[1:]
    assert golden == "✗ 34 of 35 texts have their tokens. Not so: “wake me at half past six”"
    assert (empty["problem"], empty["headline"]) == ("there is no text yet: type one", "")
    assert (typed["tokens"], typed["problem"]) == (["[CLS]", "the", "good", "film", "[SEP]"], "")
    assert long["cut"] == "The text is longer than the model reads: cut to 64 tokens."
    assert (long["length"], len(long["tokens"]), long["problem"]) == ("64 tokens", 64, "")
    message = "half a character (U+D83D) stands at position 5. Delete it and type it anew"
    assert half["problem"] == f"the text must be valid Unicode, {message}"
    first = ["[CLS]", "[SEP]", "e", "##t", "##e", "[SEP]"]
    assert (pair["tokens"], pair["problem"]) == ([*first, "a", "bad", "day", "[SEP]"], "")
    assert markup["tokens"][:3] == ["[CLS]", "[UNK]", "b"]


@pytest.fixture(scope="module")
def spoilt(classifier_export, tmp_path_factory):
    """Files that do not fit, by what the page has to say of them."""
    folder = tmp_path_factory.mktemp("spoilt")
    whole = classifier_export / "onnx" / "model.onnx"
    facts = open_artefact(whole).facts
    files: dict[str, Path] = {}

    def put(name: str, message: str, content: bytes) -> None:
        files[message] = folder / name
        files[message].write_bytes(content)

    def changed(**fields) -> bytes:
        model = onnx.load(whole)
        set_facts(model, dataclasses.replace(facts, **fields))
        return model.SerializeToString()

    bare = onnx.load(whole)
    del bare.metadata_props[:]
    data = whole.read_bytes()
    more = BertTokenizer([*facts.tokenizer.vocabulary, "more", "##more"])
    size = facts.tokenizer.vocabulary_size
    put("cut.onnx", "expected a whole ONNX file, this one is damaged or cut short", data[: len(data) // 2])
    put("text.onnx", "expected a whole ONNX file, this one is damaged or cut short. Copy", b"hello, world")
    put("bare.onnx", "expected kbert.json inside, found none: not a file that kbert exported", bare.SerializeToString())
    put("task.onnx", "the file is for question-answering. Ask it with kbert", changed(task="question-answering"))
    put("labels.onnx", "expected 5 labels, as the model has outputs, got 3", changed(labels=facts.labels[:3]))
    message = f"expected a vocabulary of {size} tokens, as the embedding table has rows, got {size + 2}"
    put("vocab.onnx", message, changed(tokenizer=more))
    put("notes.json", "expected an .onnx file among those chosen, found none in 1", b"{}")
    return files


def test_files_that_do_not_fit(browse, serve, classifier_export, spoilt):
    good = [str(classifier_export / "onnx" / "model.onnx"), str(classifier_export / "tokenizer_golden.json")]
    results = browse(
        {"do": "open", "url": serve(classifier_export)},
        *({"do": "choose", "files": [str(path)]} for path in spoilt.values()),
        {"do": "choose", "files": good},
        {"do": "type", "text": "a good film"},
        {"do": "golden"},
    )
    *refused, chosen, answered, golden = results[1:]
    for message, page in zip(spoilt, refused, strict=True):
        assert message in page["problem"]
        assert "\n" not in page["problem"]
    # Files without a model leave the last one open.
    assert [page["state"] for page in refused] == ["failed"] * len(refused)
    assert (chosen["state"], chosen["problem"]) == ("ready", "")
    assert len(answered["bars"]) == 5
    assert golden.startswith("✓ All 35")
