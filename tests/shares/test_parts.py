"""Parts of many machines make the plan that one machine makes, to the byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.core.sealed.snapshot import answers_of, content_of
from reconciler.core.specs.desired import desired_state
from reconciler.core.specs.shards import shares, with_dependents
from reconciler.documents.yaml_reader import read
from reconciler.engine.observe import observe
from reconciler.engine.ports import Reader, RequestFailedError
from reconciler.engine.recorded import Recorded, Recording
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Kind
from reconciler.model.answers import Answers
from reconciler.model.failure import Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan
from reconciler.model.resource import DesiredState
from reconciler.model.value import Body
from reconciler.render.plan import json as plan_json
from reconciler.render.plan.view import plan_view
from tests.conftest import LOOSE, SUBSCRIPTION, Lab, Ran, service

OTHER = SUBSCRIPTION.replace("1111", "2222", 1)
REASONS = (FailureClass.DENIED, FailureClass.TRANSIENT)


@dataclass
class World:
    """What there is, and what cannot be read."""

    bodies: dict[ResourceId, Body] = field(default_factory=dict)
    broken: dict[str, FailureClass] = field(default_factory=dict)
    """By lower-case id, and by kind and scope of a list."""

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        self._fail(resource.folded, f"GET {resource}")
        return self.bodies.get(resource)

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        self._fail(f"{kind.name} {scope.lower()}", f"GET {kind.collection} of {scope}")
        inside = f"{scope.lower()}/"
        type_ = kind.arm_type.lower()
        return {
            id_: body
            for id_, body in self.bodies.items()
            if id_.arm_type.lower() == type_ and id_.folded.startswith(inside)
        }

    def _fail(self, key: str, request: str) -> None:
        if key in self.broken:
            raise RequestFailedError(
                Failure(self.broken[key], self.broken[key].value, "no", "ask", request)
            )


class Run:
    """What is wanted, and what there is."""

    def __init__(self, desired: DesiredState, world: World) -> None:
        self.desired = desired
        self.world = world

    def __repr__(self) -> str:
        wanted = {r.id.text.rpartition("/")[2]: r.presence.value for r in self.desired.resources}
        there = sorted(id_.name for id_ in self.world.bodies)
        return f"Run(wanted={wanted}, there={there}, broken={self.world.broken})"


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Return stacks in two subscriptions that refer to each other, and a world that differs."""
    documents = []
    stacks = draw(st.integers(2, 5))
    for number in range(stacks):
        needed = draw(st.lists(st.integers(0, stacks - 1), max_size=1))
        group = draw(st.sampled_from(["rg-shared", f"rg-{number}"]))
        own = draw(st.booleans()) and group != "rg-shared"
        spec: dict[str, Any] = {
            "subscription": draw(st.sampled_from([SUBSCRIPTION, OTHER])),
            "resourceGroup": {"name": group, "location": "westeurope"}
            if own
            else {"existing": group},
            "onRemoval": draw(st.sampled_from(["delete", "forget"])),
            "tags": {"env": "prod"},
            "identities": {
                f"id-{number}-0": {"location": "westeurope"},
                f"id-{number}-1": draw(st.sampled_from([None, {"location": "westeurope"}])),
            },
            "communicationServices": {
                f"acs-{number}": {
                    "dataLocation": "Europe",
                    "identity": {
                        "userAssigned": [f"ref:stack/s{n}//identities/id-{n}-0" for n in needed]
                    },
                }
            },
            "emailServices": {
                f"mail-{number}": {
                    "dataLocation": "Europe",
                    "domains": {
                        f"d{number}.contoso.net": draw(
                            st.sampled_from([None, {"management": "CustomerManaged"}])
                        )
                    },
                }
            },
        }
        head = {"apiVersion": "reconciler/v1", "kind": "Stack", "metadata": {"name": f"s{number}"}}
        document, wrong = read(json.dumps(head | {"spec": spec}), f"s{number}.yaml")
        assert document is not None, wrong
        documents.append(document)
    desired, problems = desired_state(documents, {})
    assert problems == ()
    world = World()
    for resource in desired.resources:
        fate = draw(st.sampled_from(["there", "there", "there", "drifted", "absent", "unreadable"]))
        if fate == "unreadable":
            world.broken[resource.id.folded] = draw(st.sampled_from(REASONS))
        elif fate != "absent":
            world.bodies[resource.id] = live(resource.id, drifted=fate == "drifted", mark="")
    for number in range(stacks):
        if draw(st.booleans()):
            place = desired.resources[0].id.group
            assert place is not None
            stray = place.child(KINDS["CommunicationService"].arm_type, f"stray-{number}")
            world.bodies[stray] = live(stray, drifted=False, mark=f"s{number}")
    for kind in ("CommunicationService", "UserAssignedIdentity", "EmailService"):
        if draw(st.integers(0, 4)) == 0:
            scope = f"/subscriptions/{draw(st.sampled_from([SUBSCRIPTION, OTHER]))}"
            world.broken[f"{kind} {scope}"] = draw(st.sampled_from(REASONS))
    return Run(desired, world)


def live(resource: ResourceId, *, drifted: bool, mark: str) -> Body:
    """Return a body as Azure would have it."""
    tags = {"env": "dev" if drifted else "prod"} | ({"reconciler-stack": mark} if mark else {})
    properties = {"dataLocation": "Europe", "domainManagement": "CustomerManaged"}
    identity = "userassignedidentities" in resource.folded
    where = "westeurope" if identity else "global"
    return {"id": resource.text, "location": where, "tags": tags, "properties": properties}


def planned(
    desired: DesiredState, reader: Reader, *, prune: bool, stacks: frozenset[str] | None = None
) -> Plan:
    """Return the plan of all stacks, or of some."""
    only = desired if stacks is None else desired.only(stacks)
    asking = None if stacks is None else stacks | {r.stack for r in only.resources}
    observed = observe(desired, reader, lambda _: None, prune=prune, stacks=asking)
    return make_plan(only, observed, Policy(prune=prune))


def shown(plan: Plan) -> str:
    """Return a plan with everything that is told of it."""
    return plan_json.render_plan(plan_view(plan))


@given(runs(), st.integers(1, 4), st.booleans())
@settings(max_examples=60)
def test_parts_make_the_plan_of_one_machine(run: Run, count: int, prune: bool) -> None:
    desired, world = run.desired, run.world
    whole = Recording(world)
    expected = shown(planned(desired, whole, prune=prune))
    known = Answers()
    for share in shares(desired, count):
        recording = Recording(world)
        observe(desired, recording, lambda _: None, prune=prune, stacks=share)
        known = known | answers_of(
            json.loads(json.dumps(content_of(recording.answers, mends=True)))
        )
    merged = shown(planned(desired, Recorded(known), prune=prune))
    assert merged == expected


@given(runs(), st.booleans(), st.integers(0, 4))
@settings(max_examples=60)
def test_some_stacks_are_planned_as_in_the_plan_of_all(run: Run, prune: bool, number: int) -> None:
    desired, world = run.desired, run.world
    world.broken = {}
    chosen = with_dependents(desired, {f"s{number % len(desired.stacks)}"})
    whole = planned(desired, world, prune=prune)
    some = planned(desired, world, prune=prune, stacks=chosen).only(chosen)

    def of_chosen(plan: Plan) -> list[str]:
        # What has left the spec is seen where any stack of a plan looks, and not elsewhere.
        described = [c for c in plan.changes if c.stack in chosen and c.desired is not None]
        changes = [c for c in described if c.kind != "ResourceGroup"]
        addresses = {change.address for change in changes}
        steps = [step for step in plan.steps if step.address in addresses]
        return [repr((c.address, c.action, c.reason, c.fields, c.notes)) for c in changes] + [
            repr((s.id, s.body, sorted(s.after))) for s in steps
        ]

    assert of_chosen(some) == of_chosen(whole)


def shards(lab: Lab, count: int, *arguments: str) -> list[Ran]:
    """Plan every shard, and keep its part."""
    return [
        lab.plan("--shard", f"{n}/{count}", "--part", f"part-{n}.json", *arguments)
        for n in range(1, count + 1)
    ]


def three_stacks(lab: Lab) -> None:
    """Write three stacks, the second of which needs the first."""
    lab.spec(identities={"id-a": {"location": "westeurope"}}, name="a")
    service = {"dataLocation": "Europe"}
    attached = {"identity": {"userAssigned": ["ref:stack/a//identities/id-a"]}}
    lab.spec(communicationServices={"acs-b": service | attached}, name="b")
    lab.spec(communicationServices={"acs-c": service}, name="c")


def mail_in_the_third(lab: Lab) -> None:
    """Let the third stack be of something that no list of a subscription shows."""
    domain = {"contoso.net": {"management": "CustomerManaged"}}
    lab.spec(emailServices={"mail-c": {"dataLocation": "Europe", "domains": domain}}, name="c")


def test_shards_are_planned_apart_and_merged_into_one_report(lab: Lab) -> None:
    three_stacks(lab)
    first, second = shards(lab, 2)
    assert "Shard 1/2" in first.out
    assert "2 of 3 stacks" in first.out
    assert "1 of 3 stacks" in second.out
    for form in ("text", "json", "markdown", "html", "junit"):
        merged = lab.run("report", "merge", "part-2.json", "part-1.json", "-o", form)
        assert merged.out == lab.plan("-o", form).out
        assert merged.code == 2


def test_limits_count_what_all_shards_delete(lab: Lab) -> None:
    three_stacks(lab)
    lab.project(guards={"maxDeletes": 1})
    lab.settle()
    for name in ("b", "c"):
        lab.spec(LOOSE, communicationServices={f"acs-{name}": None}, name=name)
    lab.spec(identities={"id-a": {"location": "westeurope"}}, name="a")
    assert sorted(ran.code for ran in shards(lab, 3)) == [0, 2, 2]
    merged = lab.run("report", "merge", "part-1.json", "part-2.json", "part-3.json")
    assert merged.code == 4
    assert "maxDeletes" in merged.out


def test_a_missing_part_is_named_and_never_taken_for_absent(lab: Lab) -> None:
    three_stacks(lab)
    mail_in_the_third(lab)
    lab.settle()
    shards(lab, 2)
    strict = lab.run("report", "merge", "part-1.json", "--require-complete")
    assert (strict.code, strict.out) == (1, "")
    assert strict.err == "missing: the part of shard 2/2\n"
    merged = lab.run("report", "merge", "part-1.json", "-o", "json")
    assert merged.code == 1
    blocked = {c["address"]: c["block"] for c in merged.json["changes"] if c["block"]}
    assert set(blocked.values()) == {"unreadable"}
    assert merged.json["steps"] == []


def test_of_a_shard_that_ran_twice_the_later_part_counts(lab: Lab, monkeypatch: Any) -> None:
    three_stacks(lab)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    lab.plan("--shard", "1/1", "--part", "early.json")
    lab.settle()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    lab.plan("--shard", "1/1", "--part", "late.json")
    assert lab.run("report", "merge", "late.json", "early.json").code == 0
    assert lab.run("report", "merge", "early.json").code == 2


def test_drift_of_parts_is_that_of_one_machine(lab: Lab) -> None:
    three_stacks(lab)
    lab.settle()
    lab.arm.patch(service("acs-c"), {"tags": {"by": "hand"}})
    lab.spec(communicationServices={"acs-c": {"dataLocation": "Europe", "tags": {}}}, name="c")
    lab.arm.put(service("stray"), {"location": "global", "properties": {"dataLocation": "Europe"}})
    lab.arm.send("DELETE", service("acs-b"))
    drift = ("drift", "--unmanaged", "-o", "json")
    alone = lab.run(*drift, "--target", lab.arm.url).json
    (lab.folder / "parts").mkdir()
    for number in (1, 2):
        shard = ("--shard", f"{number}/2", "--part", f"parts/{number}.json", "--prune")
        lab.plan(*shard, "--report", f"json=plan-{number}.json")
    lab.arm.forget()
    merged = lab.run(*drift, "--parts", "parts")
    assert merged.json | {"at": ""} == alone | {"at": ""}
    assert merged.code == 2
    assert {item["sort"] for item in merged.json["items"]} == {"missing", "unmanaged"}
    asked = {entry["path"].rpartition("/")[2] for entry in lab.arm.requests()}
    assert asked <= {"resources", "values"}  # who it was


def test_drift_of_a_missing_part_is_not_complete(lab: Lab) -> None:
    three_stacks(lab)
    mail_in_the_third(lab)
    lab.settle()
    (lab.folder / "parts").mkdir()
    lab.plan("--shard", "1/2", "--part", "parts/1.json")
    ran = lab.run("drift", "--parts", "parts")
    assert ran.code == 1
    assert "missing: the part of shard 2/2\n" in ran.err


def test_parts_that_cannot_be_meant_by_drift_are_refused(lab: Lab) -> None:
    three_stacks(lab)
    (lab.folder / "parts").mkdir()
    for arguments, words in (
        ((), "there is no part in parts"),
        (("specs",), "--parts says which stacks: leave out PATHS"),
        (("-e", "prod"), "--parts says which stacks: leave out"),
        (("--cluster", "tcp://a:1"), "--parts is looked at instead of Azure: leave out"),
        (("--every", "1h"), "--parts is looked at instead of Azure: leave out"),
    ):
        ran = lab.run("drift", "--parts", "parts", *arguments)
        assert (ran.code, ran.out) == (64, ""), arguments
        assert words in ran.err
    lab.plan("--shard", "1/1", "--part", "parts/1.json")
    ran = lab.run("drift", "--parts", "parts", "--unmanaged")
    assert ran.code == 64
    assert "the shards did not look for what is in no spec" in ran.err


def test_parts_of_other_runs_are_refused(lab: Lab) -> None:
    three_stacks(lab)
    shards(lab, 2)
    lab.plan("--shard", "1/3", "--part", "other.json")
    ran = lab.run("report", "merge", "part-1.json", "other.json")
    assert ran.code == 64
    assert "are not of one run: `count` differs" in ran.err
    lab.spec(communicationServices={"acs-c": {"dataLocation": "UK"}}, name="c")
    ran = lab.run("report", "merge", "part-1.json", "part-2.json")
    assert ran.code == 64
    assert "the parts were made from other specs than these" in ran.err
    assert lab.run("observe", "--target", lab.arm.url, "--out", "seen.json").code == 0
    ran = lab.run("report", "merge", "seen.json")
    assert ran.code == 64
    assert "seen.json is a snapshot, and no part of a plan" in ran.err


def test_wishes_that_do_not_go_together_are_refused(lab: Lab) -> None:
    three_stacks(lab)
    for arguments in (
        ("--shard", "1/2", "--changed-since", "main"),
        ("--part", "part.json"),
        ("--shard", "1/2", "--out", "plan.json"),
        ("--changed-since", "main", "--out", "plan.json"),
        ("--shard", "1/2", "--rehearse"),
        ("--shard", "1/2", "--destroy"),
        ("--shard", "3/2"),
    ):
        ran = lab.plan(*arguments)
        assert (ran.code, ran.out) == (64, ""), arguments
    assert lab.arm.requests() == []
    assert [path.name for path in Path().glob("*.json")] == []
