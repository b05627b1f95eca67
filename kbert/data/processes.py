"""Work spread over processes that end with this one, however it ends."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Item = TypeVar("Item")
_PARALLELISM = "TOKENIZERS_PARALLELISM"


class WorkerLost(Exception):
    """A process was killed from outside."""


def in_processes(function: Callable[[Item], Any], items: Sequence[Item], processes: int) -> Iterator[Item]:
    """Calls `function` with every item, in so many processes; gives each item when it is done.

    One process is this one, and an interruption ends the call in hand. Each keeps to one core: the tokenizer's own
    threads are off. When several are interrupted, or a call fails, the calls that run already are waited for, and the
    others are not made.

    Raises:
        WorkerLost: a process was killed.
    """
    if processes == 1:
        with _one_thread():
            for item in items:
                function(item)
                yield item
        return
    context = multiprocessing.get_context("spawn")
    pool = concurrent.futures.ProcessPoolExecutor(processes, context, initializer=_start)
    try:
        futures = {pool.submit(function, item): item for item in items}
        for future in concurrent.futures.as_completed(futures):
            future.result()
            yield futures[future]
    except BrokenProcessPool:
        raise WorkerLost from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    before = os.environ.get(_PARALLELISM)
    os.environ[_PARALLELISM] = "false"
    try:
        yield
    finally:
        del os.environ[_PARALLELISM]
        if before is not None:
            os.environ[_PARALLELISM] = before


def _start() -> None:
    os.environ[_PARALLELISM] = "false"
    # Ctrl-C reaches every process of a terminal: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A worker whose parent was killed would wait for work for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
