import pytest

from kbert.errors import InputError
from kbert.pretraining import PretrainSettings, TextSource


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps must be at least 1. Received: 0"),
        ({"batch_size": 0}, "batch_size must be at least 1. Received: 0"),
        ({"gradient_accumulation": 0}, "gradient_accumulation must be at least 1. Received: 0"),
        ({"keep": 0}, "keep must be at least 1. Received: 0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0. Received: 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0. Received: nan"),
        ({"clip_norm": float("inf")}, "clip_norm must be above 0. Received: inf"),
        ({"decay_power": -1.0}, "decay_power must be above 0. Received: -1.0"),
        ({"warmup": 1.0}, "warmup must be at least 0 and below 1. Received: 1.0"),
        ({"long_share": 1.5}, "long_share must be at least 0 and below 1. Received: 1.5"),
        ({"long_batch_size": 0}, "long_batch_size must be at least 1. Received: 0"),
        ({"weight_decay": -0.1}, "weight_decay must be at least 0. Received: -0.1"),
        ({"seed": -1}, "seed must be at least 0. Received: -1"),
        ({"optimizer": "sgd"}, "optimizer must be one of adamw, lamb. Received: sgd"),
        (
            {"precision": "float16"},
            "precision must be one of float32, mixed_bfloat16, mixed_float16. Received: float16",
        ),
        ({"mask_share": 0.0}, "mask_share must be above 0 and below 1. Received: 0.0"),
        (
            {"max_predictions": 0},
            "max_predictions must be at least 1: without a masked token there is nothing to learn",
        ),
        ({"max_span": 0}, "max_span must be at least 1. Received: 0"),
    ],
)
def test_settings_are_checked_when_made(change, message):
    with pytest.raises(InputError, match=f"^{message}"):
        PretrainSettings(**change)


def test_masking_takes_its_part():
    masking = PretrainSettings(mask_share=0.2, max_predictions=7, whole_words=True, max_span=3).masking()
    assert (masking.mask_share, masking.max_predictions, masking.whole_words, masking.max_span) == (0.2, 7, True, 3)


@pytest.mark.parametrize(("steps", "share", "long_steps"), [(1000, 0.1, 100), (10, 0.0, 0), (3, 0.5, 2), (4, 0.1, 0)])
def test_long_steps(steps, share, long_steps):
    assert PretrainSettings(steps=steps, long_share=share).long_steps == long_steps


@pytest.mark.parametrize("given", [{}, {"shards": "shards", "corpus": ["text.txt"]}])
def test_text_comes_from_one_place(given):
    with pytest.raises(InputError, match="^expected either a corpus or shards to learn from, got both or neither$"):
        TextSource(**given)
