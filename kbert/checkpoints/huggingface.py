"""Hugging Face's format: what stands in its files, in our names. Theirs stand in this file alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints.checkpoint import Checkpoint
from kbert.checkpoints.huggingface_files import read_files, read_json, write_files
from kbert.checkpoints.names import NameTable
from kbert.config import OPTIONAL_WIDTHS, BertConfig
from kbert.errors import InputError
from kbert.layers.embeddings import sinusoidal_positions

HF_NAMES = NameTable(
    modules={
        "embeddings.projection": "bert.embeddings.projection",
        "embeddings.layer_norm": "bert.embeddings.LayerNorm",
        "layers.{i}.attention.query": "bert.encoder.layer.{i}.attention.self.query",
        "layers.{i}.attention.key": "bert.encoder.layer.{i}.attention.self.key",
        "layers.{i}.attention.value": "bert.encoder.layer.{i}.attention.self.value",
        "layers.{i}.attention.output": "bert.encoder.layer.{i}.attention.output.dense",
        "layers.{i}.attention_norm": "bert.encoder.layer.{i}.attention.output.LayerNorm",
        "layers.{i}.intermediate": "bert.encoder.layer.{i}.intermediate.dense",
        "layers.{i}.output": "bert.encoder.layer.{i}.output.dense",
        "layers.{i}.output_norm": "bert.encoder.layer.{i}.output.LayerNorm",
        "pooler": "bert.pooler.dense",
        "mlm.transform": "cls.predictions.transform.dense",
        "mlm.layer_norm": "cls.predictions.transform.LayerNorm",
        "nsp.dense": "cls.seq_relationship",
        "classifier.dense": "classifier",
        "intent.dense": "intent_classifier",
        "answer_span.dense": "qa_outputs",
    },
    leaves={"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"},
    weights={
        "embeddings.token": "bert.embeddings.word_embeddings.weight",
        "embeddings.position": "bert.embeddings.position_embeddings.weight",
        "embeddings.segment": "bert.embeddings.token_type_embeddings.weight",
        "mlm.bias": "cls.predictions.bias",
    },
    separator=".",
)

HF_CONFIG = {
    "vocabulary_size": "vocab_size",
    "hidden_dim": "hidden_size",
    "num_layers": "num_hidden_layers",
    "num_heads": "num_attention_heads",
    "intermediate_dim": "intermediate_size",
    "max_sequence_length": "max_position_embeddings",
    "num_segments": "type_vocab_size",
    "dropout": "hidden_dropout_prob",
    "attention_dropout": "attention_probs_dropout_prob",
    "classifier_dropout": "classifier_dropout",
    "layer_norm_epsilon": "layer_norm_eps",
    "initializer_range": "initializer_range",
}
HF_ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu"}
HF_ACTIVATION_OF = {"gelu": "gelu", "gelu_tanh": "gelu_new", "relu": "relu"}
# What some checkpoints store once more: the MLM head's decoder is the token table, with the head's bias.
COPIES = {"cls.predictions.decoder.weight": "embeddings.token", "cls.predictions.decoder.bias": "mlm.bias"}
# What a head is for, by the class that transformers has for it.
HF_TASKS = {
    "BertForSequenceClassification": "text-classification",
    "BertForTokenClassification": "token-classification",
    "BertForQuestionAnswering": "question-answering",
}
# Tasks that transformers has no class for, by the one that their checkpoints load as (None: the bare encoder).
OWN_TASKS = {None: "embedding", "token-classification": "intent-slots"}
# Classes whose head has the name of a text classifier's and is for something that kbert does not do.
OTHER_CLASSIFIERS = ("BertForMultipleChoice",)
# The heads that transformers calls a classifier of sequences.
HF_PROBLEM_TYPES = {
    "text-classification": "single_label_classification",
    "multi-label": "multi_label_classification",
    "regression": "regression",
}
# The weights that a task's head, and what it stands on, cannot do without.
TASK_WEIGHTS = {
    **{task: {"classifier.dense.kernel", "pooler.kernel"} for task in HF_PROBLEM_TYPES},
    "token-classification": {"classifier.dense.kernel"},
    "intent-slots": {"classifier.dense.kernel", "intent.dense.kernel", "pooler.kernel"},
    "question-answering": {"answer_span.dense.kernel"},
    "embedding": set(),
}
# What has one row for each token of the vocabulary, by the ends of the names: heads and prefixes differ.
TOKEN_ROWS = (
    "embeddings.word_embeddings.weight",
    "cls.predictions.bias",
    "cls.predictions.decoder.weight",
    "cls.predictions.decoder.bias",
)
# Transformers knows learned positions only: the fixed table is written as weights, and this field tells it is fixed.
POSITION_FIELD = "kbert_position_embedding"
# Nor has it fields for heads that are not hidden_size wide together, as those that are left after pruning, and for a
# token table of another width: it cannot load such a checkpoint, whatever stands here.
OWN_WIDTH_FIELDS = {width: f"kbert_{width}" for width in OPTIONAL_WIDTHS}


def read_checkpoint(folder: Path, source: str) -> Checkpoint:
    """Reads a folder that transformers or kbert saved.

    Raises:
        InputError: a file is missing, cut short or no BERT's; says which, and what was expected.
    """
    raw, tensors = read_files(folder)
    config = config_from_dict(raw, folder / "config.json")
    run = read_json(folder / "kbert.json") if (folder / "kbert.json").is_file() else {}
    weights = _to_ours(tensors, config)
    task = _task(raw, run, weights)
    return Checkpoint(
        source=source,
        config=config,
        weights=weights,
        task=task,
        labels=_task_labels(task, raw, weights, folder / "config.json"),
        tied_decoder=raw.get("tie_word_embeddings", True) is not False and _has_true_copies(tensors, weights),
        folder=folder,
        run=run,
    )


def config_from_dict(raw: Mapping[str, Any], path: Path) -> BertConfig:
    """Translates the fields of a `config.json`.

    Raises:
        InputError: it is no BERT's, or asks for something that BERT's encoder does not have.
    """
    model_type = raw.get("model_type", "bert" if "hidden_size" in raw else None)
    if model_type != "bert":
        raise InputError(f"{path}: expected model_type 'bert', got {model_type!r}: not a BERT checkpoint")
    activation = raw.get("hidden_act", "gelu")
    if str(activation) not in HF_ACTIVATIONS:
        raise InputError(f"{path}: expected hidden_act to be one of {', '.join(HF_ACTIVATIONS)}, got {activation!r}")
    positions = raw.get("position_embedding_type", "absolute")
    if positions != "absolute":
        raise InputError(f"{path}: expected position_embedding_type 'absolute', got {positions!r}")
    fields = {ours: raw[theirs] for ours, theirs in {**HF_CONFIG, **OWN_WIDTH_FIELDS}.items() if theirs in raw}
    try:
        return BertConfig(
            **fields,
            activation=HF_ACTIVATIONS[activation],
            position_embedding=raw.get(POSITION_FIELD, "learned"),
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def config_to_dict(
    config: BertConfig, architecture: str, labels: Sequence[str] | None, task: str | None = None
) -> dict[str, Any]:
    """The `config.json` that transformers writes for this model."""
    raw: dict[str, Any] = {"architectures": [architecture], "model_type": "bert", "dtype": "float32"}
    raw |= {theirs: getattr(config, ours) for ours, theirs in HF_CONFIG.items()}
    raw |= {
        "hidden_act": HF_ACTIVATION_OF[config.activation],
        "position_embedding_type": "absolute",
        "pad_token_id": 0,
        "use_cache": True,
    }
    if config.position_embedding != "learned":
        raw[POSITION_FIELD] = config.position_embedding
    raw |= {field: value for width, field in OWN_WIDTH_FIELDS.items() if (value := getattr(config, width)) is not None}
    if labels:
        raw["id2label"] = {str(i): label for i, label in enumerate(labels)}
        raw["label2id"] = {label: i for i, label in enumerate(labels)}
    if task in HF_PROBLEM_TYPES:
        raw["problem_type"] = HF_PROBLEM_TYPES[task]
    return dict(sorted(raw.items()))


def write_checkpoint(
    folder: Path,
    config: BertConfig,
    weights: Mapping[str, np.ndarray],
    *,
    architecture: str = "BertModel",
    labels: Sequence[str] | None = None,
    task: str | None = None,
) -> None:
    """Writes `config.json` and `model.safetensors` into an existing folder, as transformers does."""
    weights = dict(weights)
    if config.position_embedding == "sinusoidal":
        weights["embeddings.position"] = sinusoidal_positions(config.max_sequence_length, config.hidden_dim)
    # A bare BertModel has no prefix; a model with a head keeps the encoder under "bert.".
    prefix = "bert." if architecture == "BertModel" else ""
    tensors = {
        HF_NAMES.theirs(name).removeprefix(prefix): np.ascontiguousarray(value.T if name.endswith(".kernel") else value)
        for name, value in weights.items()
    }
    write_files(folder, config_to_dict(config, architecture, labels, task), tensors)


def _to_ours(tensors: Mapping[str, np.ndarray], config: BertConfig) -> dict[str, np.ndarray]:
    """Their tensors under our names, kernels as (inputs, outputs); what has no name here is left out."""
    ours = {}
    for name in HF_NAMES.ours(config.num_layers):
        if name == "embeddings.position" and config.position_embedding == "sinusoidal":
            continue
        theirs = HF_NAMES.theirs(name)
        bare = theirs.removeprefix("bert.")
        for candidate in (theirs, bare, _old_layer_norm_name(theirs), _old_layer_norm_name(bare)):
            if candidate in tensors:
                ours[name] = tensors[candidate].T if name.endswith(".kernel") else tensors[candidate]
                break
    return ours


def _has_true_copies(tensors: Mapping[str, np.ndarray], weights: Mapping[str, np.ndarray]) -> bool:
    """Whether what stands under the names of `COPIES`, if anything, is what it should be a copy of."""
    return all(
        ours in weights and np.array_equal(tensors[theirs], weights[ours])
        for theirs, ours in COPIES.items()
        if theirs in tensors
    )


def _old_layer_norm_name(name: str) -> str:
    """Checkpoints of 2019 call LayerNorm's weights gamma and beta."""
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


def _task(raw: Mapping[str, Any], run: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> str | None:
    """What the head is for: as transformers calls the class, or by what weights there are.

    kbert's own note counts where transformers has no class of the kind: it may be older than what the config says.
    """
    named = [str(name) for name in raw.get("architectures") or ()]
    if any(name in OTHER_CLASSIFIERS for name in named):
        return None
    task = next((HF_TASKS[name] for name in named if name in HF_TASKS), None)
    if task in (None, "token-classification") and run.get("task") == OWN_TASKS[task]:
        task = run["task"]
    if task is None:
        guesses = ("text-classification", "question-answering")
        task = next((guess for guess in guesses if TASK_WEIGHTS[guess] <= weights.keys()), None)
    if task == "text-classification":
        # Where the config does not say, transformers takes one output for a score.
        given = raw.get("problem_type") or (HF_PROBLEM_TYPES["regression"] if _outputs(weights) == 1 else None)
        task = next((ours for ours, theirs in HF_PROBLEM_TYPES.items() if theirs == given), task)
    return task if task is not None and TASK_WEIGHTS[task] <= weights.keys() else None


def _task_labels(
    task: str | None, raw: Mapping[str, Any], weights: Mapping[str, np.ndarray], path: Path
) -> tuple[str, ...] | None:
    if task is None or "classifier.dense.kernel" not in TASK_WEIGHTS[task]:
        return () if task else None
    labels = _labels(raw, path)
    width = _outputs(weights)
    if task == "regression" and width == 1:
        return ("score",)  # whatever stands there: transformers says LABEL_0
    # Transformers writes no names that are its own defaults.
    return tuple(f"LABEL_{i}" for i in range(width)) if "id2label" not in raw else labels


def _outputs(weights: Mapping[str, np.ndarray]) -> int:
    kernel = weights.get("classifier.dense.kernel")
    return 0 if kernel is None else int(kernel.shape[1])


def _labels(raw: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    table = raw.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    try:
        return tuple(str(table[key]) for key in sorted(table, key=int))
    except (ValueError, TypeError):
        raise InputError(
            f"{path}: expected id2label to be a table of whole numbers and their labels, got {str(table)[:80]}"
        ) from None
