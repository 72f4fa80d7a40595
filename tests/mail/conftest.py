"""A mail domain in an emulator, and a DNS server with the zone above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import GROUP, Lab, Ran
from tests.dns_server import HOST, OTHER, THIRD, DnsServer, Zone, quoted, serving

NAME = "shop.test"
MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail-a"
DOMAIN = f"{MAIL}/domains/{NAME}"
SPF = "v=spf1 include:spf.protection.outlook.com -all"
SELECTOR = "selector1-azurecomm-prod-net._domainkey"
SECOND = "selector2-azurecomm-prod-net._domainkey"


@dataclass(frozen=True)
class Post:
    """Everything that a story about a mail domain needs."""

    lab: Lab
    dns: DnsServer
    token: str

    def publish(self, host: str = HOST, spf: str = SPF, *, delegated: bool = True) -> Zone:
        """Put all records into the zone as ARM asks for them."""
        zone = self.dns.zone(NAME, host, delegated=delegated)
        zone.put(NAME, "TXT", quoted(self.token), quoted(spf))
        for selector in (SELECTOR, SECOND):
            zone.put(f"{selector}.{NAME}", "CNAME", f"{selector}.azurecomm.net.")
        return zone

    def run(self, *arguments: str) -> Ran:
        """Run a command of `dns` against the emulator."""
        return self.lab.run("dns", arguments[0], "--target", self.lab.arm.url, *arguments[1:])

    def states(self) -> dict[str, Any]:
        """Run the check, and return the rows of the one domain by their check."""
        (domain,) = self.run("check", "-o", "json").json["domains"]
        return {row["check"]: row for row in domain["records"]}


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    """A server with the zone `test`, and two neighbours without zones."""
    with serving(OTHER, THIRD) as server:
        yield server


@pytest.fixture
def post(lab: Lab, dns: DnsServer, monkeypatch: pytest.MonkeyPatch) -> Post:
    """A domain that was created, in specs and in Azure, and an empty zone `test`."""
    monkeypatch.setenv("RECONCILER_DNS", dns.address)
    lab.arm.put(MAIL, {"location": "global", "properties": {"dataLocation": "Europe"}})
    body = {"location": "global", "properties": {"domainManagement": "CustomerManaged"}}
    lab.arm.put(DOMAIN, body)
    domains = {NAME: {"management": "CustomerManaged"}}
    lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})
    records = lab.arm.get(DOMAIN)["properties"]["verificationRecords"]
    lab.arm.forget()
    return Post(lab, dns, records["Domain"]["value"])
