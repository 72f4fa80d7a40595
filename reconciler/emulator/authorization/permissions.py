"""Microsoft.Authorization: ``permissions``, what the caller may do at a scope.

https://learn.microsoft.com/rest/api/authorization/permissions
"""

from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.scopes import check_scope
from reconciler.emulator.authorization import rights
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json

API_VERSIONS = ("2015-07-01", "2018-01-01-preview", "2022-04-01", "2022-05-01-preview")

EVERYTHING: JsonObject = {
    "actions": ["*"],
    "notActions": [],
    "dataActions": [],
    "notDataActions": [],
}
"""What an owner may do."""

_JSON = (("Content-Type", JSON_TYPE),)


@invented(
    "permissions",
    "The caller may do everything, until `PUT /emulator/permissions` says otherwise; what is "
    "declared holds at its scope and below, adds up, and is only told: nothing is refused unless "
    "`authorization` is on; then it is added to the roles of every caller.",
)
def answer(call: Call) -> Response:
    """Answer a GET of the permissions at a scope.

    Raises:
        errors.ArmError: 501: another method; 404: the scope does not exist.

    """
    if call.request.method != "GET" or call.route.names:
        raise errors.not_implemented(call.request.method, call.request.path)
    check_scope(call)
    if call.caller is not None:
        value = rights.permissions(call, call.route.scope_id)
    else:
        declared = call.settings.behaviour.permissions_at(call.route.scope_id)
        value = [EVERYTHING] if declared is None else declared
    return Response(200, write_json({"value": value}).encode(), _JSON)
