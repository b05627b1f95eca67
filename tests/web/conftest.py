"""The page in Node and in headless Chromium. Who lacks npm or Chromium skips these tests; CI must have both."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
WEB = ROOT / "examples" / "web"
LABELS = ["alarm", "lights", "music", "timer", "weather"]


def missing(what: str, remedy: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} must be there in CI: {remedy}")
    pytest.skip(f"no {what} here: {remedy}")


@pytest.fixture(scope="session")
def node() -> str:
    found = shutil.which("node")
    if found is None or not (WEB / "node_modules" / "playwright-core").is_dir():
        missing("npm packages of the page", "make web")
    return str(found)


@pytest.fixture(scope="session")
def built_page() -> Path:
    from kbert.web.server import PAGE

    if not (PAGE / "index.html").is_file():
        missing("page", "make web")
    return PAGE


@pytest.fixture(scope="session")
def ask_tokenizer(node, tmp_path_factory) -> Callable[..., Any]:
    """Asks the page's tokenizer, bundled for Node; see run_tokenizer.mjs."""
    folder = tmp_path_factory.mktemp("tokenizer")
    esbuild = [node, WEB / "node_modules" / "esbuild" / "bin" / "esbuild", "src/tokenizer.ts", "src/normalize.ts"]
    options = ["--bundle", "--format=esm", "--out-extension:.js=.mjs", "--log-level=warning", f"--outdir={folder}"]
    subprocess.run([*map(str, esbuild), *options], cwd=WEB, check=True)

    def ask(kind: str, **given: Any) -> Any:
        return answer_of([node, HERE / "run_tokenizer.mjs", folder], {"kind": kind, **given})

    return ask


@pytest.fixture(scope="session")
def browse(node, built_page) -> Callable[..., list[Any]]:
    """Plays a user in headless Chromium: the results of some steps; see browser.mjs. Asks no other host."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        missing("Chromium", "apt-get install chromium")

    def run(*steps: dict[str, Any], errors: bool = False) -> list[Any]:
        done = answer_of([node, HERE / "browser.mjs"], {"chromium": chromium, "steps": steps})
        assert set(done["hosts"]) <= {"127.0.0.1"}
        assert errors or done["errors"] == []
        return list(done["results"])

    return run


def answer_of(command: list[Any], request: dict[str, Any]) -> Any:
    """What a script on stdin's JSON answers in JSON on stdout."""
    done = subprocess.run([*map(str, command)], input=json.dumps(request), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def serve(built_page) -> Iterator[Callable[[Path], str]]:
    """Serves an export directory from this process; gives its address."""
    from kbert.web.server import PageServer

    servers = []

    def start(export: Path) -> str:
        server = PageServer(export)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server.url

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def serve_command(built_page) -> Iterator[Callable[[Path], tuple[str, int]]]:
    """Serves an export directory with `kbert serve`; gives its address and its process."""
    processes = []

    def start(export: Path) -> tuple[str, int]:
        command = [sys.executable, "-m", "kbert", "serve", str(export), "--no-open", "--port", "0"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        line = process.stdout.readline()
        assert line.startswith(f"{export}: http://127.0.0.1:"), line
        return line.removeprefix(f"{export}: ").split()[0], process.pid

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def write_export(tmp_path_factory) -> Callable[..., Path]:
    """Writes a model's ONNX files as an export has them, without the gate: what is asked here is the page."""
    from kbert.checkpoints import extract_weights
    from kbert.export.conversion import Converter
    from kbert.export.facts import ArtefactFacts
    from kbert.export.golden_texts import golden_vectors
    from kbert.export.recipe import Recipe

    names = {"float32": "model.onnx", "dynamic_int8": "model_quantized.onnx"}

    def write(model: Any, *schemes: str) -> Path:
        folder = tmp_path_factory.mktemp("export") / "exported"
        recipe = Recipe(formats=("onnx",), schemes=schemes)
        converter = Converter(model, extract_weights(model.named_variables()), recipe, "tiny", ())
        for scheme in schemes:
            facts = ArtefactFacts(
                task=model.problem.task,
                labels=model.problem.labels,
                tokenizer=model.known_tokenizer(),
                max_length=model.max_length,
                scheme=scheme,
                kbert_version="0",
                task_settings=model.problem.settings(),
            )
            converter.write(folder / "onnx" / names[scheme], "onnx", facts)
        vectors = golden_vectors(model.known_tokenizer(), model.max_length)
        (folder / "tokenizer_golden.json").write_text(json.dumps(vectors), "utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def config(tiny_config):
    # Weights so large that texts get different labels.
    return tiny_config.replace(max_sequence_length=64, initializer_range=0.5)


@pytest.fixture(scope="session")
def classifier_export(write_export, config, tiny_tokenizer) -> Path:
    """A classifier of five labels with random weights, float32 and int8."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(11)
    model = TextClassifier(BertBackbone(config), LABELS, tiny_tokenizer, max_length=64)
    return write_export(model, "float32", "dynamic_int8")
