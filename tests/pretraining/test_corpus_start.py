"""A start from counts: the counts of a text short enough to count by hand, and what a model makes of them."""

import dataclasses

import keras
import numpy as np
import pytest
from scipy import sparse

from kbert.backbone import BertBackbone
from kbert.config import preset_config
from kbert.data.masking import MaskingSettings
from kbert.data.prepare import prepare_shards
from kbert.distributed import Worker
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import PretrainSettings, TextSource, pretrain
from kbert.pretraining import corpus_start as module
from kbert.pretraining.corpus_start import count_tokens, start_from_corpus, token_vectors
from kbert.pretraining.evaluation import HeldOutText

from .conftest import SIZES

SETTINGS = PretrainSettings(steps=2, batch_size=4, max_predictions=3, start="corpus")


@pytest.fixture
def make_model(tiny_tokenizer):
    def make(**changes):
        keras.utils.set_random_seed(0)
        config = preset_config("tiny").replace(vocabulary_size=len(tiny_tokenizer.vocabulary), **(SIZES | changes))
        return BertPretrainer(BertBackbone(config), tiny_tokenizer, next_sentence=False)

    return make


def test_frequencies_and_nearness_counted_by_hand(tiny_tokenizer, tmp_path):
    # Two documents, which are two windows under the pairs of sentences of NSP: nothing is near across them.
    (tmp_path / "text.txt").write_text("Good film. Bad.\n\nThe day. A day.", "utf-8")
    shards = prepare_shards([tmp_path / "text.txt"], tiny_tokenizer, tmp_path / "shards", max_length=16)
    ids = {token: number for number, token in enumerate(tiny_tokenizer.vocabulary)}
    frequencies, nearness = count_tokens(shards, len(ids))
    assert {token: frequencies[number] for token, number in ids.items() if frequencies[number]} == {
        "good": 1,
        "film": 1,
        "bad": 1,
        "the": 1,
        "a": 1,
        "day": 2,
        ".": 4,
    }
    table = nearness.toarray()
    np.testing.assert_array_equal(table, table.T)
    # Neighbours count 1, each step further a fifth less. "day" stands 1 and 3 before, 1 and 2 after a full stop.
    assert table[ids["good"], ids["film"]] == 1.0
    assert table[ids["good"], ids["bad"]] == pytest.approx(0.6)
    assert table[ids["day"], ids["."]] == pytest.approx(1 + 0.4 + 0.8 + 1)
    assert table[ids["day"], ids["day"]] == pytest.approx(2 * 0.6)
    assert table[ids["bad"], ids["the"]] == 0.0


def test_of_a_large_text_a_part_of_every_shard_is_counted(make_shards, tiny_tokenizer, monkeypatch):
    shards = make_shards(16, "none")
    everything, _ = count_tokens(shards, len(tiny_tokenizer.vocabulary))
    assert everything.sum() - everything[tiny_tokenizer.token_id("[SEP]")] == shards.totals["tokens"]
    monkeypatch.setattr(module, "MAX_TOKENS", everything.sum() // 2)
    part, _ = count_tokens(shards, len(tiny_tokenizer.vocabulary))
    assert everything.sum() * 0.4 < part.sum() < everything.sum() * 0.6


def test_vectors_of_tokens_in_the_same_company_are_alike():
    # 0 and 1 stand beside 2, 3 and 4 beside 5; 6 occurs nowhere.
    nearness = np.zeros((7, 7))
    for token, neighbour in [(0, 2), (1, 2), (3, 5), (4, 5)]:
        nearness[token, neighbour] = nearness[neighbour, token] = 10
    vectors = token_vectors(sparse.csr_matrix(nearness), 4)
    alike = vectors @ vectors.T
    np.testing.assert_allclose(np.diag(alike), [1, 1, 1, 1, 1, 1, 0], atol=1e-6)
    assert alike[0, 1] == pytest.approx(1, abs=1e-5)
    assert alike[3, 4] == pytest.approx(1, abs=1e-5)
    assert alike[0, 3] == pytest.approx(0, abs=1e-5)
    np.testing.assert_array_equal(token_vectors(sparse.csr_matrix(nearness), 9)[:, 7:], 0.0)


def test_before_any_step_the_start_knows_what_frequencies_say(make_shards, make_model, tiny_tokenizer):
    shards = make_shards(16, "none")
    frequencies, _ = count_tokens(shards, len(tiny_tokenizer.vocabulary))
    share = frequencies[frequencies > 0] / frequencies.sum()
    model = make_model()
    text = HeldOutText(shards, MaskingSettings(max_predictions=3))
    random = text.score(model)["loss"]
    start_from_corpus(model, shards)
    assert text.score(model)["loss"] < -(share * np.log(share)).sum() + 0.1 < random - 1


def test_parts_have_the_size_of_random_ones(make_shards, make_model):
    model = make_model(initializer_range=0.1)
    start_from_corpus(model, make_shards(16, "none"))
    variables = {name: variable.numpy() for name, variable in model.named_variables().items()}
    rows = np.linalg.norm(variables["embeddings.token"], axis=1)
    assert rows.min() > 0.1  # tokens that the text does not have, [MASK] among them, keep their random vectors
    assert np.isclose(rows, 0.1 * np.sqrt(SIZES["hidden_dim"])).sum() == 15  # with [SEP]
    assert np.sqrt((variables["embeddings.position"] ** 2).mean()) == pytest.approx(0.1, rel=1e-5)
    assert np.trace(variables["mlm.transform.kernel"]) == pytest.approx(SIZES["hidden_dim"], rel=0.2)


def test_layers_add_the_mean_of_what_is_attended_to(make_shards, make_model):
    model = make_model(num_layers=2)
    start_from_corpus(model, make_shards(16, "none"))
    ones = np.ones((1, 6))
    token_ids = np.array([[2, 5, 6, 7, 8, 3]])
    embedded = model.backbone.embeddings(token_ids, ones * 0)
    # Alone a token attends to itself, and half as much again of a normalized vector is the same after LayerNorm.
    alone = {"token_ids": token_ids[:, :1], "segment_ids": ones[:, :1] * 0, "padding_mask": ones[:, :1]}
    np.testing.assert_allclose(model.backbone(alone)["sequence_output"], embedded[:, :1], atol=1e-4)
    # Nothing tells tokens apart for attention without queries: then it is the mean of all.
    for layer in model.backbone.named_variables():
        if "query.kernel" in layer:
            model.backbone.named_variables()[layer].assign(np.zeros((SIZES["hidden_dim"],) * 2))
    expected = np.asarray(embedded)
    for _ in range(2):
        expected = expected + 0.5 * expected.mean(axis=1, keepdims=True)
        expected = (expected - expected.mean(axis=2, keepdims=True)) / expected.std(axis=2, keepdims=True)
    together = model.backbone({"token_ids": token_ids, "segment_ids": ones * 0, "padding_mask": ones})
    np.testing.assert_allclose(together["sequence_output"], expected, atol=1e-4)


def test_keys_are_queries(make_shards, make_model):
    model = make_model()
    start_from_corpus(model, make_shards(16, "none"))
    attention = {name.rpartition("attention.")[2]: v.numpy() for name, v in model.named_variables().items()}
    np.testing.assert_array_equal(attention["key.kernel"], attention["query.kernel"])


def test_of_an_encoder_with_weights_only_the_head_is_set(make_shards, make_model):
    model = make_model()
    before = {name: variable.numpy() for name, variable in model.named_variables().items()}
    start_from_corpus(model, make_shards(16, "none"), encoder=False)
    changed = {
        name for name, variable in model.named_variables().items() if not np.array_equal(variable.numpy(), before[name])
    }
    assert changed == {"mlm.bias", "mlm.transform.kernel"}


def test_sinusoids_stay_as_they_are(make_shards, make_model):
    model = make_model(position_embedding="sinusoidal")
    start_from_corpus(model, make_shards(16, "none"))
    assert model.backbone.embeddings.position is None


def test_a_run_starts_so_and_refuses_what_is_no_start(make_shards, tmp_path):
    shards = make_shards(16, "none")
    source = TextSource(shards=shards.directory)
    pretrain("preset:tiny", source, tmp_path / "run", SETTINGS, sizes=SIZES)
    pretrain("preset:tiny", source, tmp_path / "random", dataclasses.replace(SETTINGS, start="random"), sizes=SIZES)
    text = HeldOutText(shards, SETTINGS.masking())
    scores = {name: text.score(BertPretrainer.from_checkpoint(tmp_path / name)) for name in ("run", "random")}
    assert scores["run"]["loss"] < scores["random"]["loss"] - 0.5
    with pytest.raises(InputError, match="run: start=corpus sets weights that a checkpoint lacks"):
        pretrain(tmp_path / "run", source, tmp_path / "more", SETTINGS)
    two = Worker(distribution="multi-worker", index=0, count=2)
    with pytest.raises(InputError, match="start=corpus is for one process"):
        pretrain("preset:tiny", source, tmp_path / "more", SETTINGS, sizes=SIZES, worker=two)
    assert not (tmp_path / "more").exists()
