"""Our own command line signs in to the emulator, and needs no more than its documents say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.emulator import EmulatorServer
from reconciler.emulator.wire.certificates import authority
from tests.conftest import GROUP, SUBSCRIPTION, Lab

ROBOT = "aaaaaaaa-0000-0000-0000-00000000000a"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def test_a_plan_needs_only_reader_and_an_apply_more(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("certificates")
    state = tmp_path_factory.mktemp("state") / "state.db"
    with EmulatorServer(state=state) as open_door:
        kept = open_door.url
        _seed(lab, kept, [{"id": GROUP}, _role(READER, 1)])
        tenant = lab.run("emulator", "snapshot", "--url", kept).json["facts"]["tenant"]
        with EmulatorServer(state=state, certificates=folder, authorization=True) as cloud:
            _sign_in(monkeypatch, cloud.url, tenant, authority(folder))
            lab.spec(identities={"id-a": {"location": "westeurope"}})
            target = ("--target", cloud.url)

            assert lab.run("plan", *target).code == 2
            refused = lab.run("apply", "--yes", *target)
            assert refused.code == 1
            assert "AuthorizationFailed" in refused.out + refused.err
            assert lab.run("plan", *target).code == 2

            _seed(lab, cloud.url, [_role(OWNER, 2)])
            assert lab.run("apply", "--yes", *target).code == 0
            assert lab.run("plan", *target).code == 0


def _seed(lab: Lab, url: str, entries: list[dict[str, object]]) -> None:
    (lab.folder / "seed.json").write_text(json.dumps(entries), encoding="utf-8")
    assert lab.run("emulator", "seed", "seed.json", "--url", url).code == 0


def _role(role: str, number: int) -> dict[str, object]:
    scope = f"/subscriptions/{SUBSCRIPTION}"
    name = f"33333333-0000-0000-0000-{number:012}"
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": ROBOT,
        },
    }


def _sign_in(monkeypatch: pytest.MonkeyPatch, url: str, tenant: str, trusted: Path) -> None:
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", url)
    monkeypatch.setenv("AZURE_TENANT_ID", tenant)
    monkeypatch.setenv("AZURE_CLIENT_ID", ROBOT)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "any")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))


def test_the_authority_is_made_and_its_file_named(lab: Lab) -> None:
    ran = lab.run("emulator", "ca", "--certificates", "ca")

    assert (ran.code, ran.out.strip()) == (0, str(Path("ca") / "ca.pem"))
    assert "BEGIN CERTIFICATE" in (lab.folder / "ca" / "ca.pem").read_text(encoding="utf-8")
    (lab.folder / "file").write_text("x", encoding="utf-8")
    blocked = lab.run("emulator", "ca", "--certificates", "file/below")
    assert blocked.code == 1
    assert "name another" in blocked.err
