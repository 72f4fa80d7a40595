"""Drift as a service: run after run in one process, with metrics, health, and a clean end."""

from __future__ import annotations

import gc
import io
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from reconciler.app.drifting.watch import STALE_AFTER, Keep, Watch
from reconciler.engine.clock import SystemClock
from reconciler.engine.interrupt import Interrupt
from reconciler.model.errors import UnavailableError
from reconciler.web.endpoint import Page, served
from tests.conftest import Lab, Ran, service
from tests.telemetry.collector import Collector

SPEC: dict[str, Any] = {
    "communicationServices": {"acs-a": {"dataLocation": "Europe", "tags": {"env": "prod"}}}
}
INTERVAL = 900.0
OURS = (
    *(
        f"reconciler.{name}."
        for name in ("app", "arm", "core", "engine", "model", "render", "documents", "telemetry")
    ),
    "azure.",
    "requests.",
)
"""Where the types are of what a run makes."""


class FakeClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def get(address: str) -> tuple[int, str]:
    """Return status and text of a page."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def values(metrics: str) -> dict[str, float]:
    """Return the metrics by name and labels."""
    lines = (line for line in metrics.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


# The loop, with a clock that does not wait


def watch_of(*runs: Callable[[FakeClock], None]) -> tuple[Watch, FakeClock, list[str]]:
    """Return a watch of so many runs, after which it is told to end; with what it says."""
    clock, interrupt, said = FakeClock(), Interrupt(), list[str]()
    left = list(runs)

    def run(keep: Keep) -> None:
        one = left.pop(0)
        if not left:
            interrupt.set()
        keep(f"run_at {clock.now()}\n")
        one(clock)

    return Watch(run, INTERVAL, clock, interrupt, said.append), clock, said


def passes(_clock: FakeClock) -> None:
    """End at once."""


def fails(_clock: FakeClock) -> None:
    raise UnavailableError("Azure could not be reached", "look at the proxy")


def test_runs_begin_an_interval_apart_however_long_they_take() -> None:
    begun = list[float]()

    def slow(clock: FakeClock) -> None:
        begun.append(clock.now())
        clock.time += 300

    watch_of(slow, slow, slow)[0].go_on()
    assert begun == [0, INTERVAL, 2 * INTERVAL]


def test_a_run_that_takes_longer_than_the_interval_is_followed_at_once_by_the_next() -> None:
    begun = list[float]()

    def endless(clock: FakeClock) -> None:
        begun.append(clock.now())
        clock.time += 2 * INTERVAL

    watch_of(endless, endless)[0].go_on()
    assert begun == [0, 2 * INTERVAL]


def test_a_run_that_fails_is_told_in_one_line_counted_and_does_not_end_the_watch() -> None:
    def breaks(_clock: FakeClock) -> None:
        raise ZeroDivisionError("by\nnought")

    watch, _, said = watch_of(passes, fails, breaks, passes)
    watch.go_on()
    assert said == [
        "this run failed: Azure could not be reached (mend: look at the proxy)",
        "this run failed: this is a bug: ZeroDivisionError: by\\nnought",
    ]
    counted = values(watch.metrics())
    assert counted['reconciler_watch_runs_total{result="ended"}'] == 2
    assert counted['reconciler_watch_runs_total{result="failed"}'] == 2
    assert counted["reconciler_watch_last_run_failed"] == 0
    assert counted["reconciler_watch_interval_seconds"] == INTERVAL
    assert counted["run_at"] == 3 * INTERVAL


def test_a_watch_is_well_from_the_end_of_a_run_until_three_intervals_after_it() -> None:
    watch, clock, _ = watch_of(passes)
    assert watch.ailment() == "no run has ended yet"
    watch.go_on()
    clock.time = STALE_AFTER * INTERVAL
    assert watch.ailment() == ""
    clock.time += 1
    assert watch.ailment() == "no run has ended for 2701 s, and one is due every 900 s"


def test_a_watch_is_not_well_after_a_run_that_failed_and_says_nothing_of_the_error() -> None:
    watch, _, _ = watch_of(passes, fails)
    watch.go_on()
    assert watch.ailment() == "the last run failed"


def test_the_endpoint_answers_its_paths_asked_anew_each_time_and_nothing_else() -> None:
    count = iter(range(9))
    with served("127.0.0.1", 0, {"/count": lambda: Page(str(next(count)))}) as address:
        assert [get(f"{address}/count"), get(f"{address}/count?x=1")] == [(200, "0"), (200, "1")]
        assert get(f"{address}/")[0] == 404
        request = urllib.request.Request(f"{address}/count", data=b"x", method="POST")
        with pytest.raises(urllib.error.HTTPError, match="501"):
            urllib.request.urlopen(request, timeout=10)


def test_a_port_that_is_taken_is_an_error_with_a_mend() -> None:
    with (
        served("127.0.0.1", 0, {}) as address,
        pytest.raises(UnavailableError, match=r"cannot listen at 127.0.0.1, port \d+: .*in use"),
        served("127.0.0.1", int(address.rpartition(":")[2]), {}),
    ):
        pass


# The command, in this process: what happens between the runs is said by the test


@pytest.fixture
def settled(lab: Lab) -> Lab:
    lab.spec(**SPEC)
    lab.settle()
    return lab


def told_address() -> str:
    """Return where the watch that runs in this process has said that it answers."""
    assert isinstance(sys.stderr, io.StringIO)
    found = re.search(r"http://127\.0\.0\.1:\d+", sys.stderr.getvalue())
    assert found is not None
    return found[0]


def watched(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, between: list[Callable[[], None]], *more: str
) -> Ran:
    """Watch; after each run do what the list says for it, and after the last send SIGTERM."""
    left = list(between)

    class Clock(FakeClock):
        def sleep(self, seconds: float) -> None:
            if not left:
                return  # time stands still until the signal has come
            if self.time % INTERVAL == 0:
                left.pop(0)()
            if left:
                super().sleep(seconds)
            else:
                os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("reconciler.engine.clock.SystemClock", Clock)
    try:
        return lab.run("drift", "--target", lab.arm.url, "--every", "15m", *more)
    finally:
        monkeypatch.setattr("reconciler.engine.clock.SystemClock", SystemClock)


def test_a_service_tells_drift_its_end_and_a_failure_in_metrics_and_health(
    settled: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list[tuple[int, str, dict[str, float]]]()
    drifted = 'reconciler_drift_items{environment="",severity="low",sort="changed"}'

    def look() -> None:
        address = told_address()
        status, text = get(f"{address}/healthz")
        reason, success, rest = text.split("\n")
        assert re.fullmatch(r"last success: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", success)
        assert rest == ""
        seen.append((status, reason, values(get(f"{address}/metrics")[1])))

    def somebody_changes_a_tag() -> None:
        look()
        settled.arm.patch(service("acs-a"), {"tags": {"env": "dev"}})

    def somebody_breaks_the_specs() -> None:
        look()
        settled.spec(communicationServices={"acs-a": {"dataLocation": 7}})

    def somebody_mends_them() -> None:
        look()
        settled.spec(communicationServices={"acs-a": {"dataLocation": "Europe"}})

    between = [somebody_changes_a_tag, somebody_breaks_the_specs, somebody_mends_them, look]
    ran = watched(
        settled, monkeypatch, between, "--metrics-port", "0", "--history", "drift.jsonl",
        "--report", "json=drift.json",
    )  # fmt: skip
    assert ran.code == 0
    assert [(status, text, metrics[drifted]) for status, text, metrics in seen] == [
        (200, "ok", 0),
        (200, "ok", 1),
        (503, "the last run failed", 1),
        (200, "ok", 0),
    ]
    assert seen[-1][2]['reconciler_watch_runs_total{result="failed"}'] == 1
    failures = [line for line in ran.err.splitlines() if "failed" in line]
    assert len(failures) == 1
    assert re.search(r"1 problem in the specs: specs/test.yaml:\d+:\d+: ACS\d+", failures[0])
    assert ran.out.count("In sync") == 2
    assert (settled.folder / "drift.jsonl").read_text(encoding="utf-8").count('"run"') == 3
    assert '"items": []' in (settled.folder / "drift.json").read_text(encoding="utf-8")


def test_a_run_that_cannot_read_azure_is_a_failure_and_its_metrics_say_what_is_unknown(
    settled: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list[tuple[tuple[int, str], dict[str, float]]]()

    def look() -> None:
        address = told_address()
        seen.append((get(f"{address}/healthz"), values(get(f"{address}/metrics")[1])))
        settled.arm.mend()

    settled.arm.fault(method="GET", path="", status=403, times=None)
    ran = watched(settled, monkeypatch, [look, look], "--metrics-port", "0")
    assert seen[0][0] == (503, "the last run failed\nlast success: none yet\n")
    assert [status for (status, _), _ in seen] == [503, 200]
    at = "reconciler_watch_last_success_timestamp_seconds"
    assert [metrics[at] > 0 for _, metrics in seen] == [False, True]
    complete = 'reconciler_drift_run_complete{environment=""}'
    assert [metrics[complete] for _, metrics in seen] == [0, 1]
    failures = [line for line in ran.err.splitlines() if "failed" in line]
    assert failures == [
        "this run failed: not everything could be read (mend: the report says what)"
    ]


@contextmanager
def counting(lab: Lab, counts: list[int], ours: tuple[str, ...]) -> Iterator[Callable[[], None]]:
    """Yield what counts the objects of our types that have been made since, and are still there.

    What is there already is set aside, so that neither the counting nor the collections of the
    watch look through all that pytest has made.
    """
    gc.collect()
    gc.freeze()

    def count() -> None:
        lab.arm.forget()
        modules = (str(type(one).__module__) for one in gc.get_objects())
        counts.append(sum(module.startswith(ours) for module in modules))

    try:
        yield count
    finally:
        gc.unfreeze()


def test_nothing_of_a_run_is_left_after_hundreds_of_them(
    settled: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled.arm.patch(service("acs-a"), {"tags": {"env": "dev"}})
    counts = list[int]()
    with counting(settled, counts, OURS) as count:
        ran = watched(settled, monkeypatch, [count] * 200, "--history", "drift.jsonl")
    assert ran.code == 0
    assert len(counts) == 200
    assert max(counts[4:]) == min(counts[4:])


def test_nothing_of_a_trace_is_left_when_a_run_has_ended(
    settled: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = list[int]()
    with counting(settled, counts, ("reconciler.telemetry.",)) as count:
        assert watched(settled, monkeypatch, [count] * 20).code == 0
    assert len({span.trace_id for span in collector.spans}) == 20
    assert max(counts[1:]) == min(counts[1:])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--every", "9s"], "--every is too short"),
        (["--every", "15m", "--exit-zero"], "a watch goes on"),
        (["--every", "15m", "--fail-on", "high"], "a watch goes on"),
        (["--every", "15m", "--metrics-host", "::1"], "--metrics-host needs --metrics-port"),
        (["--metrics-port", "9480"], "need --every"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    settled: Lab, arguments: list[str], problem: str
) -> None:
    ran = settled.run("drift", "--target", settled.arm.url, *arguments)
    assert ran.code == 64
    assert problem in ran.err
    assert settled.arm.requests() == []


# The command, in a process of its own


@contextmanager
def process(target: str) -> Iterator[subprocess.Popen[str]]:
    """Start a watch."""
    command = [sys.executable, "-m", "reconciler", "drift", "--target", target, "--every", "15m"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, encoding="utf-8") as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_between_two_runs_ends_the_watch(
    settled: Lab, number: signal.Signals, code: int
) -> None:
    with process(settled.arm.url) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("In sync")
        running.send_signal(number)
        _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (code, "")


def test_a_signal_while_azure_does_not_answer_drops_the_run(settled: Lab) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        process(f"http://127.0.0.1:{silent.getsockname()[1]}") as running,
    ):
        connection, _ = silent.accept()
        with connection:
            running.send_signal(signal.SIGTERM)
            out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (0, "", "the run under way was dropped\n")
