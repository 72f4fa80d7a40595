"""What a run does with the addresses of suppression lists.

`validate` works without the file and without the key, which a pull request from a fork does not
have; `plan` and `apply` do not.
"""

from __future__ import annotations

from enum import Enum

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.resource import DesiredState


class Addresses(Enum):
    """What a command does with the addresses of suppression lists."""

    PASSED_OVER = "passed over"
    CHECKED = "checked"
    """What is there is checked; what is missing is a warning."""
    NEEDED = "needed"
    """What is missing is an error."""


def with_addresses(desired: DesiredState, mode: Addresses) -> tuple[DesiredState, list[Diagnostic]]:
    """Return ``desired`` with what the files hold, and every problem with files and key.

    Args:
        desired: what the specs say.
        mode: `PASSED_OVER` reads nothing, and such a state cannot be planned.
    """
    if mode is Addresses.PASSED_OVER or not desired.entries:
        return desired, []
    from reconciler.app.loading.address_files import filled

    return filled(desired, Severity.ERROR if mode is Addresses.NEEDED else Severity.WARNING)
