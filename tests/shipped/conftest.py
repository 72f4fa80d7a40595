"""What a pipeline has: fake homes of repositories, and a DNS of its own."""

from tests.mail.conftest import dns
from tests.web.conftest import devops, hub, project, service

__all__ = ["devops", "dns", "hub", "project", "service"]
