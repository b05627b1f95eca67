"""What a student learns inside its encoder: hidden states and relations between tokens, as its teacher has them."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import keras
from keras import ops

from kbert.backbone import BertBackbone
from kbert.distillation.settings import DistillSettings, check_layer_map, spread_layers
from kbert.errors import InputError
from kbert.layers.heads import unit_length

if TYPE_CHECKING:
    from kbert.distillation.corpus_settings import CorpusDistillSettings

Features = Mapping[str, Any]
FeatureSettings: TypeAlias = "DistillSettings | CorpusDistillSettings"
RELATED = ("query", "key", "value")
LAST = "last"


class FeatureLosses:
    """The losses of two encoders' features, as `settings.objectives` weigh them.

    `outputs` and `teacher` are what to run: symbolic tensors of the student, to be asked for beside its own outputs,
    and a model of the teacher. `projections` are what has to be learned besides: they go when the student is done.

    Args:
        student: the student's encoder.
        teacher: the teacher's, which is not trained.
        settings: `objectives`, `layer_map` and `relation_heads` are read.

    Raises:
        InputError: a layer of the map is not there; relation heads do not divide a width.
    """

    def __init__(self, student: BertBackbone, teacher: BertBackbone, settings: FeatureSettings) -> None:
        assert settings.objectives is not None  # chosen for the teacher before
        self.weights = settings.objectives
        ours, theirs = student.config, teacher.config
        self.layer_map = settings.layer_map or spread_layers(ours.num_layers, theirs.num_layers)
        check_layer_map(self.layer_map, ours.num_layers, theirs.num_layers)
        self.relation_heads = settings.relation_heads or _common_heads(ours.heads_dim, theirs)
        for width in (ours.heads_dim, theirs.heads_dim):
            if self.weights.relations and width % self.relation_heads:
                raise InputError(f"relation_heads must divide {width}. Received: {self.relation_heads}")
        self.projections: dict[str, keras.layers.Dense] = {}
        if ours.hidden_dim != theirs.hidden_dim:
            self._project(ours.hidden_dim, theirs.hidden_dim)
        self.outputs = self._symbolic(student, [pair[0] for pair in self.layer_map])
        self.teacher = keras.Model(teacher.input, self._symbolic(teacher, [pair[1] for pair in self.layer_map]))
        self.teacher.trainable = False

    def _project(self, student: int, teacher: int) -> None:
        """A projection for all layers, as their hidden states are one stream, and one for the embeddings."""
        for name in ("hidden", "embeddings", "cosine"):
            if getattr(self.weights, name):
                kind = "embeddings" if name == "embeddings" else "hidden"
                self.projections[kind] = keras.layers.Dense(teacher, use_bias=False, name=f"projection_{kind}")
        for projection in self.projections.values():
            projection.build((None, student))

    def _symbolic(self, backbone: BertBackbone, layers: list[int]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.weights.hidden:
            found |= {f"hidden_{place}": backbone.hidden_states[layer + 1] for place, layer in enumerate(layers)}
        if self.weights.embeddings:
            found["embeddings"] = backbone.hidden_states[0]
        if self.weights.cosine:
            found[LAST] = backbone.hidden_states[-1]
        if self.weights.relations:
            attention = backbone.encoder_layers[-1].attention
            found |= {name: getattr(attention, name)(backbone.hidden_states[-2]) for name in RELATED}
        return found

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        return [variable for layer in self.projections.values() for variable in layer.trainable_variables]

    def loss(self, features: Features, inputs: Features, theirs: Features | None = None) -> Any:
        """The weighted sum of the losses of a batch, one number.

        Args:
            features: the student's `outputs`.
            inputs: of the batch, as both encoders take them.
            theirs: what `teacher` gives for them, where it was run already.
        """
        theirs = self.teacher(inputs, training=False) if theirs is None else theirs
        mask = ops.cast(inputs["padding_mask"], "float32")  # (batch, length)
        total = 0.0
        if self.weights.hidden:
            losses = [
                _squared_error(self._as_wide("hidden", features[name]), theirs[name], mask)
                for name in features
                if name.startswith("hidden_")
            ]
            total += self.weights.hidden * sum(losses) / len(losses)
        if self.weights.embeddings:
            ours = self._as_wide("embeddings", features["embeddings"])
            total += self.weights.embeddings * _squared_error(ours, theirs["embeddings"], mask)
        if self.weights.cosine:
            total += self.weights.cosine * _cosine_error(self._as_wide("hidden", features[LAST]), theirs[LAST], mask)
        if self.weights.relations:
            losses = [relation_error(features[name], theirs[name], mask, self.relation_heads) for name in RELATED]
            total += self.weights.relations * sum(losses) / len(losses)
        return total

    def _as_wide(self, name: str, values: Any) -> Any:
        projection = self.projections.get(name)
        values = ops.cast(values, "float32")
        return values if projection is None else projection(values)


def _common_heads(student_width: int, teacher: Any) -> int:
    """The most heads, at most the teacher's, that cut both widths into equal parts."""
    return math.gcd(teacher.num_heads, math.gcd(student_width, teacher.heads_dim))


def _squared_error(ours: Any, theirs: Any, mask: Any) -> Any:
    """The mean over real tokens of the mean over coordinates."""
    errors = ops.mean(ops.square(ours - ops.cast(theirs, "float32")), axis=-1)
    return ops.sum(errors * mask) / ops.sum(mask)


def _cosine_error(ours: Any, theirs: Any, mask: Any) -> Any:
    cosines = ops.sum(unit_length(ours) * unit_length(ops.cast(theirs, "float32")), axis=-1)
    return ops.sum((1.0 - cosines) * mask) / ops.sum(mask)


def relation_error(ours: Any, theirs: Any, mask: Any, heads: int) -> Any:
    """The divergence between how near the tokens of a text are to each other in two models (arXiv:2012.15828).

    For each head and token the products with all tokens of the text, over the root of the head's width, become
    probabilities by a softmax; the mean over heads and real tokens of the Kullback-Leibler divergence is the loss.

    Args:
        ours: (batch, length, any width that `heads` divides).
        theirs: (batch, length, any other one).
        mask: (batch, length), 1 for a real token.
        heads: into how many parts both are cut.
    """
    log_ours, log_theirs = (_log_relations(values, mask, heads) for values in (ours, theirs))
    divergence = ops.sum(ops.exp(log_theirs) * (log_theirs - log_ours), axis=-1)  # (batch, heads, length)
    counted = mask[:, None, :]
    return ops.sum(divergence * counted) / (heads * ops.sum(mask))


def _log_relations(values: Any, mask: Any, heads: int) -> Any:
    batch, length, width = ops.shape(values)
    parts = ops.reshape(ops.cast(values, "float32"), (batch, length, heads, width // heads))
    products = ops.einsum("bnhd,bmhd->bhnm", parts, parts) / math.sqrt(width // heads)
    return ops.log_softmax(ops.where(mask[:, None, None, :] > 0, products, -1e9), axis=-1)
