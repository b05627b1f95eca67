"""What an export says of each task: the same report speaks of labels, of scores or of answers."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaskWords:
    """`model` follows "A BERT", `things` are what it reads, `answer` and `answers` what it gives.

    `shift` says what the largest shift is. `hub_tag` is Hugging Face's name for such models. `pipeline` is that of
    transformers.js which reads the ONNX file's outputs as kbert does, `mediapipe` whether MediaPipe's TextClassifier
    reads the TFLite file's; both take one text alone.
    """

    model: str
    answer: str
    answers: str
    shift: str = "how far an answer moved at most"
    hub_tag: str
    pipeline: str | None = None
    mediapipe: bool = False


_OF_PROBABILITIES = "that of any probability"

TASK_WORDS = {
    "text-classification": TaskWords(
        model="classifier of {inputs}{labels}",
        answer="label",
        answers="labels",
        shift=_OF_PROBABILITIES,
        hub_tag="text-classification",
        pipeline="text-classification",
        mediapipe=True,
    ),
    "multi-label": TaskWords(
        model="classifier of {inputs}{labels}, any number of them at once",
        answer="set of labels",
        answers="sets of labels",
        shift=_OF_PROBABILITIES,
        hub_tag="text-classification",
        pipeline="text-classification",
        mediapipe=True,
    ),
    "regression": TaskWords(
        model="model that gives a score to {inputs}",
        answer="score",
        answers="scores (to 1 % of their range)",
        shift="the largest change of a score, as a share of their range",
        hub_tag="text-classification",
    ),
    "token-classification": TaskWords(
        model="tagger of the words of {inputs}{labels}",
        answer="tagging",
        answers="taggings",
        hub_tag="token-classification",
        pipeline="token-classification",
    ),
    "intent-slots": TaskWords(
        model="model that finds intents and slots in {inputs}",
        answer="intent or slots",
        answers="intents and slots",
        hub_tag="token-classification",
    ),
    "question-answering": TaskWords(
        model="model that finds the answers to questions in texts",
        answer="answer",
        answers="answers",
        hub_tag="question-answering",
        pipeline="question-answering",
    ),
    "embedding": TaskWords(
        model="model that turns {inputs} into vectors",
        answer="vector",
        answers="vectors",
        hub_tag="feature-extraction",
    ),
}


def model_text(task: str, labels: int, *, pairs: bool) -> str:
    """What a model is, in a few words: "A BERT classifier of texts with 2 labels"."""
    counted = f" with {labels} label{'s' if labels > 1 else ''}" if labels else ""
    inputs = "pairs of texts" if pairs else "texts"
    return f"A BERT {TASK_WORDS[task].model.format(inputs=inputs, labels=counted)}"
