"""Made-up estates of any size: the specs, and what Azure would answer if it were as they say.

An estate is made of pairs, a Communication Services resource and the identity attached to it, so
that it can be compared with what others have measured for 500 such pairs. A mail estate is made of
email services, each with a domain and a sender, since Azure lists neither beyond their parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Body: TypeAlias = "dict[str, Any]"

STACK_SIZE = 100
"""Resources in one file."""

HEADER = """\
# yaml-language-server: $schema=../schemas/stack.schema.json
apiVersion: reconciler/v1
kind: Stack
metadata:
  name: {stack}
spec:
  subscription: {subscription}
  resourceGroup: {{existing: rg-{stack}}}
  tags: {{env: prod, costCenter: cc-4711}}
"""
PAIR = """\
    acs-{number:06}:
      dataLocation: Europe
      disableLocalAuth: true
      identity:
        systemAssigned: true
        userAssigned: [ref:identities/id-{number:06}]
      tags:
        team: messaging
        service: notify-{number}
"""
IDENTITY = """\
    id-{number:06}:
      location: westeurope
      tags:
        team: messaging
        service: notify-{number}
"""
MAIL = """\
    mail-{number:06}:
      dataLocation: Europe
      domains:
        d{number}.contoso.net:
          management: CustomerManaged
          userEngagementTracking: Enabled
          senderUsernames:
            noreply: {{displayName: No reply}}
"""
TAGS = {"env": "prod", "costCenter": "cc-4711"}


@dataclass(frozen=True, slots=True)
class Estate:
    """So many resources, evenly over so many subscriptions."""

    size: int
    """Resources: two for each pair, or three for each email service."""
    subscriptions: int = 1
    mail: bool = False

    @property
    def stacks(self) -> range:
        """The numbers of its stacks."""
        return range(-(-self.size // (3 if self.mail else 2) // self._each))

    @property
    def _each(self) -> int:
        """How many pairs or email services one stack has."""
        return STACK_SIZE // 2

    def members(self, stack: int) -> range:
        """Return the numbers of the pairs or email services in a stack."""
        last = self.size // (3 if self.mail else 2)
        return range(stack * self._each, min((stack + 1) * self._each, last))

    def subscription(self, stack: int) -> str:
        """Return the subscription that a stack is in."""
        return f"11111111-2222-3333-4444-{stack % self.subscriptions:012}"

    def group(self, stack: int) -> str:
        """Return the id of the resource group that a stack is in."""
        return f"/subscriptions/{self.subscription(stack)}/resourceGroups/rg-{self.name(stack)}"

    @staticmethod
    def name(stack: int) -> str:
        """Return the name of a stack."""
        return f"stack-{stack:05}"

    def write(self, folder: Path) -> None:
        """Write the specs into a new folder ``specs`` below ``folder``."""
        (folder / "specs").mkdir(parents=True)
        for stack in self.stacks:
            path = folder / "specs" / f"{self.name(stack)}.yaml"
            path.write_text("".join(self._text(stack)), encoding="utf-8")

    def _text(self, stack: int) -> Iterator[str]:
        """Yield the text of one stack."""
        yield HEADER.format(stack=self.name(stack), subscription=self.subscription(stack))
        parts = {"emailServices": MAIL}
        if not self.mail:
            parts = {"communicationServices": PAIR, "identities": IDENTITY}
        for collection, template in parts.items():
            yield f"\n  {collection}:\n"
            yield from (template.format(number=n) for n in self.members(stack))

    def bodies(self) -> Iterator[Body]:
        """Yield what Azure has: every resource, parents first, with the fields that it adds."""
        for stack in self.stacks:
            for number in self.members(stack):
                make = _mail if self.mail else _pair
                yield from make(self.group(stack), number)


def _pair(group: str, number: int) -> Iterator[Body]:
    """Yield an identity, and the resource that it is attached to, as Azure spells them."""
    tags = {**TAGS, "team": "messaging", "service": f"notify-{number}"}
    lower = group.replace("resourceGroups", "resourcegroups")
    identity = f"providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{number:06}"
    guids = {
        "principalId": f"aaaaaaaa-0000-0000-0000-{number:012}",
        "clientId": f"bbbbbbbb-0000-0000-0000-{number:012}",
    }
    yield {
        "id": f"{lower}/{identity}",
        "name": f"id-{number:06}",
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        "location": "westeurope",
        "tags": tags,
        "properties": {"tenantId": "cccccccc-0000-0000-0000-000000000001", **guids},
    }
    name = f"acs-{number:06}"
    yield {
        "id": f"{group}/providers/Microsoft.Communication/CommunicationServices/{name}",
        "name": name,
        "type": "microsoft.communication/communicationservices",
        "location": "global",
        "tags": tags,
        "systemData": {
            "createdBy": "pipeline@contoso.com",
            "createdByType": "Application",
            "createdAt": "2025-01-01T00:00:00.0000000Z",
        },
        "identity": {
            "type": "SystemAssigned, UserAssigned",
            "principalId": f"dddddddd-0000-0000-0000-{number:012}",
            "tenantId": "cccccccc-0000-0000-0000-000000000001",
            "userAssignedIdentities": {f"{lower}/{identity}": guids},
        },
        "properties": {
            "hostName": f"{name}.europe.communication.azure.com",
            "dataLocation": "Europe",
            "immutableResourceId": f"eeeeeeee-0000-0000-0000-{number:012}",
            "provisioningState": "Succeeded",
            "disableLocalAuth": True,
            "publicNetworkAccess": "Enabled",
        },
    }


def _mail(group: str, number: int) -> Iterator[Body]:
    """Yield an email service, its domain and the sender of that."""
    service = f"{group}/providers/Microsoft.Communication/emailServices/mail-{number:06}"
    domain = f"{service}/domains/d{number}.contoso.net"
    yield {
        "id": service,
        "name": f"mail-{number:06}",
        "type": "microsoft.communication/emailservices",
        "location": "global",
        "tags": TAGS,
        "properties": {"dataLocation": "Europe", "provisioningState": "Succeeded"},
    }
    yield {
        "id": domain,
        "name": f"d{number}.contoso.net",
        "type": "microsoft.communication/emailservices/domains",
        "location": "global",
        "tags": TAGS,
        "properties": {
            "dataLocation": "Europe",
            "domainManagement": "CustomerManaged",
            "userEngagementTracking": "Enabled",
            "provisioningState": "Succeeded",
        },
    }
    yield {
        "id": f"{domain}/senderUsernames/noreply",
        "name": "noreply",
        "type": "microsoft.communication/emailservices/domains/senderusernames",
        "properties": {
            "username": "noreply",
            "displayName": "No reply",
            "provisioningState": "Succeeded",
        },
    }
