"""`IntentSlotClassifier`: what an utterance asks for, and the words that say with what."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import keras

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint
from kbert.data.readers import IntentSlotTexts
from kbert.layers import ClassificationHead
from kbert.problems.intent_slots import INTENT, SLOTS
from kbert.problems.kinds import make_problem
from kbert.tasks.task import BertTask
from kbert.tasks.token_classifier import Entity, TokenClassifier, entities_of, token_head
from kbert.tokenizer import BertTokenizer, check_is_list

TASK = "intent-slots"


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntentSlotPrediction:
    """The intent of an utterance, with its probability, and its slots."""

    text: str
    intent: str
    probability: float
    entities: tuple[Entity, ...]


@keras.saving.register_keras_serializable("kbert")
class IntentSlotClassifier(BertTask):
    """Joint BERT (arXiv:1902.10909): a dense layer on `pooled_output` for the intent, one on every token for slots.

    A functional Keras model: it takes the dict of `BertBackbone` and returns float32 `intent_logits` (batch, intents)
    and `slot_logits` (batch, length, labels). The loss is the sum of both cross-entropies. `fit` and `predict` also
    take plain texts. What it saves loads in transformers as a tagger of slots.

    Args:
        backbone: the encoder.
        labels: the tags of the slots: `O`, `B-SLOT` and `I-SLOT`, in the order of the logits.
        intents: the names of the intents, in the order of theirs.
        tokenizer: what turns texts into ids.
        max_length: the tokens of a window; longer texts are read in several.
        stride: the tokens that two windows have in common; by default a quarter.
    """

    architecture = "BertForTokenClassification"

    def __init__(
        self,
        backbone: BertBackbone,
        labels: Sequence[str],
        intents: Sequence[str],
        tokenizer: BertTokenizer | None = None,
        max_length: int = 128,
        *,
        stride: int | None = None,
        **kwargs: Any,
    ) -> None:
        settings = {"intents": tuple(intents), "stride": stride}
        super().__init__(backbone, make_problem(TASK, labels, tokenizer, max_length, settings), **kwargs)

    @classmethod
    def connect(
        cls, backbone: BertBackbone, problem: Any
    ) -> tuple[dict[str, keras.layers.Layer], dict[str, keras.KerasTensor]]:
        slots = token_head(backbone, len(problem.labels))
        intent = ClassificationHead(
            len(problem.intents),
            dropout=slots.rate,
            initializer_range=slots.initializer_range,
            dtype=backbone.dtype_policy,
            name="intent",
        )
        outputs = {INTENT: intent(backbone.output["pooled_output"]), SLOTS: slots(backbone.output["sequence_output"])}
        return {"classifier": slots, "intent": intent}, outputs

    @classmethod
    def from_checkpoint(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        labels: Sequence[str] | None = None,
        intents: Sequence[str] | None = None,
        *,
        new_head: bool = False,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        dtype: Any = None,
    ) -> "IntentSlotClassifier":
        """Loads an encoder, and the heads where the checkpoint has them; then it brings `labels` and `intents` too.

        Raises:
            InputError: the checkpoint is unsound; it has no heads and no `labels` or `intents` came; or numbers differ.
        """
        return cls.load(
            reference,
            TASK,
            labels,
            new_head=new_head,
            tokenizer=tokenizer,
            max_length=max_length,
            dtype=dtype,
            **({} if intents is None else {"intents": tuple(intents)}),
        )

    @property
    def intents(self) -> tuple[str, ...]:
        problem: Any = self.problem
        found: tuple[str, ...] = problem.intents
        return found

    @staticmethod
    def loss_functions() -> dict[str, keras.losses.Loss]:
        """What `compile` takes: the loss of each output."""
        return {
            INTENT: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            SLOTS: TokenClassifier.loss_function(),
        }

    def losses_by_output(self) -> dict[str, keras.losses.Loss]:
        return self.loss_functions()

    def fit(self, x: Any = None, y: Any = None, *, batch_size: int | None = None, seed: int = 0, **kwargs: Any) -> Any:
        """As `keras.Model.fit`; `x` may be what `read_intent_slots` gives.

        Texts are batched by length, 32 at a time unless `batch_size` says otherwise, in an order drawn from `seed`.
        """
        if not isinstance(x, IntentSlotTexts):
            return super().fit(x, y, batch_size=batch_size, **kwargs)
        return self.fit_tokens(self.problem.encode_examples(x), batch_size=batch_size, seed=seed, **kwargs)

    def predict(self, x: Any, *, batch_size: int = 32, verbose: Any = 0, **kwargs: Any) -> Any:
        """As `keras.Model.predict`; for a list of texts, a list of `IntentSlotPrediction` in their order."""
        check_is_list(x)
        if not isinstance(x, (list, tuple)):
            return super().predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
        problem: Any = self.problem
        return [
            IntentSlotPrediction(
                text=answer.slots.text,
                intent=problem.intent(answer),
                probability=float(answer.intent.max()),
                entities=entities_of(answer.slots, problem),
            )
            for answer in self.answer(x, batch_size=batch_size)
        ]
