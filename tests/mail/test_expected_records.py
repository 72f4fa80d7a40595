"""From ARM's records to names and values that DNS must hold."""

from __future__ import annotations

import pytest

from reconciler.core.mail.records import expected_records, full_name, relative_name
from reconciler.model.dns import ExpectedRecord
from reconciler.model.value import Json

DKIM = "selector1-azurecomm-prod-net._domainkey"


def test_records_come_in_the_order_of_the_checks_with_whole_names() -> None:
    records: dict[str, Json] = {
        "DKIM": {"type": "CNAME", "name": DKIM, "value": f"{DKIM}.azurecomm.net", "ttl": 3600},
        "Domain": {"type": "TXT", "name": "Mail.Example.com", "value": "v=1", "ttl": 60},
    }
    assert expected_records("mail.example.com.", records) == (
        ExpectedRecord("Domain", "TXT", "mail.example.com", "v=1", 60),
        ExpectedRecord("DKIM", "CNAME", f"{DKIM}.mail.example.com", f"{DKIM}.azurecomm.net", 3600),
    )


@pytest.mark.parametrize(
    "records",
    [None, {}, [], "x", {"SPF": None}, {"SPF": {"type": "TXT", "name": "@"}}, {"New": {}}],
)
def test_what_is_no_record_is_none(records: object) -> None:
    assert expected_records("example.com", records) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("ttl", [None, -1, 2**31, True, "60", 1.5])
def test_a_ttl_that_dns_cannot_hold_becomes_the_usual_one(ttl: object) -> None:
    record = {"type": "txt", "name": "@", "value": "x", "ttl": ttl}
    (found,) = expected_records("example.com", {"SPF": record})  # type: ignore[dict-item]
    assert found == ExpectedRecord("SPF", "TXT", "example.com", "x", 3600)


@pytest.mark.parametrize(
    ("name", "domain", "whole"),
    [
        ("@", "example.com", "example.com"),
        ("", "example.com", "example.com"),
        ("Example.COM.", "example.com", "example.com"),
        (DKIM, "example.com", f"{DKIM}.example.com"),
        (f"{DKIM}.example.com", "example.com", f"{DKIM}.example.com"),
        (f"{DKIM}.example.com.", "example.com", f"{DKIM}.example.com"),
        (DKIM, "mail.example.com", f"{DKIM}.mail.example.com"),
        (f"{DKIM}.mail", "mail.example.com", f"{DKIM}.mail.example.com"),
        ("mail", "mail.example.com", "mail.example.com"),
        (f"{DKIM}.a.b", "a.b.example.com", f"{DKIM}.a.b.example.com"),
        ("notexample.com", "example.com", "notexample.com.example.com"),
        ("other.test.", "example.com", "other.test"),
    ],
)
def test_names_may_be_whole_or_relative(name: str, domain: str, whole: str) -> None:
    assert full_name(name, domain) == whole


def test_a_name_is_relative_to_its_zone() -> None:
    assert relative_name("example.com", "Example.com.") == "@"
    assert relative_name(f"{DKIM}.mail.example.com", "example.com") == f"{DKIM}.mail"
