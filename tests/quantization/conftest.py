"""A size at which every dense layer of the encoder is large enough for a file to round it."""

import dataclasses

import pytest


@pytest.fixture(scope="session")
def wide_config(tiny_config):
    return dataclasses.replace(
        tiny_config, hidden_dim=32, intermediate_dim=64, dropout=0.0, attention_dropout=0.0, classifier_dropout=0.0
    )
