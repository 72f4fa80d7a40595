"""What the emulator says of itself as a cloud: its endpoints, and those of its authority.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc; the members of the document
of endpoints are those azure-cli 2.91.0 and go-azure-sdk read.
"""

from reconciler.emulator.wire.messages import JsonObject, Request

NOWHERE = "emulator.invalid"
"""The domain of services that are not emulated: a name that never resolves (RFC 2606)."""

_AS_OBJECT = "2022-09-01"
"""The api-version from which on the document is one object, and not a list."""

_SUFFIXES = {
    "storage": "core",
    "keyVaultDns": "vault",
    "sqlServerHostname": "database",
    "acrLoginServer": "azurecr",
    "mhsmDns": "managedhsm",
    "mysqlServerEndpoint": "mysql",
    "postgresqlServerEndpoint": "postgres",
    "storageSyncEndpointSuffix": "afs",
    "synapseAnalytics": "dev",
}


def endpoints(request: Request, tenant: str) -> JsonObject | list[JsonObject]:
    """Return the document of ``/metadata/endpoints``, in the form its api-version has."""
    root = request.link("", "").removesuffix("?")
    elsewhere = f"https://{NOWHERE}"
    document: JsonObject = {
        "name": "Emulator",
        "portal": elsewhere,
        "authentication": {
            "loginEndpoint": root,
            "audiences": [root, "https://management.azure.com"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": root,
        "graph": elsewhere,
        "graphAudience": elsewhere,
        "microsoftGraphResourceId": root,
        "gallery": elsewhere,
        "media": elsewhere,
        "batch": elsewhere,
        "sqlManagement": elsewhere,
        "activeDirectoryDataLake": elsewhere,
        "vmImageAliasDoc": elsewhere,
        "logAnalyticsResourceId": elsewhere,
        "appInsightsResourceId": elsewhere,
        "suffixes": {name: f"{part}.{NOWHERE}" for name, part in _SUFFIXES.items()},
        "homeTenant": tenant,
    }
    version = request.parameter("api-version") or _AS_OBJECT
    return document if version >= _AS_OBJECT else [document]


def openid(root: str, segment: str, tenant: str) -> JsonObject:
    """Return the OpenID configuration of the authority of a tenant.

    Args:
        root: The address of the emulator, as the client spells it.
        segment: The tenant as the client spells it.
        tenant: The id of the tenant.

    """
    adfs = segment.casefold() == "adfs"
    base = f"{root}/{segment}/oauth2" if adfs else f"{root}/{segment}/oauth2/v2.0"
    return {
        "issuer": f"{root}/{segment}" if adfs else f"{root}/{tenant}/v2.0",
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "device_authorization_endpoint": f"{base}/devicecode",
        "end_session_endpoint": f"{base}/logout",
        "jwks_uri": f"{root}/{segment}/discovery/v2.0/keys",
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "tenant_region_scope": None,
        "cloud_instance_name": root.partition("//")[2],
    }
