import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kbert.data import prepare, shard_writer
from kbert.data.prepare import prepare_shards
from kbert.data.shards import check_vocabulary, open_shards, verify_shard
from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer

ROOT = Path(__file__).parent.parent.parent
SETTINGS = {"max_length": 16, "shard_mb": 0.0002}


@pytest.fixture
def text(tmp_path) -> Path:
    """Forty documents of three sentences in two files, some 1,600 bytes: eight shards of the settings above."""
    folder = tmp_path / "text"
    folder.mkdir()
    documents = [f"the film was good {'! ' * (number % 3)}. A bad day was it. A day.\n" for number in range(40)]
    (folder / "a.txt").write_text("\n".join(documents[:30]), "utf-8")
    (folder / "b.txt").write_text("\n".join(documents[30:]), "utf-8")
    return folder


@pytest.fixture
def prepared(text, tmp_path, tiny_tokenizer):
    return prepare_shards([text], tiny_tokenizer, tmp_path / "shards", **SETTINGS)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def windows_of(shards) -> list[dict]:
    import tensorflow as tf

    features = {
        "document": tf.io.FixedLenFeature([], tf.int64),
        "sentence_starts": tf.io.RaggedFeature(tf.int64),
        "token_ids": tf.io.RaggedFeature(tf.int64),
    }
    records = tf.data.TFRecordDataset([str(path) for path in shards.paths], compression_type="GZIP")
    rows = [tf.io.parse_single_example(record, features) for record in records]
    return [{name: value.numpy().tolist() for name, value in row.items()} for row in rows]


def test_shards_hold_the_text(prepared, tiny_tokenizer, text):
    windows = windows_of(prepared)
    assert len(windows) == prepared.num_windows == prepared.totals["windows"]
    assert len({window["document"] for window in windows}) == prepared.totals["documents"] == 40
    assert prepared.totals["sentences"] == 120
    whole = (text / "a.txt").read_text("utf-8") + (text / "b.txt").read_text("utf-8")
    (expected,) = tiny_tokenizer.token_ids_batch([whole])
    assert [token for window in windows for token in window["token_ids"]] == expected
    assert prepared.totals["tokens"] == len(expected)
    assert all(len(window["token_ids"]) <= 13 for window in windows)
    single = sum(len(window["sentence_starts"]) == 1 for window in windows)
    assert prepared.totals["one_sentence_windows"] == single > 0


def test_full_windows(text, tmp_path, tiny_tokenizer):
    shards = prepare_shards([text], tiny_tokenizer, tmp_path / "shards", **SETTINGS, sentence_objective="none")
    for path, counts in zip(shards.paths, shards.shards, strict=True):
        lengths = [len(window["token_ids"]) for window in windows_of(_one(shards, counts.name))]
        assert path.name == counts.name
        assert set(lengths[:-1]) == {14}


def _one(shards, name):
    return type("Shards", (), {"paths": [shards.directory / name]})


def test_the_folder(prepared, text, tiny_tokenizer):
    folder = prepared.directory
    shards = [f"shard-{i:05d}-of-{len(prepared.shards):05d}" for i in range(len(prepared.shards))]
    assert len(shards) > 4
    names = [f"{name}.{suffix}" for name in shards for suffix in ("json", "tfrecord.gz")]
    tokenizer = ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, *tokenizer, "manifest.json", "plan.json"])
    for path, counts in zip(prepared.paths, prepared.shards, strict=True):
        data = path.read_bytes()
        assert (counts.name, counts.bytes) == (path.name, len(data))
        assert counts.sha256 == hashlib.sha256(data).hexdigest()
        verify_shard(path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["format_version"], manifest["max_length"], manifest["sentence_objective"]) == (1, 16, "nsp")
    assert manifest["totals"] == prepared.totals
    a = (text / "a.txt").read_bytes()
    assert manifest["sources"][0] == {"file": "a.txt", "bytes": len(a), "sha256": hashlib.sha256(a).hexdigest()}
    assert prepared.tokenizer().vocabulary == tiny_tokenizer.vocabulary
    check_vocabulary(prepared, prepared.tokenizer())
    assert prepared.mb_per_second > 0


def test_two_processes_write_the_same_bytes(prepared, text, tmp_path, tiny_tokenizer):
    prepare_shards([text], tiny_tokenizer, tmp_path / "two", **SETTINGS, processes=2)
    assert contents(tmp_path / "two") == contents(prepared.directory)


def test_the_caller_keeps_its_setting_of_threads(text, tmp_path, tiny_tokenizer, monkeypatch):
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "true")
    prepare_shards([text], tiny_tokenizer, tmp_path / "a", **SETTINGS)
    assert os.environ["TOKENIZERS_PARALLELISM"] == "true"
    monkeypatch.delenv("TOKENIZERS_PARALLELISM")
    prepare_shards([text], tiny_tokenizer, tmp_path / "b", **SETTINGS)
    assert "TOKENIZERS_PARALLELISM" not in os.environ


def test_tensorflow_is_not_loaded():
    """It takes longer to load than a shard to write, in every process."""
    code = "import sys, kbert.data.prepare; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_going_on_keeps_what_is_whole(prepared, text, tiny_tokenizer):
    folder = prepared.directory
    before = contents(folder)
    lost, cut, half, *kept = prepared.paths
    lost.unlink()
    cut.write_bytes(cut.read_bytes()[:-5])
    half.with_name(half.name.replace(".tfrecord.gz", ".json")).unlink()
    (folder / "manifest.json").unlink()
    (folder / f".{lost.name}-leftover").write_bytes(b"half of it")
    times = [path.stat().st_mtime_ns for path in kept]
    prepare_shards([text], tiny_tokenizer, folder, **SETTINGS)
    assert contents(folder) == before
    assert [path.stat().st_mtime_ns for path in kept] == times


def test_nothing_is_left_to_do(prepared, text, tiny_tokenizer):
    times = {path: path.stat().st_mtime_ns for path in prepared.directory.iterdir()}
    again = prepare_shards([text], tiny_tokenizer, prepared.directory, **SETTINGS)
    assert {path: path.stat().st_mtime_ns for path in again.directory.iterdir()} == times


def test_a_folder_without_its_tokenizer_is_left_alone(prepared, text, tiny_tokenizer):
    for name in ("vocab.txt", "tokenizer.json"):
        (prepared.directory / name).unlink()
    before = contents(prepared.directory)
    with pytest.raises(InputError, match=r"shards: expected tokenizer\.json or vocab\.txt, found neither$"):
        prepare_shards([text], tiny_tokenizer, prepared.directory, **SETTINGS)
    assert contents(prepared.directory) == before


KILLED_AT_THE_FOURTH = """
import os, signal, sys
from kbert.data import prepare
from kbert.tokenizer import BertTokenizer

write, calls = prepare.write_shard, []
def write_shard(shard):
    calls.append(shard)
    if len(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    write(shard)
prepare.write_shard = write_shard
tokenizer = BertTokenizer.from_vocabulary(sys.argv[3])
prepare.prepare_shards([sys.argv[1]], tokenizer, sys.argv[2], max_length=16, shard_mb=0.0002)
"""


def test_a_killed_run_goes_on(prepared, text, tmp_path, tiny_tokenizer):
    killed = tmp_path / "killed"
    arguments = [str(text), str(killed), str(prepared.directory / "vocab.txt")]
    result = subprocess.run([sys.executable, "-c", KILLED_AT_THE_FOURTH, *arguments], cwd=ROOT, check=False)
    assert result.returncode == -signal.SIGKILL
    finished = {path: path.stat().st_mtime_ns for path in killed.glob("shard-*.gz")}
    assert len(finished) == 3
    with pytest.raises(InputError, match=r"killed: preparing was not finished\. Run the same kbert prepare again"):
        open_shards(killed)
    prepare_shards([text], tiny_tokenizer, killed, **SETTINGS)
    assert contents(killed) == contents(prepared.directory)
    assert {path: path.stat().st_mtime_ns for path in finished} == finished


def test_a_full_disk_keeps_what_is_finished(prepared, text, tmp_path, tiny_tokenizer, monkeypatch):
    write, calls = shard_writer.write_shard, []

    def fails_at_the_third(shard):
        calls.append(shard)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        write(shard)

    monkeypatch.setattr(prepare, "write_shard", fails_at_the_third)
    folder = tmp_path / "full"
    message = r"full: could not be written \(No space left on device\)\. Run the same command again once it can"
    with pytest.raises(InputError, match=message):
        prepare_shards([text], tiny_tokenizer, folder, **SETTINGS)
    assert len(list(folder.glob("shard-*.gz"))) == 2
    monkeypatch.undo()
    prepare_shards([text], tiny_tokenizer, folder, **SETTINGS)
    assert contents(folder) == contents(prepared.directory)


def test_an_interruption_leaves_no_half_shard(text, tmp_path, tiny_tokenizer, monkeypatch):
    def interrupted(window):
        raise KeyboardInterrupt

    monkeypatch.setattr(shard_writer, "encode_example", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare_shards([text], tiny_tokenizer, tmp_path / "shards", **SETTINGS)
    assert not [path for path in (tmp_path / "shards").iterdir() if "shard-" in path.name]


def test_the_number_of_shards_follows_the_text(text, tmp_path, tiny_tokenizer):
    one = prepare_shards([text], tiny_tokenizer, tmp_path / "one", max_length=16, shard_mb=1)
    assert [path.name for path in one.paths] == ["shard-00000-of-00001.tfrecord.gz"]
    assert one.totals["documents"] == 40


def test_documents_of_jsonl_and_compressed_text(text, tmp_path, tiny_tokenizer):
    plain = prepare_shards([text / "a.txt"], tiny_tokenizer, tmp_path / "plain", max_length=16)
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress((text / "a.txt").read_bytes()))
    documents = (text / "a.txt").read_text("utf-8").split("\n\n")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": d}) + "\n" for d in documents), "utf-8")
    for name in ("a.txt.gz", "a.jsonl"):
        other = prepare_shards([tmp_path / name], tiny_tokenizer, tmp_path / f"{name}-shards", max_length=16)
        assert other.paths[0].read_bytes() == plain.paths[0].read_bytes()


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"max_length": 20}, "max_length 16, now 20"),
        (
            {"sentence_objective": "sop", "documents": "file"},
            "sentence_objective nsp, now sop, documents blank-line, now",
        ),
    ],
)
def test_another_plan_in_the_same_folder(prepared, text, tiny_tokenizer, changed, difference):
    before = contents(prepared.directory)
    message = re.escape(f"shards: holds shards prepared otherwise ({difference}")
    with pytest.raises(InputError, match=message + r".*\)\. Choose another folder, or add --overwrite$"):
        prepare_shards([text], tiny_tokenizer, prepared.directory, **{**SETTINGS, **changed})
    assert contents(prepared.directory) == before
    other = prepare_shards([text], tiny_tokenizer, prepared.directory, **{**SETTINGS, **changed}, overwrite=True)
    assert other.manifest["max_length"] == changed.get("max_length", 16)


def test_other_text_or_vocabulary_in_the_same_folder(prepared, text, tiny_tokenizer):
    cased = BertTokenizer(tiny_tokenizer.vocabulary, lowercase=False)
    with pytest.raises(InputError, match=r"holds shards prepared otherwise \(another vocabulary\)"):
        prepare_shards([text], cased, prepared.directory, **SETTINGS)
    with (text / "a.txt").open("a") as file:
        file.write("more.")
    with pytest.raises(InputError, match=r"holds shards prepared otherwise \(other text\)"):
        prepare_shards([text], tiny_tokenizer, prepared.directory, **SETTINGS)


def test_something_else_in_the_folder(text, tmp_path, tiny_tokenizer):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=r"mine: the output folder holds something already"):
        prepare_shards([text], tiny_tokenizer, tmp_path / "mine", **SETTINGS)
    assert (tmp_path / "mine" / "thesis.txt").read_text("utf-8") == "mine"


USELESS = {
    "empty files": ("\n \n", {}, r"a\.txt: expected text, found no sentence"),
    "no file with text": ("", {}, r"a\.txt: expected text, found no sentence"),
    "one sentence a document": (
        "good film.\n\nbad film.\n",
        {},
        r"a\.txt: expected windows of at least two sentences for nsp, every one holds a single sentence of its document"
        r"\. Use --sentence-objective none, --documents file, or a longer --max-length$",
    ),
    "one sentence a document, sop": (
        "good film.\n\nbad.\n",
        {"sentence_objective": "sop"},
        r"at least two sentences for sop",
    ),
    "one document": (
        "good film. A day.\nA bad day. A day.\n",
        {},
        r"expected at least two documents for nsp, which draws sentences from another one; got one",
    ),
    "not UTF-8": (b"good film.\n\n\xff", {}, r"a\.txt:3: expected UTF-8, byte 0xff is not"),
}


@pytest.mark.parametrize("case", USELESS)
def test_useless_text_leaves_nothing_behind(tmp_path, tiny_tokenizer, case):
    content, settings, message = USELESS[case]
    (tmp_path / "a.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message):
        prepare_shards([tmp_path / "a.txt"], tiny_tokenizer, tmp_path / "out", **settings)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_errors_of_other_processes_are_the_same(tmp_path, tiny_tokenizer):
    (tmp_path / "a.txt").write_bytes(b"good film.\n\n\xff")
    with pytest.raises(InputError, match=r"a\.txt:3: expected UTF-8, byte 0xff is not\. Save the file as UTF-8$"):
        prepare_shards([tmp_path / "a.txt"], tiny_tokenizer, tmp_path / "out", processes=2)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_sop_needs_one_document_only(tmp_path, tiny_tokenizer):
    (tmp_path / "a.txt").write_text("good film. A day.\nA bad day.\n", "utf-8")
    shards = prepare_shards([tmp_path / "a.txt"], tiny_tokenizer, tmp_path / "out", sentence_objective="sop")
    assert (shards.num_windows, shards.totals["sentences"]) == (1, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_length": 4}, r"^max_length must be at least 5 for nsp\. Received: 4$"),
        ({"max_length": 2, "sentence_objective": "none"}, r"^max_length must be at least 3 for none\. Received: 2$"),
        ({"sentence_objective": "mlm"}, r"^sentence_objective must be one of nsp, sop, none\. Received: mlm$"),
        ({"documents": "chapter"}, r"^documents must be one of blank-line, file\. Received: chapter$"),
        ({"processes": 0}, r"^processes must be at least 1\. Received: 0$"),
        ({"shard_mb": 0}, r"^shard_mb must be above 0\. Received: 0$"),
        ({"shard_mb": float("nan")}, r"^shard_mb must be above 0\. Received: nan$"),
    ],
)
def test_settings_out_of_range(text, tmp_path, tiny_tokenizer, settings, message):
    with pytest.raises(InputError, match=message):
        prepare_shards([text], tiny_tokenizer, tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_the_output_in_the_input(text, tiny_tokenizer):
    with pytest.raises(InputError, match=r"text/out: expected an output outside of .*text, whose files are the text"):
        prepare_shards([text], tiny_tokenizer, text / "out", **SETTINGS)


def test_the_smallest_windows(tmp_path, tiny_tokenizer):
    (tmp_path / "a.txt").write_text("good\nday\nbad\n", "utf-8")
    for objective, length, starts in (("sop", 5, [[0, 1], [0]]), ("none", 3, [[0], [0], [0]])):
        out = tmp_path / objective
        shards = prepare_shards(
            [tmp_path / "a.txt"], tiny_tokenizer, out, max_length=length, sentence_objective=objective
        )
        assert [window["sentence_starts"] for window in windows_of(shards)] == starts
