"""Plain fixtures: a running emulator, a raw client, and the real SDK clients."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from azure.core.credentials import AccessToken
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.communication import CommunicationServiceManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from reconciler.emulator import EmulatorServer

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/Rg1"


class Answer(NamedTuple):
    """A response: status, headers by lower-case name, and the JSON of the body or None."""

    status: int
    headers: dict[str, str]
    content: Any
    body: bytes

    @property
    def code(self) -> str:
        """The code of the error that was answered."""
        return str(self.content["error"]["code"])


@dataclass
class Arm:
    """A raw keep-alive client."""

    url: str
    connection: http.client.HTTPConnection

    def send(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request; ``headers`` replace the token."""
        sent = {"Authorization": "Bearer secret-token"} if headers is None else headers
        data = body if body is not None or content is None else json.dumps(content).encode()
        self.connection.request(method, path.removeprefix(self.url), data, sent)
        response = self.connection.getresponse()
        raw = response.read()
        names = {name.lower(): value for name, value in response.getheaders()}
        content = json.loads(raw) if raw and raw[:1] != b"<" else None
        return Answer(response.status, names, content, raw)

    def group(self, name: str = "Rg1", subscription: str = SUBSCRIPTION) -> Answer:
        """Create a resource group."""
        path = f"/subscriptions/{subscription}/resourcegroups/{name}?api-version=2024-11-01"
        return self.send("PUT", path, {"location": "westeurope"})

    def identity(self, method: str, name: str = "id-1", content: Any = None) -> Answer:
        """Send a request for an identity."""
        return self.send(method, self.identity_path(name), content)

    def identity_path(self, name: str = "id-1") -> str:
        """Return the path of an identity, with its api-version."""
        return (
            f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
            "?api-version=2024-11-30"
        )

    def create_identity(self, name: str = "id-1") -> str:
        """Create an identity and return its id."""
        answer = self.identity("PUT", name, {"location": "westeurope"})
        assert answer.status in (200, 201), answer
        return str(answer.content["id"])

    def service(self, method: str, name: str = "Acs-1", content: Any = None) -> Answer:
        """Send a request for a communication service."""
        return self.send(method, self.service_path(name), content)

    def service_path(self, name: str = "Acs-1") -> str:
        """Return the path of a communication service, with its api-version."""
        return (
            f"{GROUP}/providers/Microsoft.Communication/communicationServices/{name}"
            "?api-version=2025-09-01"
        )

    def create_service(self, name: str = "Acs-1", **more: Any) -> Answer:
        """Create or replace a communication service."""
        properties = {"dataLocation": "United States"} | more.pop("properties", {})
        content = {"location": "global", "properties": properties} | more
        return self.service("PUT", name, content)

    def email_path(self, tail: str = "", name: str = "Mail-1") -> str:
        """Return the path of an e-mail service or of what is below it, with its api-version."""
        return (
            f"{GROUP}/providers/Microsoft.Communication/emailServices/{name}{tail}"
            "?api-version=2025-09-01"
        )

    def email(self, method: str, tail: str = "", content: Any = None) -> Answer:
        """Send a request for an e-mail service or what is below it."""
        return self.send(method, self.email_path(tail), content)

    def create_email(self, **more: Any) -> Answer:
        """Create or replace the e-mail service ``Mail-1``."""
        content = {"location": "global", "properties": {"dataLocation": "United States"}} | more
        return self.email("PUT", "", content)

    def create_domain(self, name: str = "Acs.Example.com", **more: Any) -> Answer:
        """Create the e-mail service ``Mail-1`` if need be, and a domain of it."""
        if self.email("GET").status == 404:
            self.create_email()
        managed = name.casefold() == "azuremanageddomain"
        kind = "AzureManaged" if managed else "CustomerManaged"
        properties = {"domainManagement": kind} | more.pop("properties", {})
        content = {"location": "global", "properties": properties} | more
        return self.email("PUT", f"/domains/{name}", content)

    def verify(self, domain: str, *names: str, status: str = "Verified") -> Answer:
        """Set verification states of a domain; by default those a link needs."""
        states = dict.fromkeys(names or ("Domain", "SPF", "DKIM", "DKIM2"), status)
        content = {"domain": domain, "states": states}
        return self.send("PUT", "/emulator/verification", content, headers={})

    def credential(self, method: str, name: str = "", content: Any = None) -> Answer:
        """Send a request for a federated credential of ``id-1``, or for all of them."""
        path = self.identity_path().replace("?", f"/federatedIdentityCredentials{name}?")
        return self.send(method, path, content)

    def role(self, method: str, scope: str, name: str = "", content: Any = None) -> Answer:
        """Send a request for the role assignments at a scope, or for one; name may be a query."""
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments{name}"
        joint = "&" if "?" in path else "?"
        return self.send(method, f"{path}{joint}api-version=2022-04-01", content)

    def settings(self, **content: Any) -> Answer:
        """Change settings of the emulator."""
        return self.send("PUT", "/emulator/settings", content, headers={})

    def fault(self, **fault: Any) -> Answer:
        """Inject a fault."""
        return self.send("POST", "/emulator/faults", fault, headers={})


class StaticToken(SansIOHTTPPolicy[Any, Any]):
    """Sets a token that is no secret; azure-core sends none of its own over http."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Set the header."""
        request.http_request.headers["Authorization"] = "Bearer emulator"


class NoCredential:
    """A credential which must never be asked."""

    def get_token(self, *_: Any, **__: Any) -> AccessToken:
        """Fail."""
        pytest.fail("the clients of the emulator need no token")


@pytest.fixture
def run() -> Iterator[Callable[..., EmulatorServer]]:
    """Start emulators with the given arguments; all are stopped at the end."""
    with ExitStack() as stack:

        def start(**arguments: Any) -> EmulatorServer:
            return stack.enter_context(EmulatorServer(**arguments))

        yield start


@pytest.fixture
def connect() -> Iterator[Callable[[EmulatorServer], Arm]]:
    """Open raw clients to emulators; all are closed at the end."""
    connections: list[http.client.HTTPConnection] = []

    def open_client(emulator: EmulatorServer) -> Arm:
        connection = http.client.HTTPConnection(emulator.url.removeprefix("http://"), timeout=30)
        connections.append(connection)
        return Arm(emulator.url, connection)

    yield open_client
    for connection in connections:
        connection.close()


@pytest.fixture
def emulator(run: Callable[..., EmulatorServer]) -> EmulatorServer:
    """A running emulator with its state in memory and operations that end at once."""
    return run()


@pytest.fixture
def arm(emulator: EmulatorServer, connect: Callable[[EmulatorServer], Arm]) -> Arm:
    """A raw client, and the resource group ``Rg1``."""
    client = connect(emulator)
    assert client.group().status == 201
    return client


@pytest.fixture
def polled(run: Callable[..., EmulatorServer], connect: Callable[[EmulatorServer], Arm]) -> Arm:
    """A raw client of an emulator whose operations run for two polls; ``Rg1`` exists."""
    client = connect(run(operations="polls:2"))
    assert client.group().status == 201
    return client


@pytest.fixture
def sdk() -> Iterator[Callable[..., Any]]:
    """Build SDK clients: ``sdk(emulator, "communication")`` or ``sdk(emulator, "msi")``."""
    kinds: dict[str, Any] = {
        "communication": CommunicationServiceManagementClient,
        "msi": ManagedServiceIdentityClient,
    }
    with ExitStack() as stack:

        def build(emulator: EmulatorServer, kind: str, **more: Any) -> Any:
            client = kinds[kind](
                NoCredential(),
                SUBSCRIPTION,
                base_url=emulator.url,
                authentication_policy=StaticToken(),
                polling_interval=0.01,
                **more,
            )
            return stack.enter_context(client)

        yield build
