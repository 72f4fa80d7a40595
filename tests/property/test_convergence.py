"""The main law, through the real SDK: after an apply, the next plan is empty."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from hypothesis import event, given, note, settings

from tests.conftest import LOOSE, Lab, identity, service
from tests.property.strategies import DOMAINS, MAILS, live_world, spec_world

PLACES = {"identities": identity, "communicationServices": service}


@given(live=live_world(), wanted=spec_world())
@settings(max_examples=120)
def test_any_spec_over_any_world_converges_in_one_apply(
    lab: Lab, live: dict[str, dict[str, Any]], wanted: dict[str, dict[str, Any]]
) -> None:
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    for mail, domain in zip(MAILS, DOMAINS, strict=True):
        lab.arm.put(mail, {"location": "global", "properties": {"dataLocation": "Europe"}})
        lab.arm.put(
            domain, {"location": "global", "properties": {"domainManagement": "AzureManaged"}}
        )
    lab.project(guards={"maxDeletes": 9, "maxReplaces": 9, "maxDeletePercent": 100})
    for collection, bodies in live.items():
        for name, body in bodies.items():
            lab.arm.put(PLACES[collection](name), body)
    lab.spec(LOOSE, "test", **wanted)
    lab.arm.forget()

    planned = lab.plan("-o", "json")
    note(planned.out + planned.err)
    assert planned.code in (0, 2, 4), planned.out + planned.err
    event(f"plan exits {planned.code}")
    plan = planned.json
    assert lab.arm.writes() == [], "a plan writes nothing"

    before = _world(lab)
    lab.arm.forget()
    applied = lab.apply("-q")
    note(applied.out + applied.err)
    if planned.code == 4:
        assert applied.code == 4
        assert lab.arm.writes() == [], "a refused plan writes nothing"
        assert _world(lab) == before
        return
    assert applied.code == 0, applied.out + applied.err
    steps = [(s["method"], s["resource"].rpartition("/")[2], s["body"]) for s in plan["steps"]]
    sent = lab.arm.writes()
    assert _canonical(sent) == _canonical(steps), "exactly the plan is sent"
    updated = {c["id"].rpartition("/")[2] for c in plan["changes"] if c["action"] == "update"}
    assert all(m == "PATCH" for m, name, _ in sent if name in updated), "updates are PATCHes"

    again = lab.plan()
    assert again.code == 0, again.out
    lab.arm.forget()
    assert lab.apply("-q").code == 0
    assert lab.arm.writes() == [], "a second apply writes nothing"


def _canonical(requests: list[Any]) -> list[str]:
    """Return requests in an order and a form that can be compared."""
    return sorted(json.dumps(request, sort_keys=True) for request in requests)


def _world(lab: Lab) -> list[Any]:
    """Return everything in the group, without what changes by itself."""
    found = []
    for namespace, kind in (
        ("Microsoft.Communication", "communicationServices"),
        ("Microsoft.ManagedIdentity", "userAssignedIdentities"),
    ):
        path = f"{Path(service('x')).parents[2].as_posix()}/{namespace}/{kind}"
        found.append(lab.arm.get(path))
    return found
