"""Batches for pretraining from real shards: what is in them, and that the n-th is a function of seed and n."""

import collections
import random
import re

import numpy as np
import pytest
import tensorflow as tf

from kbert.data.masking import MaskingSettings
from kbert.data.prepare import prepare_shards
from kbert.data.pretraining_batches import PAIR_NOISE, PretrainingBatches, _Assembly, _partners_side_by_side
from kbert.data.shards import open_shards
from kbert.errors import InputError

DOCUMENTS, PLACES = "abcdefghijklm", "nopqrstuvwxyz"
MASKING = MaskingSettings(max_predictions=5)


def corpus(documents: int, sentences: int) -> str:
    """Every sentence has four tokens: the letter of its document, twice that of its place in it, and a full stop."""
    return "\n\n".join(
        " ".join(f"{document.upper()} {place} {place}." for place in PLACES[:sentences])
        for document in DOCUMENTS[:documents]
    )


@pytest.fixture(scope="module")
def make_shards(tmp_path_factory, tiny_tokenizer):
    def make(text: str, **settings):
        folder = tmp_path_factory.mktemp("text")
        (folder / "text.txt").write_text(text, "utf-8")
        return prepare_shards([folder / "text.txt"], tiny_tokenizer, folder / "shards", **settings)

    return make


@pytest.fixture(scope="module")
def one_window_documents(make_shards):
    """12 documents of 12 tokens: one window each, and whatever is exchanged for NSP, none is too long."""
    return make_shards(corpus(12, 3), max_length=20, shard_mb=0.00005)


@pytest.fixture(scope="module")
def full_windows(make_shards):
    """13 documents of 24 tokens with a separator between two, in windows of 18: 19 of them in several shards."""
    return make_shards(corpus(13, 6), max_length=20, sentence_objective="none", shard_mb=0.0003)


def take(batches: PretrainingBatches, first: int, count: int, **share):
    return list(batches.dataset(first, **share).take(count).as_numpy_iterator())


def assert_equal_batches(left, right) -> None:
    assert len(left) == len(right) > 0
    for ours, theirs in zip(left, right, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, ours, theirs)


def originals(batch) -> np.ndarray:
    """The tokens before they were hidden."""
    features, labels, weights = batch
    token_ids = features["token_ids"].copy()
    rows, columns = np.nonzero(weights["mlm_logits"])
    token_ids[rows, features["mask_positions"][rows, columns]] = labels["mlm_logits"][rows, columns]
    return token_ids


def texts(batch, tokenizer) -> list[str]:
    """The original tokens of each row, without spaces and padding."""
    vocabulary = tokenizer.vocabulary
    return ["".join(vocabulary[i] for i in row).replace("[PAD]", "") for row in originals(batch)]


def pairs(batch, tokenizer) -> list[tuple[str, str]]:
    found = [re.fullmatch(r"\[CLS\](.*)\[SEP\](.*)\[SEP\]", text) for text in texts(batch, tokenizer)]
    return [(match[1], match[2]) for match in found]


def windows_in_order(shards) -> list[list[int]]:
    records = tf.data.TFRecordDataset([str(path) for path in shards.paths], compression_type="GZIP")
    feature = {"token_ids": tf.io.RaggedFeature(tf.int64)}
    return [tf.io.parse_single_example(record, feature)["token_ids"].numpy().tolist() for record in records]


@pytest.mark.parametrize("objective", ["nsp", "none"])
def test_the_nth_batch_is_a_function_of_seed_and_n(one_window_documents, full_windows, objective):
    shards = one_window_documents if objective == "nsp" else full_windows
    assert len(shards.shards) > 1
    batches = PretrainingBatches(shards=shards, batch_size=4, masking=MASKING, seed=3)
    per_epoch = batches.batches_per_epoch
    straight = take(batches, 0, 2 * per_epoch + 2)
    # From the first batch of an epoch, and from the last one over its end.
    for first in (per_epoch, 2 * per_epoch - 1):
        assert_equal_batches(straight[first : first + 3], take(batches, first, 3))


def test_another_seed_gives_other_batches(one_window_documents, tiny_tokenizer):
    (first,), (second,) = (
        take(PretrainingBatches(shards=one_window_documents, batch_size=12, masking=MASKING, seed=seed), 0, 1)
        for seed in (0, 1)
    )
    assert texts(first, tiny_tokenizer) != texts(second, tiny_tokenizer)
    assert (first[0]["mask_positions"] != second[0]["mask_positions"]).any()


def test_no_text_has_the_same_masks_in_two_epochs(make_shards, tiny_tokenizer):
    # A document fills a window.
    shards = make_shards(corpus(12, 12), max_length=50, sentence_objective="none")
    batches = PretrainingBatches(shards=shards, batch_size=12, masking=MaskingSettings(max_predictions=20))
    masks: dict[str, list] = collections.defaultdict(list)
    for batch in take(batches, 0, 5):
        for text, row in zip(texts(batch, tiny_tokenizer), batch[0]["token_ids"].tolist(), strict=True):
            masks[text].append(tuple(row))
    # 7 of 48 tokens are hidden, in one of millions of ways: none comes twice by chance.
    assert len(masks) == 12
    assert all(len(set(rows)) == len(rows) for rows in masks.values())


def test_an_epoch_holds_every_window_once(full_windows):
    windows = windows_in_order(full_windows)
    assert len(windows) == full_windows.num_windows == 19
    batches = PretrainingBatches(shards=full_windows, batch_size=6, masking=MASKING)
    assert batches.batches_per_epoch == 3
    rows = [[i for i in row if i][1:-1] for batch in take(batches, 0, 6) for row in originals(batch).tolist()]
    orders = [rows[:18], rows[18:]]
    for rows in orders:
        # Batches of six: one of the 19 is left out, and the other ones come once.
        left_out = collections.Counter(map(tuple, windows)) - collections.Counter(map(tuple, rows))
        assert (len(rows), left_out.total()) == (18, 1)
    assert orders[0] != orders[1]
    assert orders[0] != windows[:18]


def test_no_token_is_lost_when_parts_are_exchanged(one_window_documents, tiny_tokenizer):
    batches = PretrainingBatches(shards=one_window_documents, batch_size=4, masking=MASKING)
    epoch = take(batches, 0, 3)
    labels = np.concatenate([batch[1]["nsp_logits"] for batch in epoch])
    assert 0 < labels.sum() < 12
    found = [part for batch in epoch for pair in pairs(batch, tiny_tokenizer) for part in pair]
    sentences = [sentence for part in found for sentence in part.split(".")[:-1]]
    assert sorted(sentences) == sorted(document + 2 * place for document in DOCUMENTS[:12] for place in "nop")


def test_label_1_says_that_b_comes_from_another_document(make_shards, tiny_tokenizer):
    shards = make_shards(corpus(12, 12), max_length=16)
    assert shards.num_windows == 48
    batches = PretrainingBatches(shards=shards, batch_size=24, masking=MASKING)
    labels, lengths = [], []
    for batch in take(batches, 0, 20):
        for (a, b), label in zip(pairs(batch, tiny_tokenizer), batch[1]["nsp_logits"], strict=True):
            (document,), (other,) = (set(part) & set(DOCUMENTS) for part in (a, b))
            assert label == (document != other)
            # Whole sentences: A ends with its last full stop, B begins with its first sentence.
            assert (a[-1], b[0]) == (".", other)
            if label == 0:
                assert PLACES.index(b[1]) == PLACES.index(a[-2]) + 1
            labels.append(label)
            lengths.append(len(a) + len(b))
        np.testing.assert_array_equal(batch[2]["nsp_logits"], np.ones(24, "float32"))
    # 240 coins, one for two windows: the standard deviation is 0.032, and few partners are of one document.
    assert 0.38 < np.mean(labels) < 0.6
    # Windows of three sentences of four tokens, and partners that are cut at the same place.
    assert set(lengths) == {12}


@pytest.fixture(scope="module")
def uneven_windows(make_shards):
    """13 documents of 20 to 40 sentences of 2 to 9 tokens: windows of many lengths, cut at many places."""
    chance = random.Random(0)
    text = "\n\n".join(
        " ".join(f"{document.upper()}{' a' * chance.randrange(8)}." for _ in range(chance.randrange(20, 41)))
        for document in DOCUMENTS
    )
    return make_shards(text, max_length=32)


def lengths_of(batch) -> list[tuple[int, int]]:
    """The tokens of A and of B in every row."""
    second = batch[0]["segment_ids"].sum(axis=1) - 1
    first = batch[0]["padding_mask"].sum(axis=1) - second - 3
    return list(zip(first.tolist(), second.tolist(), strict=True))


def test_lengths_say_nothing_about_the_label(uneven_windows):
    batches = PretrainingBatches(shards=uneven_windows, batch_size=24, masking=MASKING)
    found: dict[int, list] = {0: [], 1: []}
    for batch in take(batches, 0, 60):
        for pair, label in zip(lengths_of(batch), batch[1]["nsp_logits"].tolist(), strict=True):
            found[label].append(sum(pair))
    shares = [[np.mean(np.array(found[label]) <= length) for length in range(30)] for label in (0, 1)]
    # Some 360 pairs of each: by chance alone a twentieth of all runs would differ by more than 0.1.
    np.testing.assert_allclose(shares[0], shares[1], atol=0.1)


def test_partners_that_exchange_keep_their_lengths(uneven_windows, monkeypatch):
    draw = _Assembly._draw
    batches = PretrainingBatches(shards=uneven_windows, batch_size=24, masking=MASKING)
    rows = []
    for coin in (0.9, 0.1):
        monkeypatch.setattr(
            _Assembly,
            "_draw",
            lambda self, number, source, *columns, coin=coin: (
                draw(self, number, source, *columns) * 0.0 + coin
                if source == PAIR_NOISE
                else draw(self, number, source, *columns)
            ),
        )
        rows.append([(batch[1]["nsp_logits"].tolist(), lengths_of(batch)) for batch in take(batches, 0, 9)])
    for (kept, before), (exchanged, after) in zip(*rows, strict=True):
        assert (sum(kept), before) == (0, after)
        assert sum(exchanged) > 12
    # Of the text in a window at most a twelfth is cut off to make partners alike.
    tokens = sum(sum(pair) for _, pairs in rows[0] for pair in pairs)
    assert tokens / (9 * 24) > 11 / 12 * uneven_windows.totals["tokens"] / uneven_windows.num_windows


def test_partners_stand_side_by_side():
    # Sorted by document: 1 1 2 2 3 3, at 1 4 0 3 2 5. Each is with the one three places on.
    order = _partners_side_by_side(tf.constant([2, 1, 3, 2, 1, 3], tf.int64)).numpy().tolist()
    assert order == [1, 3, 4, 2, 0, 5]
    documents = np.random.default_rng(0).integers(0, 4, 64)
    order = _partners_side_by_side(tf.constant(documents)).numpy()
    assert sorted(order) == list(range(64))
    assert (documents[order[::2]] != documents[order[1::2]]).all()


def test_sentence_order(make_shards, tiny_tokenizer):
    shards = make_shards(corpus(12, 12), max_length=16, sentence_objective="sop")
    batches = PretrainingBatches(shards=shards, batch_size=48, masking=MASKING)
    labels = []
    for batch in take(batches, 0, 5):
        for (a, b), label in zip(pairs(batch, tiny_tokenizer), batch[1]["nsp_logits"], strict=True):
            assert (a[0], len(a) + len(b)) == (b[0], 12)
            before, after = (b, a) if label else (a, b)
            assert PLACES.index(after[1]) == PLACES.index(before[-2]) + 1
            labels.append(label)
    assert 0.4 < np.mean(labels) < 0.6  # 240 coins, as above


def test_without_an_objective(full_windows, tiny_tokenizer):
    (batch,) = take(PretrainingBatches(shards=full_windows, batch_size=18, masking=MASKING), 0, 1)
    features, labels, weights = batch
    assert (set(labels), set(weights)) == ({"mlm_logits"}, {"mlm_logits"})
    assert not features["segment_ids"].any()
    assert all(text.startswith("[CLS]") and text.endswith("[SEP]") for text in texts(batch, tiny_tokenizer))


def test_segments_and_padding(one_window_documents, tiny_tokenizer):
    batches = PretrainingBatches(shards=one_window_documents, batch_size=4, masking=MASKING)
    (batch,) = take(batches, 0, 1)
    for (a, b), segments, padding in zip(
        pairs(batch, tiny_tokenizer), batch[0]["segment_ids"].tolist(), batch[0]["padding_mask"].tolist(), strict=True
    ):
        empty = 20 - len(a) - len(b) - 3
        assert segments == [0] * (1 + len(a) + 1) + [1] * (len(b) + 1) + [0] * empty
        assert padding == [1] * (20 - empty) + [0] * empty
    features, labels, weights = batches.dataset().element_spec
    shapes = {"token_ids": (4, 20), "segment_ids": (4, 20), "padding_mask": (4, 20), "mask_positions": (4, 5)}
    assert {name: (tuple(spec.shape), spec.dtype) for name, spec in features.items()} == {
        name: (shape, tf.int32) for name, shape in shapes.items()
    }
    for specs, dtype in ((labels, tf.int32), (weights, tf.float32)):
        found = {name: (tuple(spec.shape), spec.dtype) for name, spec in specs.items()}
        assert found == {"mlm_logits": ((4, 5), dtype), "nsp_logits": ((4,), dtype)}


def test_a_sentence_without_a_second_one_is_cut_in_its_middle(make_shards, tiny_tokenizer):
    shards = make_shards("Good good bad bad film.\n\nDay.\n\nA day. A film.", max_length=16)
    (batch,) = take(PretrainingBatches(shards=shards, batch_size=2, masking=MASKING), 0, 1)
    for a, b in pairs(batch, tiny_tokenizer):
        assert a in ("goodgoodbad", "day", "aday.")
        # As long as the partner's: of "day." that is one token.
        assert b in ("badfilm.", "bad", ".", "afilm.", "a")


@pytest.mark.parametrize(
    ("objective", "workers", "read"), [("nsp", 2, 4), ("nsp", 6, 2), ("sop", 2, 3), ("none", 2, 3)]
)
def test_the_parts_of_the_workers_are_the_batch_of_one(make_shards, monkeypatch, objective, workers, read):
    shards = make_shards(corpus(12, 3), max_length=20, sentence_objective=objective)
    batches = PretrainingBatches(shards=shards, batch_size=6, masking=MASKING, seed=5)
    expected = take(batches, 1, 2)
    parsed = []
    parse_example = tf.io.parse_example

    def watched(records, spec):
        if "token_ids" in spec:
            parsed.append(records.shape[0])
        return parse_example(records, spec)

    monkeypatch.setattr(tf.io, "parse_example", watched)
    parts = [take(batches, 1, 2, worker=worker, num_workers=workers) for worker in range(workers)]
    joined = [tf.nest.map_structure(lambda *part: np.concatenate(part), *all_) for all_ in zip(*parts, strict=True)]
    assert parts[0][0][0]["token_ids"].shape == (6 // workers, 20)
    assert_equal_batches(expected, joined)
    # A worker reads the tokens of its own texts, and of those that they exchange with.
    assert parsed == [read] * workers


def test_bad_batch_sizes(one_window_documents, full_windows):
    def refused(message, shards=one_window_documents, **settings):
        with pytest.raises(InputError, match=message):
            PretrainingBatches(shards=shards, masking=MASKING, **settings)

    refused("batch_size must be at least 1. Received: 0", batch_size=0)
    refused("batch_size must be even to pair texts for NSP. Received: 3", batch_size=3)
    refused(r"shards: expected at least 14 windows, one batch, found 12. Choose a smaller batch", batch_size=14)
    odd = PretrainingBatches(shards=full_windows, batch_size=3, masking=MASKING)
    with pytest.raises(InputError, match="batch_size must be a multiple of the 2 workers. Received: 3"):
        odd.dataset(num_workers=2)
    with pytest.raises(InputError, match="max_predictions must be below the sequence length of 20. Received: 20"):
        PretrainingBatches(shards=full_windows, batch_size=3, masking=MaskingSettings(max_predictions=20)).dataset()


def truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


def corrupt(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (truncate, "truncated, expected [0-9]+ bytes, got [0-9]+. Run kbert prepare again"),
        (corrupt, "damaged, its content is not what was written. Delete it and run kbert prepare again"),
        (lambda path: path.unlink(), "the shard is missing. Run kbert prepare again"),
    ],
    ids=["truncated", "corrupt", "missing"],
)
def test_a_shard_harmed_while_training_is_named(make_shards, harm, message):
    shards = make_shards(corpus(13, 12), max_length=16, shard_mb=0.0003)
    batches = PretrainingBatches(shards=open_shards(shards.directory), batch_size=4, masking=MASKING)
    harmed = shards.paths[1]
    harm(harmed)
    with pytest.raises(InputError, match=f"^{re.escape(str(harmed))}: {message}$"):
        list(batches.read(count=batches.batches_per_epoch))


def test_reading_goes_on_from_any_batch(full_windows):
    batches = PretrainingBatches(shards=full_windows, batch_size=6, masking=MASKING)
    read = [tf.nest.map_structure(lambda tensor: tensor.numpy(), batch) for batch in batches.read(2, 3)]
    assert_equal_batches(take(batches, 2, 3), read)
