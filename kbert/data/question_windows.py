"""Questions with their texts as rows of tokens: windows over the text, each behind the whole question."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kbert.data.batching import IGNORED, TokenizedTexts
from kbert.data.questions import Answer
from kbert.errors import InputError

if TYPE_CHECKING:
    from kbert.tokenizer import BertTokenizer

START, END = "start_logits", "end_logits"
# [CLS] question [SEP] text [SEP]
SPECIAL = 3
# The share of a window that a question must leave for its text: less would cut a long text into very many windows.
LEAST_SHARE = 4
# So many texts are tokenized at a time: what the tokenizer says of each takes far more memory than what is kept.
TEXTS_AT_ONCE = 256

Tokens = tuple[np.ndarray, np.ndarray]


def question_windows(
    tokenizer: "BertTokenizer",
    inputs: Sequence[tuple[str, str]],
    answers: Sequence[Answer | None] | None = None,
    *,
    max_length: int,
    stride: int,
    place: Callable[[int], str] = lambda i: f"question {i + 1}",
) -> TokenizedTexts:
    """Rows `[CLS] question [SEP] window of the text [SEP]`; as many a question as its text needs.

    A text that does not fit into one window is cut into windows that overlap by `stride` tokens (at most half of what
    the question leaves), the last of which ends with the text. So an answer of up to `stride` tokens stands whole in
    one of them. `offsets` are places in the text, (0, 0) for what is not of it; `second_starts` is where it begins.

    With `answers` there are targets for `start_logits` and `end_logits`, int32 (tokens,): 1 at the place to find, 0 at
    the others that may be chosen, [CLS] and the text, and `IGNORED` elsewhere. The place is that of the answer where
    the window holds all of it, else [CLS]. An answer that no window holds is nothing to learn from: all is `IGNORED`.

    Args:
        tokenizer: what makes the ids.
        inputs: questions, each with its text.
        answers: of each question, start in code points and text; None where there is none.
        max_length: tokens of a window, special ones included.
        stride: tokens that neighbouring windows share.
        place: what to call a question in an error.

    Raises:
        InputError: a question leaves no room for its text; a text, or an answer, has no tokens.
    """
    questions = question_tokens(tokenizer, [question for question, _ in inputs], max_length=max_length, place=place)
    contexts = _distinct_tokens(tokenizer, [context for _, context in inputs])
    cls, sep = ([tokenizer.token_id(token)] for token in ("[CLS]", "[SEP]"))
    ids: list[np.ndarray] = []
    offsets: list[np.ndarray] = []
    targets: dict[str, list[np.ndarray]] = {} if answers is None else {START: [], END: []}
    owners: list[int] = []
    for owner, (question, (_, context)) in enumerate(zip(questions, inputs, strict=True)):
        context_ids, context_offsets = contexts[context]
        if not len(context_ids):
            raise InputError(f"{place(owner)}: expected a text to find the answer in, it is empty")
        head = np.concatenate([cls, question, sep])
        windows = window_slices(len(context_ids), max_length - SPECIAL - len(question), stride)
        for window in windows:
            ids.append(np.concatenate([head, context_ids[window], sep]))
            offsets.append(np.pad(context_offsets[window], ((len(head), 1), (0, 0))))
            owners.append(owner)
        if answers is not None:
            span = _answer_tokens(context_offsets, answers[owner], place(owner))
            for name, rows in _targets(windows, span, len(head)).items():
                targets[name] += rows
    return TokenizedTexts(
        token_ids=_joined(ids),
        starts=np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype("int64"),
        second_starts=np.asarray([len(questions[owner]) + 2 for owner in owners], "int32"),
        owners=np.asarray(owners, "int32"),
        offsets=_joined(offsets).reshape(-1, 2),
        targets={name: _joined(rows) for name, rows in targets.items()},
    )


def question_tokens(
    tokenizer: "BertTokenizer", questions: Sequence[str], *, max_length: int, place: Callable[[int], str]
) -> list[np.ndarray]:
    """The token ids of each question, int32, without special ones.

    Raises:
        InputError: one leaves less than a quarter of the window for its text.
    """
    most = max_length - SPECIAL - max(1, max_length // LEAST_SHARE)
    found = _distinct_tokens(tokenizer, questions)
    for i, question in enumerate(questions):
        if len(found[question][0]) > most:
            raise InputError(
                f"{place(i)}: expected a question of at most {max(0, most)} tokens, which leaves a quarter of a window "
                f"of {max_length} for its text, got {len(found[question][0])}. Shorten it, or train with a larger "
                "--max-length"
            )
    return [found[question][0] for question in questions]


def window_slices(length: int, room: int, stride: int) -> list[slice]:
    """Windows of `room` tokens that overlap by `stride`, or half of `room` if that is less; the last ends at the end.

    Example:
        >>> window_slices(10, room=6, stride=2)
        [slice(0, 6, None), slice(4, 10, None)]
    """
    if length <= room:
        return [slice(0, length)]
    step = room - min(stride, room // 2)
    return [slice(start, start + room) for start in (*range(0, length - room, step), length - room)]


def _distinct_tokens(tokenizer: "BertTokenizer", texts: Iterable[str]) -> dict[str, Tokens]:
    """Of each text the token ids, int32 (tokens,), and their places in it, int32 (tokens, 2); equal texts once."""
    distinct = list(dict.fromkeys(texts))
    found: dict[str, Tokens] = {}
    for start in range(0, len(distinct), TEXTS_AT_ONCE):
        some = distinct[start : start + TEXTS_AT_ONCE]
        for text, encoding in zip(some, tokenizer.encode_batch(some), strict=True):
            offsets = np.asarray(encoding.offsets[1:-1], "int32").reshape(-1, 2)
            found[text] = np.asarray(encoding.token_ids[1:-1], "int32"), offsets
    return found


def _answer_tokens(offsets: np.ndarray, answer: Answer | None, place: str) -> tuple[int, int] | None:
    """The first and last token of an answer in its text."""
    if answer is None:
        return None
    start, text = answer
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], start + len(text), side="left")) - 1
    if first > last:
        raise InputError(
            f"{place}: expected an answer that the tokenizer leaves something of, got {text!r}. Remove the question"
        )
    return first, last


def _targets(windows: Sequence[slice], span: tuple[int, int] | None, head: int) -> dict[str, list[np.ndarray]]:
    """The targets of each window of a question; `head` tokens stand before the text."""
    held = [span is not None and window.start <= span[0] and span[1] < window.stop for window in windows]
    found: dict[str, list[np.ndarray]] = {START: [], END: []}
    for window, holds in zip(windows, held, strict=True):
        for name, which in ((START, 0), (END, 1)):
            row = np.full(head + window.stop - window.start + 1, IGNORED, "int32")
            if span is None or any(held):
                row[0] = 0
                row[head:-1] = 0
                row[head + span[which] - window.start if span is not None and holds else 0] = 1
            found[name].append(row)
    return found


def _joined(rows: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(rows).astype("int32") if rows else np.zeros(0, "int32")
