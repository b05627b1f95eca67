"""Folders of shards as they are found: whole, damaged, or something else."""

import re

import pytest

from kbert.data.prepare import prepare_shards
from kbert.data.shards import check_vocabulary, open_shards, verify_shard
from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer


@pytest.fixture
def prepared(tmp_path, tiny_tokenizer):
    """Forty documents in some eight shards."""
    (tmp_path / "text.txt").write_text("the film was good. A bad day was it. A day.\n\n" * 40, "utf-8")
    return prepare_shards([tmp_path / "text.txt"], tiny_tokenizer, tmp_path / "shards", max_length=16, shard_mb=0.0002)


def test_folders_that_are_no_shards(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: expected a folder that kbert prepare wrote, found none$"):
        open_shards(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"expected manifest\.json in it\. Write the folder with kbert prepare$"):
        open_shards(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "expected JSON, could not read it"),
        ("[]", "expected a JSON object, got list"),
        ('{"format_version": 2}', "expected format_version 1, got 2"),
        ("{}", "expected format_version 1, got None"),
        ('{"format_version": 1}', "expected a manifest of kbert prepare"),
    ],
)
def test_damaged_manifests(prepared, content, message):
    (prepared.directory / "manifest.json").write_text(content, "utf-8")
    with pytest.raises(InputError, match=rf"manifest\.json: {re.escape(message)}"):
        open_shards(prepared.directory)


def test_shards_that_are_not_whole(prepared):
    path = prepared.paths[2]
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    message = rf"{path.name}: truncated, expected {len(data)} bytes, got {len(data) - 1}\. Run kbert prepare again$"
    with pytest.raises(InputError, match=message):
        open_shards(prepared.directory)
    with pytest.raises(InputError, match=message):
        verify_shard(path)
    path.write_bytes(data + b"x")
    with pytest.raises(InputError, match=rf"{path.name}: changed, expected"):
        open_shards(prepared.directory)
    path.unlink()
    with pytest.raises(InputError, match=rf"{path.name}: the shard is missing\. Run kbert prepare again$"):
        open_shards(prepared.directory)
    verify_shard(prepared.paths[3])


def test_a_shard_of_the_right_size_and_wrong_content(prepared):
    path = prepared.paths[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    open_shards(prepared.directory)
    with pytest.raises(InputError, match=rf"{path.name}: damaged, its content is not what was written"):
        verify_shard(path)
    path.with_name(path.name.replace(".tfrecord.gz", ".json")).unlink()
    with pytest.raises(InputError, match=r"expected shard-00000-of-\d+\.json beside it\. Run kbert prepare again$"):
        verify_shard(path)


def test_shards_of_another_vocabulary(prepared, tiny_tokenizer):
    check_vocabulary(prepared, BertTokenizer(tiny_tokenizer.vocabulary))
    size = tiny_tokenizer.vocabulary_size
    message = rf"given \({size + 1} tokens, uncased\), they were written with another \({size} tokens, uncased\)"
    with pytest.raises(InputError, match=message):
        check_vocabulary(prepared, BertTokenizer([*tiny_tokenizer.vocabulary, "more"]))
    with pytest.raises(InputError, match=rf"given \({size} tokens, cased\)"):
        check_vocabulary(prepared, BertTokenizer(tiny_tokenizer.vocabulary, lowercase=False))
