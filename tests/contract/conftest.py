"""Two servers: the one that is talked to, and the one that it tries to lead us to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.recorder import Recorder, recorder


@pytest.fixture
def server() -> Iterator[Recorder]:
    """The control plane that is talked to."""
    with recorder() as record:
        yield record


@pytest.fixture
def elsewhere() -> Iterator[Recorder]:
    """Another origin, which nothing may ever reach."""
    with recorder() as record:
        yield record
        assert record.requests == []
