"""Maven, and one run of all JVM tests with what Python found to compare with."""

import dataclasses
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "examples" / "android"


@dataclasses.dataclass(frozen=True)
class JvmTests:
    """What a run printed, and the outcome of each test: passed, failed or skipped."""

    output: str
    outcomes: dict[str, str]

    def number(self, words: str) -> int:
        """The number in the line that ends with these words."""
        lines = [line for line in self.output.splitlines() if line.endswith(words)]
        assert lines, f"no line ends with {words!r}:\n{self.output[-3000:]}"
        return int(lines[0].split()[0])


@pytest.fixture(scope="session")
def maven() -> str:
    """The command; a stranger may have none, CI must."""
    if os.environ.get("KBERT_TEST_JVM") != "1":
        pytest.skip("the library on the JVM takes minutes, and downloads 600 MB at first: run it by `make test-jvm`")
    found = shutil.which("mvn")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("mvn: Maven and Java 17 must be there in CI")
        pytest.skip("mvn: Maven is not installed here; with Java 17 it builds examples/android")
    return found


@pytest.fixture(scope="session")
def shared_or_none() -> Path | None:
    """As `shared`, but without it the rest is still tested."""
    folder = Path(os.environ.get("KBERT_SHARED", ROOT.parent / "shared"))
    if (folder / "golden").is_dir():
        return folder
    if os.environ.get("CI") == "true":
        pytest.fail(f"{folder}: the golden answers must be there in CI")
    return None


@pytest.fixture(scope="session")
def parity(tmp_path_factory, shared_or_none) -> Path:
    """The folder that the JVM tests read: tokens, words and answers as Python has them."""
    folder = tmp_path_factory.mktemp("parity")
    write_side(folder, *([] if shared_or_none is None else [shared_or_none]))
    return folder


@pytest.fixture(scope="session")
def tiny_export(tmp_path_factory) -> Path:
    """An export directory of a tiny classifier in both formats."""
    folder = tmp_path_factory.mktemp("tiny")
    write_side(folder, "export")
    return folder / "exported"


def write_side(*arguments: object) -> None:
    command = [sys.executable, Path(__file__).with_name("write_side.py"), *arguments]
    run = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]


@pytest.fixture(scope="session")
def android_library(maven, tmp_path_factory) -> dict[str, str]:
    """The environment in which a JVM runs Android's LiteRT; empty where that cannot be."""
    compiler = shutil.which("cc")
    if compiler is None or (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return {}
    command = [maven, "--batch-mode", "--quiet", "--projects", "aar-classes", "process-resources"]
    subprocess.run(command, cwd=PROJECT, check=True)
    (archive,) = (PROJECT / "aar-classes" / "target" / "aar").glob("tensorflow-lite-2*.aar")
    script = "import json, sys; from pathlib import Path; import android_library as a; "
    script += "print(json.dumps(a.make(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))"
    folder = tmp_path_factory.mktemp("android")
    run = subprocess.run(
        [sys.executable, "-c", script, str(archive), str(folder), compiler],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(run.stdout))


@pytest.fixture(scope="session")
def jvm(maven, parity, shared_or_none, android_library) -> JvmTests:
    """All JVM tests, run once."""
    environment = os.environ | {"KBERT_PARITY": str(parity)} | android_library
    if shared_or_none is not None:
        environment["KBERT_SHARED"] = str(shared_or_none)
    for report in PROJECT.glob("*/target/surefire-reports/*"):
        report.unlink()
    command = [maven, "--batch-mode", "--quiet", "--fail-at-end", "test"]
    run = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    outcomes = {}
    for report in PROJECT.glob("*/target/surefire-reports/TEST-*.xml"):
        for case in ElementTree.parse(report).iter("testcase"):
            kinds = {child.tag for child in case}
            outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
            outcomes[f"{case.get('classname', '').rpartition('.')[2]}: {case.get('name')}"] = outcome
    output = re.sub("\x1b\\[[0-9;]*m", "", run.stdout + run.stderr)  # Maven's colours
    if run.returncode and "failed" not in outcomes.values():
        pytest.fail(f"Maven failed before a test did:\n{output[-3000:]}")
    return JvmTests(output, outcomes)
