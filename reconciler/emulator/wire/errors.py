"""The errors of Azure Resource Manager, one function each, and the emulator's own.

The envelope is ``{"error": {"code", "message"}}``; texts are verbatim where a recording has them
(see the docstring of each function).
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from collections.abc import Iterable

from reconciler.emulator.wire.invented import invented

Headers = tuple[tuple[str, str], ...]

GATEWAY: Headers = (("x-ms-failure-cause", "gateway"),)
"""On errors which ARM itself, not the resource provider, raises (recorded, ASO, March 2026)."""


class EmulatorError(Exception):
    """The emulator cannot start or go on; the message says what is wrong and how to mend it."""


class ArmError(Exception):
    """An error that is answered to the client."""

    def __init__(self, status: int, code: str, message: str, headers: Headers = ()) -> None:
        """Keep the four parts of the answer."""
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers

    def content(self) -> dict[str, dict[str, str]]:
        """Return the body of the answer."""
        return {"error": {"code": self.code, "message": self.message}}


def authentication_failed() -> ArmError:
    """401: no bearer token. Code and header as in azure-core's and azure-cli's recordings."""
    challenge = (
        'Bearer authorization_uri="https://login.windows.net/common", error="invalid_token", '
        'error_description="The authentication failed because of missing '
        "'Authorization' header.\""
    )
    message = "Authentication failed. The 'Authorization' header is missing."
    return ArmError(401, "AuthenticationFailed", message, (("WWW-Authenticate", challenge),))


def missing_api_version() -> ArmError:
    """400, text from https://github.com/MicrosoftDocs/feedback/issues/2279."""
    message = "The api-version query parameter (?api-version=) is required for all requests."
    return ArmError(400, "MissingApiVersionParameter", message)


def invalid_api_version(version: str) -> ArmError:
    """400: the api-version is not a date (ARM common errors)."""
    message = (
        f"The api-version '{version}' is invalid. "
        "The supported versions have the form yyyy-MM-dd or yyyy-MM-dd-preview."
    )
    return ArmError(400, "InvalidApiVersionParameter", message)


def invalid_resource_type(
    kind: str, namespace: str, version: str, supported: Iterable[str]
) -> ArmError:
    """404: unknown type, or a version the type does not have (text recorded, see docs)."""
    message = (
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for "
        f"api version '{version}'. The supported api-versions are '{','.join(supported)}'."
    )
    return ArmError(404, "InvalidResourceType", message)


def subscription_not_found(subscription: str) -> ArmError:
    """404 (ARM common errors)."""
    message = f"The subscription '{subscription}' could not be found."
    return ArmError(404, "SubscriptionNotFound", message)


def resource_group_not_found(group: str) -> ArmError:
    """404, recorded, ASO, March 2026."""
    message = f"Resource group '{group}' could not be found."
    return ArmError(404, "ResourceGroupNotFound", message, GATEWAY)


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    """404, recorded, ASO, March 2026; ``kind`` in the casing of the provider's registration."""
    message = (
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", message, GATEWAY)


def invalid_request_content(reason: str) -> ArmError:
    """400: the body is not the JSON that was expected (ARM common errors)."""
    message = f"The request content was invalid and could not be deserialized: '{reason}'."
    return ArmError(400, "InvalidRequestContent", message)


@invented("too-large", "A body of more than 4 MB is answered 413 `RequestContentTooLarge`.")
def request_content_too_large(limit: int) -> ArmError:
    """413: the body is over the limit, in bytes."""
    message = f"The request content size exceeds the maximum size of {limit} bytes."
    return ArmError(413, "RequestContentTooLarge", message)


def location_required() -> ArmError:
    """400 (ARM common errors)."""
    return ArmError(400, "LocationRequired", "The location property is required for this resource.")


def location_not_available(location: str, kind: str, available: str) -> ArmError:
    """400 (ARM common errors)."""
    message = (
        f"The provided location '{location}' is not available for resource type '{kind}'. "
        f"List of available regions for the resource type is '{available}'."
    )
    return ArmError(400, "LocationNotAvailableForResourceType", message)


def invalid_resource_name(name: str, rule: str) -> ArmError:
    """400 (ARM common errors; the wording of the rule is ours)."""
    message = f"Resource name '{name}' is invalid. {rule}"
    return ArmError(400, "InvalidResourceName", message)


@invented(
    "invalid-payload",
    "A missing required member, a wrong type, an unknown enum value or an unknown member of "
    "`properties` is 400 `HttpRequestPayloadAPISpecValidationFailed` (the code other "
    "ProviderHub services use).",
)
def invalid_payload(reason: str) -> ArmError:
    """400: the body does not fit the API specification."""
    message = (
        "HTTP request payload failed validation against API specification with one or more "
        f"errors. {reason}"
    )
    return ArmError(400, "HttpRequestPayloadAPISpecValidationFailed", message)


@invented(
    "immutable",
    "Changing `dataLocation` or `domainManagement` by PUT or PATCH is 400 "
    "`PropertyChangeNotAllowed`.",
)
def property_change_not_allowed(path: str) -> ArmError:
    """400: a create-only member would change."""
    message = f"Changing property '{path}' is not allowed."
    return ArmError(400, "PropertyChangeNotAllowed", message, (("x-ms-failure-cause", "service"),))


@invented(
    "location-status",
    "Changing the location of an identity is `InvalidResourceLocation` with status 409 (the text "
    "is on record, the status is not).",
)
def invalid_resource_location(name: str, actual: str, group: str, asked: str) -> ArmError:
    """409, text from https://github.com/MicrosoftDocs/azure-docs/issues/70422."""
    message = (
        f"The resource '{name}' already exists in location '{actual}' in resource group "
        f"'{group}'. A resource with the same name cannot be created in location '{asked}'. "
        "Please select a new resource name."
    )
    return ArmError(409, "InvalidResourceLocation", message)


def invalid_data_location(value: str, supported: Iterable[str]) -> ArmError:
    """400, text from https://github.com/hashicorp/terraform-provider-azurerm/issues/23719."""
    message = (
        f"Requested data location {value} is not supported. "
        f"Supported locations: ({', '.join(supported)})"
    )
    return ArmError(400, "InvalidDataLocation", message)


def host_name_prefix_taken() -> ArmError:
    """400, text from https://github.com/Azure/Communication/issues/42."""
    message = "Specified host name prefix is not available"
    return ArmError(400, "HostNamePrefixTaken", message)


def invalid_linked_domains() -> ArmError:
    """400, text from https://github.com/Azure/terraform-provider-azapi/issues/320."""
    return ArmError(400, "InvalidLinkedDomains", "Requested linked domains are not valid")


def invalid_identity_values() -> ArmError:
    """400, text from https://github.com/hashicorp/terraform-provider-azurerm/pull/13080."""
    message = (
        "Invalid value for the identities. The 'UserAssignedIdentities' property keys should "
        "only be empty json objects, null or the resource exisiting property; null only during "
        "PATCH requests."
    )
    return ArmError(400, "InvalidIdentityValues", message)


def linked_invalid_property_id(value: str, path: str) -> ArmError:
    """400 of ARM's linked access check for a text that is not a resource id."""
    message = (
        f"Property id '{value}' at path '{path}' is invalid. Expect fully qualified resource Id "
        "that start with '/subscriptions/{subscriptionId}' or "
        "'/providers/{resourceProviderNamespace}/'."
    )
    return ArmError(400, "LinkedInvalidPropertyId", message)


def failed_identity_operation(resource_id: str, code: str, reason: str) -> ArmError:
    """400; frame of the text: https://github.com/Azure/azure-libraries-for-net/issues/690."""
    nested = f'{{\\"error\\":{{\\"code\\":\\"{code}\\",\\"message\\":\\"{reason}\\"}}}}'
    message = (
        f"Identity operation for resource '{resource_id}' failed with error 'Failed to perform "
        f"resource identity operation. Status: 'BadRequest'. Response: '{nested}'.'."
    )
    return ArmError(400, "FailedIdentityOperation", message, GATEWAY)


@invented(
    "tags-rule",
    "Tags must be at most 50 strings, names unique ignoring case, up to 512 characters, values "
    "up to 256; otherwise 400 `InvalidTag`.",
)
def invalid_tag(reason: str) -> ArmError:
    """400: limits of https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources."""
    return ArmError(400, "InvalidTag", reason)


@invented(
    "busy",
    "A write to a resource whose operation has not settled is 409 `AnotherOperationInProgress`.",
)
def another_operation_in_progress(resource_id: str) -> ArmError:
    """409: the resource is in transition."""
    message = f"Another operation on resource '{resource_id}' is in progress. Retry later."
    return ArmError(409, "AnotherOperationInProgress", message)


def resource_group_being_deleted(group: str) -> ArmError:
    """409 (ARM common errors)."""
    message = (
        f"The resource group '{group}' is in deprovisioning state and cannot perform this "
        "operation."
    )
    return ArmError(409, "ResourceGroupBeingDeleted", message)


def invalid_resource_group_location(asked: str, actual: str) -> ArmError:
    """409 (ARM common errors)."""
    message = (
        f"Invalid resource group location '{asked}'. The Resource group already exists in "
        f"location '{actual}'."
    )
    return ArmError(409, "InvalidResourceGroupLocation", message)


def operation_not_found() -> ArmError:
    """404, from the example ``getOperationStatus.json`` of Microsoft.Communication 2020-08-20."""
    return ArmError(404, "OperationNotFound", "The requested async operation was not found")


@invented("skip-token", "A `$skipToken` the emulator did not give out is 400 `InvalidSkipToken`.")
def invalid_skip_token() -> ArmError:
    """400: the continuation token is unreadable."""
    return ArmError(400, "InvalidSkipToken", "The value of the $skipToken parameter is invalid.")


@invented(
    "operation-signature",
    "A status poll whose query is not the one given out is 403 `EmulatorOperationUrlChanged`.",
)
def operation_url_changed() -> ArmError:
    """403: the client rebuilt the signed URL of an operation instead of following it."""
    message = "The signature in the operation URL is missing or changed; follow it verbatim."
    return ArmError(403, "EmulatorOperationUrlChanged", message)


def not_implemented(method: str, path: str) -> ArmError:
    """501: not emulated; a code that cannot be taken for Azure."""
    message = f"{method} {path} is not emulated; docs/emulator.md lists what is."
    return ArmError(501, "EmulatorNotImplemented", message)


def invalid_control_request(reason: str) -> ArmError:
    """400 of the control endpoint."""
    return ArmError(400, "EmulatorInvalidControlRequest", reason)


def foreign_origin(origin: str) -> ArmError:
    """403 of the control endpoint: a page in a browser asks, which nobody wanted."""
    return ArmError(403, "EmulatorForeignOrigin", f"{origin} may not control the emulator.")


def internal_error(request_id: str) -> ArmError:
    """500: a defect of the emulator; the traceback is on standard error."""
    message = f"The emulator failed on request {request_id}; its standard error says why."
    return ArmError(500, "EmulatorInternalError", message)
