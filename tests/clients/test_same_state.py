"""The command line, the raw SDK, ``az`` and Ansible leave the same state for the same wish."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.communication import CommunicationServiceManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from reconciler.emulator import EmulatorServer
from reconciler.emulator.wire.certificates import authority
from tests.conftest import GROUP, SUBSCRIPTION, Arm, Cli
from tests.emulator.conftest import NoCredential, StaticToken

AZ = os.environ.get("AZ", "az")
"""The command of azure-cli; ``make clients`` installs one and names it."""

ANSIBLE = os.environ.get("ANSIBLE", "ansible-playbook")
"""The command of Ansible, with the collection azure.azcollection and what that needs."""

ROBOT = "aaaaaaaa-0000-0000-0000-00000000000a"
TAGS = {"team": "mail"}
SPEC = f"""\
apiVersion: reconciler/v1
kind: Stack
metadata: {{name: same}}
spec:
  subscription: {SUBSCRIPTION}
  resourceGroup: {{existing: rg-test}}
  identities:
    id-1: {{location: westeurope, tags: {{team: mail}}}}
  communicationServices:
    acs-1:
      dataLocation: Europe
      tags: {{team: mail}}
      identity: {{userAssigned: [ref:identities/id-1]}}
"""


def state(arm: Arm) -> Any:
    """Return the state, without what is new in every run and without the case of ids."""
    status, taken = arm.send("GET", "/emulator/snapshot")
    assert status == 200
    text = json.dumps([entry["body"] for entry in taken["resources"]], sort_keys=True).lower()
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "guid", text)
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dt[\d:.]+z", "time", text))


def by_sdk(url: str) -> Any:
    """Wish by the SDK alone."""
    arm = Arm(url)
    arm.group()
    common: dict[str, Any] = {
        "base_url": url,
        "authentication_policy": StaticToken(),
        "polling_interval": 0.01,
    }
    with ManagedServiceIdentityClient(NoCredential(), SUBSCRIPTION, **common) as msi:
        body: Any = {"location": "westeurope", "tags": TAGS}
        identity = msi.user_assigned_identities.create_or_update("rg-test", "id-1", body)
    with CommunicationServiceManagementClient(NoCredential(), SUBSCRIPTION, **common) as client:
        block = {"type": "UserAssigned", "userAssignedIdentities": {identity.id: {}}}
        wish: Any = {
            "location": "global",
            "tags": TAGS,
            "identity": block,
            "properties": {"dataLocation": "Europe"},
        }
        client.communication_services.begin_create_or_update("rg-test", "acs-1", wish).result()
    return state(arm)


def test_the_command_line_leaves_what_the_sdk_leaves(cli: Cli, workdir: Path) -> None:
    with EmulatorServer() as one, EmulatorServer() as two:
        arm = Arm(one.url)
        arm.group()
        (workdir / "same.yaml").write_text(SPEC, encoding="utf-8")

        ran = cli("apply", "same.yaml", "--yes", "--target", one.url)

        assert ran.code == 0, ran.out + ran.err
        assert state(arm) == by_sdk(two.url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for the certificates and for what ``az`` keeps."""
    return tmp_path


class Az:
    """``az``, unmodified, with a configuration of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
            "AZURE_CONFIG_DIR": str(folder / "az"),
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
            "REQUESTS_CA_BUNDLE": str(authority(folder)),
            **environment,
        }

    def __call__(self, *words: str) -> Any:
        """Run a command, which must work, and return its JSON."""
        command = [AZ, *words, "--output", "json", "--only-show-errors"]
        ran = subprocess.run(
            command,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert ran.returncode == 0, f"{' '.join(words)}\n{ran.stderr}"
        return json.loads(ran.stdout) if ran.stdout.strip() else None


@pytest.fixture
def cloud(folder: Path) -> Iterator[EmulatorServer]:
    """An emulator for ``az``: https, a subscription, and a door for the test beside it."""
    arguments: dict[str, Any] = {"state": folder / "state.db"}
    with EmulatorServer(certificates=folder, proxy=0, **arguments) as emulator:
        emulator.declare_subscriptions([SUBSCRIPTION])
        yield emulator


SERVICE = ("--resource-type", "Microsoft.Communication/communicationServices")


@pytest.mark.clients
def test_az_leaves_what_the_sdk_leaves(cloud: EmulatorServer, folder: Path) -> None:
    az = Az(folder)
    az("cloud", "register", "-n", "emulator", "--endpoint-resource-manager", cloud.url)
    az("cloud", "set", "-n", "emulator")
    secret = ("--service-principal", "-u", ROBOT, "-p", "any", "--tenant", cloud.tenant)
    (account,) = az("login", *secret)
    assert account["id"] == SUBSCRIPTION

    az("group", "create", "-n", "rg-test", "-l", "westeurope")
    created = az("identity", "create", "-g", "rg-test", "-n", "id-1", "-l", "westeurope",
                 "--tags", "team=mail")  # fmt: skip
    block = {"type": "UserAssigned", "userAssignedIdentities": {created["id"]: {}}}
    wish = {
        "location": "global",
        "tags": TAGS,
        "identity": block,
        "properties": {"dataLocation": "Europe"},
    }
    az("resource", "create", "-g", "rg-test", "-n", "acs-1", *SERVICE,
       "--is-full-object", "-p", json.dumps(wish))  # fmt: skip

    with EmulatorServer(state=folder / "state.db") as door, EmulatorServer() as other:
        assert state(Arm(door.url)) == by_sdk(other.url)

    names = [entry["name"] for entry in az("resource", "list", "-g", "rg-test")]
    assert names == ["acs-1", "id-1"]
    shown = az("resource", "show", "-g", "rg-test", "-n", "acs-1", *SERVICE)
    assert shown["properties"]["hostName"] == "acs-1.europe.communication.azure.com"
    az("role", "assignment", "create", "--assignee-object-id", created["principalId"],
       "--assignee-principal-type", "ServicePrincipal", "--role", "Reader",
       "--scope", GROUP)  # fmt: skip
    (assigned,) = az("role", "assignment", "list", "--all")
    assert (assigned["roleDefinitionName"], assigned["principalName"]) == (
        "Reader",
        created["clientId"],
    )
    provider = az("provider", "show", "-n", "Microsoft.Communication")
    assert provider["registrationState"] == "Registered"
    listed = az("rest", "--url", f"{cloud.url}{shown['id']}?api-version=2025-09-01")
    assert listed["name"] == "acs-1"
    az("tag", "update", "--resource-id", shown["id"], "--operation", "Merge", "--tags", "a=b")
    az("identity", "federated-credential", "create", "--identity-name", "id-1", "-g", "rg-test",
       "-n", "fic-1", "--issuer", "https://issuer.example", "--subject", "s",
       "--audiences", "api://AzureADTokenExchange")  # fmt: skip
    az("resource", "delete", "-g", "rg-test", "-n", "acs-1", *SERVICE)
    az("group", "delete", "-n", "rg-test", "--yes")
    assert az("group", "exists", "-n", "rg-test") is False


@pytest.mark.clients
def test_az_of_public_azure_is_led_here_by_the_proxy(cloud: EmulatorServer, folder: Path) -> None:
    az = Az(folder, HTTPS_PROXY=cloud.proxy_url)

    az("login", "--service-principal", "-u", ROBOT, "-p", "any", "--tenant", cloud.tenant)
    az("group", "create", "-n", "rg-proxied", "-l", "westeurope")

    with EmulatorServer(state=folder / "state.db") as door:
        assert Arm(door.url).get(GROUP.replace("rg-test", "rg-proxied"))["name"] == "rg-proxied"


def play(cloud: EmulatorServer, folder: Path) -> dict[str, bool]:
    """Run ``playbook.yml``, which must work, and say of each task whether it changed anything."""
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "LANG")},
        "HOME": str(folder),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
        "AZURE_TENANT": cloud.tenant,
        "AZURE_CLIENT_ID": ROBOT,
        "AZURE_SECRET": "any",
        "HTTPS_PROXY": cloud.proxy_url,
        "REQUESTS_CA_BUNDLE": str(authority(folder)),
    }
    ran = subprocess.run(
        [ANSIBLE, str(Path(__file__).with_name("playbook.yml"))],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (run,) = json.loads(ran.stdout)["plays"]
    return {
        task["task"]["name"]: bool(task["hosts"]["localhost"]["changed"]) for task in run["tasks"]
    }


@pytest.mark.clients
def test_ansible_leaves_what_the_sdk_leaves_and_changes_nothing_the_second_time(
    cloud: EmulatorServer, folder: Path
) -> None:
    assert play(cloud, folder) == dict.fromkeys(("Group", "Identity", "Service", "Role"), True)

    with EmulatorServer(state=folder / "state.db") as door, EmulatorServer() as other:
        left = state(Arm(door.url))
        wished = by_sdk(other.url)
    role = "microsoft.authorization/roleassignments"
    assert [body for body in left if body["type"] != role] == wished
    assert [body["properties"]["scope"] for body in left if body["type"] == role] == [
        re.sub(r"/subscriptions/[^/]*", "/subscriptions/guid", GROUP).lower()
    ]

    assert play(cloud, folder) == dict.fromkeys(("Group", "Identity", "Service", "Role"), False)
