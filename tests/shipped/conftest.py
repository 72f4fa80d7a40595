"""What a pipeline has: a fake GitHub."""

from tests.web.conftest import hub, service

__all__ = ["hub", "service"]
