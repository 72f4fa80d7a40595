"""Zones of Azure DNS and their record sets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import GROUP

ZONE = f"{GROUP}/providers/Microsoft.Network/dnsZones/shop.test"
TEXTS = {"properties": {"TTL": 3600, "TXTRecords": [{"value": ["a=1", "b"]}]}}
ALIAS = {"properties": {"TTL": 60, "CNAMERecord": {"cname": "x.test"}}}


def send(arm: Any, method: str, tail: str = "", content: Any = None, **headers: str) -> Any:
    """Send a request for the zone or for what is in it."""
    sent = {"Authorization": "Bearer x"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return arm.send(method, f"{ZONE}{tail}?api-version=2018-05-01", content, headers=sent)


@pytest.fixture
def zone(arm: Any) -> Any:
    """A raw client, and an empty zone."""
    assert send(arm, "PUT", content={"location": "global"}).status == 201
    return arm


def test_a_zone_is_global_and_has_servers(zone: Any) -> None:
    body = send(zone, "GET").content

    assert body["type"] == "Microsoft.Network/dnszones"
    assert len(body["properties"]["nameServers"]) == 4
    elsewhere = send(zone, "PUT", content={"location": "westeurope"})
    assert elsewhere.code == "LocationNotAvailableForResourceType"
    assert send(zone, "DELETE").status == 200
    assert send(zone, "GET").status == 404


def test_a_record_set_is_created_read_listed_replaced_and_deleted(zone: Any) -> None:
    created = send(
        zone,
        "PUT",
        "/TXT/@",
        TEXTS | {"properties": TEXTS["properties"] | {"metadata": {"owner": "me"}}},
    )
    replaced = send(zone, "PUT", "/TXT/@", TEXTS)
    body = send(zone, "GET", "/TXT/@").content

    assert (created.status, replaced.status) == (201, 200)
    assert created.content["properties"]["metadata"] == {"owner": "me"}
    assert created.content["etag"] != replaced.content["etag"] == body.pop("etag")
    assert body == {
        "id": f"{ZONE}/TXT/@",
        "name": "@",
        "type": "Microsoft.Network/dnszones/TXT",
        "properties": TEXTS["properties"]
        | {"fqdn": "shop.test.", "targetResource": {}, "provisioningState": "Succeeded"},
    }
    assert send(zone, "PUT", "/CNAME/www", ALIAS).content["properties"]["fqdn"] == "www.shop.test."
    assert [r["name"] for r in send(zone, "GET", "/CNAME").content["value"]] == ["www"]
    assert [send(zone, "DELETE", "/TXT/@").status for _ in range(2)] == [200, 204]


def test_conditions_on_the_entity_tag_are_heeded(zone: Any) -> None:
    early = send(zone, "PUT", "/TXT/@", TEXTS, if_match="anything")
    tag = send(zone, "PUT", "/TXT/@", TEXTS, if_none_match="*").content["etag"]
    again = send(zone, "PUT", "/TXT/@", TEXTS, if_none_match="*")
    other = send(zone, "PUT", "/TXT/@", TEXTS, if_match="other")
    right = send(zone, "PUT", "/TXT/@", TEXTS, if_match=tag)
    late = send(zone, "DELETE", "/TXT/@", if_match=tag)

    assert [a.status for a in (early, again, other, right, late)] == [412, 412, 412, 200, 412]
    assert other.content["error"] == {
        "code": "PreconditionFailed",
        "message": "The condition 'other' in the If-Match header was not satisfied. "
        f"The current was '{tag}'.",
    }


@pytest.mark.parametrize(
    ("tail", "content"),
    [
        ("/TXT/@", {"properties": {"TTL": 1}}),
        ("/TXT/@", {"properties": {"TTL": True, "TXTRecords": [{"value": ["a"]}]}}),
        ("/TXT/@", {"properties": {"TTL": 1, "TXTRecords": [{"value": "a"}]}}),
        ("/TXT/@", {"properties": {"TTL": 1, "TXTRecords": [{"value": ["a" * 256]}]}}),
        ("/TXT/@", {"properties": {"TTL": 1, "TXTRecords": ["a"]}}),
        ("/CNAME/x", {"properties": {"TTL": 1, "CNAMERecord": {}}}),
        ("/CNAME/x", {"properties": {"TTL": 1, "CNAMERecord": []}}),
        ("/CNAME/@", ALIAS),
    ],
)
def test_a_record_set_that_cannot_be_is_refused(zone: Any, tail: str, content: Any) -> None:
    assert send(zone, "PUT", tail, content).status == 400


def test_nothing_can_be_beside_an_alias(zone: Any) -> None:
    send(zone, "PUT", "/CNAME/x", ALIAS)

    assert send(zone, "PUT", "/TXT/x", TEXTS).status == 400


def test_a_record_set_needs_its_zone_and_other_types_are_not_emulated(arm: Any) -> None:
    assert send(arm, "PUT", "/TXT/@", TEXTS).code == "ParentResourceNotFound"
    assert send(arm, "GET", "/A/www").code == "EmulatorNotImplemented"
    assert send(arm, "GET", "/recordsets").code == "EmulatorNotImplemented"
