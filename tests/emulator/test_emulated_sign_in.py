"""Clients as they are sign in over https, and roles decide what they may do."""

import base64
import json
import ssl
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import (
    ClientAssertionCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
)
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.communication import CommunicationServiceManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from cryptography import x509

from reconciler.emulator import EmulatorError, EmulatorServer
from reconciler.emulator.wire.certificates import authority, context
from tests.emulator.conftest import GROUP, SUBSCRIPTION

Run = Callable[..., EmulatorServer]
Connect = Callable[[EmulatorServer], Any]

ROBOT = "aaaaaaaa-0000-0000-0000-00000000000a"
OWNER, READER, CONTRIBUTOR, OPERATOR = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "f1a07417-d97a-45cb-824c-7a7467783830",
)
DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions"
BODY = {"location": "global", "properties": {"dataLocation": "United States"}}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificates of this module's emulators."""
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def cloud(run: Run, certificates: Path) -> EmulatorServer:
    """An emulator that speaks https and looks who is calling."""
    return run(certificates=certificates, authorization=True)


@pytest.fixture
def home(cloud: EmulatorServer, certificates: Path) -> str:
    """The tenant of the emulator."""
    return str(ask(cloud, certificates, "GET", "/emulator/snapshot")[1]["facts"]["tenant"])


@pytest.fixture
def client(cloud: EmulatorServer, certificates: Path, home: str) -> Iterator[Callable[..., Any]]:
    """Build SDK clients that sign in as an application."""
    with ExitStack() as stack:

        def build(factory: Any, application: str = ROBOT, tenant: str = home) -> Any:
            trust = {"connection_verify": str(authority(certificates))}
            credential = ClientSecretCredential(
                tenant, application, "any", authority=cloud.url,
                disable_instance_discovery=True, **trust,
            )  # fmt: skip
            return stack.enter_context(
                factory(
                    stack.enter_context(credential),
                    SUBSCRIPTION,
                    base_url=cloud.url,
                    credential_scopes=[f"{cloud.url}/.default"],
                    polling_interval=0.01,
                    **trust,
                )
            )

        yield build


def ask(
    server: EmulatorServer,
    certificates: Path,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Send one request over https; return status and JSON."""
    parts = urlsplit(server.url)
    trust = ssl.create_default_context(cafile=authority(certificates))
    wire = HTTPSConnection(parts.hostname or "", parts.port, context=trust, timeout=20)
    try:
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        wire.request(method, path, text, headers or {})
        answer = wire.getresponse()
        raw = answer.read()
        return answer.status, json.loads(raw) if raw else None
    finally:
        wire.close()


def assign(role: str, scope: str, principal: str = ROBOT, number: int = 1) -> dict[str, Any]:
    """Return a role assignment for a seed."""
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments"
        f"/33333333-0000-0000-0000-{number:012}",
        "properties": {
            "roleDefinitionId": f"{DEFINITIONS}/{role}",
            "principalId": principal,
        },
    }


def code_of(error: HttpResponseError) -> str | None:
    """Return the code of an error the SDK raised."""
    return error.error.code if error.error else None


def seed(server: EmulatorServer, certificates: Path, *entries: dict[str, Any]) -> None:
    """Put resources into an emulator by its control endpoint."""
    status, answer = ask(server, certificates, "POST", "/emulator/seed", list(entries))
    assert status == 204, answer


def test_an_authority_is_made_once_and_can_vouch_for_this_machine_alone(tmp_path: Path) -> None:
    first = authority(tmp_path / "ca").read_bytes()
    context(tmp_path / "ca")

    assert authority(tmp_path / "ca").read_bytes() == first
    assert stat.S_IMODE((tmp_path / "ca" / "ca.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ca" / "server.pem").stat().st_mode) == 0o600
    certificate = x509.load_pem_x509_certificate(first)
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    names = {str(name.value) for name in constraints.value.permitted_subtrees or ()}
    assert constraints.critical
    assert names == {
        "localhost", "127.0.0.1/32", "::1/128", "management.azure.com",
        "login.microsoftonline.com", "graph.microsoft.com",
    }  # fmt: skip


def test_certificates_that_are_broken_are_refused_with_a_mend(tmp_path: Path) -> None:
    authority(tmp_path)
    (tmp_path / "ca.key").write_text("nothing")

    with pytest.raises(EmulatorError, match="delete the folder to have them made again"):
        EmulatorServer(certificates=tmp_path).start()
    with pytest.raises(EmulatorError, match="a proxy needs https"):
        EmulatorServer(proxy=0)


@pytest.mark.parametrize(("version", "kind"), [("2022-09-01", dict), ("2019-05-01", list)])
def test_a_cloud_says_where_everything_is(
    cloud: EmulatorServer, certificates: Path, version: str, kind: type
) -> None:
    path = f"/metadata/endpoints?api-version={version}"
    document: Any = ask(cloud, certificates, "GET", path)[1]

    entry = document[0] if isinstance(document, list) else document
    assert type(document) is kind
    assert entry["resourceManager"] == entry["authentication"]["loginEndpoint"] == cloud.url
    assert entry["suffixes"]["keyVaultDns"].endswith(".invalid")


@pytest.mark.parametrize("place", ["common/v2.0", "adfs", "99999999-0000-0000-0000-000000000001"])
def test_an_authority_tells_its_endpoints(
    cloud: EmulatorServer, certificates: Path, place: str
) -> None:
    path = f"/{place}/.well-known/openid-configuration"
    _, document = ask(cloud, certificates, "GET", path)

    tenant = place.partition("/")[0]
    assert document["token_endpoint"].startswith(f"{cloud.url}/{tenant}/oauth2/")
    assert document["authorization_endpoint"].startswith(cloud.url)
    keys = ask(cloud, certificates, "GET", urlsplit(document["jwks_uri"]).path)
    assert keys == (200, {"keys": []})


def test_an_authority_knows_itself(cloud: EmulatorServer, certificates: Path) -> None:
    path = "/common/discovery/instance?api-version=1.1&authorization_endpoint=x"
    status, document = ask(cloud, certificates, "GET", path)

    assert status == 200
    assert document["metadata"][0]["aliases"] == [cloud.url.removeprefix("https://")]


@pytest.mark.parametrize("form", ["", "grant_type=client_credentials", "client_id=x"])
def test_a_token_needs_a_form(cloud: EmulatorServer, certificates: Path, form: str) -> None:
    status, answer = ask(cloud, certificates, "POST", "/common/oauth2/v2.0/token", form)

    assert (status, answer["error_codes"]) == (400, [900144])


def test_without_a_role_nothing_is_allowed_and_nothing_is_seen(client: Any) -> None:
    services = client(CommunicationServiceManagementClient).communication_services

    with pytest.raises(HttpResponseError) as refused:
        list(services.list_by_subscription())

    assert refused.value.status_code == 403
    assert code_of(refused.value) == "AuthorizationFailed"
    assert f"object id '{ROBOT}'" in str(refused.value)
    assert "Microsoft.Communication/CommunicationServices/read" in str(refused.value)


def test_a_reader_reads_and_an_owner_writes(
    cloud: EmulatorServer, certificates: Path, client: Any
) -> None:
    seed(cloud, certificates, {"id": GROUP}, assign(READER, f"/subscriptions/{SUBSCRIPTION}"))
    services = client(CommunicationServiceManagementClient).communication_services

    assert list(services.list_by_subscription()) == []
    with pytest.raises(HttpResponseError) as refused:
        services.begin_create_or_update("Rg1", "acs-1", BODY)
    assert "CommunicationServices/write" in str(refused.value)
    assert "Rg1/providers/Microsoft.Communication/communicationServices/acs-1" in str(refused.value)

    seed(cloud, certificates, assign(OWNER, GROUP, number=2))
    services.begin_create_or_update("Rg1", "acs-1", BODY).result()
    assert services.list_keys("Rg1", "acs-1").primary_key.startswith("not-a-key")


def test_a_contributor_gives_no_roles_but_an_owner_does(
    cloud: EmulatorServer, certificates: Path, client: Any
) -> None:
    seed(cloud, certificates, assign(CONTRIBUTOR, GROUP))
    assignments = client(AuthorizationManagementClient).role_assignments
    name, content = (
        "44444444-0000-0000-0000-000000000001",
        {
            "role_definition_id": f"{DEFINITIONS}/{READER}",
            "principal_id": "bbbbbbbb-0000-0000-0000-00000000000b",
            "principal_type": "ServicePrincipal",
        },
    )

    with pytest.raises(HttpResponseError, match="roleAssignments/write"):
        assignments.create(GROUP, name, content)

    seed(cloud, certificates, assign(OWNER, GROUP, number=2))
    assert assignments.create(GROUP, name, content).name == name


def test_a_role_of_the_customer_allows_what_it_says(
    cloud: EmulatorServer, certificates: Path, client: Any
) -> None:
    seed(cloud, certificates, assign(OWNER, GROUP))
    owner = client(AuthorizationManagementClient)
    role = "55555555-0000-0000-0000-000000000001"
    actions = [
        "Microsoft.Authorization/permissions/read",
        "Microsoft.Communication/*/read",
        "Microsoft.Communication/communicationServices/write",
    ]
    definition = {
        "role_name": "Writer", "role_type": "CustomRole", "assignable_scopes": [GROUP],
        "permissions": [{"actions": actions, "not_actions": []}],
    }  # fmt: skip
    made = owner.role_definitions.create_or_update(GROUP, role, definition)
    assert made.role_type == "CustomRole"
    found = owner.role_definitions.list(GROUP, filter="roleName eq 'writer'")
    assert [entry.name for entry in found] == [role]

    other = "cccccccc-0000-0000-0000-00000000000c"
    seed(cloud, certificates, assign(role, GROUP, other, 2))
    services = client(CommunicationServiceManagementClient, other).communication_services
    services.begin_create_or_update("Rg1", "acs-1", BODY).result()
    with pytest.raises(HttpResponseError, match="CommunicationServices/delete"):
        services.begin_delete("Rg1", "acs-1")
    told = client(AuthorizationManagementClient, other).permissions.list_for_resource_group("Rg1")
    assert [entry.actions for entry in told] == [actions]
    with pytest.raises(HttpResponseError, match="RoleDefinitionHasAssignments"):
        owner.role_definitions.delete(GROUP, role)


def test_whoever_lets_a_service_carry_an_identity_needs_the_right_to_assign_it(
    cloud: EmulatorServer, certificates: Path, client: Any
) -> None:
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1"
    role = "09976791-48a7-449e-bb21-39d1a415f350"
    seed(cloud, certificates, {"id": identity, "location": "westeurope"}, assign(role, GROUP))
    services = client(CommunicationServiceManagementClient).communication_services
    block = {"type": "UserAssigned", "userAssignedIdentities": {identity: {}}}

    with pytest.raises(HttpResponseError) as refused:
        services.begin_create_or_update("Rg1", "acs-1", BODY | {"identity": block})
    assert code_of(refused.value) == "LinkedAuthorizationFailed"
    assert f"linked scope(s) '{identity}'" in str(refused.value)

    seed(cloud, certificates, assign(OPERATOR, identity, number=2))
    services.begin_create_or_update("Rg1", "acs-1", BODY | {"identity": block}).result()


def test_a_caller_sees_only_its_own_subscriptions(
    cloud: EmulatorServer, certificates: Path, home: str
) -> None:
    seed(cloud, certificates, assign(READER, GROUP), {"id": GROUP.replace(SUBSCRIPTION, "other")})
    form = f"grant_type=client_credentials&client_id={ROBOT}&scope=x/.default"
    _, token = ask(cloud, certificates, "POST", f"/{home}/oauth2/v2.0/token", form)
    bearer = {"Authorization": f"Bearer {token['access_token']}"}

    path = "/subscriptions?api-version=2022-12-01"
    _, listed = ask(cloud, certificates, "GET", path, headers=bearer)

    assert [entry["subscriptionId"] for entry in listed["value"]] == [SUBSCRIPTION]


def test_a_query_shows_only_what_its_caller_may_read(
    cloud: EmulatorServer, certificates: Path, home: str
) -> None:
    other = GROUP.replace("Rg1", "Rg2")
    identity = "providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1"
    found = [{"id": f"{group}/{identity}", "location": "uksouth"} for group in (GROUP, other)]
    seed(cloud, certificates, *found, assign(READER, other))
    form = f"grant_type=client_credentials&client_id={ROBOT}&scope=x/.default"
    _, token = ask(cloud, certificates, "POST", f"/{home}/oauth2/v2.0/token", form)
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    path = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"

    query = {"query": "resources | project resourceGroup"}
    _, answer = ask(cloud, certificates, "POST", path, query, headers=bearer)

    assert answer["data"] == [{"resourceGroup": "rg2"}]


@pytest.mark.parametrize("token", ["emulator", "a.b.c", ""])
def test_a_token_of_somebody_else_is_refused(
    cloud: EmulatorServer, certificates: Path, token: str
) -> None:
    path = f"{GROUP}?api-version=2024-11-01"
    headers = {"Authorization": f"Bearer {token}"}

    status, answer = ask(cloud, certificates, "GET", path, headers=headers)

    assert (status, answer["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_a_token_of_another_tenant_is_refused(client: Any) -> None:
    foreign = client(ManagedServiceIdentityClient, tenant="99999999-0000-0000-0000-000000000001")

    with pytest.raises(ClientAuthenticationError, match="InvalidAuthenticationTokenTenant"):
        list(foreign.user_assigned_identities.list_by_subscription())


def test_a_token_expires(run: Run, certificates: Path) -> None:
    class Clock:
        time = 1_800_000_000.0

        def now(self) -> float:
            return self.time

    clock = Clock()
    server = run(certificates=certificates, authorization=True, clock=clock)
    form = f"grant_type=client_credentials&client_id={ROBOT}&resource=x"
    _, token = ask(server, certificates, "POST", "/common/oauth2/token", form)
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    path = "/subscriptions?api-version=2022-12-01"
    assert ask(server, certificates, "GET", path, headers=bearer)[0] == 200

    clock.time += 3600

    assert ask(server, certificates, "GET", path, headers=bearer)[0] == 401


def assertion(subject: str) -> str:
    """Return a federated token that nobody signed."""
    claims = {"iss": "https://issuer", "sub": subject, "aud": "api://AzureADTokenExchange"}
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.x"


def test_a_federated_token_needs_a_credential_of_the_identity(
    cloud: EmulatorServer, certificates: Path, home: str
) -> None:
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1"
    properties = {
        "issuer": "https://issuer",
        "subject": "repo:a",
        "audiences": ["api://AzureADTokenExchange"],
    }
    seed(
        cloud,
        certificates,
        {"id": identity, "location": "westeurope"},
        {"id": f"{identity}/federatedIdentityCredentials/fic-1", "properties": properties},
    )
    _, state = ask(cloud, certificates, "GET", "/emulator/snapshot")
    (found,) = (entry["body"] for entry in state["resources"] if entry["name"] == "id-1")

    def token(subject: str) -> str:
        credential = ClientAssertionCredential(
            home, found["properties"]["clientId"], lambda: assertion(subject),
            authority=cloud.url, disable_instance_discovery=True,
            connection_verify=str(authority(certificates)),
        )  # fmt: skip
        with credential:
            return credential.get_token("https://management.azure.com/.default").token

    claims = json.loads(base64.urlsafe_b64decode(token("repo:a").split(".")[1] + "=="))
    assert claims["oid"] == found["properties"]["principalId"]
    with pytest.raises(ClientAuthenticationError, match="AADSTS70021"):
        token("repo:b")


def test_a_managed_identity_gets_its_token_over_http(
    run: Run, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = run()
    arm = connect(server)
    arm.group()
    arm.create_identity()
    identity = arm.identity("GET").content["properties"]
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")

    with ManagedIdentityCredential(client_id=identity["clientId"]) as credential:
        token = credential.get_token("https://management.azure.com/.default").token

    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["oid"], claims["tid"]) == (identity["principalId"], identity["tenantId"])


def test_the_secrets_of_a_sign_in_are_in_no_log(cloud: EmulatorServer, certificates: Path) -> None:
    form = f"grant_type=client_credentials&client_id={ROBOT}&client_secret=s3cret&scope=x"
    ask(cloud, certificates, "POST", "/common/oauth2/v2.0/token", form)

    _, log = ask(cloud, certificates, "GET", "/emulator/requests")

    assert log[-1]["path"] == "/common/oauth2/v2.0/token"
    assert "s3cret" not in json.dumps(log)


def test_a_proxy_leads_clients_of_azure_here_and_lets_nothing_out(
    run: Run, certificates: Path
) -> None:
    server = run(certificates=certificates, proxy=0)
    door = urlsplit(server.proxy_url)
    trust = ssl.create_default_context(cafile=authority(certificates))
    wire = HTTPSConnection(door.hostname or "", door.port, context=trust, timeout=20)
    wire.set_tunnel("management.azure.com", 443)
    wire.request("GET", "/metadata/endpoints?api-version=2022-09-01")
    assert (
        json.loads(wire.getresponse().read())["resourceManager"] == "https://management.azure.com"
    )
    wire.close()

    for host, port in (("example.com", 443), ("management.azure.com", 80)):
        outside = HTTPSConnection(door.hostname or "", door.port, context=trust, timeout=20)
        outside.set_tunnel(host, port)
        with pytest.raises(OSError, match="403"):
            outside.request("GET", "/")
        outside.close()
