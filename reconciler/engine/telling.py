"""Tell a listener what a thread is at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from reconciler.engine.ports import Listener, RequestFailedError
from reconciler.model.event import Began, Ended, Work


@dataclass(slots=True)
class Ending:
    """How some work ends, which whoever does it fills in."""

    failure: str = ""
    found: int = 0
    result: str = ""


@contextmanager
def during(listener: Listener, work: Work) -> Iterator[Ending]:
    """Let a listener know that this thread does some work while the block runs, and how it ends.

    What the block raises is told by its code or its name, and never by its words.
    """
    listener(Began(work))
    ending = Ending()
    try:
        yield ending
    except RequestFailedError as error:
        ending.failure = error.failure.code
        raise
    except BaseException as error:
        ending.failure = type(error).__name__
        raise
    finally:
        listener(Ended(work, ending.failure, ending.found, ending.result))
