"""Drift becomes the smallest edit of the files, which then say what Azure has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import GROUP, SUBSCRIPTION, Lab, identity, service
from tests.environments.worlds import BASE, DEV, PROD, environment, repository, stack

TEXT = f"""\
# yaml-language-server: $schema=../schemas/stack.schema.json
# Owned by messaging.
apiVersion: reconciler/v1
kind: Stack
metadata: {{name: test}}
spec:
  subscription: {SUBSCRIPTION}
  resourceGroup: {{existing: rg-test}}

  identities:
    id-a: {{location: westeurope}}   # the sender
    id-b:
      location: westeurope

  communicationServices:
    acs-a:
      dataLocation: Europe
      publicNetworkAccess: 'Enabled'   # audited in May
      disableLocalAuth: false
      identity:
        systemAssigned: false
        userAssigned:
          - ref:identities/id-a   # sends
      tags:
        env: dev
        # why this one is here
        team: mail
"""


def write(lab: Lab, text: str = TEXT) -> Path:
    """Write the stack, apply it, and return its file."""
    path = lab.folder / "specs" / "test.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    lab.settle()
    return path


def accept(lab: Lab, *arguments: str) -> Any:
    """Run accept against the emulator."""
    return lab.run("accept", "--target", lab.arm.url, *arguments)


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that went and those that came."""
    old, new = before.splitlines(), after.splitlines()
    return [x for x in old if x not in new], [x for x in new if x not in old]


def test_nothing_to_accept_is_said_and_nothing_is_written(lab: Lab) -> None:
    path = write(lab)
    ran = accept(lab, "--yes")
    assert ran.code == 0
    assert path.read_text(encoding="utf-8") == TEXT
    assert lab.arm.writes() == []


def test_each_difference_is_edited_where_it_stands(lab: Lab) -> None:
    path = write(lab)
    lab.arm.patch(
        service("acs-a"),
        {
            "properties": {"publicNetworkAccess": "Disabled", "disableLocalAuth": True},
            "tags": {"env": "prod", "team": "mail"},
            "identity": {
                "type": "SystemAssigned,UserAssigned",
                "userAssignedIdentities": {identity("id-b"): {}, identity("id-a"): None},
            },
        },
    )
    assert lab.plan().code == 2
    lab.arm.forget()
    dry = accept(lab, "--dry-run")
    assert dry.code == 2
    assert path.read_text(encoding="utf-8") == TEXT
    ran = accept(lab, "--yes")
    assert ran.code == 0, ran.out + ran.err
    after = path.read_text(encoding="utf-8")
    gone, came = changed(TEXT, after)
    assert "      publicNetworkAccess: 'Disabled'   # audited in May" in came
    assert "      disableLocalAuth: true" in came
    assert "        env: prod" in came
    assert "        systemAssigned: true" in came
    assert any("ref:identities/id-b" in line for line in came)
    assert identity("id-b") not in after
    assert len(gone) == len(came) == 5
    assert lab.plan().code == 0
    assert lab.arm.writes() == []


def test_only_what_is_asked_for_is_accepted(lab: Lab) -> None:
    path = write(lab)
    lab.arm.patch(service("acs-a"), {"properties": {"disableLocalAuth": True}})
    assert accept(lab, "--yes", "--only", "test/identities/*").code == 0
    assert path.read_text(encoding="utf-8") == TEXT
    assert lab.plan().code == 2


def test_what_is_missing_in_azure_is_left_alone_and_said(lab: Lab) -> None:
    path = write(lab)
    lab.arm.send("DELETE", service("acs-a"))
    ran = accept(lab, "--yes")
    assert "it is not there" in ran.out + ran.err
    assert path.read_text(encoding="utf-8") == TEXT


def test_what_cannot_be_read_accepts_nothing(lab: Lab) -> None:
    path = write(lab)
    lab.arm.patch(service("acs-a"), {"properties": {"disableLocalAuth": True}})
    lab.arm.fault(method="GET", path="acs-a", times=None, status=500, code="InternalServerError")
    assert accept(lab, "--yes").code == 1
    assert path.read_text(encoding="utf-8") == TEXT


def test_an_environment_is_edited_where_its_patch_says_the_value(lab: Lab) -> None:
    repository(lab.folder)
    assert lab.apply("-e", "prod").code == 0
    assert lab.apply("-e", "dev").code == 0
    base = (lab.folder / "stacks" / "mail.yaml").read_text(encoding="utf-8")
    lab.arm.patch(service("acs-prod"), {"properties": {"publicNetworkAccess": "Enabled"}})
    ran = accept(lab, "--yes", "-e", "prod")
    assert ran.code == 0, ran.out + ran.err
    assert (lab.folder / "stacks" / "mail.yaml").read_text(encoding="utf-8") == base
    assert lab.plan("-e", "prod").code == 0
    text = (lab.folder / "environments" / "prod.yaml").read_text(encoding="utf-8")
    assert "publicNetworkAccess: Enabled" in text


def test_a_variable_is_never_rewritten(lab: Lab) -> None:
    stack(lab.folder, BASE)
    repository(lab.folder)
    environment(lab.folder, "dev", DEV)
    environment(lab.folder, "prod", PROD)
    assert lab.apply("-e", "prod").code == 0
    lab.arm.patch(service("acs-prod"), {"properties": {"disableLocalAuth": False}})
    before = {p: p.read_bytes() for p in lab.folder.rglob("*.yaml")}
    ran = accept(lab, "--yes", "-e", "prod")
    assert ran.code == 6
    assert "ACS074" in ran.out + ran.err
    assert {p: p.read_bytes() for p in before} == before


tags = st.dictionaries(st.sampled_from(["env", "team"]), st.sampled_from(["a", "true", "x: y", ""]))


@given(
    access=st.sampled_from(["Enabled", "Disabled"]),
    keyless=st.booleans(),
    live_tags=tags,
    system=st.booleans(),
    users=st.lists(st.sampled_from(["id-a", "id-b"]), unique=True),
)
@settings(max_examples=25)
def test_any_drift_is_accepted_and_no_other_line_is_touched(
    lab: Lab, access: str, keyless: bool, live_tags: dict[str, str], system: bool, users: list[str]
) -> None:
    lab.arm.reset()
    lab.arm.group()
    path = write(lab)
    kinds = ["SystemAssigned"] * system + ["UserAssigned"] * bool(users)
    wanted: dict[str, Any] = {identity(name): {} for name in users}
    if kinds and "id-a" not in users:
        wanted[identity("id-a")] = None
    block: dict[str, Any] = {"type": ",".join(kinds) or "None"}
    if wanted and kinds:
        block["userAssignedIdentities"] = wanted
    lab.arm.patch(
        service("acs-a"),
        {
            "properties": {"publicNetworkAccess": access, "disableLocalAuth": keyless},
            "tags": live_tags,
            "identity": block,
        },
    )
    ran = accept(lab, "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert lab.plan().code == 0
    after = path.read_text(encoding="utf-8")
    head = TEXT.partition("      publicNetworkAccess")[0]
    assert after.startswith(head)
    assert "# why this one is here" in after or "team" not in live_tags
    assert accept(lab, "--yes").code == 0
    assert path.read_text(encoding="utf-8") == after


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_stay_as_they_are(lab: Lab, ending: str) -> None:
    path = lab.folder / "specs" / "test.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(TEXT.replace("\n", ending).encode())
    lab.settle()
    lab.arm.patch(service("acs-a"), {"properties": {"disableLocalAuth": True}})
    assert accept(lab, "--yes").code == 0
    expected = TEXT.replace("disableLocalAuth: false", "disableLocalAuth: true")
    assert path.read_bytes() == expected.replace("\n", ending).encode()
    assert GROUP in service("acs-a")
