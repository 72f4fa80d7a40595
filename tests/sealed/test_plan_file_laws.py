"""The law of plan files: apply sends what the file lists, or nothing to anything that moved."""

from __future__ import annotations

import shutil
from typing import Any

from hypothesis import assume, event, given, note, settings
from hypothesis import strategies as st

from tests.conftest import LOOSE, Lab, identity, service
from tests.property.strategies import IDENTITIES, SERVICES, live_world, spec_world
from tests.sealed.files import carry_out, content_of, requests_in, writes

PLACES = {"identities": identity, "communicationServices": service}
MADE: dict[str, dict[str, Any]] = {
    "identities": {"location": "westeurope"},
    "communicationServices": {"location": "global", "properties": {"dataLocation": "Europe"}},
}
EVERYBODY = [("identities", n) for n in IDENTITIES] + [
    ("communicationServices", n) for n in SERVICES
]


def meddle(lab: Lab, collection: str, name: str, *, delete: bool) -> str:
    """Change a resource behind the plan's back, in a way that never changes nothing."""
    resource = PLACES[collection](name)
    live = lab.arm.get(resource)
    if live is None:
        lab.arm.put(resource, MADE[collection])
    elif delete and collection == "communicationServices":
        assert lab.arm.send("DELETE", resource)[0] in (200, 202, 204)
    else:
        lab.arm.patch(resource, {"tags": {**live.get("tags", {}), "meddled": "yes"}})
    return resource


@given(live=live_world(), wanted=spec_world(), data=st.data())
@settings(max_examples=30)
def test_apply_sends_exactly_the_file_or_names_what_moved_and_writes_nothing(
    lab: Lab,
    live: dict[str, dict[str, Any]],
    wanted: dict[str, dict[str, Any]],
    data: st.DataObject,
) -> None:
    lab.arm.reset()
    lab.arm.group()
    for left_over in ("specs", ".reconciler"):  # a journal would tell of another world
        shutil.rmtree(lab.folder / left_over, ignore_errors=True)
    lab.project(guards={"maxDeletes": 9, "maxReplaces": 9, "maxDeletePercent": 100})
    for collection, bodies in live.items():
        for name, body in bodies.items():
            lab.arm.put(PLACES[collection](name), body)
    lab.spec(LOOSE, "test", **wanted)
    planned = lab.plan("-q", "--out", "plan.json")
    assume(planned.code in (0, 2))

    content = content_of(lab)
    stood_on = {told["id"].lower() for told in content["objects"]}
    parties = [who for who in EVERYBODY if PLACES[who[0]](who[1]).lower() in stood_on]
    among = data.draw(st.sampled_from([parties, EVERYBODY] if parties else [EVERYBODY]))
    collection, name = data.draw(st.sampled_from(among))
    resource = meddle(lab, collection, name, delete=data.draw(st.booleans()))
    lab.arm.forget()
    ran = carry_out(lab)
    note(ran.out + ran.err)
    event(f"apply exits {ran.code}")
    if resource.lower() in stood_on:
        assert ran.code == 5
        assert f"`{name}` changed since the plan was made: " in ran.err
        assert writes(lab) == []
    else:
        assert ran.code in (0, 6)
        assert writes(lab) == requests_in(content)
