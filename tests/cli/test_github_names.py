"""GitHub names without their ids: told in both forms, with the command that shows the ids."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.core.specs.subjects import ids_mend
from tests.conftest import SUBSCRIPTION, Lab, identity

ISSUER = "https://token.actions.githubusercontent.com"
GITHUB: Any = {"github": {"owner": "contoso", "repository": "notify", "branch": "main"}}
RAW: Any = {"issuer": ISSUER, "subject": "repo:contoso/notify:ref:refs/heads/main"}
COMMAND = "`gh api repos/contoso/notify/actions/oidc/customization/sub`"


@pytest.mark.parametrize("form", [GITHUB, RAW], ids=["github", "raw"])
def test_each_bare_name_is_told_with_the_command_that_shows_its_id(lab: Lab, form: Any) -> None:
    entry = {"location": "westeurope", "federatedCredentials": {"main": form}}
    path = lab.spec(identities={"id-a": entry})
    before = path.read_text(encoding="utf-8")
    ran = lab.run("lint", "-o", "json")
    told = [f for f in ran.json if f["code"] == "ACS059"]
    assert [f["problem"].split()[0] for f in told] == ["`contoso`", "`notify`"]
    assert all(COMMAND in f["mend"] for f in told)
    assert lab.run("lint", "--fix").code == 0
    assert path.read_text(encoding="utf-8") == before


def test_names_with_ids_are_not_told(lab: Lab) -> None:
    raw = RAW | {"subject": "repo:contoso@1/notify@2:pull_request"}
    generated: Any = {"github": {"owner": "contoso@1", "repository": "notify@2", "branch": "main"}}
    other = {"issuer": "https://issuer.test/", "subject": "repo:contoso/notify:x"}
    credentials = {"raw": raw, "generated": generated, "other": other}
    lab.spec(identities={"id-a": {"location": "westeurope", "federatedCredentials": credentials}})
    assert "ACS059" not in lab.run("lint", "-o", "json").out


def test_a_name_that_a_shell_would_obey_is_not_put_into_a_command() -> None:
    assert "gh api repos/OWNER/REPOSITORY/actions" in ids_mend("repo:$(reboot)/x:any")
    assert "gh api repos/contoso/x/actions" in ids_mend("repo:contoso@1/x:any")


def test_a_credential_with_bare_names_is_exported_all_the_same(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope"})
    credential = RAW | {"audiences": ["api://AzureADTokenExchange"]}
    path = f"{identity('id-a')}/federatedIdentityCredentials/main"
    lab.arm.put(path, {"properties": credential})
    ran = lab.run("export", "--subscription", SUBSCRIPTION, "--target", lab.arm.url)
    assert ran.code == 0, ran.err
    assert RAW["subject"] in ran.out
