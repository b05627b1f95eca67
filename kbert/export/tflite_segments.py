"""What tensors of a TFLite graph are for many texts, each computed from those before it, not anew from the text."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.inputs import TFLITE_INPUTS, feed
from kbert.export.runtime import default_threads
from kbert.export.tflite_weights import text_length, utilities, write_graph
from kbert.extras import require
from kbert.quiet import native_stderr_silenced


class TensorValues:
    """Tensors of a graph, one after another, for all texts.

    A value is kept until no tensor that is still to come is computed from it. Between two tensors the weights that come
    after the first of them may change.

    Args:
        graph: as `read_graph` gives it, with one signature.
        tensors: the numbers of the tensors, in the order of execution.
        texts: rows to run.
    """

    def __init__(self, graph: Any, tensors: Sequence[int], texts: Sequence[TokenRow]) -> None:
        self._graph = graph
        self._texts = sorted(texts, key=len)  # so that the runtime seldom has to resize
        length = text_length(graph)
        self._feeds = [feed(TFLITE_INPUTS, row, "int32", length) for row in self._texts]
        (signature,) = graph.signatureDefs
        self._inputs = {int(entry.tensorIndex): entry.name.decode() for entry in signature.inputs}
        self._known: dict[int, list[np.ndarray]] = {}
        # By tensor: what it is computed from, and the operators between.
        self._parts = {tensor: _part(graph, tensor, {*self._inputs, *tensors[:i]}) for i, tensor in enumerate(tensors)}
        self._to_come = list(tensors)

    def next(self) -> list[np.ndarray]:
        """The values of the next of the tensors, (…, width) for each text, in the order of their lengths, unpadded."""
        tensor = self._to_come.pop(0)
        sources, operators = self._parts[tensor]
        values = self._known[tensor] = self._run(tensor, sources, operators)
        needed = {source for other in self._to_come for source in self._parts[other][0]}
        self._known = {known: kept for known, kept in self._known.items() if known in needed}
        return [value[..., : len(row), :] for value, row in zip(values, self._texts, strict=True)]

    def _run(self, tensor: int, sources: Sequence[int], operators: Sequence[int]) -> list[np.ndarray]:
        with native_stderr_silenced():
            interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter(
                model_content=_cut_out(self._graph, tensor, sources, operators), num_threads=default_threads()
            )
            interpreter.allocate_tensors()  # which is when the delegate announces itself
        found, shapes = [], None
        for i, inputs in enumerate(self._feeds):
            values = [
                inputs[self._inputs[source]] if source in self._inputs else self._known[source][i] for source in sources
            ]
            if shapes != [value.shape for value in values]:
                shapes = [value.shape for value in values]
                for source, shape in zip(sources, shapes, strict=True):
                    interpreter.resize_tensor_input(source, shape)
                interpreter.allocate_tensors()
            for source, value in zip(sources, values, strict=True):
                interpreter.set_tensor(source, value)
            interpreter.invoke()
            found.append(interpreter.get_tensor(tensor))
        return found


def _part(graph: Any, tensor: int, known: set[int]) -> tuple[list[int], list[int]]:
    """The known tensors that another is computed from, and the places of the operators between, in their order."""
    operators = graph.subgraphs[0].operators
    makers = {int(output): i for i, operator in enumerate(operators) for output in operator.outputs}
    sources, between, to_see = set(), set(), [tensor]
    while to_see:
        maker = makers.get(to_see.pop())
        if maker is None or maker in between:
            continue
        between.add(maker)
        read = _read_by(operators[maker])
        sources |= read & known
        to_see += read - known
    return sorted(sources), sorted(between)


def _read_by(operator: Any) -> set[int]:
    """The tensors that an operator reads; -1 stands for an input that is left out."""
    return set() if operator.inputs is None else {int(number) for number in operator.inputs} - {-1}


def _cut_out(graph: Any, tensor: int, sources: Sequence[int], operators: Sequence[int]) -> bytes:
    """A file of some operators of a graph alone, whose tensors keep their numbers."""
    part, subgraph = copy.copy(graph), copy.copy(graph.subgraphs[0])
    part.subgraphs, part.signatureDefs, part.metadata, part.metadataBuffer = [subgraph], [], [], []
    subgraph.operators = [subgraph.operators[i] for i in operators]
    subgraph.inputs, subgraph.outputs = list(sources), [tensor]
    read = set().union(*map(_read_by, subgraph.operators))
    quantizations = [subgraph.tensors[number].quantization for number in read]
    read |= {int(kept.details.scales) for kept in quantizations if kept is not None and kept.details is not None}
    buffers = {subgraph.tensors[number].buffer for number in read}
    nothing = utilities().schema_fb.BufferT()
    part.buffers = [buffer if i in buffers else nothing for i, buffer in enumerate(graph.buffers)]
    return write_graph(part)
