"""Training on the devices of one machine, or of many, by `tf.distribute`."""

import contextlib
import dataclasses
import json
import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kbert.errors import InputError

DISTRIBUTIONS = ("none", "mirrored", "multi-worker")
_HOST = re.compile(r".+:[0-9]+")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Worker:
    """This process among those that train together. The chief (index 0) writes what is written.

    `strategy` is None until it has joined the others.
    """

    distribution: str = "none"
    strategy: Any = None
    index: int = 0
    count: int = 1

    @property
    def is_chief(self) -> bool:
        return self.index == 0

    def join(self) -> "Worker":
        """The same worker with a strategy; waits for the others. Must come before TensorFlow computes anything.

        Raises:
            InputError: the others were not found.
        """
        import tensorflow as tf

        if self.strategy is not None:
            return self
        if self.distribution == "none":
            return dataclasses.replace(self, strategy=tf.distribute.get_strategy())
        if self.distribution == "mirrored":
            return dataclasses.replace(self, strategy=tf.distribute.MirroredStrategy())
        with explained_loss_of_a_worker(self, "joining the workers", "Start all of them again"):
            return dataclasses.replace(self, strategy=tf.distribute.MultiWorkerMirroredStrategy())


def find_worker(
    distribution: str = "none", worker_hosts: Sequence[str] | None = None, worker_index: int | None = None
) -> Worker:
    """Which worker this process is; it has not joined the others yet, so that it can still fail alone.

    Args:
        distribution: `none` is one device, `mirrored` all GPUs of this machine, `multi-worker` all GPUs of all workers.
        worker_hosts: HOST:PORT of every worker, the same list on all; by default what `TF_CONFIG` says.
        worker_index: which of them this process is, from 0.

    Raises:
        InputError: a worker is not described, or described wrongly.
    """
    if distribution not in DISTRIBUTIONS:
        raise InputError(f"distribution must be one of {', '.join(DISTRIBUTIONS)}. Received: {distribution!r}")
    if distribution != "multi-worker":
        if worker_hosts is not None or worker_index is not None:
            raise InputError(
                "worker_hosts and worker_index are of use with the distribution multi-worker only. "
                f"Received: distribution {distribution}"
            )
        return Worker(distribution=distribution)
    if worker_hosts is None and worker_index is not None:
        raise InputError(f"worker_index is a place in worker_hosts: give both. Received: {worker_index} without hosts")
    if worker_hosts is not None:
        if worker_index is None or not 0 <= worker_index < len(worker_hosts):
            raise InputError(
                f"worker_index must be from 0 to {len(worker_hosts) - 1}, a place in worker_hosts. "
                f"Received: {worker_index}"
            )
        for host in worker_hosts:
            if not _HOST.fullmatch(host):
                raise InputError(f"worker_hosts must be HOST:PORT each. Received: {host!r}")
        task = {"type": "worker", "index": worker_index}
        os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": list(worker_hosts)}, "task": task})
    count, index = _read_tf_config()
    return Worker(distribution=distribution, index=index, count=count)


def join_workers(
    distribution: str = "none", worker_hosts: Sequence[str] | None = None, worker_index: int | None = None
) -> Worker:
    """`find_worker`, which takes the same, and `Worker.join` in one."""
    return find_worker(distribution, worker_hosts, worker_index).join()


@contextlib.contextmanager
def explained_loss_of_a_worker(worker: Worker, doing: str, advice: str) -> Iterator[None]:
    """Turns what TensorFlow raises when another worker is gone into one line; its other errors pass."""
    import tensorflow as tf

    kinds = (
        tf.errors.UnavailableError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.DeadlineExceededError,
        tf.errors.InternalError,
        tf.errors.FailedPreconditionError,
    )
    try:
        yield
    except kinds as error:
        if worker.count == 1:
            raise
        # Before the message stands the name of a graph: {{function_node …}}.
        reason = (str(error.message).split("}} ")[-1].splitlines() or [type(error).__name__])[0][:120]
        raise InputError(f"{doing}: another worker was lost ({reason}). {advice}") from error


def _read_tf_config() -> tuple[int, int]:
    """How many workers there are, and which of them this one is."""
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        if set(cluster) != {"worker"}:
            raise ValueError(f"all are to be of type worker, got {', '.join(sorted(cluster)) or 'none'}")
        count, index = len(cluster["worker"]), task["index"]
        if task["type"] != "worker" or not 0 <= index < count:
            raise ValueError(f"task {task}")
        return count, int(index)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "TF_CONFIG: expected JSON with a cluster of workers and a task of type worker, got "
            f"{text[:80]!r} ({error}). Set it, or give --worker-hosts and --worker-index"
        ) from None
