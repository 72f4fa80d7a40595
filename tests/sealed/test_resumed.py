"""A plan file whose run ended half-way is carried on with: the rest is sent, and nothing twice."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import Any

import pytest

from tests.addresses.lists import KEY, Lists
from tests.conftest import LOOSE, Lab, Ran, identity, service
from tests.sealed.files import alter, carry_out, seal

LOOK = "/checknameavailability"
TOWN: dict[str, Any] = {
    "identities": {"id-a": {"location": "westeurope"}},
    "communicationServices": {
        "acs-a": {
            "dataLocation": "Europe",
            "identity": {"userAssigned": ["ref:identities/id-a"]},
            "tags": {"env": "prod"},
        },
        "acs-new": {"dataLocation": "Europe", "tags": {"env": "prod"}},
        "acs-old": {
            "dataLocation": "Germany",
            "lifecycle": {"preventReplace": False, "until": "2999-01-01"},
        },
    },
    "roleAssignments": {
        "a-reads": {
            "scope": "ref:communicationServices/acs-new",
            "role": "Reader",
            "principal": "ref:identities/id-a",
        }
    },
}
"""Two creates with what hangs on both, an update and a replacement: six requests."""
SENT = Counter(
    {
        ("PUT", "id-a"): 1,
        ("PUT", "acs-new"): 1,
        ("PATCH", "acs-a"): 1,
        ("DELETE", "acs-old"): 1,
        ("PUT", "acs-old"): 1,
        ("PUT", "roleAssignments"): 1,
    }
)


@pytest.fixture
def town(lab: Lab) -> Lab:
    """A plan with every sort of request, sealed."""
    body = {"location": "global", "properties": {"dataLocation": "Europe"}}
    lab.arm.put(service("acs-a"), {**body, "tags": {"env": "dev", "team": "mail"}})
    lab.arm.put(service("acs-old"), body)
    lab.project(guards={"maxReplaces": 9, "maxDeletes": 9, "maxDeletePercent": 100})
    lab.spec(LOOSE, **TOWN)
    seal(lab)
    lab.arm.forget()
    return lab


def effects(lab: Lab) -> Counter[tuple[str, str]]:
    """Return how often each write took effect."""
    done = [
        (entry["method"], entry["path"])
        for entry in lab.arm.requests()
        if entry["method"] != "GET"
        and entry["carried_out"] is not None
        and entry["carried_out"] < 300
        and not entry["path"].lower().endswith(LOOK)
    ]
    names = [(method, *path.split("/")[-2:]) for method, path in done]
    return Counter(
        (method, above if above == "roleAssignments" else name) for method, above, name in names
    )


def stopped_at(lab: Lab, method: str, name: str, **fault: Any) -> Ran:
    """Carry the plan file out while Azure refuses one request."""
    path = f"/{name}" if name == "roleAssignments" else f"/{name}$"
    refused = {"status": 403, "code": "AuthorizationFailed"}
    lab.arm.fault(method=method, path=path, times=99, **(fault or refused))
    ran = carry_out(lab)
    lab.arm.mend()
    assert ran.code == 1, ran.out + ran.err
    return ran


def refused(lab: Lab, *words: str) -> None:
    """Expect that the file is not carried on with: somebody else was there."""
    lab.arm.forget()
    ran = carry_out(lab)
    assert (ran.code, effects(lab)) == (5, Counter()), ran.out + ran.err
    assert all(word in ran.err for word in words), ran.err


def killed(lab: Lab, *never_written: str) -> None:
    """Take lines out of the last journal, as if the run had been killed before it wrote them."""
    path = max((lab.folder / ".reconciler" / "journal").glob("*.jsonl"))
    kept = [
        line
        for line in path.read_text().splitlines()
        if json.loads(line)["event"] not in ("ended", *never_written)
    ]
    path.write_text("\n".join(kept) + "\n")


@pytest.mark.parametrize(("method", "name"), list(SENT))
def test_after_a_failure_the_same_file_carries_on_and_sends_nothing_twice(
    town: Lab, method: str, name: str
) -> None:
    stopped_at(town, method, name)
    assert effects(town) < SENT
    ran = carry_out(town, "--receipt", "receipt.json")
    assert ran.code == 0, ran.out + ran.err
    assert "/subscriptions/" not in ran.out, "what is done already keeps its name"
    assert effects(town) == SENT
    verified = town.run("receipt", "verify", "receipt.json", "--plan", "plan.json")
    assert verified.code == 0, verified.err
    assert "by another run of the plan file" in verified.out


def test_what_was_carried_out_and_is_untouched_is_told_and_left_alone(town: Lab) -> None:
    assert carry_out(town).code == 0
    town.arm.forget()
    ran = carry_out(town)
    assert (ran.code, effects(town)) == (0, Counter())
    assert "note: earlier runs of this plan file have done 6 requests of it; 0 left" in ran.err


def test_a_run_that_was_killed_is_believed_only_as_far_as_azure_bears_it_out(town: Lab) -> None:
    stopped_at(town, "PUT", "acs-new")
    killed(town, "answered", "done")
    ran = carry_out(town)
    assert (ran.code, effects(town)) == (0, SENT), ran.out + ran.err


OTHERS: list[tuple[str, dict[str, Any], str]] = [
    (service("acs-a"), {"tags": {"env": "prod", "team": "mail", "x": "1"}}, "`tags.x` was absent"),
    (service("acs-a"), {"tags": {"env": "test", "team": "mail"}}, "`tags.env`"),
    (service("acs-a"), {"properties": {"disableLocalAuth": True}}, "`properties.disableLocalAuth`"),
    (identity("id-a"), {"tags": {"owner": "somebody"}}, "`tags.owner` was absent"),
    (service("acs-old"), {"tags": {"owner": "somebody"}}, "`tags.owner` was absent"),
]


@pytest.mark.parametrize("noted", [True, False], ids=["read back", "killed before"])
@pytest.mark.parametrize(("resource", "change", "told"), OTHERS, ids=lambda v: str(v)[-40:])
def test_what_somebody_else_changed_in_what_was_done_already_is_named_and_refused(
    town: Lab, resource: str, change: dict[str, Any], told: str, *, noted: bool
) -> None:
    stopped_at(town, "PUT", "acs-new")
    if not noted:
        killed(town, "answered", "done")
    town.arm.patch(resource, change)
    refused(town, f"`{resource.rpartition('/')[2]}` changed since the plan was made", told)


def test_a_field_of_something_new_that_no_spec_names_is_compared_with_what_read_back(
    town: Lab,
) -> None:
    stopped_at(town, "PUT", "roleAssignments")
    town.arm.patch(service("acs-new"), {"properties": {"publicNetworkAccess": "Disabled"}})
    refused(town, "`properties.publicNetworkAccess` was ", "is 'Disabled'")


def test_what_was_made_by_this_file_and_is_gone_is_not_made_again(town: Lab) -> None:
    stopped_at(town, "PUT", "roleAssignments")
    assert town.arm.send("DELETE", service("acs-new"))[0] in (200, 202, 204)
    refused(town, "`acs-new` changed since the plan was made: it was written by this plan")


def test_what_is_still_to_be_written_must_be_as_it_was_sealed(town: Lab) -> None:
    stopped_at(town, "PUT", "id-a")
    town.arm.patch(service("acs-a"), {"tags": {"env": "dev", "team": "other"}})
    refused(town, "`tags.team` was 'mail' and is 'other'")


def test_what_somebody_else_made_just_so_is_not_taken_for_ours(town: Lab) -> None:
    stopped_at(town, "PUT", "acs-new")  # refused by Azure: the journal knows that
    body = {"location": "global", "properties": {"dataLocation": "Europe"}, "tags": {"env": "prod"}}
    town.arm.put(service("acs-new"), body)
    refused(town, "`acs-new` changed since the plan was made: it was absent and is there")


def test_a_change_that_was_taken_back_is_not_made_again(town: Lab) -> None:
    stopped_at(town, "PUT", "acs-new")
    town.arm.patch(service("acs-a"), {"tags": {"env": "dev", "team": "mail"}})
    refused(town, "`acs-a` changed since the plan was made")


def test_without_the_journal_of_its_run_a_file_is_not_carried_on_with(town: Lab) -> None:
    stopped_at(town, "PUT", "acs-new")
    shutil.rmtree(town.folder / ".reconciler" / "journal")
    refused(town, "`id-a` changed since the plan was made: it was absent and is there")


def test_the_journal_of_another_plan_file_proves_nothing(town: Lab) -> None:
    stopped_at(town, "PUT", "acs-new")
    alter(
        town.folder / "plan.json",
        lambda document: document["made"].update(at="2026-01-01T00:00:00Z"),
        forge=True,
    )
    refused(town, "`id-a` changed since the plan was made: it was absent and is there")


@pytest.fixture
def people(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lists:
    """A plan that puts two addresses on a list and takes two from it, sealed."""
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", KEY)
    lab.project(guards={"maxAddressRemovePercent": 100})
    lists = Lists(lab)
    lists.made("p1@a.test", "p2@a.test")
    lists.file("n1@a.test", "n2@a.test")
    lists.spec(file="suppressed/a.txt", exact=True)
    seal(lab)
    lab.arm.fault(method="PUT", path="/suppressionListAddresses/", status=403, code="Denied")
    lab.arm.fault(method="DELETE", path="/suppressionListAddresses/", status=403, code="Denied")
    assert carry_out(lab).code == 1
    lab.arm.mend()
    return lists


def test_a_half_done_list_of_addresses_is_carried_on_with_and_no_journal_names_anybody(
    people: Lists,
) -> None:
    ran = carry_out(people.lab, "--receipt", "receipt.json")
    assert ran.code == 0, ran.out + ran.err
    done = effects(people.lab)
    assert (len(done), set(done.values())) == (4, {1})
    verified = people.lab.run("receipt", "verify", "receipt.json", "--plan", "plan.json")
    assert verified.code == 0, verified.err
    for path in (people.lab.folder / ".reconciler" / "journal").glob("*"):
        assert not any(who in path.read_text() for who in ("@a.", "n1@", "p1@"))


def test_an_address_that_was_not_reviewed_is_not_written_by_carrying_on(people: Lists) -> None:
    people.file("n1@a.test", "n3@a.test")
    people.lab.arm.forget()
    ran = carry_out(people.lab)
    assert (ran.code, effects(people.lab)) == (5, Counter())
    assert "the addresses to write are not those that were planned" in ran.err
