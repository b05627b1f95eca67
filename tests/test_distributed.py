"""Who trains together: what is refused, what a lost worker is told as, and one machine's devices."""

import json

import pytest
import tensorflow as tf

from kbert.distributed import Worker, explained_loss_of_a_worker, find_worker, join_workers
from kbert.errors import InputError

HOSTS = ["a:2222", "b:2222"]


@pytest.fixture(autouse=True)
def no_tf_config(monkeypatch):
    # Set first, so that what find_worker puts there goes away again.
    monkeypatch.setenv("TF_CONFIG", "")
    monkeypatch.delenv("TF_CONFIG")


def tf_config(index=0, kind="worker", **jobs) -> str:
    return json.dumps({"cluster": {"worker": HOSTS, **jobs}, "task": {"type": kind, "index": index}})


def test_a_worker_by_its_hosts():
    worker = find_worker("multi-worker", HOSTS, 1)
    assert (worker.index, worker.count, worker.is_chief, worker.strategy) == (1, 2, False, None)


def test_a_worker_by_tf_config(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", tf_config())
    worker = find_worker("multi-worker")
    assert (worker.index, worker.count, worker.is_chief, worker.strategy) == (0, 2, True, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("horovod",), "distribution must be one of none, mirrored, multi-worker. Received: 'horovod'"),
        (("none", HOSTS, 0), "worker_hosts and worker_index are of use with the distribution multi-worker only"),
        (("mirrored", None, 0), "worker_hosts and worker_index are of use with the distribution multi-worker only"),
        (("multi-worker", None, 0), "worker_index is a place in worker_hosts: give both. Received: 0 without hosts"),
        (("multi-worker", HOSTS), "worker_index must be from 0 to 1, a place in worker_hosts. Received: None"),
        (("multi-worker", HOSTS, 2), "worker_index must be from 0 to 1, a place in worker_hosts. Received: 2"),
        (("multi-worker", ["a:1", "b"], 0), "worker_hosts must be HOST:PORT each. Received: 'b'"),
        (("multi-worker", ["a:1", ":2"], 0), "worker_hosts must be HOST:PORT each. Received: ':2'"),
        (("multi-worker",), "TF_CONFIG: expected JSON with a cluster of workers and a task of type worker, got ''"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(InputError) as caught:
        find_worker(*arguments)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", "list indices must be integers"),
        ('{"cluster": {"worker": ["a:1"]}}', "'task'"),
        (tf_config(index=2), "task {'type': 'worker', 'index': 2}"),
        (tf_config(index="0"), "not supported between"),
        (tf_config(kind="evaluator"), "task {'type': 'evaluator', 'index': 0}"),
        (tf_config(chief=["c:1"]), "all are to be of type worker, got chief, worker"),
        (tf_config(ps=["c:1"]), "all are to be of type worker, got ps, worker"),
    ],
)
def test_tf_config_is_checked(monkeypatch, text, reason):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError, match="^TF_CONFIG: expected JSON .* Set it, or give --worker-hosts") as caught:
        find_worker("multi-worker")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            tf.errors.UnavailableError(None, None, "{{function_node f}} Connection reset by peer\nGRPC error"),
            "Connection reset",
        ),
        (tf.errors.AbortedError(None, None, ""), "AbortedError"),
    ],
)
def test_a_lost_worker_is_one_line(error, reason):
    with (
        pytest.raises(InputError, match=rf"^step 3: another worker was lost \({reason}.*\). Start again$") as caught,
        explained_loss_of_a_worker(Worker(count=2), "step 3", "Start again"),
    ):
        raise error
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("count", "error"), [(2, tf.errors.ResourceExhaustedError), (1, tf.errors.UnavailableError)], ids=str
)
def test_other_errors_pass(count, error):
    with pytest.raises(error), explained_loss_of_a_worker(Worker(count=count), "step 3", "Start again"):
        raise error(None, None, "out of memory")


def test_one_machine():
    worker = join_workers("mirrored")
    assert isinstance(worker.strategy, tf.distribute.MirroredStrategy)
    assert (worker.index, worker.count, worker.is_chief) == (0, 1, True)
    assert worker.join() is worker
    assert join_workers().strategy.num_replicas_in_sync == 1
