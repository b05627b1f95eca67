"""Attribution by erasure: hand-computable on a stand-in for a file, and right on real ones."""

import numpy as np
import pytest

from kbert.export.attribution import attribute, explain_worst
from kbert.export.runtime import open_artefact
from kbert.export.text_input import encode


class CountsGood:
    """P(good) is 0.5, plus 0.3 for a `good` inside, less 0.1 for a `bad`."""

    def __init__(self, tokenizer, max_length=16):
        self.tokenizer, self.max_length, self.runs = tokenizer, max_length, 0

    def known_tokenizer(self):
        return self.tokenizer

    def encode(self, texts):
        return encode(self.tokenizer, texts, self.max_length)

    def run(self, row):
        self.runs += 1
        has = [self.tokenizer.token_id(word) in row.token_ids for word in ("good", "bad")]
        good = 0.5 + 0.3 * has[0] - 0.1 * has[1]
        return {"probability": np.array([1 - good, good], "float32")}


def test_each_token_weighs_what_goes_with_it(tiny_tokenizer):
    artefact = CountsGood(tiny_tokenizer)
    found = attribute(artefact, "the GOOD, bad day", 1)
    assert [(entry.token, entry.start, entry.end) for entry in found] == [
        ("the", 0, 3),
        ("good", 4, 8),
        (",", 8, 9),
        ("bad", 10, 13),
        ("day", 14, 17),
    ]
    assert [entry.weight for entry in found] == pytest.approx([0, 0.3, 0, -0.1, 0], abs=1e-6)
    assert artefact.runs == 6


def test_what_speaks_for_one_label_speaks_against_the_other(tiny_tokenizer):
    found = attribute(CountsGood(tiny_tokenizer), "good bad", 0)
    assert [entry.weight for entry in found] == pytest.approx([-0.3, 0.1], abs=1e-6)


def test_only_what_the_model_reads_is_tried(tiny_tokenizer):
    # Six tokens with [CLS] and [SEP] hold the first four words.
    found = attribute(CountsGood(tiny_tokenizer, max_length=6), "the film was good good bad", 1)
    assert [entry.token for entry in found] == ["the", "film", "was", "good"]
    artefact = CountsGood(tiny_tokenizer)
    assert len(attribute(artefact, "the film was good", 1, most_tokens=2)) == 2
    assert artefact.runs == 3


def test_a_text_without_tokens_has_none(tiny_tokenizer):
    assert attribute(CountsGood(tiny_tokenizer), " ", 1) == ()


def test_probabilities_that_are_no_numbers_explain_nothing(tiny_tokenizer):
    artefact = CountsGood(tiny_tokenizer)
    artefact.run = lambda row: {"probability": np.array([np.nan, np.nan], "float32")}
    assert attribute(artefact, "good", 1) == ()


@pytest.mark.parametrize("file", ["model.tflite", "onnx/model_quantized.onnx"])
def test_the_word_that_decides_is_found_in_real_files(exported, file):
    folder, report = exported
    artefact = open_artefact(folder / file)
    found = attribute(artefact, "the film was good !", artefact.labels.index("good"))
    strongest = max(found, key=lambda entry: entry.weight)
    assert (strongest.token, strongest.start, strongest.end) == ("good", 13, 17)
    assert strongest.weight > 0.1

    verdict = next(entry.verdict for entry in report.files if entry.file == file)
    explained = explain_worst(artefact, verdict)
    assert len(explained) == len(verdict.worst)
    example, tokens = verdict.worst[0], explained[0]
    assert "".join(example.text[t.start : t.end] for t in tokens) == example.text.replace(" ", "")
