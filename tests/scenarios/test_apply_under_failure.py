"""Steps that fail, answers that get lost, and runs that are stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.app.applying.apply import apply
from reconciler.app.loading.specs import load
from reconciler.app.planning.plan import plan_through
from reconciler.app.targets.connection import connect
from reconciler.cli.exit_codes import ExitCode, of_report
from reconciler.core.planner import make_plan
from reconciler.emulator import EmulatorServer
from reconciler.engine.interrupt import Interrupt
from reconciler.engine.ports import Aside, Writer
from reconciler.kinds.kind import Kind
from reconciler.model.failure import FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.report import ApplyReport, Result
from reconciler.model.value import Body
from tests.conftest import LOOSE, Arm, Cli, Lab, identity, service

IDENTITY = {"id-a": {"location": "westeurope"}}
ATTACHED = {
    "acs-x": {"dataLocation": "Europe", "identity": {"userAssigned": ["ref:identities/id-a"]}},
    "acs-y": {"dataLocation": "Europe"},
}


def _silent(_event: object) -> None:
    """Hear nothing."""


def test_a_failure_skips_what_needs_it_and_nothing_else(lab: Lab) -> None:
    lab.spec(identities=IDENTITY, communicationServices=ATTACHED)
    denied = {"status": 403, "code": "AuthorizationFailed", "message": "you may not"}
    lab.arm.fault(method="PUT", path="id-a", **denied)
    ran = lab.apply()
    assert ran.code == 1
    assert "failed    PUT    test/identities/id-a" in ran.out
    assert "AuthorizationFailed: you may not" in ran.out
    assert "mend: give the caller a role" in ran.out
    assert "because of PUT test/identities/id-a" in ran.out
    assert lab.arm.get(service("acs-y")) is not None
    assert lab.arm.get(service("acs-x")) is None
    assert lab.apply().code == 0
    assert lab.plan().code == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_lost_answer_is_made_up_for(lab: Lab, method: str, after: bool) -> None:
    spec = {"acs-x": {"dataLocation": "Europe"}}
    if method != "PUT":
        lab.spec(communicationServices=spec)
        lab.settle()
        change = None if method == "DELETE" else {"dataLocation": "Europe", "tags": {"a": "b"}}
        spec = {"acs-x": change}  # type: ignore[dict-item]
    lab.spec(LOOSE, communicationServices=spec)
    lab.arm.fault(method=method, path="acs-x", cut=True, after=after)
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert lab.plan().code == 0


def test_throttling_is_waited_out_even_where_azure_does_not_say_how_long(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    lab.settle()
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "tags": {"a": "b"}}})
    busy = {"status": 429, "code": "TooManyRequests", "message": "slow down"}
    lab.arm.fault(method="PATCH", path="acs-x", times=2, **busy)
    lab.arm.fault(method="GET", path="acs-x", times=2, **busy)
    assert lab.apply().code == 0
    assert lab.plan().code == 0


def test_a_conflict_with_a_running_operation_is_tried_again(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    lab.settle()
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "tags": {"a": "b"}}})
    conflict = {"status": 409, "code": "AnotherOperationInProgress", "message": "wait"}
    lab.arm.fault(method="PATCH", path="acs-x", times=2, **conflict)
    ran = lab.apply()
    assert ran.code == 0
    assert "AnotherOperationInProgress: wait (attempt 1 failed" in ran.err


def test_what_azure_refuses_is_not_tried_again(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    taken = {"status": 400, "code": "HostNamePrefixTaken", "message": "it is taken"}
    lab.arm.fault(method="PUT", path="acs-x", times=9, **taken)
    ran = lab.apply()
    assert ran.code == 1
    assert "names are unique in all of Azure" in ran.out
    assert [m for m, _, _ in lab.arm.writes()] == ["PUT"]


def test_a_failed_operation_fails_its_step_and_not_the_run(lab: Lab) -> None:
    lab.spec(identities=IDENTITY, communicationServices=ATTACHED)
    lab.arm.fault(
        method="PUT", path="acs-y", operation="Failed", code="Exploded", message="it went wrong"
    )
    ran = lab.apply()
    assert ran.code == 1
    assert "Exploded" in ran.out
    assert lab.arm.get(service("acs-x")) is not None


class _Meddled:
    """A writer after whom somebody else writes at once."""

    def __init__(self, writer: Writer, lab: Lab) -> None:
        self._writer, self._lab = writer, lab
        self.act = writer.act

    def write(
        self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
    ) -> None:
        self._writer.write(kind, verb, resource, body, aside)
        self._lab.arm.patch(resource.text, {"tags": {"a": "somebody"}})


def test_azure_reading_back_something_else_is_not_called_done(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    lab.settle()
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "tags": {"a": "b"}}})
    specs = load(())
    with connect(lab.arm.url, lab.folder, writes=True) as connection:
        plan = plan_through(connection, specs, _silent)
        meddled = replace(connection, _writer=_Meddled(connection.writer, lab))
        report = apply(plan, specs, meddled, _silent, Interrupt())
    kind, message = _failure(report)
    assert kind is FailureClass.DIFFERENT
    assert message == "Azure took the request and reads back something else in tags.a"
    assert not report.converged
    assert of_report(report) is ExitCode.NOT_CONVERGED


# ------------------------------------------------------------------ what moved since the plan


def _apply_after(lab: Lab, meanwhile: object) -> ApplyReport:
    """Plan, let something happen, and apply that plan."""
    specs = load(())
    with connect(lab.arm.url, lab.folder, writes=True) as connection:
        plan = plan_through(connection, specs, _silent)
        assert callable(meanwhile)
        meanwhile()
        lab.arm.forget()
        return apply(plan, specs, connection, _silent, Interrupt())


def _failure(report: ApplyReport) -> tuple[FailureClass, str]:
    """Return the one failure of a report."""
    (outcome,) = report.of(Result.FAILED)
    assert outcome.failure is not None
    return outcome.failure.kind, outcome.failure.message


def test_a_resource_that_changed_since_the_plan_is_not_written(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    lab.settle()
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "tags": {"a": "b"}}})
    report = _apply_after(lab, lambda: lab.arm.patch(service("acs-x"), {"tags": {"by": "eve"}}))
    kind, message = _failure(report)
    assert kind is FailureClass.STALE
    assert message == "changed since the plan was made: `tags.by` was absent and is 'eve'"
    assert lab.arm.writes() == []


def test_a_resource_that_appeared_since_the_plan_is_not_overwritten(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    body = {"location": "global", "properties": {"dataLocation": "Europe"}}
    report = _apply_after(lab, lambda: lab.arm.put(service("acs-x"), body))
    assert _failure(report)[0] is FailureClass.STALE
    assert lab.arm.writes() == []


def test_a_resource_that_went_since_the_plan_is_not_patched(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    lab.settle()
    lab.spec(identities={"id-a": {"location": "westeurope", "tags": {"a": "b"}}})
    report = _apply_after(lab, lambda: lab.arm.send("DELETE", identity("id-a")))
    assert _failure(report)[0] is FailureClass.STALE
    assert lab.arm.writes() == []


def test_a_stranger_that_changed_since_the_plan_does_not_matter(lab: Lab) -> None:
    lab.spec(identities=IDENTITY, communicationServices={"acs-y": {"dataLocation": "Europe"}})
    lab.settle()
    tagged = {"acs-y": {"dataLocation": "Europe", "tags": {"a": "b"}}}
    lab.spec(identities=IDENTITY, communicationServices=tagged)
    report = _apply_after(lab, lambda: lab.arm.patch(identity("id-a"), {"tags": {"by": "eve"}}))
    assert report.converged


def test_a_stale_plan_exits_5(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
    lab.settle()
    lab.spec(communicationServices={"acs-x": {"dataLocation": "Europe", "tags": {"a": "b"}}})

    def plan_and_meddle(*arguments: object, **options: object) -> object:
        plan = make_plan(*arguments, **options)  # type: ignore[arg-type]
        lab.arm.patch(service("acs-x"), {"tags": {"by": "eve"}})
        return plan

    monkeypatch.setattr("reconciler.app.planning.plan.make_plan", plan_and_meddle)
    ran = lab.apply()
    assert ran.code == 5
    assert "`tags.by` was absent and is 'eve'" in ran.out


# ------------------------------------------------------------------ operations that take time


@pytest.fixture(params=["polls:3", "seconds:0.3"])
def slow(request: pytest.FixtureRequest) -> Iterator[Arm]:
    """An emulator whose operations take time."""
    with EmulatorServer(operations=request.param) as server:
        arm = Arm(server.url)
        arm.group()
        yield arm


def test_operations_that_take_time_are_waited_for(slow: Arm, cli: Cli, lab: Lab) -> None:
    story = Lab(slow, cli, lab.folder)
    story.spec(identities=IDENTITY, communicationServices=ATTACHED)
    story.settle()
    story.spec(
        LOOSE, identities={"id-a": None}, communicationServices={"acs-x": None, "acs-y": None}
    )
    ran = story.apply()
    assert ran.code == 0, ran.out
    assert slow.get(service("acs-x")) is None
    assert slow.get(identity("id-a")) is None


def test_apply_waits_for_what_is_being_deleted_and_plan_does_not(cli: Cli, lab: Lab) -> None:
    with EmulatorServer(operations="seconds:0.8") as server:
        story = Lab(Arm(server.url), cli, lab.folder)
        story.arm.group()
        story.spec(communicationServices={"acs-x": {"dataLocation": "Europe"}})
        assert story.apply().code == 0
        story.arm.send("DELETE", service("acs-x"))
        story.arm.forget()
        plan = story.plan()
        assert plan.code == 4, plan.out
        assert "is being deleted right now" in plan.out
        ran = story.apply()
        assert ran.code == 0, ran.out
        assert "Azure is still working on test/communicationServices/acs-x" in ran.err
        assert [(m, n) for m, n, _ in story.arm.writes()] == [("PUT", "acs-x")]


# ------------------------------------------------------------------ signals


def start_apply(lab: Lab, *arguments: str) -> subprocess.Popen[str]:
    """Start an apply in a process of its own."""
    command = [sys.executable, "-m", "reconciler", "apply", "--yes", "--target", lab.arm.url]
    return subprocess.Popen(
        [*command, *arguments],
        cwd=lab.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def _until_sent(lab: Lab, count: int) -> None:
    """Wait until the emulator has taken so many writes."""
    for _ in range(3000):
        if len(lab.arm.writes()) >= count:
            return
        time.sleep(0.005)
    pytest.fail("the run never got there")


MANY = {f"acs-{i:02}": {"dataLocation": "Europe"} for i in range(12)}


def test_ctrl_c_finishes_what_is_in_flight_and_starts_no_more(lab: Lab) -> None:
    lab.spec(communicationServices=MANY)
    lab.arm.fault(method="PUT", path="acs-", times=None, delay=0.8)
    process = start_apply(lab, "--parallelism", "2")
    _until_sent(lab, 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    assert "starting no more" in err
    assert "Traceback" not in err
    done, cancelled = out.count("  done  "), out.count("  cancelled ")
    assert done + cancelled == len(MANY)
    assert 2 <= done < len(MANY)
    assert sum(lab.arm.get(service(name)) is not None for name in MANY) == done
    lab.arm.mend()
    assert lab.apply().code == 0
    assert lab.plan().code == 0


@pytest.mark.parametrize("after", [1, 3, 6])
def test_a_killed_run_is_completed_by_the_next(lab: Lab, after: int) -> None:
    lab.spec(identities=IDENTITY, communicationServices={**ATTACHED, **MANY})
    lab.arm.fault(method="PUT", path="providers", times=None, delay=0.05)
    process = start_apply(lab)
    _until_sent(lab, after)
    process.kill()
    process.communicate(timeout=30)
    lab.arm.mend()
    assert lab.run("lock", "release", "--yes").code == 0
    time.sleep(0.5)  # what the dead run had in flight still lands; it would make a plan stale
    assert lab.apply().code == 0
    assert lab.plan().code == 0


def test_two_runs_at_once_do_no_harm(lab: Lab) -> None:
    lab.spec(identities=IDENTITY, communicationServices={**ATTACHED, **MANY})
    runs = [start_apply(lab), start_apply(lab)]
    codes = []
    for process in runs:
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err, err
        codes.append(process.returncode)
        assert process.returncode in (0, 5, 6), out + err
    assert lab.apply().code == 0
    assert lab.plan().code == 0
