"""MediaPipe's TextClassifier, by its rules.

Sources, all under mediapipe/: tasks/cc/text/utils/text_model_utils.cc (what is a BERT model),
tasks/cc/components/processors/text_preprocessing_graph.cc (shapes), calculators/tensor/bert_preprocessor_calculator.cc
(names, lower-casing, cutting), tasks/cc/components/processors/classification_postprocessing_graph.cc (outputs).
`make test-runtimes` holds them against the wheel, 1.2.
"""

import re
from collections.abc import Iterator

from kbert.export.check.tflite_file import TfliteFile
from kbert.export.check.verdict import RuntimeVerdict
from kbert.export.inputs import TFLITE_INPUTS
from kbert.export.task_words import TASK_WORDS

OUTPUT_TYPES = ("float32", "uint8")
_NEEDED_TOKENS = ("[CLS]", "[SEP]", "[UNK]")
_CAPITAL = re.compile(r"^(?!\[)[^a-z]*[A-Z]")


def check_mediapipe(file: TfliteFile) -> RuntimeVerdict:
    """What MediaPipe's TextClassifier wants of a BERT model, and what its tokenizer does otherwise."""
    reasons = [*_task(file), *_graph(file), *_metadata(file), *_case(file)]
    return RuntimeVerdict(runtime="mediapipe", reasons=tuple(reasons), remarks=() if reasons else tuple(_remarks(file)))


def _task(file: TfliteFile) -> Iterator[str]:
    # It would load a score as the probability of a label of that name.
    if file.facts is not None and not TASK_WORDS[file.facts.task].mediapipe:
        yield f"its TextClassifier gives probabilities of labels, the model is for {file.facts.task}"


def _graph(file: TfliteFile) -> Iterator[str]:
    if file.subgraphs != 1:
        yield f"it wants one subgraph, there are {file.subgraphs}"
    if len(file.inputs) != 3:
        yield f"it wants three inputs, there are {len(file.inputs)}"
    for tensor in file.inputs:
        if tensor.dtype != "int32":
            yield f"it wants int32 inputs, there is {tensor}"
        if len(tensor.shape) != 2 or tensor.shape[0] != 1:
            yield f"it wants inputs of one text, [1, length], there is {tensor}"
    lengths = {tensor.shape[-1] for tensor in file.inputs if tensor.shape}
    if len(lengths) > 1:
        yield f"it wants one length for all inputs, static or free, there are {sorted(lengths)}"
    for tensor in file.outputs:
        if tensor.dtype not in OUTPUT_TYPES:
            yield f"it wants a float32 output, there is {tensor}"
    if len(file.outputs) != 1:
        yield f"it wants one output of probabilities, there are {len(file.outputs)}"


def _metadata(file: TfliteFile) -> Iterator[str]:
    if file.metadata is None:
        yield "it wants TFLite Metadata with a BERT tokenizer, there is no metadata"
        return
    names = file.metadata.input_names
    missing = [name for name in TFLITE_INPUTS.values() if name not in names]
    if missing:
        yield f"the metadata must name the inputs ids, mask and segment_ids; it names {', '.join(names) or 'none'}"
    if file.vocabulary is None:
        yield "the metadata gives no BertTokenizerOptions with a vocabulary for the input"
    else:
        tokens = set(_tokens(file.vocabulary))
        yield from (f"{token} is missing in the vocabulary" for token in _NEEDED_TOKENS if token not in tokens)
    if file.compressed:
        yield f"packed files must be stored uncompressed, {', '.join(file.compressed)} is compressed (use zip -0)"


def _case(file: TfliteFile) -> Iterator[str]:
    if file.vocabulary is None:
        return
    if file.facts is not None:
        cased = not file.facts.tokenizer.lowercase
    else:
        cased = any(_CAPITAL.match(token) for token in _tokens(file.vocabulary))
    if cased:
        yield "its tokenizer lower-cases A to Z, the vocabulary is cased: London is read as london"


def _remarks(file: TfliteFile) -> Iterator[str]:
    strips = file.facts is None or file.facts.tokenizer.strip_accents in (None, True)
    if strips:
        yield "its tokenizer strips no accents: the model learned etat for état, and is given état"
    yield "its tokenizer lower-cases A to Z alone: É stays É"
    if file.length is not None:
        yield f"static length: it pads and cuts every text to {file.length} tokens itself"
        return
    limit = f" (kbert cuts at {file.facts.max_length} tokens)" if file.facts else ""
    yield f"it cuts no text for a free length{limit}; one beyond the position table is an error: cut it before"


def _tokens(vocabulary: bytes) -> list[str]:
    return vocabulary.decode("utf-8", "replace").split("\n")
