import itertools

import numpy as np
import pytest

from kbert.data import TokenizedTexts, epoch_rows, make_batches, tokenize
from kbert.data.batching import sorted_rows


def texts_of(*rows: list[int], label_ids: list[int] | None = None) -> TokenizedTexts:
    return TokenizedTexts(
        token_ids=np.array(list(itertools.chain(*rows)), "int32"),
        starts=np.cumsum([0, *map(len, rows)]).astype("int64"),
        targets={} if label_ids is None else {"logits": np.array(label_ids, "int32")},
    )


def skewed_lengths(count: int) -> np.ndarray:
    """Most texts short, a few long, as in real data: log-normal around 20 tokens, cut at 128."""
    random = np.random.default_rng(5)
    return np.clip(random.lognormal(3.0, 0.7, count), 3, 128).astype("int64")


def padding_share(lengths: np.ndarray, rows: list[np.ndarray]) -> float:
    cells = sum(len(batch) * lengths[batch].max() for batch in rows)
    return 1.0 - lengths.sum() / cells


def test_tokenize_by_hand(tiny_tokenizer):
    good, film, the = (tiny_tokenizer.token_id(word) for word in ("good", "film", "the"))
    texts = tokenize(tiny_tokenizer, ["good", "the film", ""], [1, 0, 1], max_length=8)
    assert len(texts) == 3
    assert texts.token_ids.tolist() == [2, good, 3, 2, the, film, 3, 2, 3]
    assert texts.starts.tolist() == [0, 3, 7, 9]
    assert texts.lengths.tolist() == [3, 4, 2]
    assert texts.row(1).token_ids.tolist() == [2, the, film, 3]
    assert texts.label_ids.tolist() == [1, 0, 1]
    assert {texts.token_ids.dtype.name, texts.label_ids.dtype.name} == {"int32"}


def test_tokenize_counts_what_it_cuts(tiny_tokenizer):
    texts = tokenize(tiny_tokenizer, ["good", "the film", "the good film", "the good good film"], max_length=4)
    assert texts.lengths.tolist() == [3, 4, 4, 4]
    assert texts.truncated == 2
    assert texts.label_ids is None


def test_tokenize_nothing(tiny_tokenizer):
    assert len(tokenize(tiny_tokenizer, [], max_length=4)) == 0


@pytest.mark.parametrize("count", [1, 7, 32, 1000])
def test_an_epoch_covers_every_text_once(count):
    lengths = skewed_lengths(count)
    rows = epoch_rows(lengths, 8, seed=3, epoch=0)
    assert sorted(np.concatenate(rows).tolist()) == list(range(count))
    assert len(rows) == -(-count // 8)
    assert sorted(len(batch) for batch in rows)[1:] == [8] * (len(rows) - 1)


def test_an_epoch_is_a_function_of_seed_and_epoch():
    lengths = skewed_lengths(500)

    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(epoch_rows(lengths, 8, seed=seed, epoch=epoch)).tolist()

    assert order(0, 0) == order(0, 0)
    assert len({tuple(order(seed, epoch)) for seed in range(3) for epoch in range(3)}) == 9


def test_epochs_put_texts_into_other_batches():
    lengths = skewed_lengths(2000)
    first, second = (epoch_rows(lengths, 8, seed=0, epoch=epoch) for epoch in (0, 1))
    assert not {frozenset(batch.tolist()) for batch in first} & {frozenset(batch.tolist()) for batch in second}


def test_little_is_padded():
    lengths = skewed_lengths(5000)
    unsorted = np.array_split(np.random.default_rng(0).permutation(5000), 157)
    assert padding_share(lengths, unsorted) > 0.5
    assert padding_share(lengths, epoch_rows(lengths, 32, seed=0, epoch=0)) < 0.1
    assert padding_share(lengths, sorted_rows(lengths, 32)) < 0.02


def test_batches_are_not_in_order_of_length():
    lengths = skewed_lengths(5000)
    longest = [int(lengths[batch].max()) for batch in epoch_rows(lengths, 32, seed=0, epoch=0)]
    rising = np.mean(np.diff(longest) > 0)
    assert 0.3 < rising < 0.7


def test_sorted_rows_by_hand():
    rows = sorted_rows(np.array([5, 2, 9, 2, 4]), 2)
    assert [batch.tolist() for batch in rows] == [[1, 3], [4, 0], [2]]


def test_tensors_by_hand():
    texts = texts_of([2, 7, 3], [2, 8, 9, 6, 3], [2, 3], label_ids=[1, 0, 4])
    batches = list(make_batches(texts, [np.array([2, 0]), np.array([1])]))
    (first, first_labels), (second, second_labels) = batches
    assert set(first) == {"token_ids", "segment_ids", "padding_mask"}
    assert first["token_ids"].numpy().tolist() == [[2, 3, 0], [2, 7, 3]]
    assert first["padding_mask"].numpy().tolist() == [[1, 1, 0], [1, 1, 1]]
    assert first["segment_ids"].numpy().tolist() == [[0, 0, 0], [0, 0, 0]]
    assert first_labels.numpy().tolist() == [4, 1]
    assert second["token_ids"].numpy().tolist() == [[2, 8, 9, 6, 3]]
    assert second["padding_mask"].numpy().tolist() == [[1, 1, 1, 1, 1]]
    assert second_labels.numpy().tolist() == [0]
    assert {value.dtype.name for value in (*first.values(), first_labels)} == {"int32"}


def test_a_token_of_id_0_is_no_padding():
    (batch,) = make_batches(texts_of([0, 0], [5, 0, 0]), [np.array([0, 1])])
    assert batch["padding_mask"].numpy().tolist() == [[1, 1, 0], [1, 1, 1]]


def test_a_list_of_batches_has_a_length_and_starts_anew():
    dataset = make_batches(texts_of([2, 3], [2, 7, 3]), [np.array([0]), np.array([1])])
    assert int(dataset.cardinality()) == 2
    for _ in range(2):
        assert [batch["token_ids"].numpy().tolist() for batch in dataset] == [[[2, 3]], [[2, 7, 3]]]


def test_an_endless_sequence_of_batches():
    def rows(epoch):
        return [np.array([epoch % 2]), np.array([0, 1])]

    dataset = make_batches(texts_of([2, 3], [2, 7, 3]), rows, first_epoch=3)
    assert int(dataset.cardinality()) < 0  # unknown, or infinite
    ids = [batch["token_ids"].numpy().tolist() for batch in dataset.take(4)]
    both = [[2, 3, 0], [2, 7, 3]]
    assert ids == [[[2, 7, 3]], both, [[2, 3]], both]
