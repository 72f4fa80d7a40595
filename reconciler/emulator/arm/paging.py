"""Pages of lists, and their continuation.

``nextLink`` is an absolute URL with the api-version and ``$skipToken``; a single page has none
(recorded, all projects).
"""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import urlencode

from reconciler.emulator.arm.call import Call
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented
from reconciler.emulator.wire.messages import write_json

KEPT_PARAMETERS = ("$filter", "$top", "$expand")
"""What the link to the next page repeats of the query."""


@invented(
    "page-size",
    "Lists are sorted by id ignoring case and paged at 1000 items unless another page size is set.",
)
def list_page(
    call: Call, fetch: Callable[[str, int], list[Record]], show: Callable[[Record], str]
) -> str:
    """Return the JSON text of one page of a list.

    Args:
        call: The request, whose ``$skipToken`` says where the page begins.
        fetch: Returns up to a number of records whose keys follow a folded id, by key.
        show: Returns the JSON text of an item.

    """
    size = _size(call)
    records = fetch(_read_token(call.request.parameter("$skipToken")), size + 1)
    text = ",".join(show(record) for record in records[:size] if not call.hides(record))
    if len(records) <= size:
        return f'{{"value":[{text}]}}'
    token = base64.urlsafe_b64encode(records[size - 1].key.encode()).decode().rstrip("=")
    query = {"api-version": call.api_version, "$skipToken": token}
    for name in KEPT_PARAMETERS:
        if value := call.request.parameter(name):
            query[name] = value
    link = write_json(call.request.link(call.request.path, urlencode(query)))
    return f'{{"value":[{text}],"nextLink":{link}}}'


def _size(call: Call) -> int:
    """Return the greatest number of items on a page: what the client wants, within the limit."""
    wanted = call.request.parameter("$top") or ""
    most = call.settings.page_size
    return min(int(wanted), most) if wanted.isdecimal() and int(wanted) else most


def _read_token(token: str | None) -> str:
    """Return the folded id after which a page begins."""
    if not token:
        return ""
    padded = token + "=" * (-len(token) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as reason:
        raise errors.invalid_skip_token() from reason
