"""What a run reads: batches of both lengths, and the vocabulary that it is read with."""

import pytest
import tensorflow as tf

from kbert.distributed import Worker
from kbert.errors import InputError
from kbert.pretraining import PretrainSettings, TextSource
from kbert.pretraining.run import _open_with_vocabulary
from kbert.pretraining.text_source import long_batches


@pytest.mark.parametrize(("length", "max_predictions"), [(32, 6), (24, 5)])
def test_long_texts_have_as_large_a_share_masked(make_shards, length, max_predictions):
    settings = PretrainSettings(batch_size=4, max_predictions=3)
    worker = Worker(strategy=tf.distribute.get_strategy())
    batches = long_batches(make_shards(16), make_shards(length), settings, worker)
    # 3 of 16 are 6 of 32, and 4.5 of 24.
    assert batches.masking.max_predictions == max_predictions


@pytest.fixture
def vocabulary(tmp_path, tiny_tokenizer):
    """A vocabulary without capitals, but for a reserved token."""
    path = tmp_path / "vocab.txt"
    path.write_text("".join(f"{token}\n" for token in [*tiny_tokenizer.vocabulary, "[ENT]"]), "utf-8")
    return path


@pytest.mark.parametrize(("lowercase", "expected"), [(None, True), (True, True), (False, False)])
def test_a_vocabulary_can_be_called_cased(vocabulary, lowercase, expected):
    source = TextSource(corpus=["text.txt"])
    checkpoint, tokenizer = _open_with_vocabulary("preset:tiny", source, vocabulary, lowercase, {"num_layers": 1})
    assert tokenizer.lowercase is expected
    assert checkpoint.config.vocabulary_size == tokenizer.vocabulary_size


def test_a_checkpoint_says_itself_whether_it_is_cased(tiny_checkpoint):
    with pytest.raises(InputError, match=r"^expected a vocabulary \(--vocab\) that is to be cased or"):
        _open_with_vocabulary(tiny_checkpoint, TextSource(corpus=["text.txt"]), None, False, {})


def test_the_dropout_of_a_checkpoint_can_be_set_and_its_sizes_cannot(tiny_checkpoint):
    source, dropout = TextSource(corpus=["text.txt"]), {"dropout": 0.0, "attention_dropout": 0.0}
    config = _open_with_vocabulary(tiny_checkpoint, source, None, None, dropout)[0].config
    assert (config.dropout, config.attention_dropout) == (0.0, 0.0)
    with pytest.raises(InputError, match="checkpoint: its weights have their sizes; num_layers can be set for presets"):
        _open_with_vocabulary(tiny_checkpoint, source, None, None, {"num_layers": 1, **dropout})
