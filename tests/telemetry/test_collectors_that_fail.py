"""No collector, a dead one, a slow one, one that refuses: a run goes on, and says so once."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from reconciler.telemetry import export
from reconciler.telemetry.spans import Spans
from reconciler.telemetry.wish import Wish, wish_of
from tests.conftest import Lab
from tests.telemetry.collector import Collector
from tests.telemetry.test_traces import SPEC

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
WARNING = "warning: telemetry is incomplete: "


@pytest.fixture(autouse=True)
def _nothing_is_left_trying(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let what is still trying to deliver give up before the next test listens to complaints."""
    del workdir
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.5")
    yield
    for thread in threading.enumerate():
        if thread.name == export.THREAD:
            thread.join()


def told(err: str) -> list[str]:
    """Return what a run says of telemetry."""
    return [line for line in err.splitlines() if "telemetry" in line or "OpenTelemetry" in line]


def test_without_a_variable_nothing_is_sent_and_nothing_is_said(lab: Lab) -> None:
    lab.spec(**SPEC)
    assert told(lab.plan().err) == []


def test_a_collector_that_is_not_there_is_told_once_and_changes_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    quiet = lab.plan()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv(ENDPOINT, f"http://somebody:planted-word@127.0.0.1:{port}/planted-path")
    ran = lab.plan()
    assert (ran.code, ran.out) == (quiet.code, quiet.out)
    (line,) = told(ran.err)
    assert line.startswith(WARNING)
    assert line.endswith("; the run goes on")
    assert "planted" not in ran.err


def test_a_collector_that_refuses_is_told_with_its_status(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    with Collector(status=401) as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        ran = lab.plan()
    assert ran.code == 2
    assert told(ran.err) == [f"{WARNING}HTTP 401; the run goes on"]


def test_a_collector_that_does_not_answer_is_waited_for_no_longer_than_is_said(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    waited = list[float | None]()

    class Flag(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            return super().wait(0)

    monkeypatch.setattr(export, "Flag", Flag)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{silent.getsockname()[1]}")
        ran = lab.plan()
    assert ran.code == 2
    assert waited == [export.GRACE]
    assert told(ran.err) == [f"{WARNING}the collector took more than 3 s; the run goes on"]


def test_without_the_extra_a_run_goes_on_and_says_what_to_install(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    for name in [n for n in sys.modules if n.partition(".")[0] == "opentelemetry"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "reconciler.telemetry.export")
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    ran = lab.plan()
    assert ran.code == 2
    assert ran.err.splitlines()[:2] == [
        f"warning: {ENDPOINT} is set, and OpenTelemetry is not installed: nothing is sent",
        "  mend: pip install 'acs-reconciler[otel]', or set OTEL_SDK_DISABLED=true",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            "-1",
            "warning: no telemetry is sent: OpenTelemetry refuses",
        ),
        ("OTEL_EXPORTER_OTLP_HEADERS", "planted-token", f"{WARNING}Header format invalid!"),
    ],
)
def test_a_variable_that_the_sdk_does_not_take_ends_no_run_and_is_not_printed(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch, variable: str, value: str,
    problem: str,
) -> None:  # fmt: skip
    lab.spec(**SPEC)
    monkeypatch.setenv(variable, value)
    ran = lab.plan()
    assert ran.code == 2
    (line,) = told(ran.err)
    assert line.startswith(problem)
    assert "planted" not in ran.err


def test_a_bug_of_ours_in_measuring_ends_no_run(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_self: Spans, _event: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(Spans, "__call__", breaks)
    lab.spec(**SPEC)
    ran = lab.plan()
    assert ran.code == 2
    assert told(ran.err) == [f"{WARNING}this is a bug: ZeroDivisionError; the run goes on"]
    assert collector.figures["reconciler.run.duration"]


NOTHING = Wish(traces=False, metrics=False)
BOTH = Wish(traces=True, metrics=True)
HERE = {ENDPOINT: "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("environment", "wish"),
    [
        ({}, NOTHING),
        ({ENDPOINT: " "}, NOTHING),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, NOTHING),
        (HERE, BOTH),
        ({**HERE, "OTEL_SDK_DISABLED": "TRUE"}, NOTHING),
        ({**HERE, "OTEL_SDK_DISABLED": "no"}, BOTH),
        ({**HERE, "OTEL_TRACES_EXPORTER": "none"}, Wish(traces=False, metrics=True)),
        ({**HERE, "OTEL_METRICS_EXPORTER": "none"}, Wish(traces=True, metrics=False)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a/x"}, Wish(traces=True, metrics=False)),
        (
            {**HERE, "OTEL_METRICS_EXPORTER": "prometheus"},
            Wish(
                traces=True,
                metrics=False,
                problems=("OTEL_METRICS_EXPORTER: only `otlp` and `none` are known here",),
            ),
        ),
        (
            {**HERE, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            Wish(
                traces=False,
                metrics=False,
                problems=(
                    "OTEL_EXPORTER_OTLP_PROTOCOL: only `http/protobuf` is spoken here, which"
                    " collectors hear on 4318",
                ),
            ),
        ),
    ],
)
def test_the_standard_variables_decide_what_is_sent(
    environment: Mapping[str, str], wish: Wish
) -> None:
    assert wish_of(environment) == wish


def test_a_signal_that_is_not_wanted_is_not_sent(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    assert lab.plan().code == 2
    assert (len(collector.got.traces), len(collector.got.metrics)) == (0, 1)
