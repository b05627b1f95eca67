"""TensorBoard's event files."""

import os

import keras


class TensorBoardCurves:
    """Writes the curves of a run; without a folder, nothing."""

    def __init__(self, folder: str | os.PathLike[str] | None) -> None:
        import tensorflow as tf

        self._writer = None if folder is None else tf.summary.create_file_writer(os.fspath(folder))

    def losses(self, losses: list[float], last_step: int, optimizer: keras.optimizers.Optimizer) -> None:
        for offset, loss in enumerate(losses):
            self._scalar("train/loss", loss, last_step - len(losses) + offset + 1)
        self._scalar("train/learning_rate", float(keras.ops.convert_to_numpy(optimizer.learning_rate)), last_step)

    def metrics(self, metrics: dict[str, float], step: int) -> None:
        for name, value in metrics.items():
            self._scalar(f"validation/{name}" if name != "train_loss" else "train/epoch_loss", value, step)

    def _scalar(self, name: str, value: float, step: int) -> None:
        if self._writer is None:
            return
        import tensorflow as tf

        with self._writer.as_default():
            tf.summary.scalar(name, value, step)
