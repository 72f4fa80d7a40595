"""A lab whose one stack has every kind."""

from __future__ import annotations

import pytest

from tests.conftest import LOOSE, Lab
from tests.scenarios.test_every_kind import EVERYTHING


@pytest.fixture
def whole(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab with every kind to be made, addresses and their key among them."""
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "a key of the tests")
    lab.spec(LOOSE, **EVERYTHING)
    (lab.folder / "specs" / "suppressed.txt").write_text("zq1@example.com\nzq2@example.com\n")
    return lab
