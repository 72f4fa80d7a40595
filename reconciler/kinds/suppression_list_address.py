"""Addresses of suppression lists: personal data, which no output ever shows."""

from __future__ import annotations

from reconciler.kinds.fields import Scalar
from reconciler.kinds.kind import Field, Kind, Operations


def folded_address(text: str) -> str:
    """Return an address as it is compared: without space around it, in lower case.

    Lower case, not casefold, which takes two domains for one (``straße`` and ``strasse``).
    """
    return text.strip().lower()


SUPPRESSION_LIST_ADDRESS = Kind(
    name="SuppressionListAddress",
    arm_type="Microsoft.Communication/emailServices/domains/suppressionLists/suppressionListAddresses",
    parent="SuppressionList",
    collection="addresses",
    api_version="2025-09-01",
    schema="",
    source="https://learn.microsoft.com/rest/api/communication/resourcemanager/suppression-list-addresses",
    private=True,
    fields=(Field("email", ("properties", "email"), Scalar(folded_address)),),
    operations=Operations(
        client="communication",
        group="suppression_list_addresses",
        parameters=(
            "resource_group_name",
            "email_service_name",
            "domain_name",
            "suppression_list_name",
            "address_id",
        ),
        create="create_or_update",
        update="",
        delete="delete",
    ),
    volatile=(("systemData",), ("properties", "lastModified"), ("properties", "dataLocation")),
)
