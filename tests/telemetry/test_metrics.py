"""What a collector can count."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Lab, service
from tests.telemetry.collector import Collector
from tests.telemetry.test_traces import SPEC


def test_an_apply_is_told_in_figures(lab: Lab, collector: Collector) -> None:
    lab.spec(**SPEC)
    lab.arm.fault(method="PUT", path="acs-a", status=429, code="TooManyRequests", times=1)
    assert lab.apply().code == 0
    told = collector.figures
    done = "reconciler.environment= reconciler.kind={} reconciler.result=done reconciler.verb=PUT"
    assert told["reconciler.apply.steps"] == {
        done.format("CommunicationService"): 1,
        done.format("UserAssignedIdentity"): 1,
    }
    assert told["reconciler.requests.throttled"] == {"": 1}
    assert told["reconciler.requests.delay"][""] > 0
    changes = told["reconciler.plan.changes"]
    assert changes["reconciler.action=create reconciler.environment="] == 0
    assert changes["reconciler.action=none reconciler.environment="] == 2
    (run,) = told["reconciler.run.duration"]
    assert run == "reconciler.command=apply reconciler.environment= reconciler.result=ok"
    assert told["reconciler.resources"] == {
        "reconciler.environment= reconciler.state=observed": 3,
        "reconciler.environment= reconciler.state=unreadable": 0,
    }
    sent = {
        " ".join(word for word in name.split() if word.startswith("http.")): count
        for name, count in told["http.client.request.duration"].items()
    }
    assert sent["http.request.method=PUT http.response.status_code=429"] == 1
    assert sent["http.request.method=PUT http.response.status_code=201"] == 2
    assert sum(sent.values()) == len(lab.arm.requests())


def test_drift_is_counted_by_kind_and_severity_and_nothing_is_left_out(
    lab: Lab, collector: Collector
) -> None:
    lab.spec(**SPEC)
    lab.settle()
    lab.arm.patch(service("acs-a"), {"identity": {"type": "None"}})
    assert lab.run("drift", "--target", lab.arm.url).code == 2
    fields = collector.figures["reconciler.drift.fields"]
    assert [name for name, count in fields.items() if count] == [
        "reconciler.environment= reconciler.kind=CommunicationService reconciler.severity=high"
    ]
    assert len(fields) % 3 == 0
    assert sum(fields.values()) == 1


@pytest.mark.parametrize(("status", "is_told"), [(200, True), (403, False)])
def test_only_a_run_that_went_well_tells_when_it_was(
    lab: Lab, collector: Collector, status: int, is_told: bool
) -> None:
    lab.spec(**SPEC)
    if status != 200:
        lab.arm.fault(method="GET", path="", status=status, times=None)
    lab.run("drift", "--target", lab.arm.url)
    assert ("reconciler.run.last_success" in collector.figures) is is_told


def test_the_page_about_telemetry_lists_every_metric(lab: Lab, collector: Collector) -> None:
    lab.spec(**SPEC)
    lab.arm.fault(method="PUT", path="acs-a", status=429, code="TooManyRequests", times=1)
    lab.apply()
    sent = {*collector.figures}
    lab.run("drift", "--target", lab.arm.url)
    page = (Path(__file__).parents[2] / "docs/how-to/telemetry.md").read_text(encoding="utf-8")
    rows = page.partition("## Metrics")[2].partition("\nAll but")[0]
    assert sent | {*collector.figures} == set(re.findall(r"`([a-z_]+\.[a-z_.]+)`", rows))
