"""GET, list, PUT, PATCH, DELETE and POST for every resource type, driven by its row."""

import json
from functools import partial
from urllib.parse import quote

from reconciler.emulator.arm import bodies, faces, nesting, operations, preconditions
from reconciler.emulator.arm.call import Call
from reconciler.emulator.arm.paging import list_page
from reconciler.emulator.arm.resource_type import ResourceType
from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.messages import JSON_TYPE, JsonObject, Response, write_json
from reconciler.emulator.wire.routes import RouteKind, ancestor_key, fold, resource_key

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
        case RouteKind.ITEM, "PATCH" if row.tracked:
            return _patch(call, row)
        case RouteKind.ITEM, "DELETE":
            return _delete(call, row)
    raise errors.not_implemented(call.request.method, call.request.path)


def answer_action(call: Call, row: ResourceType) -> Response:
    """Answer a POST to ``{id}/{action}``, where the row is that of the resource.

    Raises:
        errors.ArmError: The resource is missing or busy, or what the action raises.

    """
    record = call.state.resource(ancestor_key(call.route, len(row.name.split("/"))))
    if record is None:
        item = call.for_item()
        nesting.check_parents(item, row)
        raise nesting.missing(item, row)
    nesting.group_name(call)
    nesting.refuse_if_busy(record)
    response = row.actions[fold(call.route.types[-1])](call, record)
    return Response(response.status, response.body, response.headers + _headers(row, JSON_TYPE))


def _list(call: Call, row: ResourceType) -> Response:
    subscription = fold(call.route.subscription)
    depth = len(call.route.types) - 1
    if depth:
        nesting.check_parents(call, row)
        fetch = partial(call.state.below, ancestor_key(call.route, depth), row.key)
    else:
        group = fold(nesting.group_name(call)) if call.route.group else None
        fetch = partial(call.state.page, subscription, group, (row.key,))
    text = list_page(call, fetch, partial(faces.read, call, row))
    return Response(200, text.encode(), _headers(row, JSON_TYPE) + _gathered(call, row))


def _gathered(call: Call, row: ResourceType) -> Headers:
    """Return the header of lists which ARM gathers from several stores.

    It is on lists of what ProviderHub keeps, and on lists of a whole subscription; a list that the
    service answers itself has none (recorded, azure-cli-extensions, March 2025; azure-cli, March
    2023).
    """
    if (row.provider_hub and row.faces is None) or not call.route.group:
        return (("x-ms-original-request-ids", call.guid()),)
    return ()


def _get(call: Call, row: ResourceType) -> Response:
    record = nesting.existing(call, row)
    if record is None or call.hides(record):
        raise nesting.missing(call, row)
    operation = call.state.unsettled(record.key) if record.state != "Succeeded" else None
    if operation is not None:
        operations.poll(call.state, operation, call.now())
    text = faces.read(call, row, record)
    return Response(200, text.encode(), _headers(row, JSON_TYPE, record.etag))


def _put(call: Call, row: ResourceType) -> Response:
    record = nesting.existing(call, row)
    nesting.refuse_if_busy(record)
    if row.conditional:
        preconditions.check(call, record)
    content = _object(call.content)
    before: JsonObject = {}
    if record is None:
        resource_id = nesting.new_id(call, row)
    else:
        before = json.loads(record.body)
        resource_id = record.id
    body = bodies.replaced(call, row, content, before, resource_id)
    row.guard(call, body, before)
    stored = store(call, row, body)
    if record is None:
        row.after_creation(call, stored)
    status = row.replaced_status if record else row.created_status
    headers = _headers(row, JSON_TYPE, stored.etag)
    if row.long_running:
        operation = operations.begin(call, operations.WRITE, stored.key, stored.id)
        headers += operations.status_headers(call, operation, row.namespace)
        body = bodies.put_face(row, body, content, created=record is None)
    if row.faces is not None:
        body = faces.put_face(call, row.faces, body)
    if row.relative_location and record is None:
        headers += (("Location", quote(stored.id, safe="/-._~()")),)
    return Response(status, write_json(body).encode(), headers)


def _patch(call: Call, row: ResourceType) -> Response:
    record = nesting.existing(call, row)
    if record is None:
        raise nesting.missing(call, row)
    nesting.refuse_if_busy(record)
    before = json.loads(record.body)
    body = bodies.patched(call, row, _object(call.content), before)
    row.guard(call, body, before)
    stored = store(call, row, body)
    return Response(200, write_json(body).encode(), _headers(row, JSON_TYPE, stored.etag))


def _delete(call: Call, row: ResourceType) -> Response:
    record = nesting.existing(call, row)
    if record is None:
        return Response(204, headers=_headers(row))
    nesting.refuse_if_busy(record)
    if row.conditional:
        preconditions.check(call, record)
    row.delete_guard(call, record)
    if not row.long_running:
        call.state.delete_resource(record.key)
        headers = row.deleted.headers + _headers(row)
        return Response(row.deleted.status, row.deleted.body, headers)
    operation = operations.begin(call, operations.DELETE, record.key, record.id)
    url = operations.status_headers(call, operation, row.namespace)
    headers = _headers(row, JSON_TYPE, call.etag()) + operations.with_location(url)
    return Response(202, b"null", headers)


def _object(content: object) -> JsonObject:
    if not isinstance(content, dict):
        message = "the body must be a JSON object"
        raise errors.invalid_request_content(message)
    if not isinstance(content.get("properties", {}), dict | None):
        message = "'properties' must be a JSON object"
        raise errors.invalid_request_content(message)
    return content


def store(call: Call, row: ResourceType, body: JsonObject) -> Record:
    """Keep a settled body, with a new entity tag where it has one, and return its record."""
    route = call.route
    if row.conditional:
        body["etag"] = call.guid()
    record = Record(
        key=resource_key(route),
        subscription=fold(route.subscription),
        group=fold(route.group),
        type=row.key,
        name=fold(route.names[-1]),
        id=body["id"],
        body=write_json(body),
        etag=call.etag() if row.provider_hub and row.tracked else "",
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
