"""What a collector gets to know of a run: one tree of spans, from the specs to each request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler import __version__
from tests.conftest import Golden, Lab, service
from tests.drift.test_watch import watched
from tests.telemetry.collector import Collector, values

GOLDEN = Path(__file__).parent / "golden"
SPEC: dict[str, Any] = {
    "identities": {"id-a": {"location": "westeurope"}},
    "communicationServices": {
        "acs-a": {"dataLocation": "Europe", "identity": {"userAssigned": ["ref:identities/id-a"]}}
    },
}


def test_an_apply_with_a_retried_429_is_one_tree(
    lab: Lab, collector: Collector, golden: Golden
) -> None:
    lab.spec(**SPEC)
    lab.arm.fault(method="PUT", path="acs-a", status=429, code="TooManyRequests", times=1)
    assert lab.apply().code == 0
    golden(GOLDEN / "apply.txt", collector.tree())


def test_a_drift_run_is_one_tree(lab: Lab, collector: Collector, golden: Golden) -> None:
    lab.spec(**SPEC)
    lab.settle()
    lab.arm.patch(service("acs-a"), {"identity": {"type": "None"}})
    collector.forget()
    assert lab.run("drift", "--target", lab.arm.url, "--history", "drift.jsonl").code == 2
    golden(GOLDEN / "drift.txt", collector.tree())


def test_a_step_tells_the_correlation_id_that_the_journal_and_the_activity_log_know(
    lab: Lab, collector: Collector
) -> None:
    lab.spec(**SPEC)
    assert lab.apply().code == 0
    steps = [values(s.attributes) for s in collector.spans if s.name.startswith("step ")]
    (run,) = lab.run("journal", "-o", "json").json["runs"]
    known = {write["correlationId"] for write in run["writes"]}
    assert {step["reconciler.correlation_id"] for step in steps} == known


def test_a_run_belongs_to_the_trace_of_the_pipeline_that_runs_it(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    monkeypatch.setenv("TRACEPARENT", f"00-{trace}-{span}-01")
    assert lab.plan().code == 2
    assert {one.trace_id.hex() for one in collector.spans} == {trace}
    assert collector.spans[0].parent_span_id.hex() == span


@pytest.mark.parametrize("parent", ["", "00-nothing", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_parent_that_makes_no_sense_is_none(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch, parent: str
) -> None:
    monkeypatch.setenv("TRACEPARENT", parent)
    lab.spec(**SPEC)
    lab.plan()
    assert [one.name for one in collector.spans if not one.parent_span_id] == ["reconciler plan"]


def test_who_sends_is_told_and_may_be_told_by_the_environment(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    lab.plan()
    assert collector.resource["service.name"] == "acs-reconciler"
    assert collector.resource["service.version"] == __version__
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mail-team")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=nightly-prod")
    lab.plan()
    assert collector.resource["service.name"] == "mail-team"
    assert collector.resource["service.instance.id"] == "nightly-prod"


def test_an_error_is_told_by_its_name_and_never_by_its_words(
    lab: Lab, collector: Collector
) -> None:
    lab.spec(communicationServices={"acs-a": {"dataLocation": "a word in the spec"}})
    assert lab.plan().code == 3
    assert "InvalidInputError" in collector.text
    assert "a word in the spec" not in collector.text


def test_what_cannot_be_read_is_an_error_of_its_question_and_of_the_run(
    lab: Lab, collector: Collector
) -> None:
    lab.spec(**SPEC)
    lab.arm.fault(method="GET", path="acs-a", status=403, code="AuthorizationFailed", times=None)
    assert lab.plan().code == 1
    failed = {s.name: values(s.attributes)["error.type"] for s in collector.spans if s.status.code}
    assert failed == {
        "reconciler plan": "failed",
        "read CommunicationService": "AuthorizationFailed",
        "GET Microsoft.Communication/communicationServices": "403",
    }


def test_a_step_that_is_tried_again_is_one_span_with_its_attempts(
    lab: Lab, collector: Collector
) -> None:
    lab.spec(**SPEC)
    lab.arm.fault(method="PUT", path="id-a", status=500, code="InternalServerError", times=1)
    assert lab.apply().code == 0
    (step,) = [s for s in collector.spans if s.name == "step PUT UserAssignedIdentity"]
    found = values(step.attributes)
    assert (found["reconciler.attempts"], found["reconciler.result"]) == (2, "done")
    (retried,) = [values(e.attributes) for e in step.events if e.name == "retried"]
    assert retried["reconciler.failure"] == "InternalServerError"


def test_steps_that_are_skipped_have_a_span_as_well(lab: Lab, collector: Collector) -> None:
    lab.spec(**SPEC)
    lab.arm.fault(method="PUT", path="id-a", status=400, code="BadRequest", times=1)
    assert lab.apply().code == 1
    found = [values(s.attributes) for s in collector.spans if s.name.startswith("step ")]
    results = {(s["reconciler.kind"], s["reconciler.result"], s.get("error.type")) for s in found}
    assert results == {
        ("UserAssignedIdentity", "failed", "BadRequest"),
        ("CommunicationService", "skipped", None),
    }


def test_each_run_of_a_watch_is_a_trace_of_its_own(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(**SPEC)
    ran = watched(lab, monkeypatch, [lambda: None] * 3)
    assert ran.code == 0
    roots = [s for s in collector.spans if s.name == "reconciler drift"]
    assert len({span.trace_id for span in roots}) == 3
    assert {span.trace_id for span in collector.spans} == {span.trace_id for span in roots}
