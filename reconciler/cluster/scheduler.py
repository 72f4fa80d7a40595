"""The one door to Dask: a scheduler that runs units on whatever workers it has.

What Dask itself pickles are the names of two functions and bytes; what these mean is JSON. Whoever
can talk to a scheduler can run anything on its workers, and can answer anything to its clients:
https://distributed.dask.org/en/stable/security.html
"""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from reconciler import __version__
from reconciler.cluster import worker
from reconciler.cluster.wire import VERSIONS
from reconciler.model.errors import UnavailableError, UsageError
from reconciler.model.failure import Failure, FailureClass

ADDRESS: Final = re.compile(
    r"(tcp|tls)://[^/\s:]+(:[0-9]{1,5})?|(tcp|tls)://\[[0-9a-fA-F:]+\]:[0-9]{1,5}"
)
CONNECT_SECONDS: Final = 20
"""How long a scheduler may take to answer."""
RESULT_SECONDS: Final = 120
"""How long a finished unit's answer may take to arrive; it is made again if its worker is lost."""

Handle: TypeAlias = Any
"""A unit that is under way: a future of Dask's, which has no types."""


class Cluster:
    """Workers behind a scheduler, which gives the unit of a lost worker to another one."""

    def __init__(self, address: str) -> None:
        """Connect.

        Raises:
            UsageError: Dask is not installed, or this is no address.
            UnavailableError: nobody answers there.

        """
        if ADDRESS.fullmatch(address) is None:
            problem = f"`{address}` is no address of a Dask scheduler"
            raise UsageError(problem, "write --cluster tcp://HOST:8786, or tls://HOST:8786")
        try:
            import distributed
        except ImportError as error:
            problem = "--cluster needs Dask, which is not installed here"
            raise UsageError(problem, "pip install 'acs-reconciler[dask]'") from error
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self.address = address
        self._dask = distributed
        self._client = _connected(distributed, address)

    def check(self) -> None:
        """Refuse workers of another version.

        Raises:
            UnavailableError: there is one; all of them are named. Or the scheduler is gone.

        """
        with self._reached():
            found = self._client.run(worker.version, on_error="return")
        others = {
            address: "none that can be imported" if isinstance(version, Exception) else version
            for address, version in sorted(found.items())
            if version != __version__
        }
        if others:
            words = ", ".join(f"{address} has {version}" for address, version in others.items())
            problem = f"workers need acs-reconciler {__version__}: {words}"
            raise UnavailableError(problem, VERSIONS)

    def submit(self, unit: bytes, name: str, weight: int, done: Callable[[Handle], None]) -> None:
        """Have a unit answered; the heaviest that wait are begun first.

        Args:
            unit: see `reconciler.cluster.wire`.
            name: no other unit has it; people see it on Dask's pages.
            weight: how much work it is likely to be.
            done: hears of it when it has ended, on a thread of Dask's.

        Raises:
            UnavailableError: the scheduler is gone.

        """
        ask, client = worker.answer, self._client
        with self._reached():
            future = client.submit(ask, unit, key=name, priority=weight, pure=False)
            future.add_done_callback(done)

    def outcome(self, ended: Handle) -> bytes | Failure:
        """Return what a unit that has ended came to.

        Raises:
            UnavailableError: the scheduler is gone.

        """
        try:
            content: bytes = ended.result(timeout=RESULT_SECONDS)
        except self._dask.KilledWorker as error:
            times = error.allowed_failures + 1
            message = f"the worker that asked was lost, {times} times in a row"
            mend = "look at the logs and the memory of the workers, and run again"
            return Failure(FailureClass.TRANSIENT, "worker lost", message, mend)
        except Exception as error:
            if ended.status != "error":
                raise self._gone() from error
            message = f"a worker could not ask: {type(error).__name__}: {error}".partition("\n")[0]
            return Failure(FailureClass.TRANSIENT, "worker failed", message, VERSIONS)
        return content

    @property
    def workers(self) -> int:
        """How many workers there are now.

        Raises:
            UnavailableError: the scheduler is gone.

        """
        with self._reached():
            return len(self._client.nthreads())

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Say that the scheduler is gone, which Dask says in many ways."""
        try:
            yield
        except Exception as error:
            raise self._gone() from error

    def _gone(self) -> UnavailableError:
        """Say that nothing more can be had of the scheduler."""
        problem = f"the scheduler at {self.address} does not answer any more"
        return UnavailableError(problem, "look at its log, and run again")

    def close(self) -> None:
        """Take back what has not ended, and hang up."""
        self._client.close(timeout=CONNECT_SECONDS)


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Connect to a scheduler, and hang up in the end, whatever happens."""
    cluster = Cluster(address)
    try:
        cluster.check()
        yield cluster
    finally:
        cluster.close()


def _connected(distributed: Any, address: str) -> Any:
    """Return Dask's client of a scheduler.

    Raises:
        UnavailableError: nobody answers there, or not as Dask is set up here.

    """
    try:
        asyncio.run(_reach(distributed, address))
        with warnings.catch_warnings():
            # Versions of libraries that differ are told at length; ours are looked at by `check`.
            warnings.simplefilter("ignore")
            return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, TypeError, ValueError, RuntimeError) as error:
        problem = f"no Dask scheduler can be reached at {address}: {error}"
        mend = "start one with `dask scheduler`; for tls://, give Dask its certificates"
        raise UnavailableError(problem, mend) from error


async def _reach(distributed: Any, address: str) -> None:
    """Open a connection and close it again: a client that cannot connect leaves threads behind."""
    security = distributed.Security().get_connection_args("client")
    wire = await distributed.comm.connect(address, timeout=CONNECT_SECONDS, **security)
    await wire.close()
