"""A float32 ONNX graph to 8-bit weights, its inputs made ready for the one scale that ONNX's operators give a text.

`DynamicQuantizeLinear` has one scale for all tokens and channels of a text, so a token or a channel that is many times
as large as the others takes their levels away. Channels are evened out by what is multiplied into the weights instead
(SmoothQuant, Xiao et al., 2022, arXiv:2211.10438); where tokens differ, after the activation function, each is brought
to one size and its outputs are multiplied by what it was divided by. Both are exact.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.onnx_weights import (
    dense_nodes,
    drop_unread_constants,
    round_positions,
    round_tokens_by_row,
    tensor_reader,
)
from kbert.export.rounding import Rounded
from kbert.export.weight_schemes import above_zero, check_finite
from kbert.extras import require

# How much of the difference between channels goes from the inputs into the weights. Of MiniLM's labels on two data
# sets, 0.6 and 0.75 keep as many.
MIGRATION = 0.7
# To even something out costs operators, so it is done where it is worth them. MiniLM's channels differ 12 to 23 times
# between attention and feed-forward, and 2 to 6 times elsewhere, which changes nothing; its tokens 6 to 9 times after
# the activation functions of four layers, and less than twice in the rest.
UNEVEN_CHANNELS = 8.0
UNEVEN_TOKENS = 3.0
ACTIVATIONS = ("Gelu", "Relu")
# No input of a GELU gives less than -0.17, so with this as the least size of a token all its values are within it.
LEAST_SIZE = 0.2
# x86 processors without VNNI add two neighbouring products of 8 bits in 16, which saturate: 255 times the sum of two
# neighbouring levels must stay below 2¹⁵, or what a file was proven to do on one processor it does not do on another.
# 128 would do; of two halves both are rounded up, which adds one.
LARGEST_LEVEL, LARGEST_PAIR = 127, 127


def to_int8(model: Any, texts: Sequence[TokenRow]) -> Any:
    """Changes a float32 `onnx.ModelProto` to 8-bit dense layers, embeddings and positions, and returns it.

    Args:
        model: as `kbert.export.onnx.convert` makes it.
        texts: rows of some texts, which tell how large each channel becomes.

    Raises:
        InputError: a weight has values that are no numbers.
    """
    onnx = require("onnx", extra="onnx")
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    made_by = {output: node.op_type for node in model.graph.node for output in node.output}
    dense = {node.name: node for node in dense_nodes(model)}
    spreads = input_spreads(model, sorted({node.input[0] for node in dense.values()}), texts)
    nodes = []
    for node in list(model.graph.node):
        if node.name not in dense:
            nodes.append(node)
            continue
        kernel = check_finite(node.name, onnx.numpy_helper.to_array(constants[node.input[1]]))
        made = _Dense(model, node, kernel)
        spread = spreads[node.input[0]]
        if spread.tokens > UNEVEN_TOKENS and made_by.get(node.input[0]) in ACTIVATIONS:
            nodes += made.by_token()
        else:
            nodes += made.by_channel(spread.peaks if spread.channels > UNEVEN_CHANNELS else None)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    round_tokens_by_row(model)
    round_positions(model)
    drop_unread_constants(model)
    return model


@dataclasses.dataclass(frozen=True)
class Spread:
    """How unlike each other the channels and the tokens of a tensor are.

    `peaks` float32 (width,) is the largest magnitude of each channel. `channels` is the largest of them over their
    median, `tokens` the same for the tokens of a text, as a mean over texts.
    """

    peaks: np.ndarray
    channels: float
    tokens: float


def input_spreads(model: Any, names: Sequence[str], texts: Sequence[TokenRow]) -> dict[str, Spread]:
    """The spreads of tensors (…, width) while texts run; without texts all are taken for even."""
    if not names or not texts:
        return dict.fromkeys(names, Spread(np.zeros(1, "float32"), 1.0, 1.0))
    read = tensor_reader(model, names)
    peaks = dict.fromkeys(names, np.zeros(1, "float32"))
    tokens: dict[str, list[float]] = {name: [] for name in names}
    for ids in texts:
        for name, values in zip(names, read(ids), strict=True):
            magnitudes = np.abs(values.reshape(-1, values.shape[-1]))
            peaks[name] = np.maximum(peaks[name], magnitudes.max(axis=0))
            tokens[name].append(_over_median(magnitudes.max(axis=1)))
    return {name: Spread(peak, _over_median(peak), float(np.mean(tokens[name]))) for name, peak in peaks.items()}


def _over_median(values: np.ndarray) -> float:
    return float(values.max() / max(float(np.median(values)), 1e-6))


def migration(peaks: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """What each channel is divided by, and its row of the kernel (inputs, outputs) multiplied by: float32 (inputs,)."""
    weights = above_zero(np.abs(kernel).max(axis=1))
    factors = above_zero(peaks) ** MIGRATION / weights ** (1.0 - MIGRATION)
    return np.asarray(factors / np.exp(np.log(factors).mean()), "float32")


def round_without_saturation(weights: np.ndarray) -> Rounded:
    """float32 (outputs, inputs) to 8-bit levels of which no two neighbours in a row are too large together."""
    magnitudes = np.abs(weights)
    pairs = (magnitudes[:, :-1] + magnitudes[:, 1:]).max(axis=1, initial=0.0)
    scales = np.maximum(magnitudes.max(axis=1) / LARGEST_LEVEL, pairs / LARGEST_PAIR)
    scales = np.maximum(scales, 1e-10).astype("float32")[:, None]
    return Rounded(np.rint(weights / scales).astype("int8"), scales)


class _Dense:
    """The operators that take the place of one product of matrices."""

    def __init__(self, model: Any, node: Any, kernel: np.ndarray) -> None:
        self.onnx = require("onnx", extra="onnx")
        self.model = model
        self.node = node
        self.kernel = kernel
        self._made: list[Any] = []

    def by_channel(self, peaks: np.ndarray | None) -> list[Any]:
        """Channels of these peaks are evened out, if any are given."""
        x, kernel = self.node.input[0], self.kernel
        if peaks is not None:
            factors = migration(peaks, kernel)
            x = self._add("Mul", [x, self._constant("evener", 1.0 / factors)])
            kernel = kernel * factors[:, None]
        self._product(x, kernel)
        return self._finished()

    def by_token(self) -> list[Any]:
        """Tokens are brought to one size before the product, and back after it."""
        x = self.node.input[0]
        size = self._add("ReduceMax", [x, self._constant("axis", np.array([-1]))], keepdims=1)
        size = self._add("Max", [size, self._constant("least_size", np.array(LEAST_SIZE, "float32"))])
        product = self._product(self._add("Div", [x, size]), self.kernel)
        self._add("Mul", [product, size])
        return self._finished()

    def _product(self, x: str, kernel: np.ndarray) -> str:
        rounded = round_without_saturation(np.ascontiguousarray(kernel.T))
        levels = self._constant("int8", np.ascontiguousarray(rounded.levels.T))
        scales = self._constant("scales", rounded.scales[:, 0])
        x, scale, zero = self._add("DynamicQuantizeLinear", [x], outputs=3)
        sums = self._add("MatMulInteger", [x, levels, zero, self._constant("zero", np.array(0, "int8"))])
        sums = self._add("Cast", [sums], to=self.onnx.TensorProto.FLOAT)
        product: str = self._add("Mul", [sums, self._add("Mul", [scale, scales])])
        return product

    def _finished(self) -> list[Any]:
        self._made[-1].output[0] = self.node.output[0]
        return self._made

    def _constant(self, what: str, value: np.ndarray) -> str:
        name = f"{self.node.name}/{what}"
        self.model.graph.initializer.append(self.onnx.numpy_helper.from_array(np.asarray(value), name))
        return name

    def _add(self, operator: str, inputs: Sequence[str], outputs: int = 1, **attributes: int) -> Any:
        name = f"{self.node.name}/{operator}_{len(self._made)}"
        names = [f"{name}:{i}" for i in range(outputs)]
        self._made.append(self.onnx.helper.make_node(operator, inputs, names, name=name, **attributes))
        return names[0] if outputs == 1 else names
