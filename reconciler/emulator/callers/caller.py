"""Who asks: what the token of a request says, and the refusal of one that is not ours.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from reconciler.emulator.arm.call import Call
from reconciler.emulator.wire import tokens
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.routes import fold
from reconciler.emulator.wire.tokens import Caller


def identify(call: Call) -> Caller:
    """Return who asks.

    Raises:
        ArmError: 401: the token is not one of ours, has expired, or is of another tenant.

    """
    _, _, token = call.request.headers["authorization"].partition(" ")
    caller, wanted = tokens.caller(token.strip(), call.now()), call.tenant()
    if caller is None:
        raise _invalid(wanted)
    if call.route.subscription and fold(caller.tenant) != fold(wanted):
        raise _wrong_tenant(caller.tenant, wanted)
    return caller


def _invalid(tenant: str) -> ArmError:
    message = "The access token is invalid."
    return ArmError(401, "InvalidAuthenticationToken", message, _challenge(tenant, message))


def _wrong_tenant(tenant: str, wanted: str) -> ArmError:
    issuers = tokens.issuer(tenant), tokens.issuer(wanted)
    message = (
        f"The access token is from the wrong issuer '{issuers[0]}'. It must match the tenant "
        f"'{issuers[1]}' associated with this subscription. Please use the authority (URL) "
        f"'https://login.windows.net/{wanted}' to get the token."
    )
    reason = "The access token is from the wrong issuer."
    return ArmError(401, "InvalidAuthenticationTokenTenant", message, _challenge(wanted, reason))


def _challenge(tenant: str, reason: str) -> tuple[tuple[str, str], ...]:
    value = (
        f'Bearer authorization_uri="https://login.windows.net/{tenant}", error="invalid_token", '
        f'error_description="{reason}"'
    )
    return (("WWW-Authenticate", value),)
