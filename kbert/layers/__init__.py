"""The layers of BERT, in `keras.ops` only: they run on every Keras backend."""

from kbert.layers.embeddings import BertEmbeddings, sinusoidal_positions
from kbert.layers.heads import (
    AnswerSpanHead,
    ClassificationHead,
    EmbeddingHead,
    MaskedLanguageModelHead,
    NextSentenceHead,
    TokenClassificationHead,
)
from kbert.layers.transformer_encoder import SelfAttention, TransformerEncoder

__all__ = [
    "AnswerSpanHead",
    "BertEmbeddings",
    "ClassificationHead",
    "EmbeddingHead",
    "MaskedLanguageModelHead",
    "NextSentenceHead",
    "SelfAttention",
    "TokenClassificationHead",
    "TransformerEncoder",
    "sinusoidal_positions",
]
