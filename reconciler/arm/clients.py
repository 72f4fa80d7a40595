"""The SDK's clients, set up in one place: endpoint, credential, API versions, retries, timeouts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import (
    RedirectPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from reconciler import __version__
from reconciler.arm.sending import Sending
from reconciler.arm.target import Target
from reconciler.arm.transport import READS, WRITES, GuardedTransport
from reconciler.engine.clock import clock_for
from reconciler.kinds import KINDS
from reconciler.model.errors import UnavailableError

if TYPE_CHECKING:
    from azure.mgmt.communication import CommunicationServiceManagementClient
    from azure.mgmt.msi.v2024_11_30 import ManagedServiceIdentityClient

# The SDK logs requests with their headers at INFO; nobody asked for that.
logging.getLogger("azure").setLevel(logging.ERROR)

CONNECTIONS = 32
POLL_SECONDS = 3.0
"""Between polls of an operation. Azure sends no Retry-After with these, and the SDK would wait 30 s
(recorded: a create takes 10 to 20 s)."""


class Clients:
    """The clients for one target, one pair a subscription."""

    def __init__(
        self,
        target: Target,
        *,
        writes: bool = False,
        tenants: Mapping[str, str] | None = None,
        sending: Sending | None = None,
        asks_graph: bool = False,
    ) -> None:
        """Make no connection and ask for no token yet.

        Args:
            target: the control plane.
            writes: whether requests that change something may be sent at all.
            tenants: tenant ids by subscription id, where they are not that of the sign-in.
            sending: how requests are repeated and recorded; by default nobody hears of it.
            asks_graph: whether Resource Graph may be asked, too.

        """
        clock = clock_for(local=target.is_local)
        self._sending = sending or Sending(clock, lambda _event: None)
        self._target = target
        self._tenants = tenants or {}
        methods = WRITES if writes else READS
        self._transport = GuardedTransport(
            target, methods, CONNECTIONS, self._sending.rest, asks_graph=asks_graph
        )
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    def communication(self, subscription: str) -> CommunicationServiceManagementClient:
        """Return the Communication Services client; it also carries plain reads of all kinds."""
        from azure.mgmt.communication import CommunicationServiceManagementClient

        kind = KINDS["CommunicationService"]
        client: CommunicationServiceManagementClient = self._client(
            CommunicationServiceManagementClient, subscription, kind.api_version
        )
        return client

    def msi(self, subscription: str) -> ManagedServiceIdentityClient:
        """Return the managed identity client."""
        from azure.mgmt.msi.v2024_11_30 import ManagedServiceIdentityClient

        kind = KINDS["UserAssignedIdentity"]
        client: ManagedServiceIdentityClient = self._client(
            ManagedServiceIdentityClient, subscription, kind.api_version
        )
        return client

    def for_kind(self, client: str, subscription: str) -> Any:
        """Return the client that a row of the table names."""
        return getattr(self, client)(subscription)

    def access_token(self) -> str:
        """Return a token for the target; empty for an emulator, which takes any.

        Raises:
            azure.core.exceptions.ClientAuthenticationError: nobody is signed in.

        """
        if self._target.takes_any_token:
            return ""
        return self._credential.get_token(f"{self._target.endpoint}/.default").token

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _client(self, factory: Any, subscription: str, api_version: str) -> Any:
        """Return the one client of its kind for a subscription."""
        key = (factory.__name__, subscription.lower())
        with self._lock:
            if key not in self._made:
                self._made[key] = factory(
                    self._credential_for(subscription),
                    subscription,
                    base_url=self._target.endpoint,
                    api_version=api_version,
                    transport=self._transport,
                    policies=self._policies(subscription),
                )
            return self._made[key]

    def _policies(self, subscription: str) -> list[Any]:
        """Return what a request passes on its way, outermost first.

        These are those of the SDK's own that do something here. The others log, trace, look for
        proxies and hooks, read JSON once more, and register providers, which nobody has asked for.
        """
        return [
            RequestIdPolicy(),
            UserAgentPolicy(user_agent=f"acs-reconciler/{__version__}"),
            RedirectPolicy(),
            self._sending.bound(),
            self._authentication(subscription),
        ]

    def _authentication(self, subscription: str) -> Any:
        """Return what signs requests in."""
        if self._target.takes_any_token:
            return _EmulatorToken()
        scope = f"{self._target.endpoint}/.default"
        return ARMChallengeAuthenticationPolicy(self._credential_for(subscription), scope)

    @cached_property
    def _credential(self) -> TokenCredential:
        """Return who we are; azure-identity is imported only to talk to Azure."""
        if self._target.takes_any_token:
            return _NoCredential()
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential(
            exclude_interactive_browser_credential=True,
            additionally_allowed_tenants=sorted(set(self._tenants.values())),
            disable_instance_discovery=self._target.is_local,
        )

    def _credential_for(self, subscription: str) -> TokenCredential:
        """Return who we are in the tenant of a subscription."""
        tenant = self._tenants.get(subscription.lower())
        if tenant is None or self._target.takes_any_token:
            return self._credential
        return TenantCredential(self._credential, tenant)


class TenantCredential:
    """Signs in to a tenant that is not the credential's own.

    https://learn.microsoft.com/python/api/overview/azure/identity-readme
    """

    def __init__(self, credential: TokenCredential, tenant: str) -> None:
        """Ask ``credential`` for tokens of ``tenant``."""
        self._credential = credential
        self._tenant = tenant

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token of the tenant; what a challenge of Azure asks for comes first."""
        options["tenant_id"] = options.get("tenant_id") or self._tenant
        return self._credential.get_token(*scopes, **options)


class _EmulatorToken(SansIOHTTPPolicy[Any, Any]):
    """Puts a made-up token on requests to this machine."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Set the header."""
        request.http_request.headers["Authorization"] = "Bearer emulator"


class _NoCredential:
    """Stands where the SDK wants a credential that it will never ask."""

    def get_token(self, *scopes: str, **_kwargs: Any) -> AccessToken:
        """Refuse: no real token is ever made for this machine."""
        problem = f"no token is given out for {', '.join(scopes)}"
        raise UnavailableError(problem)
