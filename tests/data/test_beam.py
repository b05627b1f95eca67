"""Apache Beam's local runner writes the same bytes. Skipped where apache-beam is not installed; .ci/run installs it."""

import pytest

from kbert.data.prepare import prepare_shards
from kbert.errors import InputError

LOCAL = ["--runner=DirectRunner"]


def test_without_apache_beam(tmp_path, tiny_tokenizer, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "apache_beam", None)
    (tmp_path / "a.txt").write_text("good.\n", "utf-8")
    message = r"^this needs the package apache_beam, which is not installed: pip install 'kbert\[beam\]'$"
    with pytest.raises(InputError, match=message):
        prepare_shards([tmp_path / "a.txt"], tiny_tokenizer, tmp_path / "out", beam_options=LOCAL)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def beam():
    return pytest.importorskip("apache_beam")


def test_the_local_runner_writes_the_same_bytes(beam, tmp_path, tiny_tokenizer):
    (tmp_path / "a.txt").write_text("the film was good. A bad day.\n\n" * 30, "utf-8")
    settings = {"max_length": 16, "shard_mb": 0.0002}
    plain = prepare_shards([tmp_path / "a.txt"], tiny_tokenizer, tmp_path / "plain", **settings)
    beamed = prepare_shards([tmp_path / "a.txt"], tiny_tokenizer, tmp_path / "beam", **settings, beam_options=LOCAL)
    assert len(plain.paths) > 3
    for name in [path.name for path in plain.directory.iterdir()]:
        assert (beamed.directory / name).read_bytes() == (plain.directory / name).read_bytes(), name


def test_bad_text_is_told_in_one_line(beam, tmp_path, tiny_tokenizer):
    (tmp_path / "a.txt").write_bytes(b"good\n\n\xff")
    with pytest.raises(InputError, match=r"a\.txt:3: expected UTF-8, byte 0xff is not\. Save the file as UTF-8$"):
        prepare_shards([tmp_path / "a.txt"], tiny_tokenizer, tmp_path / "out", beam_options=LOCAL)
    assert not (tmp_path / "out").exists()
