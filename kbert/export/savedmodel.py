"""The inference graph to a TensorFlow SavedModel for TF Serving, text in and label out; and such a folder, run.

TF Serving looks for folders named by a number in the folder that it is given, and serves the highest: an export writes
`savedmodel/1`.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.config import BertConfig
from kbert.data.batching import TokenRow
from kbert.errors import InputError
from kbert.export.facts import ArtefactFacts
from kbert.export.inputs import feed
from kbert.export.text_input import FromText
from kbert.quiet import load_tensorflow, native_stderr_silenced

MODEL_FILE = "saved_model.pb"
# Servers ignore this folder: the graph holds all of it already, for kbert these files are easier to read.
FACTS_FOLDER = "assets.extra"
VERSION = "1"
TOKEN_INPUTS = {name: name for name in ("token_ids", "padding_mask", "segment_ids")}
BATCH_SIZE = 32


def write_savedmodel(folder: Path, weights: Mapping[str, np.ndarray], config: BertConfig, facts: ArtefactFacts) -> None:
    """Writes a classifier in float32 as a SavedModel.

    Its signatures, `labels` being their number:
        serving_default: `text` string (batch,) -> `label` string (batch,), `probability` float32 (batch,) of that
            label, `probabilities` float32 (batch, labels).
        classify_tokens: `token_ids`, `padding_mask`, `segment_ids` int32 (batch, length) -> the same.
        tokenize: `text` string (batch,) -> `token_ids`, `padding_mask`, `segment_ids` int32 (batch, length).

    Args:
        folder: is made, with those above it.
        weights: under our names, as `extract_weights` gives them.
        config: the sizes.
        facts: labels, tokenizer and the longest text.
    """
    if facts.task != "text-classification":
        raise InputError(
            f"a SavedModel takes a text and gives one label: expected text-classification, got {facts.task}. Export it "
            "to TFLite or ONNX"
        )
    load_tensorflow()
    import tensorflow as tf

    from kbert.export.graph import InferenceGraph
    from kbert.export.graph_heads import head_outputs
    from kbert.export.text_graph import TokenizerGraph

    # The graph folds weights as it is built. Built once to see what becomes of them, so that they can be variables:
    # constants would go into one file with the graph, which TensorFlow cannot read from 2 GB on.
    values: list[np.ndarray] = []

    def remember(value: np.ndarray) -> Any:
        values.append(value)
        return tf.compat.v1.placeholder(value.dtype, value.shape)

    with tf.Graph().as_default():
        inputs = [tf.compat.v1.placeholder(tf.int32, [None, None]) for _ in TOKEN_INPUTS]
        head_outputs(InferenceGraph(weights, config, batched=True, constant=remember), facts.problem, tuple(inputs))
    module = tf.Module()
    module.weights = [tf.Variable(value, trainable=False) for value in values]
    tokens = [tf.TensorSpec([None, None], tf.int32, name) for name in TOKEN_INPUTS]
    texts = tf.TensorSpec([None], tf.string, "text")
    tokenizer = TokenizerGraph(facts.tokenizer, facts.max_length)

    @tf.function(input_signature=tokens, autograph=False)
    def classify_tokens(token_ids: Any, padding_mask: Any, segment_ids: Any) -> dict[str, Any]:
        in_order = iter(module.weights)
        graph = InferenceGraph(weights, config, batched=True, constant=lambda value: next(in_order))
        logits = head_outputs(graph, facts.problem, (token_ids, padding_mask, segment_ids))["logits"]
        probabilities = tf.nn.softmax(logits)
        return {
            "label": tf.gather(tf.constant(facts.labels), tf.argmax(probabilities, axis=1)),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }

    @tf.function(input_signature=[texts], autograph=False)
    def tokenize(text: Any) -> dict[str, Any]:
        return tokenizer(text)

    # Traced once each: another trace would make weights and vocabulary anew.
    classify, split = classify_tokens.get_concrete_function(), tokenize.get_concrete_function()

    @tf.function(input_signature=[texts], autograph=False)
    def serve(text: Any) -> dict[str, Any]:
        return classify(**split(text))

    signatures = {"serving_default": serve, "classify_tokens": classify, "tokenize": split}
    with native_stderr_silenced():
        tf.saved_model.save(module, str(folder), signatures)
    (folder / FACTS_FOLDER).mkdir()
    for name, content in facts.to_files().items():
        (folder / FACTS_FOLDER / name).write_bytes(content)


def is_savedmodel(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a SavedModel's folder, or one of numbered SavedModels as TF Serving takes it."""
    return (_newest(Path(path)) / MODEL_FILE).is_file()


class SavedModelArtefact(FromText):
    """A SavedModel in TensorFlow. Texts go into its graph as they are, and are tokenized there.

    Args:
        path: its folder, or the one above it with a number for each version, of which the highest is taken.
        num_threads: for each operation; None is TensorFlow's choice. It has to come before TensorFlow's first work.

    Raises:
        InputError: the folder is missing, holds no SavedModel or a damaged one, or none that kbert exported; or
            TensorFlow has started already with other threads.
    """

    def __init__(self, path: str | os.PathLike[str], *, num_threads: int | None = None) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise InputError(f"{path}: expected the folder of a SavedModel, found no such folder")
        folder = _newest(self.path)
        if not (folder / MODEL_FILE).is_file():
            raise InputError(f"{path}: expected {MODEL_FILE} inside, found none: not a SavedModel")
        self.facts = ArtefactFacts.from_files(_facts_files(folder), str(path))
        load_tensorflow()
        import tensorflow as tf

        if num_threads is not None:
            try:
                tf.config.threading.set_intra_op_parallelism_threads(num_threads)
            except RuntimeError:
                raise InputError(
                    f"num_threads must be set before TensorFlow starts, it runs already. Received: {num_threads}"
                ) from None
        # The message of a parser may have many lines, and its exceptions no common class.
        try:
            with native_stderr_silenced():
                self._model = tf.saved_model.load(str(folder))
            self._serve = self._model.signatures["serving_default"]
            self._classify = self._model.signatures["classify_tokens"]
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise InputError(f"{path}: TensorFlow does not take this SavedModel ({reason})") from None
        width = self._serve.structured_outputs["probabilities"].shape[-1]
        if width != len(self.labels):
            raise InputError(
                f"{path}: expected a label for each of its {width} probabilities, its labels.txt has "
                f"{len(self.labels)}. Export the model again"
            )

    def answer(self, inputs: Sequence[str]) -> list[np.ndarray]:
        """The probability of every label for every text: float32 (labels,) each.

        Raises:
            InputError: a text is no string, or no valid Unicode; or it is a pair.
        """
        import tensorflow as tf

        texts = inputs
        if any(isinstance(text, tuple) for text in texts):
            raise InputError(f"{self.path}: a SavedModel takes single texts, got a pair. Use TFLite or ONNX for pairs")
        # Encoded to refuse what is no text, and to put like lengths together: what is fed below is the text.
        order = np.argsort(self.problem.encode(texts).lengths, kind="stable")
        probabilities = np.zeros((len(texts), len(self.labels)), "float32")
        for start in range(0, len(texts), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            answer = self._serve(text=tf.constant([texts[row] for row in rows]))
            probabilities[rows] = answer["probabilities"].numpy()
        return list(probabilities)

    def run(self, row: TokenRow) -> dict[str, np.ndarray]:
        import tensorflow as tf

        inputs = feed(TOKEN_INPUTS, row, "int32")
        answer = self._classify(**{name: tf.constant(value) for name, value in inputs.items()})
        return {"probability": np.asarray(answer["probabilities"][0])}


def _newest(path: Path) -> Path:
    """The highest numbered folder inside, as TF Serving chooses; the folder itself if it is a SavedModel already."""
    if (path / MODEL_FILE).is_file() or not path.is_dir():
        return path
    versions = [child for child in path.iterdir() if child.name.isdecimal() and child.is_dir()]
    return max(versions, key=lambda child: int(child.name), default=path)


def _facts_files(folder: Path) -> dict[str, bytes]:
    place = folder / FACTS_FOLDER
    return {file.name: file.read_bytes() for file in place.iterdir() if file.is_file()} if place.is_dir() else {}
