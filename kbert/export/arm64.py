"""Exported files on emulated 64-bit ARM, so that the kernels that a phone runs are part of the proof.

QEMU runs each instruction as the processor it plays would; `export/device/arm64.sh` builds what it needs. Texts are
encoded here, by the tokenizer that the file carries; ids go over in one .npz file, and probabilities come back.
`python -m kbert.export.arm64 FILE --texts F` compares a file's answers on three cores with those of this machine.
"""

import dataclasses
import importlib.metadata
import importlib.resources
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np

from kbert.data.batching import TokenizedTexts, TokenRow
from kbert.errors import InputError
from kbert.export.facts import ArtefactFacts
from kbert.export.inputs import ONNX_INPUTS, TFLITE_INPUTS
from kbert.export.metadata import read_metadata
from kbert.export.runtime import open_artefact
from kbert.export.text_input import FromText

# One processor for each kind of int8 kernel that the runtimes choose between, oldest first.
CORES = {
    "cortex-a53": "NEON alone (phones from 2014)",
    "cortex-a76": "with the dot product, sdot (from 2019)",
    "cortex-a710": "with matrix products, smmla (from 2022)",
}
PACKAGES = {".tflite": "ai-edge-litert", ".onnx": "onnxruntime"}
SHOWN_EVERY = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Device:
    """A Python that has the runtimes and need not have kbert.

    `command` starts it, `environment` is added to this process's variables, `name` says in reports what it is.
    """

    command: tuple[str, ...]
    name: str
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def start(self, *arguments: str, stderr: object = subprocess.PIPE) -> "subprocess.Popen[str]":
        """Starts it with arguments, such as a script and the script's arguments; its output can be read."""
        return subprocess.Popen(
            [*self.command, *arguments],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=stderr,  # type: ignore[call-overload]
            text=True,
        )


def device_file(name: str) -> Path:
    """Where a file of `export/device` lies, in a checkout or in an installed kbert."""
    return Path(str(importlib.resources.files("kbert.device").joinpath(name)))


def arm64(core: str = "cortex-a76") -> Device:
    """Emulated 64-bit ARM with the instructions of a processor, one of `CORES` or another that QEMU knows.

    Raises:
        InputError: its environment has not been made, or QEMU does not know the core.
    """
    script = device_file("arm64.sh")
    device = Device(
        command=("bash", str(script), "run"),
        name=f"emulated {core}",
        environment={"KBERT_ARM64_CORE": core, "PYTHON": sys.executable},
    )
    with device.start("-c", "") as process:
        _, said = process.communicate()
    if process.returncode:
        raise InputError(f"emulated ARM ({core}) does not run: {_last_line(said, process.returncode)}")
    return device


def this_machine() -> Device:
    """The processor of this machine, by the Python that runs kbert."""
    return Device(command=(sys.executable,), name="this machine")


class DeviceArtefact(FromText):
    """An exported file, run by the Python of a `Device`: text in, answers out, as `open_artefact` gives them.

    Args:
        path: a file that kbert exported.
        device: where to run it.
        processes: how many to run side by side, one thread each.
        builtin_kernels: run a TFLite file by TFLite's own kernels, without XNNPACK.
        say: told now and then how many texts are done.

    Raises:
        InputError: the file is missing, damaged, or none that kbert exported.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        device: Device,
        *,
        processes: int = 2,
        builtin_kernels: bool = False,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        # Opened here first: a damaged file is explained, and an older runtime on the device is not blamed for it.
        here = open_artefact(path)
        self.path = here.path
        self.facts: ArtefactFacts = here.facts
        self._outputs: list[str] = getattr(here, "output_names", [])
        self.device = device
        self.processes = processes
        self.builtin_kernels = builtin_kernels
        self.say = say

    def runtime(self) -> str:
        """What runs the file and where, for a report: `ai-edge-litert 2.3.0, emulated cortex-a76`.

        Raises:
            InputError: the device lacks the runtime.
        """
        package = PACKAGES[self.path.suffix]
        with self.device.start("-c", f"import importlib.metadata as m; print(m.version({package!r}))") as process:
            version, said = process.communicate()
        if process.returncode:
            raise InputError(f"{self.device.name} lacks {package}: {_last_line(said, process.returncode)}")
        kernels = " without XNNPACK" if self.builtin_kernels else ""
        return f"{package} {version.strip()}{kernels}, {self.device.name}"

    def run(self, row: TokenRow) -> dict[str, np.ndarray]:
        """One row -> the activated outputs by name; starts a process for it."""
        return self._run_all([row])[0]

    def run_rows(self, tokens: TokenizedTexts) -> list[dict[str, np.ndarray]]:
        """The outputs of each row.

        Raises:
            InputError: the device could not run the file; says why.
        """
        return self._run_all([tokens.row(i) for i in range(len(tokens))])

    def _run_all(self, rows: Sequence[TokenRow]) -> list[dict[str, np.ndarray]]:
        if not rows:
            return []
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))  # a runtime resizes where the length changes
        shares = [order[first :: self.processes] for first in range(min(self.processes, len(order)))]
        counter = _Counter(len(rows), lambda done: self.say(f"{self.path.name} on {self.device.name}: {done}"))
        found: list[dict[str, np.ndarray]] = [{} for _ in rows]
        with tempfile.TemporaryDirectory(prefix="kbert-") as folder, ThreadPoolExecutor(len(shares)) as pool:
            started = [
                pool.submit(self._run_share, Path(folder) / str(number), [rows[i] for i in share], counter)
                for number, share in enumerate(shares)
            ]
            for share, result in zip(shares, started, strict=True):
                for place, outputs in zip(share, result.result(), strict=True):
                    found[place] = outputs
        return found

    def _run_share(self, folder: Path, rows: Sequence[TokenRow], counter: "_Counter") -> list[dict[str, np.ndarray]]:
        """The activated outputs of rows, by one process."""
        folder.mkdir()
        inputs, outputs, errors = folder / "inputs.npz", folder / "outputs.npz", folder / "stderr"
        names, roles = self._inputs()
        columns = {name: np.concatenate([getattr(row, name) for row in rows]) for name in ("token_ids", "segment_ids")}
        np.savez(inputs, lengths=[len(row) for row in rows], names=names, roles=roles, **columns)  # type: ignore[arg-type]
        options = ["--builtin-kernels"] if self.builtin_kernels else []
        with errors.open("w") as stderr:
            process = self.device.start(
                str(device_file("run_file.py")), str(self.path), str(inputs), str(outputs), *options, stderr=stderr
            )
            with process:
                for _ in process.stdout or ():
                    counter.one_more()
        if process.returncode:
            reason = _last_line(errors.read_text("utf-8", "replace"), process.returncode)
            raise InputError(f"{self.path}: could not be run on {self.device.name}: {reason}")
        with np.load(outputs) as values:
            return [
                self._activated({name: values[f"{i}/{place}"] for place, name in enumerate(self._outputs)})
                for i in range(len(rows))
            ]

    def _inputs(self) -> tuple[list[str], list[str]]:
        """The names of the file's inputs, and what each takes."""
        if self.path.suffix == ".onnx":
            return list(ONNX_INPUTS.values()), list(ONNX_INPUTS)
        metadata = read_metadata(self.path.read_bytes())
        roles = {name: role for role, name in TFLITE_INPUTS.items()}
        names = list(metadata.input_names) if metadata else []
        return names, [roles[name] for name in names]

    def _activated(self, outputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if self.path.suffix == ".tflite":
            return outputs
        ours = {theirs: name for name, theirs in self.problem.onnx_outputs.items()}
        return self.problem.activate({ours[name]: value for name, value in outputs.items()})


def open_on_arm64(
    path: str | os.PathLike[str],
    core: str = "cortex-a76",
    *,
    processes: int = 2,
    say: Callable[[str], None] = lambda line: None,
) -> DeviceArtefact:
    """An exported file on emulated 64-bit ARM, see `DeviceArtefact` and `arm64`.

    Raises:
        InputError: the file cannot be used, or the environment for the emulation has not been made.
    """
    return DeviceArtefact(path, arm64(core), processes=processes, say=say)


def answers(
    path: str | os.PathLike[str],
    texts: Sequence[str],
    devices: Sequence[Device],
    *,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, np.ndarray]:
    """The probabilities (texts, labels), float32, of an exported file here and on each device, by what ran it.

    First comes this machine, and for a TFLite file next this machine without XNNPACK.

    Raises:
        InputError: the file cannot be used here, or not on a device.
    """
    here = this_machine()
    runs = [DeviceArtefact(path, here, say=say)]
    if runs[0].path.suffix == ".tflite":
        runs.append(DeviceArtefact(path, here, builtin_kernels=True, say=say))
    runs += [DeviceArtefact(path, device, say=say) for device in devices]
    return {run.runtime(): run.predict_proba(texts) for run in runs}


@click.command()
@click.argument("file")
@click.option("--texts", "source", required=True, help="Texts to run: .tsv, .csv or .jsonl, or else one a line.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Run every n-th text alone.")
@click.option("--core", "cores", multiple=True, help="A core to emulate, more than once.  [default: three kinds]")
def main(file: str, source: str, every: int, cores: tuple[str, ...]) -> None:
    """Run an exported FILE on emulated ARM cores, and compare its answers with those of this machine."""
    from kbert.cli.screen import error_console
    from kbert.data.readers import read_texts

    try:
        devices = [arm64(core) for core in cores or CORES]
        texts = read_texts(source)[::every]
        with error_console().status("opening") as status:
            found = answers(file, texts, devices, say=status.update)
    except InputError as error:
        sys.exit(f"error: {error}")
    reference = next(iter(found.values()))
    click.echo(f"{len(texts)} texts; differences of probabilities from this machine's\n largest   median  labels equal")
    for name, probabilities in found.items():
        shift = np.abs(probabilities - reference).max(axis=1)
        equal = int((probabilities.argmax(axis=1) == reference.argmax(axis=1)).sum())
        click.echo(f"{shift.max():8.1e} {np.median(shift):8.1e} {equal:5d} of {len(texts):4d}  {name}")


class _Counter:
    """Counts texts over all processes; tells of every twentieth and the last."""

    def __init__(self, total: int, tell: Callable[[str], None]) -> None:
        self._done = 0
        self._total = total
        self._tell = tell

    def one_more(self) -> None:
        self._done += 1
        if self._done % SHOWN_EVERY == 0 or self._done == self._total:
            self._tell(f"{self._done} of {self._total} texts")


def _last_line(said: str, code: int) -> str:
    lines = [line for line in said.strip().splitlines() if line.strip()]
    return lines[-1].removeprefix("arm64.sh: ") if lines else f"it ended with code {code}"


if __name__ == "__main__":
    main()
