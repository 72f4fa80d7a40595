"""GET, list, PUT, PATCH and DELETE for every resource type, driven by its row."""

import base64
import binascii
import json
from urllib.parse import quote, urlencode

from reconciler.emulator import bodies, errors, operations
from reconciler.emulator.call import Call
from reconciler.emulator.invented import invented
from reconciler.emulator.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.resource_type import ResourceType
from reconciler.emulator.routes import RouteKind, fold, group_key, resource_key
from reconciler.emulator.transaction import Record

Headers = tuple[tuple[str, str], ...]


def answer(call: Call, row: ResourceType) -> Response:
    """Answer a request to a collection or an item of this type.

    Raises:
        errors.ArmError: The error to answer.

    """
    match call.route.kind, call.request.method:
        case RouteKind.COLLECTION, "GET":
            return _list(call, row)
        case RouteKind.ITEM, "GET":
            return _get(call, row)
        case RouteKind.ITEM, "PUT":
            return _put(call, row)
        case RouteKind.ITEM, "PATCH":
            return _patch(call, row)
        case RouteKind.ITEM, "DELETE":
            return _delete(call, row)
    raise errors.not_implemented(call.request.method, call.request.path)


def shown(record: Record) -> str:
    """Return the JSON text of a GET, which shows the state while an operation runs."""
    if record.state == "Succeeded":
        return record.body
    body = json.loads(record.body)
    body["properties"]["provisioningState"] = record.state
    return write_json(body)


@invented(
    "page-size",
    "Lists are sorted by id ignoring case and paged at 1000 items unless another page size is set.",
)
def list_page(call: Call, group: str | None, kind: str) -> str:
    """Return the JSON text of one page of a list of resources of a folded type.

    Args:
        call: The request, whose ``$skipToken`` says where the page begins.
        group: Folded name of a resource group; None for the whole subscription.
        kind: Folded full type.

    """
    size = call.settings.page_size
    after = _read_token(call.request.parameter("$skipToken"))
    records = call.state.page(fold(call.route.subscription), group, kind, after, size + 1)
    text = ",".join(shown(record) for record in records[:size])
    if len(records) <= size:
        return f'{{"value":[{text}]}}'
    token = base64.urlsafe_b64encode(records[size - 1].key.encode()).decode().rstrip("=")
    query = urlencode({"api-version": call.api_version, "$skipToken": token})
    link = write_json(call.request.link(call.request.path, query))
    return f'{{"value":[{text}],"nextLink":{link}}}'


def _read_token(token: str | None) -> str:
    """Return the folded id after which a page begins."""
    if not token:
        return ""
    padded = token + "=" * (-len(token) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as reason:
        raise errors.invalid_skip_token() from reason


def _list(call: Call, row: ResourceType) -> Response:
    group = fold(_group_name(call)) if call.route.group else None
    text = list_page(call, group, row.key)
    headers = (*_headers(row, JSON_TYPE), ("x-ms-original-request-ids", call.guid()))
    return Response(200, text.encode(), headers)


def _get(call: Call, row: ResourceType) -> Response:
    record = _existing(call)
    if record is None:
        raise _missing(call, row)
    operation = call.state.unsettled(record.key) if record.state != "Succeeded" else None
    if operation is not None:
        operations.poll(call.state, operation, call.now())
    return Response(200, shown(record).encode(), _headers(row, JSON_TYPE, record.etag))


def _put(call: Call, row: ResourceType) -> Response:
    record = _existing(call)
    _refuse_if_busy(record)
    content = _object(call.content)
    if record is None:
        before: JsonObject = {}
        resource_id = _new_id(call, row)
    else:
        before = json.loads(record.body)
        resource_id = record.id
    body = bodies.replaced(call, row, content, before, resource_id)
    stored = _store(call, row, body)
    status = row.replaced_status if record else 201
    headers = _headers(row, JSON_TYPE, stored.etag)
    if row.long_running:
        operation = operations.begin(call, operations.WRITE, stored.key, stored.id)
        headers += operations.status_headers(call, operation, row.namespace)
        body = bodies.put_face(row, body, created=record is None)
    if row.relative_location and record is None:
        headers += (("Location", quote(stored.id, safe="/-._~()")),)
    return Response(status, write_json(body).encode(), headers)


def _patch(call: Call, row: ResourceType) -> Response:
    record = _existing(call)
    if record is None:
        raise _missing(call, row)
    _refuse_if_busy(record)
    body = bodies.patched(call, row, _object(call.content), json.loads(record.body))
    stored = _store(call, row, body)
    return Response(200, write_json(body).encode(), _headers(row, JSON_TYPE, stored.etag))


def _delete(call: Call, row: ResourceType) -> Response:
    record = _existing(call)
    if record is None:
        return Response(204, headers=_headers(row))
    _refuse_if_busy(record)
    if not row.long_running:
        call.state.delete_resource(record.key)
        return Response(200, headers=_headers(row))
    operation = operations.begin(call, operations.DELETE, record.key, record.id)
    url = operations.status_headers(call, operation, row.namespace)
    headers = _headers(row, JSON_TYPE, call.etag()) + operations.with_location(url)
    return Response(202, b"null", headers)


def _group_name(call: Call) -> str:
    """Return the name of the resource group as it was created.

    Raises:
        errors.ArmError: The group does not exist, or is being deleted and this is a write.

    """
    group = call.state.resource(group_key(call.route.subscription, call.route.group))
    if group is None:
        raise errors.resource_group_not_found(call.route.group)
    name = group.id.rpartition("/")[2]
    if group.state == "Deleting" and call.request.method != "GET":
        raise errors.resource_group_being_deleted(name)
    return name


def _existing(call: Call) -> Record | None:
    """Return the resource of an item route; None when only its group exists."""
    _group_name(call)
    return call.state.resource(resource_key(call.route))


def _missing(call: Call, row: ResourceType) -> errors.ArmError:
    kind = f"{row.namespace}/{row.registered}"
    return errors.resource_not_found(kind, call.route.names[-1], call.route.group)


def _refuse_if_busy(record: Record | None) -> None:
    if record is not None and record.state in ("Accepted", "Deleting"):
        raise errors.another_operation_in_progress(record.id)


def _object(content: object) -> JsonObject:
    if not isinstance(content, dict):
        message = "the body must be a JSON object"
        raise errors.invalid_request_content(message)
    if not isinstance(content.get("properties", {}), dict | None):
        message = "'properties' must be a JSON object"
        raise errors.invalid_request_content(message)
    return content


def _new_id(call: Call, row: ResourceType) -> str:
    """Return the id of a resource to be created.

    Raises:
        errors.ArmError: 400: the name breaks the rule of its type, or is taken.

    """
    route, name = call.route, call.route.names[-1]
    if not row.name_rule.fullmatch(name):
        raise errors.invalid_resource_name(name, row.name_rule_text)
    if row.globally_unique and call.state.named(row.key, fold(name)):
        raise errors.host_name_prefix_taken()
    return (
        f"/subscriptions/{route.subscription}/{row.group_segment}/{_group_name(call)}"
        f"/providers/{row.namespace}/{row.name}/{name}"
    )


def _store(call: Call, row: ResourceType, body: JsonObject) -> Record:
    route = call.route
    record = Record(
        key=resource_key(route),
        subscription=fold(route.subscription),
        group=fold(route.group),
        type=row.key,
        name=fold(route.names[-1]),
        id=body["id"],
        body=write_json(body),
        etag=call.etag() if row.provider_hub else "",
        state="Succeeded",
    )
    call.state.put_resource(record)
    return record


def _headers(row: ResourceType, content_type: str = "", etag: str = "") -> Headers:
    """Return the headers a provider's answer has; an empty argument leaves its header out."""
    headers: Headers = (("Content-Type", content_type),) if content_type else ()
    if etag:
        headers += (("ETag", etag),)
    if row.provider_hub:
        headers += (("x-ms-providerhub-traffic", "True"),)
    return headers
