"""Resource groups, subscriptions and lists."""

from collections.abc import Callable
from typing import Any

from reconciler.emulator import EmulatorServer

S = "/subscriptions/11111111-2222-3333-4444-555555555555"
V = "?api-version=2024-11-01"
SERVICES = "providers/Microsoft.Communication/communicationServices?api-version=2025-09-01"
IDENTITIES = "providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2024-11-30"


def test_a_group_is_created_with_201_and_found_in_either_spelling(arm: Any) -> None:
    again = arm.send("PUT", f"{S}/resourcegroups/rg1{V}", {"location": "West Europe"})

    assert again.status == 200
    for word in ("resourceGroups", "resourcegroups"):
        answer = arm.send("GET", f"{S}/{word}/RG1{V}")
        assert answer.content == {
            "id": f"{S}/resourceGroups/Rg1",
            "name": "Rg1",
            "type": "Microsoft.Resources/resourceGroups",
            "location": "westeurope",
            "properties": {"provisioningState": "Succeeded"},
        }


def test_head_tells_whether_a_group_exists(arm: Any) -> None:
    assert arm.send("HEAD", f"{S}/resourceGroups/Rg1{V}").status == 204
    assert arm.send("HEAD", f"{S}/resourceGroups/Rg2{V}").status == 404


def test_a_group_needs_a_proper_name_and_location_and_stays_where_it_is(arm: Any) -> None:
    def put(name: str, content: Any) -> tuple[int, str]:
        answer = arm.send("PUT", f"{S}/resourceGroups/{name}{V}", content)
        return answer.status, answer.code

    assert put("a.", {"location": "westeurope"}) == (400, "InvalidResourceName")
    assert put("x" * 91, {"location": "westeurope"}) == (400, "InvalidResourceName")
    assert put("a", {}) == (400, "LocationRequired")
    assert put("a", {"location": "?"}) == (400, "LocationNotAvailableForResourceType")
    assert put("Rg1", {"location": "eastus"}) == (409, "InvalidResourceGroupLocation")


def test_without_its_group_nothing_is_found(arm: Any) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        for tail in ("communicationServices/a?api-version=2025-09-01",):
            path = f"{S}/resourceGroups/none/providers/Microsoft.Communication/{tail}"
            answer = arm.send(method, path, {} if method.startswith("P") else None)
            assert (answer.status, answer.code) == (404, "ResourceGroupNotFound")
            message = answer.content["error"]["message"]
            assert message == "Resource group 'none' could not be found."
    assert arm.send("GET", f"{S}/resourceGroups/none/{IDENTITIES}").code == "ResourceGroupNotFound"
    assert arm.send("DELETE", f"{S}/resourceGroups/none{V}").code == "ResourceGroupNotFound"


def test_deleting_a_group_deletes_what_is_in_it(arm: Any) -> None:
    arm.create_identity()
    arm.create_service()

    deleted = arm.send("DELETE", f"{S}/resourceGroups/rg1{V}")
    ended = arm.send("GET", deleted.headers["location"])

    assert (deleted.status, deleted.body) == (202, b"")
    assert deleted.headers["retry-after"] == "15"
    assert "/operationresults/" in deleted.headers["location"]
    assert (ended.status, ended.body) == (200, b"")
    assert arm.service("GET").code == "ResourceGroupNotFound"
    arm.group()
    assert arm.service("GET").code == "ResourceNotFound"
    assert arm.create_service().status == 201


def test_a_group_that_is_being_deleted_refuses_writes(polled: Any) -> None:
    first = polled.send("DELETE", f"{S}/resourceGroups/rg1{V}")
    again = polled.send("DELETE", f"{S}/resourceGroups/rg1{V}")

    refused = [polled.create_service(), polled.group(), polled.identity("DELETE")]
    polls = [polled.send("GET", first.headers["location"]) for _ in range(3)]

    assert again.headers["location"] == first.headers["location"]
    assert [answer.code for answer in refused] == ["ResourceGroupBeingDeleted"] * 3
    assert [poll.status for poll in polls] == [202, 202, 200]
    assert polls[0].headers["location"] == first.headers["location"]
    assert polled.group().status == 201


def test_lists_show_what_get_shows_and_have_no_next_link(arm: Any) -> None:
    assert arm.send("GET", f"{S}/{SERVICES}").content == {"value": []}
    arm.group("Rg2")
    arm.create_service("b")
    arm.create_service("A")
    arm.create_identity()

    services = arm.send("GET", f"{S}/{SERVICES}")

    assert services.content == {"value": [arm.service("GET", n).content for n in ("A", "b")]}
    assert "x-ms-original-request-ids" in services.headers
    assert arm.send("GET", f"{S}/resourceGroups/rg1/{SERVICES}").content == services.content
    assert arm.send("GET", f"{S}/resourceGroups/Rg2/{SERVICES}").content == {"value": []}
    identities = arm.send("GET", f"{S}/{IDENTITIES}").content["value"]
    assert [identity["name"] for identity in identities] == ["id-1"]
    groups = arm.send("GET", f"{S}/resourcegroups{V}").content["value"]
    assert [group["name"] for group in groups] == ["Rg1", "Rg2"]
    assert arm.send("GET", f"/subscriptions/other/{SERVICES}").content == {"value": []}


def test_lists_are_paged_with_absolute_links(
    run: Callable[..., EmulatorServer], connect: Callable[..., Any]
) -> None:
    emulator = run(page_size=2)
    arm = connect(emulator)
    arm.group()
    for number in range(5):
        arm.create_service(f"acs-{number}")
    names, link = [], f"{S}/{SERVICES}"
    sizes = []
    while link:
        page = arm.send("GET", link).content
        names += [item["name"] for item in page["value"]]
        sizes.append(len(page["value"]))
        link = page.get("nextLink")
        assert link is None or link.startswith(f"{emulator.url}/subscriptions/")

    assert names == [f"acs-{number}" for number in range(5)]
    assert sizes == [2, 2, 1]


def test_a_link_uses_the_host_name_the_client_used(arm: Any) -> None:
    headers = {"Authorization": "Bearer x", "Host": "management.example:8443"}
    path = arm.service_path()
    content = {"location": "global", "properties": {"dataLocation": "Europe"}}

    answer = arm.send("PUT", path, content, headers=headers)

    url = answer.headers["azure-asyncoperation"]
    assert url.startswith("http://management.example:8443/subscriptions/")


def test_a_made_up_skip_token_is_refused(arm: Any) -> None:
    answer = arm.send("GET", f"{S}/{SERVICES}&$skipToken=%21")

    assert (answer.status, answer.code) == (400, "InvalidSkipToken")


def test_any_subscription_exists_until_some_are_declared(arm: Any) -> None:
    own = S.rpartition("/")[2]
    assert [
        s["subscriptionId"] for s in arm.send("GET", f"/subscriptions{V}").content["value"]
    ] == [own]
    assert arm.send("GET", f"/subscriptions/any{V}").content["subscriptionId"] == "any"

    declared = [{"subscriptionId": own.upper(), "displayName": "Main"}]
    assert arm.send("PUT", "/emulator/subscriptions", declared, headers={}).status == 204

    (shown,) = arm.send("GET", f"/subscriptions{V}").content["value"]
    assert (shown["displayName"], shown["state"]) == ("Main", "Enabled")
    answer = arm.send("GET", f"/subscriptions/any/resourceGroups{V}")
    assert (answer.status, answer.code) == (404, "SubscriptionNotFound")
    assert arm.create_service().status == 201
