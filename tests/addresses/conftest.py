"""What the tests of addresses share."""

from __future__ import annotations

import pytest

from tests.addresses.lists import KEY, Lists
from tests.conftest import Lab


@pytest.fixture
def lists(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lists:
    """A lab with a key."""
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", KEY)
    return Lists(lab)
