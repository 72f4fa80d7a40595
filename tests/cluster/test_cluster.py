"""Real workers of a real cluster: they die, differ and disappear, and the report is the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from subprocess import PIPE
from typing import Any

import pytest
from distributed import Client, Future, LocalCluster

import reconciler
from reconciler.cluster import scheduler, wire, worker
from reconciler.cluster.scheduler import Cluster
from reconciler.model.errors import UnavailableError
from tests.conftest import SUBSCRIPTION, Lab, Ran

SUBSCRIPTIONS = [f"{number}{SUBSCRIPTION[1:]}" for number in (1, 2, 3)]
SOON = 60
"""Seconds that nothing here takes, however slow the machine is."""


class Workers:
    """Two workers that are processes of this machine."""

    def __init__(self, cluster: LocalCluster, client: Client) -> None:
        assert cluster.scheduler is not None
        self.address: str = cluster.scheduler_address
        self.scheduler = cluster.scheduler
        self.client = client

    def pids(self) -> dict[str, int]:
        """Return the process of each worker, by its address."""
        self.client.wait_for_workers(2, timeout=SOON)
        pids: dict[str, int] = self.client.run(os.getpid)
        return pids

    def busy(self) -> list[str]:
        """Return the addresses of workers that have something to do."""
        known = [*self.scheduler.workers.items()]
        return [address for address, state in known if state.processing]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Two workers, which are replaced when they are killed."""
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster, set_as_default=False) as client,  # type: ignore[no-untyped-call]
    ):
        yield Workers(cluster, client)


@pytest.fixture(scope="module")
def applied() -> list[Any]:
    """The state of the emulator once the stacks have been applied, if they have been."""
    return []


@pytest.fixture
def estate(lab: Lab, applied: list[Any]) -> Lab:
    """Stacks in three subscriptions that need each other, of which some have drifted."""
    write_stacks(lab)
    if not applied:
        lab.settle()
        applied.append(lab.arm.send("GET", "/emulator/snapshot")[1])
    lab.arm.send("PUT", "/emulator/snapshot", applied[0])
    lab.arm.patch(service_of(2, "acs-s2-a"), {"tags": {"by": "hand"}})
    lab.arm.send("DELETE", service_of(1, "acs-s1-b"))
    lab.spec("tags: {env: new}", name="s3", identities={"id-s3": {"location": "westeurope"}})
    lab.arm.forget()
    return lab


def write_stacks(lab: Lab) -> None:
    """Write a stack for each subscription, of which each needs the one before."""
    before = ""
    for number, subscription in enumerate(SUBSCRIPTIONS):
        group = f"/subscriptions/{subscription}/resourceGroups/rg-test"
        lab.arm.group(group)
        attached = [f"ref:stack/{before}//identities/id-{before}"] if before else []
        name = f"s{number}"
        path = lab.spec(
            "onRemoval: delete",
            name=name,
            identities={f"id-{name}": {"location": "westeurope"}},
            emailServices={
                f"mail-{name}": {
                    "dataLocation": "Europe",
                    "domains": {"AzureManagedDomain": {"management": "AzureManaged"}},
                }
            },
            communicationServices={
                f"acs-{name}-{part}": {
                    "dataLocation": "Europe",
                    "identity": {"userAssigned": attached},
                }
                for part in "ab"
            },
        )
        path.write_text(path.read_text().replace(SUBSCRIPTION, subscription))
        before = name


def service_of(number: int, name: str) -> str:
    """Return the id of a Communication Services resource in one of the subscriptions."""
    group = f"/subscriptions/{SUBSCRIPTIONS[number]}/resourceGroups/rg-test"
    return f"{group}/providers/Microsoft.Communication/communicationServices/{name}"


def requests(lab: Lab) -> Counter[str]:
    """Return how often each thing was asked for since the last look."""
    asked = Counter(f"{entry['method']} {entry['path']}" for entry in lab.arm.requests())
    lab.arm.forget()
    return asked


def test_the_plan_is_that_of_one_machine_to_the_byte_and_takes_the_same_requests(
    estate: Lab, workers: Workers
) -> None:
    for arguments in (("--prune", "-o", "json"), ("-o", "markdown"), ("-o", "text", "--requests")):
        alone = estate.plan(*arguments)
        asked = requests(estate)
        spread = estate.plan(*arguments, "--cluster", workers.address)
        assert (spread.out, spread.code) == (alone.out, alone.code)
        assert requests(estate) == asked
        assert alone.code == 2


def test_drift_is_that_of_one_machine(estate: Lab, workers: Workers) -> None:
    drift = ("drift", "--target", estate.arm.url, "--unmanaged", "-o", "json")
    alone, spread = (estate.run(*drift, *more) for more in ((), ("--cluster", workers.address)))
    assert alone.code == spread.code == 2
    moment = re.compile(r'"at": "[^"]+"')
    assert moment.sub("", spread.out) == moment.sub("", alone.out)
    assert spread.json["items"]


def test_a_subscription_that_cannot_be_read_is_unknown(estate: Lab, workers: Workers) -> None:
    denied = {"status": 403, "code": "AuthorizationFailed", "message": "not you"}
    estate.arm.fault(method="GET", path=SUBSCRIPTIONS[1], times=None, **denied)
    alone = estate.plan("-o", "json", "--prune")
    spread = estate.plan("-o", "json", "--prune", "--cluster", workers.address)
    each = re.compile(r'"correlationId": "[^"]+"')  # of a request, for Azure's support
    assert each.sub("", spread.out) == each.sub("", alone.out)
    assert spread.code == 1
    blocked = [c["address"] for c in spread.json["changes"] if c["block"] == "unreadable"]
    assert "s1/communicationServices/acs-s1-b" in blocked


def until(holds: Callable[[], bool]) -> None:
    """Look until something holds that is bound to."""
    last = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < last


def hold(lab: Lab) -> None:
    """Let Azure keep one request about the second subscription."""
    lab.arm.fault(method="GET", path=f"{SUBSCRIPTIONS[1]}.*communicationServices", hold=True)


def wait(lab: Lab, workers: Workers) -> None:
    """Wait until all has been read that does not wait for the held request."""
    until(lambda: bool(lab.arm.send("GET", "/emulator/held")[1]))
    until(lambda: len(workers.busy()) == 1)


@contextmanager
def held(lab: Lab, workers: Workers) -> Iterator[futures.Future[Ran]]:
    """Begin a plan, and yield it when it is in the middle."""
    hold(lab)
    with futures.ThreadPoolExecutor(1) as pool:
        run = pool.submit(lab.plan, "-o", "json", "--cluster", workers.address)
        try:
            wait(lab, workers)
            yield run
        finally:
            lab.arm.mend()


def kill(workers: Workers) -> None:
    """Kill the worker that has something to do, without a word."""
    pids = workers.pids()
    (busy,) = workers.busy()
    os.kill(pids[busy], signal.SIGKILL)


def test_a_killed_worker_loses_nothing(estate: Lab, workers: Workers) -> None:
    alone = estate.plan("-o", "json")
    asked = requests(estate)
    with held(estate, workers) as run:
        kill(workers)
        spread = run.result(SOON)
    assert (spread.out, spread.code) == (alone.out, alone.code)
    again = requests(estate) - asked
    assert [path for path in again if SUBSCRIPTIONS[1] in path]  # what the killed one had asked


def test_what_too_many_workers_died_of_is_unknown(
    estate: Lab, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers.scheduler, "allowed_failures", 0)
    with held(estate, workers) as run:
        kill(workers)
        ran = run.result(SOON)
    assert ran.code == 1
    (gap,) = ran.json["gaps"]
    assert (gap["code"], gap["mend"]) == (
        "worker lost",
        "look at the logs and the memory of the workers, and run again",
    )
    assert {c["block"] for c in ran.json["changes"] if c["stack"] == "s1"} == {"unreadable"}
    assert not [step for step in ran.json["steps"] if SUBSCRIPTIONS[1] in step["id"]]


def test_an_interrupted_run_takes_its_units_back(estate: Lab, workers: Workers) -> None:
    hold(estate)
    command = [sys.executable, "-m", "reconciler", "plan", "--target", estate.arm.url]
    with subprocess.Popen(
        [*command, "--cluster", workers.address], stdout=PIPE, stderr=PIPE, text=True
    ) as run:
        try:
            wait(estate, workers)
            run.send_signal(signal.SIGINT)
            _, err = run.communicate(timeout=SOON)
        finally:
            run.kill()
            estate.arm.mend()
    assert run.returncode == 130
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    until(lambda: not workers.scheduler.tasks)


def test_a_scheduler_that_drops_a_run_ends_it(estate: Lab, workers: Workers) -> None:
    with held(estate, workers) as run:
        units: list[Future[bytes]] = [
            Future(key, workers.client) for key in [*workers.scheduler.tasks]
        ]
        workers.client.cancel(units, force=True)  # type: ignore[no-untyped-call]
        ran = run.result(SOON)
    assert (ran.code, ran.out) == (1, "")
    assert f"the scheduler at {workers.address} does not answer any more" in ran.err
    assert "Traceback" not in ran.err


def test_a_scheduler_that_is_gone_between_two_questions_is_told(workers: Workers) -> None:
    cluster = Cluster(workers.address)
    cluster.close()
    for ask in (
        cluster.check,
        lambda: cluster.workers,
        lambda: cluster.submit(b"", "unit", 1, lambda _: None),
    ):
        with pytest.raises(UnavailableError, match="does not answer any more"):
            ask()


def test_a_worker_of_another_version_is_refused_by_name(estate: Lab, workers: Workers) -> None:
    first, second = sorted(workers.pids())
    for module in (worker, wire):
        workers.client.run(setattr, module, "__version__", "0.0.1", workers=[second])
    try:
        ran = estate.plan("--cluster", workers.address)
    finally:
        for module in (worker, wire):
            version = reconciler.__version__
            workers.client.run(setattr, module, "__version__", version, workers=[second])
    assert (ran.code, ran.out) == (1, "")
    assert f"{second} has 0.0.1" in ran.err
    assert first not in ran.err
    assert requests(estate) == Counter()


def test_without_the_extra_it_is_said_how_to_get_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = lab.plan("--cluster", "tcp://127.0.0.1:8786")
    assert (ran.code, ran.out) == (64, "")
    assert ran.err == (
        "error: --cluster needs Dask, which is not installed here\n"
        "  mend: pip install 'acs-reconciler[dask]'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--cluster", "127.0.0.1:8786"), "is no address of a Dask scheduler"),
        (("--cluster", "http://a:1"), "is no address of a Dask scheduler"),
        (("--cluster", "tcp://a:1", "--shard", "1/2"), "leave out --shard"),
        (("--cluster", "tcp://a:1", "--target", "emulator"), "no worker reaches the embedded"),
        (("--cluster", "tls://127.0.0.1:1"), "no Dask scheduler can be reached"),
    ],
)
def test_what_cannot_be_meant_is_refused(lab: Lab, arguments: tuple[str, ...], words: str) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    ran = lab.plan(*arguments)
    assert ran.code in (1, 64)
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert lab.arm.requests() == []


def test_a_scheduler_that_is_not_there_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "CONNECT_SECONDS", 0.1)
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    ran = lab.plan("--cluster", "tcp://127.0.0.1:1")
    assert ran.code == 1
    assert "no Dask scheduler can be reached at tcp://127.0.0.1:1" in ran.err
