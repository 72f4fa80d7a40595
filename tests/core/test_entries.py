"""What is never done to private entries, whatever the layers above have let through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.core.changes.privacy import entry_name, keyed_hash, scrubbed
from reconciler.core.policy import Policy
from reconciler.model.entries import Contents
from reconciler.model.failure import OUR_CODES, Failure, FailureClass
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Block
from tests.render.plans import DOMAIN, LIST, LISTS, MAIL, plan_of

KEY = b"a key of the tests"
LIVE: dict[str, Any] = {
    MAIL: {"location": "global", "properties": {"dataLocation": "Europe"}},
    DOMAIN: {"location": "global", "properties": {"domainManagement": "CustomerManaged"}},
    LIST: {"properties": {"listName": "billing"}},
}
ENTRIES = {f"{LIST}/suppressionListAddresses/a": "a@b.test"}
FREE = Policy(max_address_remove_percent=100)


def test_a_file_that_was_not_read_decides_nothing() -> None:
    plan = plan_of(LISTS, LIVE, addresses=None, entries=ENTRIES, policy=FREE)
    (change,) = [c for c in plan.changes if c.action is not Action.NONE]
    assert (change.action, change.block) == (Action.BLOCKED, Block.UNREADABLE)
    assert plan.steps == ()
    assert not plan.is_complete


def test_a_file_without_an_address_removes_nobody() -> None:
    plan = plan_of(LISTS, LIVE, addresses=Contents({}, KEY), entries=ENTRIES, policy=FREE)
    (change,) = [c for c in plan.changes if c.action is not Action.NONE]
    assert (change.action, change.block) == (Action.BLOCKED, Block.REFUSED)
    assert plan.steps == ()


def test_a_list_that_could_not_be_read_gets_and_loses_nothing() -> None:
    contents = Contents({"c@d.test": "c@d.test"}, KEY)
    plan = plan_of(LISTS, LIVE, addresses=contents, unreadable=(LIST,), policy=FREE)
    assert plan.steps == ()
    assert not plan.is_complete


def test_a_name_that_another_address_has_is_not_taken() -> None:
    list_id = ResourceId(LIST)
    first = entry_name(KEY, list_id, "a@b.test", ())
    second = entry_name(KEY, list_id, "a@b.test", {first})
    assert first != second
    other_case = ResourceId(LIST.replace("list-a", "LIST-A"))
    assert second == entry_name(KEY, other_case, "a@b.test", {first})


def test_a_name_is_no_part_of_the_hash_of_its_address() -> None:
    name = entry_name(KEY, ResourceId(LIST), "a@b.test", ())
    assert name.replace("-", "")[:12] not in keyed_hash(KEY, "a@b.test")


@pytest.mark.parametrize("code", ["BadRequest", "HTTP 400", *sorted(OUR_CODES)])
def test_a_failure_is_scrubbed_of_all_but_its_code(code: str) -> None:
    said = Failure(FailureClass.REFUSED, code, "a@b.test", "mend", "PUT a@b.test", "a@b.test", 2.0)
    kept = scrubbed(said, "PUT one")
    assert "a@b" not in repr(kept)
    assert (kept.kind, kept.code, kept.mend, kept.retry_after) == (said.kind, code, "mend", 2.0)
    assert scrubbed(replace(said, correlation_id="0a-1b"), "").correlation_id == "0a-1b"
    for chosen in ("a@b.test", "jane", "Jane Doe", "jane doe", "Jane.Doe", "", "J" * 99):
        assert scrubbed(replace(said, code=chosen), "").code == "withheld"
