"""Whose a resource is, what may be lost, and what is never lost by accident."""

from __future__ import annotations

import pytest

from tests.conftest import GROUP, LOOSE, Lab, identity, service

ACS = {"dataLocation": "Europe"}
MAY_GO = {"preventDelete": False, "preventReplace": False, "until": "2999-01-01"}
UAI = {"location": "westeurope"}


def test_leaving_the_spec_means_forget(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS, "acs-b": ACS, "acs-c": ACS})
    lab.settle()
    lab.spec(communicationServices={"acs-a": ACS})
    assert lab.plan("--prune").code == 0
    assert lab.apply("--prune").code == 0
    assert lab.arm.get(service("acs-b")) is not None


def test_what_is_marked_is_pruned_only_when_asked(lab: Lab) -> None:
    lab.spec("onRemoval: delete", communicationServices={"acs-a": ACS, "acs-b": ACS, "acs-c": ACS})
    lab.settle()
    assert lab.arm.get(service("acs-b"))["tags"] == {"reconciler-stack": "test"}
    lab.spec("onRemoval: delete", communicationServices={"acs-a": ACS, "acs-c": ACS})
    ran = lab.plan()
    assert ran.code == 0
    assert "`--prune` would delete it" in ran.out
    pruning = lab.plan("--prune")
    assert pruning.code == 2
    assert "- delete test/communicationServices/acs-b" in pruning.out
    assert lab.apply("--prune").code == 0
    assert lab.arm.writes() == [("DELETE", "acs-b", None)]


def test_pruning_sees_what_left_even_if_nothing_of_its_kind_is_left(lab: Lab) -> None:
    lab.spec("onRemoval: delete", identities={"id-a": UAI}, communicationServices={"acs-a": ACS})
    lab.settle()
    lab.spec("onRemoval: delete", communicationServices={"acs-a": ACS})
    assert lab.changes("--prune") == {"test/identities/id-a": "delete"}


def test_an_empty_stack_prunes_nothing_that_its_guard_does_not_allow(lab: Lab) -> None:
    names = {f"acs-{i}": ACS for i in range(5)}
    lab.spec("onRemoval: delete", communicationServices=names)
    lab.settle()
    lab.spec("onRemoval: delete", communicationServices={})
    ran = lab.apply("--prune")
    assert ran.code == 4
    assert "5 resources would be deleted, the limit is 3" in ran.out
    assert "5 of 5 resources would be deleted or replaced (100 %), the limit is 50 %" in ran.out
    assert lab.arm.writes() == []


def test_another_stacks_resources_are_never_pruned_or_changed(lab: Lab) -> None:
    lab.spec("onRemoval: delete", name="other", communicationServices={"acs-a": ACS, "acs-z": ACS})
    lab.settle()
    (lab.folder / "specs" / "other.yaml").unlink()
    lab.spec(communicationServices={"acs-a": {**ACS, "disableLocalAuth": True}})
    ran = lab.apply("--prune")
    assert ran.code == 4
    assert "belongs to stack `other`" in ran.out
    assert lab.arm.writes() == []


def test_nothing_is_pruned_while_something_cannot_be_read(lab: Lab) -> None:
    lab.spec("onRemoval: delete", identities={"id-a": UAI}, communicationServices={"acs-a": ACS})
    lab.settle()
    lab.spec("onRemoval: delete", identities={"id-b": UAI})
    failure = {"status": 500, "code": "InternalServerError"}
    lab.arm.fault(method="GET", path="userAssignedIdentities", times=None, **failure)
    ran = lab.apply("--prune")
    assert ran.code == 1
    assert "nothing is pruned while something cannot be read" in ran.out
    assert lab.arm.writes() == []


def test_a_resource_made_elsewhere_is_adopted_with_its_mark(lab: Lab) -> None:
    body = {"location": "Global", "properties": {"dataLocation": "europe"}, "tags": {"by": "eve"}}
    lab.arm.put(service("acs-a"), body)
    lab.arm.forget()
    lab.spec(communicationServices={"acs-a": ACS})
    assert lab.plan().code == 0
    lab.spec("onRemoval: delete", communicationServices={"acs-a": ACS})
    assert lab.changes() == {"test/communicationServices/acs-a": "adopt"}
    assert lab.apply().code == 0
    tags = {"by": "eve", "reconciler-stack": "test"}
    assert lab.arm.writes() == [("PATCH", "acs-a", {"tags": tags})]


def test_a_replacement_is_refused_unless_the_resource_allows_it(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS})
    lab.settle()
    moved = {"dataLocation": "United States"}
    lab.spec(communicationServices={"acs-a": moved})
    ran = lab.apply()
    assert ran.code == 4
    assert "! blocked replace test/communicationServices/acs-a" in ran.out
    assert "~ dataLocation  Europe -> United States  # forces replacement" in ran.out
    assert lab.arm.writes() == []
    lab.spec(communicationServices={"acs-a": {**moved, "lifecycle": MAY_GO}})
    ran = lab.apply()
    assert ran.code == 0, ran.out
    assert [(m, n) for m, n, _ in lab.arm.writes()] == [("DELETE", "acs-a"), ("PUT", "acs-a")]
    assert lab.plan().code == 0


def test_more_replacements_than_the_guard_allows_are_refused(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": ACS, "acs-b": ACS})
    lab.settle()
    moved = {"dataLocation": "UK", "lifecycle": MAY_GO}
    lab.spec(communicationServices={"acs-a": moved, "acs-b": moved})
    ran = lab.plan()
    assert ran.code == 4
    assert "2 resources would be replaced, the limit is 1" in ran.out
    lab.project(guards={"maxReplaces": 2})
    assert lab.plan().code == 2


def test_an_identity_that_is_attached_elsewhere_is_not_deleted(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), UAI)
    users: dict[str, object] = {identity("id-a").replace("resourceGroups", "resourcegroups"): {}}
    block = {"type": "UserAssigned", "userAssignedIdentities": users}
    stranger = service("acs-stranger").replace("rg-test", "rg-strangers")
    lab.arm.group(GROUP.replace("rg-test", "rg-strangers"))
    body = {"location": "global", "properties": {"dataLocation": "UK"}, "identity": block}
    lab.arm.put(stranger, body)
    lab.arm.forget()
    for services in ({}, {"acs-here": ACS}):  # lists of one group would not show the stranger
        lab.spec(LOOSE, identities={"id-a": None}, communicationServices=services)
        ran = lab.apply()
        assert ran.code == 4
        assert "`acs-stranger` still uses it" in ran.out
        assert lab.arm.writes() == []


def test_nothing_is_deleted_while_who_uses_it_cannot_be_read(lab: Lab) -> None:
    lab.spec(identities={"id-a": UAI}, communicationServices={"acs-here": ACS})
    lab.settle()
    denied = {"status": 403, "code": "AuthorizationFailed", "message": "only your groups"}
    path = "subscriptions/[^/]+/providers/Microsoft.Communication/communicationServices"
    lab.arm.fault(method="GET", path=path, times=None, **denied)
    lab.spec(LOOSE, identities={"id-a": None}, communicationServices={"acs-here": ACS})
    ran = lab.apply()
    assert ran.code == 1
    assert "only your groups" in ran.out
    assert lab.arm.writes() == []


def managed_domain(lab: Lab) -> str:
    """Create a domain that Azure has verified, and return its id."""
    mail = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail"
    domain = f"{mail}/domains/AzureManagedDomain"
    lab.arm.put(mail, {"location": "global", "properties": {"dataLocation": "Europe"}})
    body = {"location": "global", "properties": {"domainManagement": "AzureManaged"}}
    lab.arm.put(domain, body)
    return domain


def test_a_tag_change_never_touches_linked_domains(lab: Lab) -> None:
    domain = managed_domain(lab)
    lab.spec(communicationServices={"acs-a": {**ACS, "linkedDomains": [domain]}})
    lab.settle()
    lab.spec(communicationServices={"acs-a": {**ACS, "tags": {"a": "b"}}})
    assert lab.apply().code == 0
    assert lab.arm.writes() == [("PATCH", "acs-a", {"tags": {"a": "b"}})]
    assert lab.arm.get(service("acs-a"))["properties"]["linkedDomains"] == [domain]


@pytest.mark.parametrize("empty", [None, []])
def test_the_last_domain_is_unlinked_with_an_empty_list(lab: Lab, empty: object) -> None:
    domain = managed_domain(lab)
    lab.spec(communicationServices={"acs-a": {**ACS, "linkedDomains": [domain]}})
    lab.settle()
    lab.spec(communicationServices={"acs-a": {**ACS, "linkedDomains": empty}})
    ran = lab.apply()
    assert "MAIL STOPS" in ran.out
    assert lab.arm.writes() == [("PATCH", "acs-a", {"properties": {"linkedDomains": []}})]
    assert lab.plan().code == 0


def test_tags_of_others_are_kept_and_null_removes_one(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {**UAI, "tags": {"Env": "dev", "by": "eve", "hidden-x": "1"}})
    lab.spec(identities={"id-a": {**UAI, "tags": {"env": "prod"}}})
    lab.settle()
    assert lab.arm.get(identity("id-a"))["tags"] == {"Env": "prod", "by": "eve", "hidden-x": "1"}
    lab.spec(identities={"id-a": {**UAI, "tags": {"by": None}}})
    lab.settle()
    assert lab.arm.get(identity("id-a"))["tags"] == {"Env": "prod", "hidden-x": "1"}
    lab.spec(identities={"id-a": {**UAI, "tags": None}})
    lab.settle()
    assert lab.arm.get(identity("id-a"))["tags"] == {"hidden-x": "1"}


def test_an_empty_or_missing_spec_folder_is_an_error_and_deletes_nothing(lab: Lab) -> None:
    lab.spec("onRemoval: delete", communicationServices={"acs-a": ACS})
    lab.settle()
    path = lab.folder / "specs" / "test.yaml"
    for content in ("", "# nothing\n", "---\n", "\ufeff"):
        path.write_text(content, encoding="utf-8")
        assert lab.apply("--prune").code == 3
    path.unlink()
    assert lab.apply("--prune").code == 3
    path.parent.rmdir()
    assert lab.apply("--prune").code == 3
    assert lab.arm.writes() == []


def _waived(until: str, field: str = "tags.owner") -> dict[str, object]:
    waiver = {"field": field, "reason": "They set it by hand.", "until": until}
    return {
        **ACS,
        "disableLocalAuth": False,
        "tags": {"owner": "us", "env": "prod"},
        "lifecycle": {"ignoreChanges": [waiver]},
    }


def test_a_waived_difference_is_told_and_left_alone_until_its_day(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": _waived("9999-12-31")})
    lab.settle()
    assert lab.arm.get(service("acs-a"))["tags"] == {"env": "prod", "owner": "us"}
    lab.arm.patch(service("acs-a"), {"tags": {"owner": "them", "env": "prod"}})
    lab.arm.forget()
    ran = lab.plan()
    assert ran.code == 0
    assert "`tags.owner` differs and is left alone until 9999-12-31: They set it by hand" in ran.out
    lab.arm.patch(service("acs-a"), {"tags": {"owner": "them", "env": "dev"}})
    lab.arm.forget()
    assert lab.apply().code == 0
    tags = {"owner": "them", "env": "prod"}
    assert lab.arm.writes() == [("PATCH", "acs-a", {"tags": tags})]


def test_a_waiver_that_ran_out_is_told_and_hides_nothing(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": _waived("2020-01-01")})
    lab.settle()
    lab.arm.patch(service("acs-a"), {"tags": {"owner": "them", "env": "prod"}})
    ran = lab.plan()
    assert ran.code == 2
    assert "the waiver of `tags.owner` ran out on 2020-01-01" in ran.out
    assert "~ tags.owner  them -> us" in ran.out


def test_a_whole_field_may_be_waived(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": _waived("9999-12-31", "disableLocalAuth")})
    lab.settle()
    lab.arm.patch(service("acs-a"), {"properties": {"disableLocalAuth": True}})
    assert lab.plan().code == 0
    lab.arm.forget()
    assert lab.apply().code == 0
    assert lab.arm.writes() == []


def test_a_waiver_of_a_field_that_is_not_there_is_an_error_with_a_mend(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-a": _waived("9999-12-31", "tag.owner")})
    ran = lab.run("validate")
    assert ran.code == 3
    assert "a CommunicationService has no field `tag` to leave alone" in ran.out
    assert "did you mean `tags`?" in ran.out
