"""A spec that wants a mail domain verified and linked, and what Azure is asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reconciler.app.applying.apply import Manner, apply
from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import plan_through
from reconciler.app.targets.connection import connect
from reconciler.engine.interrupt import Interrupt
from reconciler.model.event import Event
from reconciler.model.report import ApplyReport
from tests.conftest import Ran, service
from tests.mail.conftest import DOMAIN, NAME, Post

ALL = ("Domain", "SPF", "DKIM", "DKIM2")
ACS = service("acs-a")
REST = {"SPF": "Verified", "DKIM": "Verified", "DKIM2": "Verified"}
OWN = f"ref:emailServices/mail-a/domains/{NAME}"
MANAGED = "ref:emailServices/mail-a/domains/AzureManagedDomain"


@dataclass(frozen=True)
class Sent:
    """What one run has sent, and how it ended."""

    ran: Ran
    writes: list[tuple[str, str, Any]]

    @property
    def code(self) -> int:
        """The exit code."""
        return self.ran.code

    @property
    def asked(self) -> list[str]:
        """The checks that Azure was asked to verify, sorted."""
        return sorted(body["verificationType"] for verb, _, body in self.writes if verb == "POST")


@dataclass(frozen=True)
class Office:
    """The story's world: a post office whose domain may not be there yet."""

    post: Post

    def wants(self, *checks: str, links: Any = None, tags: Any = None) -> None:
        """Write the spec: these checks, and these links."""
        domain: dict[str, Any] = {"management": "CustomerManaged"}
        if checks:
            domain["verify"] = list(checks)
        domains = {NAME: domain, "AzureManagedDomain": {"management": "AzureManaged"}}
        service: dict[str, Any] = {"dataLocation": "Europe"}
        service |= {"linkedDomains": links} if links is not None else {}
        service |= {"tags": tags} if tags is not None else {}
        self.post.lab.spec(
            emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}},
            communicationServices={"acs-a": service},
        )

    def wants_verified(self, *checks: str) -> None:
        """Write a spec of the one domain alone: these checks."""
        domain: dict[str, Any] = {"management": "CustomerManaged"}
        if checks:
            domain["verify"] = list(checks)
        mail = {"dataLocation": "Europe", "domains": {NAME: domain}}
        self.post.lab.spec(emailServices={"mail-a": mail})

    def start_from_nothing(self) -> None:
        """Empty Azure, which from now on checks links as the real one does, and an empty zone."""
        self.post.lab.arm.reset()
        self.post.lab.arm.group()
        self.post.dns.zone(NAME)
        assert self.post.lab.arm.send("PUT", "/emulator/settings", {"checkLinks": True})[0] == 204
        self.post.lab.arm.forget()

    def publish(self) -> None:
        """Put the records into the zone as Azure asks for them now."""
        records = self.post.lab.arm.get(DOMAIN)["properties"]["verificationRecords"]
        Post(self.post.lab, self.post.dns, records["Domain"]["value"]).publish()

    def says(self, **states: Any) -> None:
        """Let Azure come to a result."""
        body = {"domain": DOMAIN, "states": states}
        assert self.post.lab.arm.send("PUT", "/emulator/verification", body)[0] == 204

    def apply(self, *arguments: str) -> Sent:
        """Apply, and return what was sent."""
        self.post.lab.arm.forget()
        ran = self.post.lab.apply("-q", *arguments)
        return Sent(ran, self.post.lab.arm.writes())

    @property
    def links(self) -> list[str]:
        """The names of the domains that are linked."""
        found = self.post.lab.arm.get(ACS)["properties"].get("linkedDomains") or []
        return sorted(link.rpartition("/")[2] for link in found)

    def change(self, name: str) -> Any:
        """Plan, and return what happens to a resource, by its own name."""
        document = self.post.lab.plan("-o", "json").json
        return next(c for c in document["changes"] if c["address"].rpartition("/")[2] == name)


class Hours:
    """A clock on which time passes by waiting alone, and which lets things happen meanwhile."""

    def __init__(self, *events: Callable[[], None]) -> None:
        self.time = 0.0
        self.events = list(events)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        if self.time % 60 < 0.5 and self.events:
            self.events.pop(0)()


def carried_out(
    office: Office,
    specs: Specs,
    clock: Hours,
    between: Callable[[], None],
    *,
    patience: float = 0,
    interrupt: Interrupt | None = None,
) -> tuple[ApplyReport, list[Event]]:
    """Plan, let something happen, and apply the plan, with a clock of our own."""
    told: list[Event] = []
    with connect(office.post.lab.arm.url, office.post.lab.folder, writes=True) as link:
        ours = replace(link, clock=clock)
        plan = plan_through(ours, specs, told.append)
        between()
        office.post.lab.arm.forget()
        report = apply(
            plan, specs, ours, told.append, interrupt or Interrupt(), Manner(patience=patience)
        )
    return report, told


def nothing() -> None:
    """Let nothing happen."""
