"""Keeps native libraries' start-up messages off the screen: they say nothing about the user's work."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def native_stderr_silenced() -> Iterator[None]:
    """What C++ code prints to stderr meanwhile is dropped; exceptions pass as ever.

    TensorFlow and LiteRT write before their log levels can be set, so the file descriptor itself is diverted.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def load_tensorflow() -> None:
    """Imports TensorFlow and Keras without their greetings; a command calls it before its first use of them."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with native_stderr_silenced():
        import keras
        import tensorflow
    # Batches of many lengths are traced a few times, which it takes for a mistake.
    tensorflow.get_logger().setLevel("ERROR")
    del keras
