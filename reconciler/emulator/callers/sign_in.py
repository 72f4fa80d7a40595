"""Where clients sign in: the token authority, the local token services, and the cloud's endpoints.

The requests are those seen from azure-cli 2.91.0, azure-identity 1.27.0 and MSAL 1.39.0.
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from reconciler.emulator.arm.call import Settings
from reconciler.emulator.callers import cloud
from reconciler.emulator.state.rows import Record
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire import tokens
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import (
    JSON_TYPE,
    JsonObject,
    Request,
    Response,
    read_json,
    segments,
    write_json,
)
from reconciler.emulator.wire.routes import fold
from reconciler.emulator.wire.tokens import Caller

_IDENTITIES = "microsoft.managedidentity/userassignedidentities"
_CREDENTIALS = f"{_IDENTITIES}/federatedidentitycredentials"
_COMMON = "common/v2.0/.well-known/openid-configuration"
_SHARED = ("common", "organizations", "consumers", "adfs")
"""What stands in place of a tenant that the client does not know."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One request of somebody who wants a token, or to know where to get one."""

    request: Request
    place: tuple[str, ...]
    """The segments of the path."""
    state: Transaction
    settings: Settings

    @property
    def root(self) -> str:
        """The address the client itself used."""
        return self.request.link("", "").removesuffix("?")

    @property
    def tenant(self) -> str:
        """The tenant of the path, or that of the state."""
        name = self.place[0]
        return self.state.fact("tenant") if fold(name) in _SHARED else name


def find(request: Request) -> Callable[[Transaction, Settings], Response] | None:
    """Return what answers a path of the authority; None for every other path."""
    place = segments(request.path)
    answer = _answer(tuple(fold(part) for part in place))
    if answer is None:
        return None
    return lambda state, settings: answer(SignIn(request, place, state, settings))


def _answer(place: tuple[str, ...]) -> Callable[[SignIn], Response] | None:
    if place in _FIXED:
        return _FIXED[place]
    return _OF_A_TENANT.get(place[1:])


def _endpoints(asked: SignIn) -> Response:
    return _json(cloud.endpoints(asked.request, asked.state.fact("tenant")))


def _openid(asked: SignIn) -> Response:
    return _json(cloud.openid(asked.root, asked.place[0], asked.tenant))


def _keys(asked: SignIn) -> Response:
    """Answer the keys of the authority: none, because the signature is a shared secret's."""
    del asked
    return _json({"keys": []})


def _instance(asked: SignIn) -> Response:
    """Answer instance discovery: the authority is known, and has no other names."""
    host = asked.request.headers.get("host", "localhost")
    return _json(
        {
            "tenant_discovery_endpoint": f"{asked.root}/{_COMMON}",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }
    )


@invented(
    "sign-in",
    "Whoever asks for a token gets one: any client id, with any secret, certificate or password. "
    "The object id is that of the identity which has the client id, and else the client id itself. "
    "A federated token is looked at, not its signature: an identity needs a credential with its "
    "issuer, subject and audience.",
)
def _token(asked: SignIn) -> Response:
    form = {name: values[-1] for name, values in parse_qs(asked.request.body.decode()).items()}
    client = form.get("client_id", "")
    if not client or "grant_type" not in form:
        message = "AADSTS900144: The request body must contain 'client_id' and 'grant_type'."
        return _refused(400, "invalid_request", message, 900144)
    identity = _identity(asked.state, "clientId", client)
    if identity is not None and not _federated(asked.state, identity, form):
        message = (
            "AADSTS70021: No matching federated identity record found for presented assertion."
        )
        return _refused(400, "invalid_request", message, 70021)
    audience = form.get("resource") or form.get("scope", "").split(" ")[0]
    audience = audience.removesuffix("/.default")
    caller = _caller(identity, client, asked.tenant)
    token = tokens.mint(caller, audience, asked.settings.clock.now())
    lifetime = tokens.LIFETIME
    return _json(
        {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token,
        }
    )


@invented(
    "local-token",
    "The local token services of a virtual machine and of App Service are there, whether asked "
    "for a user-assigned identity or not; the system identity is `system-identity`.",
)
def _local_token(asked: SignIn) -> Response:
    """Answer IMDS and App Service, over http too."""
    client = asked.request.parameter("client_id") or "system-identity"
    identity = _identity(asked.state, "clientId", client)
    now = asked.settings.clock.now()
    caller = _caller(identity, client, asked.state.fact("tenant"))
    resource = asked.request.parameter("resource") or ""
    return _json(
        {
            "access_token": tokens.mint(caller, resource, now),
            "client_id": client,
            "expires_in": str(tokens.LIFETIME),
            "expires_on": str(int(now) + tokens.LIFETIME),
            "resource": resource,
            "token_type": "Bearer",
        }
    )


def _caller(identity: Record | None, client: str, tenant: str) -> Caller:
    if identity is None:
        return Caller(tenant, client, client)
    properties = identity.content()["properties"]
    return Caller(properties["tenantId"], properties["principalId"], client)


def _identity(state: Transaction, member: str, value: str) -> Record | None:
    found = state.holder(_IDENTITIES, f"$.properties.{member}", value.lower())
    return state.resource(fold(found)) if found else None


def _federated(state: Transaction, identity: Record, form: dict[str, str]) -> bool:
    """Tell whether an identity trusts the assertion that is presented."""
    claims = tokens.claims_of(form.get("client_assertion", ""))
    for record in state.below(identity.key, _CREDENTIALS):
        properties = record.content()["properties"]
        if (properties["issuer"], properties["subject"], properties["audiences"]) == (
            claims.get("iss"),
            claims.get("sub"),
            [claims.get("aud")],
        ):
            return True
    return False


@invented(
    "directory",
    "Of Microsoft Graph there is only what tells the names of principals by their ids: every id is "
    "a service principal, called as the identity that has it, or else by its id.",
)
def _principals(asked: SignIn) -> Response:
    """Answer ``directoryObjects/getByIds``, which azure-cli 2.91.0 asks for names of principals."""
    content = read_json(asked.request.body)
    wanted = content.get("ids") if isinstance(content, dict) else None
    found: list[JsonObject] = []
    for principal in wanted if isinstance(wanted, list) else ():
        identity = _identity(asked.state, "principalId", str(principal))
        body = identity.content() if identity else {"name": principal, "properties": {}}
        found.append(
            {
                "@odata.type": "#microsoft.graph.servicePrincipal",
                "id": principal,
                "appId": body["properties"].get("clientId", principal),
                "displayName": body["name"],
                "servicePrincipalNames": [body["properties"].get("clientId", principal)],
            }
        )
    return _json({"value": found})


def _refused(status: int, error: str, message: str, code: int) -> Response:
    content = {"error": error, "error_description": message, "error_codes": [code]}
    return Response(status, write_json(content).encode(), (("Content-Type", JSON_TYPE),))


def _json(content: JsonObject | list[JsonObject]) -> Response:
    return Response(200, write_json(content).encode(), (("Content-Type", JSON_TYPE),))


_FIXED: dict[tuple[str, ...], Callable[[SignIn], Response]] = {
    ("metadata", "endpoints"): _endpoints,
    ("metadata", "identity", "oauth2", "token"): _local_token,
    ("msi", "token"): _local_token,
    ("common", "discovery", "instance"): _instance,
    ("v1.0", "directoryobjects", "getbyids"): _principals,
}
"""What answers the paths that have no tenant, by folded segments."""

_OF_A_TENANT: dict[tuple[str, ...], Callable[[SignIn], Response]] = {
    (".well-known", "openid-configuration"): _openid,
    ("v2.0", ".well-known", "openid-configuration"): _openid,
    ("discovery", "keys"): _keys,
    ("discovery", "v2.0", "keys"): _keys,
    ("oauth2", "token"): _token,
    ("oauth2", "v2.0", "token"): _token,
}
"""What answers the paths below a tenant, by folded segments."""
