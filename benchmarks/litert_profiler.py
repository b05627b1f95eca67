"""LiteRT's own profiler, which its Python package does not expose, through the C functions of its shared library.

It times every operator of XNNPACK's delegate and every other one, in whole microseconds, cut off: an operator of less
than one counts as none. The functions are those of `litert/c/litert_profiler.h`, in the wheel of ai-edge-litert 2.3.
"""

import ctypes
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ai_edge_litert
import numpy as np

from kbert.quiet import native_stderr_silenced

CPU = 1
ELEMENT_TYPES = {"float32": 1, "int32": 2}
READ, WRITE = 0, 1
# Of tflite::Profiler::EventType: an operator that ran, and one that a delegate says it ran.
OPERATOR_EVENTS = (2, 8)


class _Layout(ctypes.Structure):
    _fields_ = (("rank", ctypes.c_uint32), ("sizes", ctypes.c_int32 * 8), ("strides", ctypes.c_uint32 * 8))


class _TensorType(ctypes.Structure):
    _fields_ = (("element_type", ctypes.c_int32), ("layout", _Layout))


class _Event(ctypes.Structure):
    _fields_ = (
        ("tag", ctypes.c_char_p),
        ("kind", ctypes.c_int),
        ("start_us", ctypes.c_uint64),
        ("elapsed_us", ctypes.c_uint64),
        ("memory", ctypes.c_size_t * 6),
        ("node", ctypes.c_uint64),
        ("subgraph", ctypes.c_uint64),
        ("source", ctypes.c_int),
    )


@dataclasses.dataclass(frozen=True)
class OperatorTime:
    """One operator of one run: what the runtime calls it, which of the graph or of its delegate it is, and its time."""

    name: str
    delegated: bool
    node: int
    us: int


class ProfiledModel:
    """A TFLite file in LiteRT's CompiledModel on the processor, with the inputs of its first signature set once.

    Args:
        path: the file.
        inputs: by name, int32 or float32; the model is resized to their shapes.
        num_threads: of XNNPACK.

    Raises:
        RuntimeError: LiteRT refuses something; names the function and its status.
    """

    def __init__(self, path: Path, inputs: Mapping[str, np.ndarray], num_threads: int) -> None:
        with native_stderr_silenced():
            self._library = ctypes.CDLL(str(Path(ai_edge_litert.__file__).parent / "libLiteRt.so"))
            self._environment = self._new("LiteRtCreateEnvironment", 0, None)
            self._file = self._new("LiteRtCreateModelFromFile", self._environment, str(path).encode())
            options = self._new("LiteRtCreateOptions")
            self._call("LiteRtSetOptionsHardwareAccelerators", options, CPU)
            # LiteRT reads a group of options as TOML.
            self._texts = [ctypes.create_string_buffer(text) for text in (b"enable_profiling = true\n",)]
            self._texts.append(ctypes.create_string_buffer(b"num_threads = %d\n" % num_threads))
            self._keep = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda pointer: None)
            for group, text in zip((b"runtime_options_string", b"xnnpack"), self._texts, strict=True):
                pointer = ctypes.cast(text, ctypes.c_void_p)
                opaque = self._new("LiteRtCreateOpaqueOptions", group, pointer, self._keep)
                self._call("LiteRtAddOpaqueOptions", options, opaque)
            self._model = self._new("LiteRtCreateCompiledModel", self._environment, self._file, options)
            self._profiler = self._new("LiteRtCompiledModelGetProfiler", self._model)
            self._inputs = self._make_inputs(inputs)
            self._outputs = self._make_outputs()

    def run(self) -> None:
        self._call(
            "LiteRtRunCompiledModel",
            self._model,
            _size(0),
            _size(len(self._inputs)),
            self._inputs,
            _size(len(self._outputs)),
            self._outputs,
        )

    def profile(self) -> list[OperatorTime]:
        """The operators of one run, in their order."""
        self._call("LiteRtResetProfiler", self._profiler)
        self._call("LiteRtStartProfiler", self._profiler)
        self.run()
        self._call("LiteRtStopProfiler", self._profiler)
        count = ctypes.c_int()
        self._call("LiteRtGetNumProfilerEvents", self._profiler, ctypes.byref(count))
        events = (_Event * count.value)()
        self._call("LiteRtGetProfilerEvents", self._profiler, count, events)
        return [
            OperatorTime(event.tag.decode(), event.kind == OPERATOR_EVENTS[1], event.node, event.elapsed_us)
            for event in events
            # The delegate is an operator of the graph too: its time is that of those inside.
            if event.kind in OPERATOR_EVENTS and b"Delegate" not in event.tag
        ]

    def output(self) -> np.ndarray:
        """The first output of the last run, float32."""
        count = int(np.prod(self._output_shape))
        # An item of the array is a plain integer, which would be passed as 32 bits.
        address, buffer = ctypes.c_void_p(), ctypes.c_void_p(self._outputs[0])
        self._call("LiteRtLockTensorBuffer", buffer, ctypes.byref(address), READ)
        values = np.ctypeslib.as_array((ctypes.c_float * count).from_address(address.value or 0)).copy()
        self._call("LiteRtUnlockTensorBuffer", buffer)
        return values.reshape(self._output_shape)

    def _make_inputs(self, inputs: Mapping[str, np.ndarray]) -> Any:
        signature = self._new("LiteRtGetModelSignature", self._file, _size(0))
        count = ctypes.c_size_t()
        self._call("LiteRtGetNumSignatureInputs", signature, ctypes.byref(count))
        names = []
        for index in range(count.value):
            name = ctypes.c_char_p()
            self._call("LiteRtGetSignatureInputName", signature, _size(index), ctypes.byref(name))
            names.append((name.value or b"").decode())
        for index, name in enumerate(names):
            shape = inputs[name].shape
            sizes = (ctypes.c_int * len(shape))(*shape)
            self._call(
                "LiteRtCompiledModelResizeInputTensor", self._model, _size(0), _size(index), sizes, _size(len(shape))
            )
        buffers = []
        for index, name in enumerate(names):
            values = np.ascontiguousarray(inputs[name])
            needs = self._new("LiteRtGetCompiledModelInputBufferRequirements", self._model, _size(0), _size(index))
            buffer = self._buffer(values.shape, str(values.dtype), needs)
            address = ctypes.c_void_p()
            self._call("LiteRtLockTensorBuffer", buffer, ctypes.byref(address), WRITE)
            ctypes.memmove(address, values.ctypes.data, values.nbytes)
            self._call("LiteRtUnlockTensorBuffer", buffer)
            buffers.append(buffer)
        return (ctypes.c_void_p * len(buffers))(*buffers)

    def _make_outputs(self) -> Any:
        layouts = (_Layout * 1)()
        self._call(
            "LiteRtGetCompiledModelOutputTensorLayouts", self._model, _size(0), _size(1), layouts, ctypes.c_bool(True)
        )
        self._output_shape = tuple(layouts[0].sizes[: layouts[0].rank & 0x7F])
        needs = self._new("LiteRtGetCompiledModelOutputBufferRequirements", self._model, _size(0), _size(0))
        return (ctypes.c_void_p * 1)(self._buffer(self._output_shape, "float32", needs))

    def _buffer(self, shape: tuple[int, ...], dtype: str, needs: ctypes.c_void_p) -> ctypes.c_void_p:
        layout = _Layout(len(shape), (ctypes.c_int32 * 8)(*shape))
        kind = _TensorType(ELEMENT_TYPES[dtype], layout)
        return self._new(
            "LiteRtCreateManagedTensorBufferFromRequirements", self._environment, ctypes.byref(kind), needs
        )

    def _new(self, function: str, *arguments: Any) -> ctypes.c_void_p:
        handle = ctypes.c_void_p()
        self._call(function, *arguments, ctypes.byref(handle))
        return handle

    def _call(self, function: str, *arguments: Any) -> None:
        status = getattr(self._library, function)(*arguments)
        if status:
            raise RuntimeError(f"{function} gave status {status}. The functions are those of ai-edge-litert 2.3")


def _size(value: int) -> ctypes.c_size_t:
    return ctypes.c_size_t(value)
