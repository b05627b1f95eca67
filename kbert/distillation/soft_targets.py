"""What a student learns of its teacher's answers: targets beside those of the data, and their losses.

A teacher's outputs are targets like those of the data, by the output's name with `/teacher` behind it, so that batches,
windows and groups of rows treat both alike. They are kept as logits.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from kbert.data.batching import IGNORED
from kbert.fine_tuning.step import SIGMOID, SOFTMAX, VALUES
from kbert.layers.heads import unit_length
from kbert.problems.problem import Problem

BESIDE = "/teacher"
# One place of a row, such as where an answer begins; vectors of texts.
POSITIONS, VECTORS = "positions", "vectors"
# The least probability whose logarithm float32 holds.
LEAST = 1e-37


def kind_of(task: str, activation: str) -> str:
    """What an output of a task says, for the loss of it."""
    if task == "question-answering":
        return POSITIONS
    if task == "embedding":
        return VECTORS
    return {"softmax": SOFTMAX, "sigmoid": SIGMOID, "none": VALUES}[activation]


def as_logits(values: np.ndarray, activation: str) -> np.ndarray:
    """Logits that the activation makes these values of, float32; of a softmax up to a constant, which it ignores."""
    if activation == "softmax":
        return np.log(np.maximum(values, LEAST)).astype("float32")
    if activation == "sigmoid":
        values = np.asarray(values, "float64")
        return (np.log(np.maximum(values, LEAST)) - np.log(np.maximum(1 - values, 1e-9))).astype("float32")
    return np.asarray(values, "float32")


def soft_loss(kind: str, teacher: Any, logits: Any, temperature: float) -> Any:
    """How far a student's logits are from its teacher's, one number for a batch.

    Labels: the Kullback-Leibler divergence of the probabilities at a temperature, times its square, which keeps the
    gradient's size (Hinton et al., arXiv:1503.02531). Scores: the squared error. Vectors: the squared distance, or that
    of all cosines of the batch where their widths differ (after arXiv:1904.05068).

    Args:
        kind: `softmax`, `sigmoid`, `values`, `positions` or `vectors`.
        teacher: logits, of the shape of `logits`; of vectors, (batch, width). `IGNORED` where there is nothing to
            learn: at padding, and at tokens that nobody reads.
        logits: (batch, …, classes); of positions (batch, length).
        temperature: above 1 flattens both.
    """
    logits = ops.cast(logits, "float32")
    counted = ops.not_equal(teacher, IGNORED)
    if kind == VALUES:
        return _mean(ops.square(logits - teacher), counted)
    if kind == VECTORS:
        return _vector_loss(teacher, logits)
    if kind == SIGMOID:
        return temperature**2 * _mean(_binary_divergence(teacher / temperature, logits / temperature), counted)
    if kind == POSITIONS:
        rows = ops.any(counted, axis=-1)
        teacher, logits = (ops.where(counted, values, -1e9) for values in (teacher, logits))
    else:
        rows = counted[..., 0]
        # No number of a padded place may reach the divergence: 0 times infinity has no gradient.
        teacher, logits = (ops.where(rows[..., None], values, 0.0) for values in (teacher, logits))
    return temperature**2 * _mean(_divergence(teacher / temperature, logits / temperature), rows)


def _divergence(teacher: Any, logits: Any) -> Any:
    p = ops.softmax(teacher, axis=-1)
    return ops.sum(p * (ops.log_softmax(teacher, axis=-1) - ops.log_softmax(logits, axis=-1)), axis=-1)


def _binary_divergence(teacher: Any, logits: Any) -> Any:
    p = ops.sigmoid(teacher)
    has = p * (ops.log_sigmoid(teacher) - ops.log_sigmoid(logits))
    return has + (1 - p) * (ops.log_sigmoid(-teacher) - ops.log_sigmoid(-logits))


def _vector_loss(teacher: Any, vectors: Any) -> Any:
    if teacher.shape[-1] == vectors.shape[-1]:
        return ops.mean(ops.sum(ops.square(unit_length(vectors) - unit_length(teacher)), axis=-1))
    ours, theirs = (ops.matmul(unit, ops.transpose(unit)) for unit in map(unit_length, (vectors, teacher)))
    return ops.mean(ops.square(ours - theirs))


def _mean(values: Any, counted: Any) -> Any:
    weights = ops.cast(counted, values.dtype)
    return ops.sum(values * weights) / ops.maximum(ops.sum(weights), 1.0)


def teacher_targets(
    problem: Problem, outputs: Sequence[Mapping[str, np.ndarray]], of_tokens: Collection[str]
) -> dict[str, np.ndarray]:
    """A teacher's outputs of each row as targets, float32: (rows, …), or (tokens, …) of what each token has.

    Args:
        problem: the teacher's.
        outputs: activated, of each row, its padding cut off.
        of_tokens: the names of those that each token has.
    """
    found = {}
    for name, activated in problem.heads.items():
        values = [row[activated] for row in outputs]
        joined = np.concatenate(values) if activated in of_tokens else np.stack(values)
        found[name + BESIDE] = as_logits(joined, problem.activations[name])
    return found


def mask_unread(targets: Mapping[str, np.ndarray], read: np.ndarray | None) -> dict[str, np.ndarray]:
    """The same with `IGNORED` at tokens that nobody reads: `read` is bool (tokens,), or None where all count."""
    found = dict(targets)
    for name, values in targets.items():
        if read is not None and len(values) == len(read):
            found[name] = np.where(read.reshape(-1, *[1] * (values.ndim - 1)), values, np.float32(IGNORED))
    return found
