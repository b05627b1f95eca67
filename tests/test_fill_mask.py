import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer

TEXTS = ["the [MASK] was good", "a day", "[MASK][MASK]!", "the film was [MASK], the film was [MASK] ."]
MASKED = [TEXTS[0], TEXTS[2], TEXTS[3]]


@pytest.fixture(scope="module")
def model(tiny_config, tiny_tokenizer):
    keras.utils.set_random_seed(7)
    return BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, 16)


def test_every_mask_has_its_place(model):
    predictions = model.fill_mask(MASKED)
    assert [prediction.text for prediction in predictions] == MASKED
    places = [[(mask.start, mask.end) for mask in prediction.masks] for prediction in predictions]
    assert places == [[(4, 10)], [(0, 6), (6, 12)], [(13, 19), (34, 40)]]
    for prediction in predictions:
        assert all(prediction.text[mask.start : mask.end] == "[MASK]" for mask in prediction.masks)


def test_the_likeliest_tokens_come_first(model, tiny_tokenizer):
    size = tiny_tokenizer.vocabulary_size
    (mask,) = model.fill_mask(MASKED[:1], top=size)[0].masks
    probabilities = [token.probability for token in mask.tokens]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1.0, abs=1e-5)  # float32 rounding
    assert {token.token for token in mask.tokens} == set(tiny_tokenizer.vocabulary)
    assert model.fill_mask(MASKED[:1], top=2)[0].masks[0].tokens == mask.tokens[:2]


def test_what_the_bias_says(model, tiny_tokenizer):
    before = np.asarray(model.mlm.bias)
    model.mlm.bias.assign(np.eye(1, len(before), tiny_tokenizer.token_id("film"))[0] * 100)
    assert model.fill_mask(["the [MASK]"], top=1)[0].masks[0].tokens[0].token == "film"
    model.mlm.bias.assign(before)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_text_does_not_depend_on_its_batch(model, batch_size):
    from kbert.fill_mask import fill_mask

    for alone, together in zip(fill_mask(model, MASKED, batch_size=batch_size), model.fill_mask(MASKED), strict=True):
        assert len(alone.masks) == len(together.masks)
        for mine, theirs in zip(alone.masks, together.masks, strict=True):
            assert [token.token for token in mine.tokens] == [token.token for token in theirs.tokens]
            ours, others = ([token.probability for token in mask.tokens] for mask in (mine, theirs))
            np.testing.assert_allclose(ours, others, atol=1e-6)  # float32 sums in another order


def test_no_texts(model):
    assert model.fill_mask([]) == []


def test_what_comes_after_the_mask_may_be_cut(model):
    (prediction,) = model.fill_mask(["[MASK] day" + " good" * 20])
    assert len(prediction.masks) == 1


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (TEXTS, "text 1 must hold [MASK], the token to predict. Received: 'a day'"),
        (["[mask]"], "text 0 must hold [MASK], the token to predict. Received: '[mask]'"),
        (["good day, " * 40], "text 0 must hold [MASK], the token to predict. Received: " + repr("good day, " * 4)),
        (
            ["[MASK]" + " day" * 14 + " [MASK]"],
            "text 0: its [MASK] at character 63 lies beyond the first 16 tokens, which are all that the model takes. "
            "Shorten the text before it",
        ),
    ],
)
def test_texts_without_a_mask_to_fill(model, texts, message):
    with pytest.raises(InputError) as error:
        model.fill_mask(texts)
    assert str(error.value) == message


def test_top_is_a_number_of_tokens(model, tiny_tokenizer):
    size = tiny_tokenizer.vocabulary_size
    for top in (0, size + 1):
        with pytest.raises(InputError) as error:
            model.fill_mask(MASKED, top=top)
        assert str(error.value) == f"top must be from 1 to {size}, the tokens there are. Received: {top}"


def test_a_model_without_tokenizer(tiny_config):
    with pytest.raises(InputError, match="takes tensors only"):
        BertPretrainer(BertBackbone(tiny_config)).fill_mask(MASKED)
