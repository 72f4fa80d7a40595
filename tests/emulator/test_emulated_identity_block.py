"""The ``identity`` block of a communication service."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

BOTH = "SystemAssigned, UserAssigned"


def users(*keys: str) -> dict[str, Any]:
    return {"type": "UserAssigned", "userAssignedIdentities": {key: {} for key in keys}}


def test_a_put_answers_empty_user_identities_and_a_get_fills_them(arm: Any) -> None:
    key = arm.create_identity()
    principal = arm.identity("GET").content["properties"]

    put = arm.create_service(identity={"type": BOTH, "userAssignedIdentities": {key: {}}})

    assert put.content["identity"]["type"] == BOTH
    assert put.content["identity"]["userAssignedIdentities"] == {key: {}}
    assert put.content["identity"]["tenantId"] == principal["tenantId"]
    seen = arm.service("GET").content["identity"]
    assert seen["principalId"] == put.content["identity"]["principalId"]
    assert seen["userAssignedIdentities"] == {
        key: {"clientId": principal["clientId"], "principalId": principal["principalId"]}
    }


def test_keys_are_echoed_as_sent(arm: Any) -> None:
    key = arm.create_identity().replace("/resourcegroups/", "/resourceGroups/").replace("id", "ID")

    arm.create_service(identity=users(key))

    assert list(arm.service("GET").content["identity"]["userAssignedIdentities"]) == [key]


def test_a_patch_adds_removes_and_keeps_user_identities(arm: Any) -> None:
    one, two, three = (arm.create_identity(name) for name in ("id-1", "id-2", "id-3"))
    arm.create_service(identity=users(one, two))

    answer = arm.service(
        "PATCH",
        content={
            "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": {two.upper(): None, three: {}},
            }
        },
    )

    assert answer.status == 200
    assert list(answer.content["identity"]["userAssignedIdentities"]) == [one, three]


def test_a_patch_without_identity_keeps_it(arm: Any) -> None:
    arm.create_service(identity=users(arm.create_identity()))
    before = arm.service("GET").content["identity"]

    assert arm.service("PATCH", content={"tags": {}}).content["identity"] == before


def test_a_type_without_user_assigned_drops_every_user_identity(arm: Any) -> None:
    arm.create_service(identity=users(arm.create_identity()))

    answer = arm.service("PATCH", content={"identity": {"type": "SystemAssigned"}})

    assert set(answer.content["identity"]) == {"type", "principalId", "tenantId"}


def test_the_type_none_removes_every_identity(arm: Any) -> None:
    arm.create_service(identity={"type": "SystemAssigned"})

    answer = arm.service("PATCH", content={"identity": {"type": "None"}})

    assert answer.content["identity"] == {"type": "None"}
    assert arm.service("GET").content["identity"] == {"type": "None"}


def test_the_system_identity_survives_writes_and_is_new_when_enabled_again(arm: Any) -> None:
    def principal(kind: str) -> Any:
        answer = arm.service("PATCH", content={"identity": {"type": kind}})
        return answer.content["identity"].get("principalId")

    arm.create_service(identity={"type": "SystemAssigned"})
    first = arm.service("GET").content["identity"]["principalId"]

    assert principal("SystemAssigned") == first
    assert principal("None") is None
    assert principal("SystemAssigned") not in (None, first)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_attaching_an_identity_that_does_not_exist_is_refused(arm: Any, method: str) -> None:
    arm.create_service()
    missing = arm.create_identity().replace("id-1", "gone")
    content = arm.service("GET").content | {"identity": users(missing)}

    answer = arm.service(method, content=content)

    assert (answer.status, answer.code) == (400, "FailedIdentityOperation")
    assert '{\\"error\\":{\\"code\\":\\"BadRequest\\"' in answer.content["error"]["message"]


def test_a_dangling_identity_blocks_identity_writes_until_it_is_removed(arm: Any) -> None:
    one, two = arm.create_identity("id-1"), arm.create_identity("id-2")
    arm.create_service(identity=users(one))
    arm.identity("DELETE", "id-1")

    blocked = arm.service("PATCH", content={"identity": users(two)})
    content = users(two) | {"userAssignedIdentities": {one: None, two: {}}}
    mended = arm.service("PATCH", content={"identity": content})

    assert (blocked.status, blocked.code) == (400, "FailedIdentityOperation")
    assert mended.status == 200


def test_null_in_the_map_of_a_put_is_refused(arm: Any) -> None:
    key = arm.create_identity()

    answer = arm.create_service(
        identity={"type": "UserAssigned", "userAssignedIdentities": {key: None}}
    )

    assert (answer.status, answer.code) == (400, "InvalidIdentityValues")


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        (None, "HttpRequestPayloadAPISpecValidationFailed"),
        ({}, "HttpRequestPayloadAPISpecValidationFailed"),
        ({"type": "Admin"}, "HttpRequestPayloadAPISpecValidationFailed"),
        ({"type": "None, SystemAssigned"}, "HttpRequestPayloadAPISpecValidationFailed"),
        ({"type": "UserAssigned"}, "FailedIdentityOperation"),
        ({"type": "UserAssigned", "userAssignedIdentities": {}}, "FailedIdentityOperation"),
        (users("not-an-id"), "LinkedInvalidPropertyId"),
        (
            {"type": "UserAssigned", "userAssignedIdentities": []},
            "HttpRequestPayloadAPISpecValidationFailed",
        ),
    ],
)
def test_an_identity_block_that_does_not_agree_is_refused(
    arm: Any, identity: Any, code: str
) -> None:
    arm.create_service()

    answer = arm.service("PATCH", content={"identity": identity})

    assert (answer.status, answer.code) == (400, code)


def test_the_value_of_a_user_identity_is_an_object_or_null(arm: Any) -> None:
    key = arm.create_identity()

    answer = arm.create_service(
        identity={"type": "UserAssigned", "userAssignedIdentities": {key: "yes"}}
    )

    assert (answer.status, answer.code) == (400, "InvalidIdentityValues")


def test_user_identities_do_not_go_with_a_system_assigned_type(arm: Any) -> None:
    key = arm.create_identity()

    answer = arm.create_service(
        identity={"type": "SystemAssigned", "userAssignedIdentities": {key: {}}}
    )

    assert (answer.status, answer.code) == (400, "FailedIdentityOperation")


NAMES = ("id-1", "id-2", "id-3")
MAPS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from([{}, None])
)
WRITES = st.tuples(st.sampled_from(["PUT", "PATCH", "DELETE"]), st.booleans(), MAPS)


def modelled(
    before: set[str] | None, method: str, named: dict[str, Any]
) -> tuple[set[str] | None, bool]:
    """Return the attached names after a write (None: no service) and whether it is accepted."""
    if method == "DELETE":
        return None, True
    added = {name for name, value in named.items() if value is not None}
    removed = set(named) - added
    if method == "PUT":
        wanted = added
        accepted = bool(wanted) and not removed
    else:
        wanted = ((before or set()) | added) - removed
        accepted = before is not None and bool(wanted)
    return (wanted, True) if accepted else (before, False)


@pytest.fixture(scope="module")
def base() -> dict[str, Any]:
    return {"location": "global", "properties": {"dataLocation": "Europe"}}


@settings(
    max_examples=60,
)
@given(writes=st.lists(WRITES, max_size=8))
def test_any_sequence_of_writes_follows_the_model(
    arm: Any, base: dict[str, Any], writes: list[tuple[str, bool, dict[str, Any]]]
) -> None:
    ids = {name: arm.create_identity(name) for name in NAMES}
    arm.service("DELETE")
    attached: set[str] | None = None
    spell: Callable[[str], str]
    for method, loud, named in writes:
        spell = str.upper if loud else str
        keys = {spell(ids[name]): value for name, value in named.items()}
        block = {"type": "UserAssigned", "userAssignedIdentities": keys}
        attached, accepted = modelled(attached, method, named)
        answer = arm.service(method, content=base | {"identity": block})
        assert (answer.status < 300) == accepted
        seen = arm.service("GET")
        if attached is None:
            assert seen.status == 404
        else:
            shown = seen.content["identity"]["userAssignedIdentities"]
            assert {key.casefold() for key in shown} == {ids[n].casefold() for n in attached}
