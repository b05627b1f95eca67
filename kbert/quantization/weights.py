"""Which dense layers of a model an exported file keeps in few bits, and what the inference graph folds into them.

It is what `kbert.export.graph` does with constants, said of layers.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence

import keras

from kbert.export.weight_schemes import SMALLEST
from kbert.layers.dense import Dense
from kbert.layers.heads import AnswerSpanHead, ClassificationHead, EmbeddingHead, TokenClassificationHead
from kbert.tasks.task import BertTask


@dataclasses.dataclass(frozen=True, eq=False)
class DenseWeight:
    """A dense layer whose kernel is rounded.

    The file has `gamma * kernel * factor`, with the γ of `norm`, the LayerNorm whose output the layer reads; None where
    the file keeps the two apart.
    """

    name: str
    layer: Dense
    factor: float = 1.0
    norm: keras.layers.LayerNormalization | None = None


def dense_weights(model: BertTask) -> list[DenseWeight]:
    """The layers, from the input on, without those of so few weights that they stay float32."""
    return [weight for product in _products(model) if _size(product) >= SMALLEST for weight in product]


def _products(model: BertTask) -> Iterator[list[DenseWeight]]:
    """What the file computes in one product each: whether it is rounded depends on the size of all its kernels."""
    backbone = model.backbone
    norm = backbone.embeddings.layer_norm
    if backbone.embeddings.projection is not None:
        yield [DenseWeight("embeddings.projection", backbone.embeddings.projection)]
    for i, layer in enumerate(backbone.encoder_layers):
        name, attention = f"layers.{i}", layer.attention
        one_query = layer is backbone.encoder_layers[-1] and _reads_cls_alone(model)
        scale = 1.0 / math.sqrt(backbone.config.head_dim)
        # The row of [CLS] is cut out between the LayerNorm and its query, which therefore does not take γ.
        query = DenseWeight(f"{name}.attention.query", attention.query, scale, None if one_query else norm)
        key = DenseWeight(f"{name}.attention.key", attention.key, norm=norm)
        value = DenseWeight(f"{name}.attention.value", attention.value, norm=norm)
        yield from [[query], [key, value]] if one_query else [[query, key, value]]
        yield [DenseWeight(f"{name}.attention.output", attention.output_dense)]
        yield [DenseWeight(f"{name}.intermediate", layer.intermediate, norm=layer.attention_norm)]
        yield [DenseWeight(f"{name}.output", layer.output_dense)]
        norm = layer.output_norm
    heads = model.heads.items()
    if any(isinstance(head, ClassificationHead) for _, head in heads):
        yield [DenseWeight("pooler", backbone.pooler)]
    for name, head in heads:
        if isinstance(head, ClassificationHead):
            yield [DenseWeight(f"{name}.dense", head.dense)]
        elif isinstance(head, (TokenClassificationHead, AnswerSpanHead)):
            yield [DenseWeight(f"{name}.dense", head.dense, norm=norm)]


def _reads_cls_alone(model: BertTask) -> bool:
    return all(
        isinstance(head, ClassificationHead) or (isinstance(head, EmbeddingHead) and head.pooling == "cls")
        for head in model.heads.values()
    )


def _size(product: Sequence[DenseWeight]) -> int:
    return sum(math.prod(weight.layer.kernel.shape) for weight in product)
