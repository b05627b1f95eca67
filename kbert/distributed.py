"""Training on the devices of one machine, or of many, by `tf.distribute`."""

import dataclasses
import json
import os
from collections.abc import Sequence
from typing import Any

from kbert.errors import InputError

DISTRIBUTIONS = ("none", "mirrored", "multi-worker")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Worker:
    """This process among those that train together. The chief (index 0) writes what is written."""

    strategy: Any
    index: int = 0
    count: int = 1

    @property
    def is_chief(self) -> bool:
        return self.index == 0


def join_workers(
    distribution: str = "none", worker_hosts: Sequence[str] | None = None, worker_index: int | None = None
) -> Worker:
    """Sets up a distribution; must come before anything else asks TensorFlow to compute.

    Args:
        distribution: `none` is one device, `mirrored` all GPUs of this machine, `multi-worker` all GPUs of all workers.
        worker_hosts: HOST:PORT of every worker, the same list on all; by default what `TF_CONFIG` says.
        worker_index: which of them this process is, from 0.

    Raises:
        InputError: a worker is not described, or described wrongly.
    """
    import tensorflow as tf

    if distribution not in DISTRIBUTIONS:
        raise InputError(f"distribution must be one of {', '.join(DISTRIBUTIONS)}. Received: {distribution!r}")
    if distribution == "none":
        return Worker(strategy=tf.distribute.get_strategy())
    if distribution == "mirrored":
        return Worker(strategy=tf.distribute.MirroredStrategy())
    if worker_hosts is not None:
        if worker_index is None or not 0 <= worker_index < len(worker_hosts):
            raise InputError(
                f"worker_index must be from 0 to {len(worker_hosts) - 1}, a place in worker_hosts. "
                f"Received: {worker_index}"
            )
        task = {"type": "worker", "index": worker_index}
        os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": list(worker_hosts)}, "task": task})
    hosts, index = _read_tf_config()
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    return Worker(strategy=strategy, index=index, count=len(hosts))


def _read_tf_config() -> tuple[list[str], int]:
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text)
        hosts, task = config["cluster"]["worker"], config["task"]
        if task["type"] != "worker" or not 0 <= task["index"] < len(hosts):
            raise ValueError(f"task {task}")
        return hosts, int(task["index"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "TF_CONFIG: expected JSON with a cluster of workers and a task of type worker, got "
            f"{text[:80]!r} ({error}). Set it, or give --worker-hosts and --worker-index"
        ) from None
