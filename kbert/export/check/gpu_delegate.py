"""The TFLite GPU delegate, by its rules; no GPU runs here.

The delegate takes parts of a graph and leaves the rest to the CPU. A file counts as accepted where it takes every
matrix product, in one part: data that goes to and fro costs more than it wins
(https://ai.google.dev/edge/litert/performance/gpu).
"""

import dataclasses
from collections.abc import Collection, Iterator, Sequence

from kbert.export.check.gpu_operators import obstacles
from kbert.export.check.tflite_file import Operator, TfliteFile
from kbert.export.check.verdict import BY_RULES, RuntimeVerdict, counted

PRODUCTS = {"FULLY_CONNECTED", "BATCH_MATMUL", "CONV_2D", "DEPTHWISE_CONV_2D"}


def check_gpu_delegate(file: TfliteFile) -> RuntimeVerdict:
    """Static shapes, and every operator with its types and shapes."""
    operators = _without_float16_casts(file.operators)
    found = [list(obstacles(operator)) for operator in operators]
    left = {index for index, lines in enumerate(found) if lines}
    why = {index: f"{operators[index]}: {found[index][0]}" for index in left}
    reasons = [*_shapes(file)]
    reasons += counted(why[index] for index in sorted(left) if operators[index].name in PRODUCTS)
    reasons += counted(
        f"{operator} on a constant table: the delegate takes it, and then fails to build it"
        for index, operator in enumerate(operators)
        if index not in left and _constant_table(operator)
    )
    parts = _parts(operators, left)
    if not reasons and len(parts) > 1:
        cuts = "; ".join(counted(why[index] for index in sorted(left)))
        reasons.append(
            f"{len(parts)} parts, of which the delegate takes one ({max(parts)} of {len(operators)} operators): {cuts}"
        )
    remarks: list[str] = []
    if not reasons:
        if left:
            kept = "; ".join(counted(why[index] for index in sorted(left)))
            remarks.append(f"the CPU keeps {len(left)} of {len(operators)} operators: {kept}")
        if any(tensor.constant and tensor.dtype in ("int8", "uint8") for o in operators for tensor in o.given()):
            remarks.append("8-bit weights become floats: the file is smaller, not faster")
        remarks.append(f"static length: every text is padded or cut to {file.length} tokens")
    return RuntimeVerdict(
        runtime="gpu-delegate", reasons=tuple(reasons), remarks=tuple(remarks), verified=f"{BY_RULES}, not run"
    )


def _shapes(file: TfliteFile) -> Iterator[str]:
    if file.free_inputs:
        inputs = ", ".join(map(str, file.free_inputs))
        yield f"the delegate takes static shapes, there are {inputs}"
    if file.subgraphs != 1:
        yield f"the delegate takes operators of the first subgraph, there are {file.subgraphs}"


def _without_float16_casts(operators: Sequence[Operator]) -> list[Operator]:
    """The operators without those that cast float16 weights, which the delegate reads as they are."""
    casts = {
        operator.output_indexes[0]
        for operator in operators
        if operator.name == "DEQUANTIZE" and operator.given()[0].constant and operator.given()[0].dtype == "float16"
    }
    return [
        dataclasses.replace(
            operator,
            inputs=tuple(
                dataclasses.replace(tensor, constant=True) if tensor is not None and index in casts else tensor
                for index, tensor in zip(operator.input_indexes, operator.inputs, strict=True)
            ),
        )
        for operator in operators
        if operator.output_indexes[:1] not in {(index,) for index in casts}
    ]


def _constant_table(operator: Operator) -> bool:
    # GatherOperationParser reads its first input as one that is computed; ObjectReader refuses constants there.
    return operator.name == "GATHER" and operator.given()[0].constant


def _parts(operators: Sequence[Operator], left: Collection[int]) -> list[int]:
    """The sizes of the parts that the delegate would get, as TFLite cuts graphs (tensorflow/lite/graph_info.cc).

    Parts for the delegate and for the CPU take turns; each takes every operator whose inputs are there.
    """
    produced = {tensor for operator in operators for tensor in operator.output_indexes}
    ready: set[int] = set()
    waiting = list(range(len(operators)))
    parts = []
    while waiting:
        for_gpu: bool | None = None
        part: set[int] = set()
        for index in waiting:
            if not all(tensor in ready or tensor not in produced for tensor in operators[index].input_indexes):
                continue
            if for_gpu is None:
                for_gpu = index not in left
            if for_gpu == (index not in left):
                part.add(index)
                ready.update(operators[index].output_indexes)
        if not part:  # operators that wait for each other, which no runtime takes
            break
        if for_gpu:
            parts.append(len(part))
        waiting = [index for index in waiting if index not in part]
    return parts
