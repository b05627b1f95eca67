"""What is said of a file and one runtime."""

import dataclasses
from collections import Counter
from collections.abc import Iterable

# By the names that `kbert check --require` takes.
RUNTIMES = {
    "litert": "LiteRT",
    "tflite-runtime": "tflite-runtime 2.14",
    "mediapipe": "MediaPipe Text",
    "gpu-delegate": "TFLite GPU delegate",
    "onnxruntime": "ONNX Runtime",
    "onnxruntime-mobile": "ONNX Runtime Mobile",
    "onnxruntime-web": "ONNX Runtime Web",
    "transformers.js": "transformers.js",
    "openvino": "OpenVINO",
}
BY_RULES = "by its rules"


@dataclasses.dataclass(frozen=True, kw_only=True)
class RuntimeVerdict:
    """Whether a runtime takes a file.

    `runtime` is a key of `RUNTIMES`; `reasons` say why it refuses the file, and are empty where it does not; `remarks`
    are what to know before it is used there; `verified` says how the verdict was found, by its rules or by loading it.
    """

    runtime: str
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    verified: str = BY_RULES

    @property
    def accepted(self) -> bool:
        return not self.reasons

    @property
    def title(self) -> str:
        return RUNTIMES[self.runtime]

    def to_dict(self) -> dict[str, object]:
        """As JSON takes it."""
        return {**dataclasses.asdict(self), "accepted": self.accepted}


def counted(lines: Iterable[str]) -> tuple[str, ...]:
    """Each line once, in the order of first appearance, with how often it came."""
    return tuple(line if count == 1 else f"{line} ({count} times)" for line, count in Counter(lines).items())
