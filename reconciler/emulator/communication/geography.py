"""What the types of Microsoft.Communication share: versions, the one location, and geographies.

https://learn.microsoft.com/azure/communication-services/concepts/privacy
"""

from collections.abc import Callable

from reconciler.emulator.arm.resource_type import same
from reconciler.emulator.wire import errors
from reconciler.emulator.wire.invented import invented

NAMESPACE = "Microsoft.Communication"

API_VERSIONS = (
    "2023-03-31", "2023-04-01-preview", "2023-04-01", "2023-06-01-preview", "2024-09-01-preview",
    "2025-05-01", "2025-09-01", "2026-03-18",
)  # fmt: skip
"""The versions of the specification since the wire behaviour became that of today."""

DATA_LOCATIONS = (
    "Africa", "Asia Pacific", "Australia", "Brazil", "Canada", "Europe", "France", "Germany",
    "India", "Japan", "Korea", "Norway", "Switzerland", "UAE", "UK", "United States", "usgov",
)  # fmt: skip
"""What https://registry.terraform.io/providers/hashicorp/azurerm lists for ``data_location``."""


def location_check(registered: str) -> Callable[[str], None]:
    """Return a check for a registered type: no location but ``global``, in whatever case."""

    def check(value: str) -> None:
        if not same(value, "global"):
            raise errors.location_not_available(value, f"{NAMESPACE}/{registered}", "global")

    return check


@invented(
    "data-locations",
    "The geographies are those the Terraform provider knows; the host name has the geography "
    "without spaces in lower case (on record for the United States).",
)
def check_data_location(value: str) -> None:
    """Refuse a geography that is not known; ``UnitedStates`` is ``United States`` (recorded)."""
    if not any(same(value, known) for known in DATA_LOCATIONS):
        raise errors.invalid_data_location(value, DATA_LOCATIONS)
