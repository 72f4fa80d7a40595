"""What a pipeline has: a home of its repository."""

from tests.web.conftest import devops, hub, project, service

__all__ = ["devops", "hub", "project", "service"]
