"""Azure answers a write, and its reads do not show it yet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.engine.step import LOOKS
from tests.conftest import Lab, identity

IDENTITY = {"location": "westeurope", "tags": {"a": "1"}}
MISSING = {"method": "GET", "path": "/id-a$", "status": 404, "code": "ResourceNotFound"}
PLAN, LOOK = 1, 1
"""Reads of one resource before it is written."""


@pytest.mark.parametrize("late", [0, 1, 3])
def test_the_closing_plan_waits_until_reads_show_what_was_answered(lab: Lab, late: int) -> None:
    lab.spec(identities={"id-a": IDENTITY})
    lab.arm.fault(**MISSING, times=PLAN + LOOK + late)
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert [verb for verb, _, _ in lab.arm.writes()] == ["PUT"]
    reads = [e for e in lab.arm.requests() if e["path"] == identity("id-a")]
    assert len(reads) == PLAN + LOOK + 1 + late + 1


def test_what_never_shows_is_told_and_not_written_again(lab: Lab) -> None:
    lab.spec(identities={"id-a": IDENTITY})
    lab.arm.fault(**MISSING, times=None)
    ran = lab.apply()
    assert ran.code == 6, ran.out
    assert [verb for verb, _, _ in lab.arm.writes()] == ["PUT"]
    assert "a new plan would still change\n  test/identities/id-a (to create" in ran.out


def test_a_change_that_was_answered_and_never_shows_ends_as_not_converged(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), IDENTITY)
    lab.arm.get(identity("id-a"))
    lab.arm.forget()
    lab.spec(identities={"id-a": {**IDENTITY, "tags": {"a": "2"}}})
    lab.arm.fault(method="GET", path="/id-a$", stale=True, times=None)
    ran = lab.apply()
    assert ran.code == 6, ran.out
    assert lab.arm.writes() == [("PATCH", "id-a", {"tags": {"a": "2"}})]
    reads = [
        e for e in lab.arm.requests() if e["path"] == identity("id-a") and e["method"] == "GET"
    ]
    assert len(reads) == PLAN + LOOK + LOOKS, "as often as a resource that reads back otherwise"


@pytest.mark.parametrize(("attached", "told"), [(False, "answer"), (True, None)])
def test_a_receipt_says_what_was_only_seen_in_an_answer(
    lab: Lab, attached: bool, told: str | None
) -> None:
    credential = {"federatedCredentials": {"ci-x": {"issuer": "https://i.test", "subject": "s"}}}
    spec: dict[str, Any] = {**IDENTITY, **(credential if attached else {})}
    lab.spec(identities={"id-a": spec})
    assert lab.apply("-q", "--receipt", "receipt.json").code == 0
    content = json.loads((lab.folder / "receipt.json").read_text())["content"]
    row = next(r for r in content["requests"] if r["planned"]["resource"] == identity("id-a"))
    assert row.get("shownBy") == told
    assert row["after"]["tags"] == IDENTITY["tags"]
    assert lab.run("receipt", "verify", "receipt.json").code == 0
