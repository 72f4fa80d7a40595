"""``If-Match`` and ``If-None-Match`` of the types that heed them.

https://learn.microsoft.com/rest/api/dns/record-sets/create-or-update#uri-parameters
"""

from reconciler.emulator.arm.call import Call
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.errors import ArmError
from reconciler.emulator.wire.invented import invented


@invented(
    "entity-tag",
    "An entity tag of Azure DNS is a GUID; a condition that does not hold is 412 "
    "`PreconditionFailed`, also for a DELETE.",
)
def check(call: Call, record: Record | None) -> None:
    """Refuse a write whose condition does not hold.

    Raises:
        ArmError: 412 ``PreconditionFailed``.

    """
    wanted = call.request.headers.get("if-match")
    unwanted = call.request.headers.get("if-none-match")
    current = "" if record is None else str(record.content()["etag"])
    if wanted is not None and (record is None or wanted not in ("*", current)):
        shown = current or "null"
        message = (
            f"The condition '{wanted}' in the If-Match header was not satisfied. "
            f"The current was '{shown}'."
        )
        raise ArmError(412, "PreconditionFailed", message)
    if unwanted == "*" and record is not None:
        message = (
            "The condition '*' in the If-None-Match header was not satisfied. "
            f"The current was '{current}'."
        )
        raise ArmError(412, "PreconditionFailed", message)
