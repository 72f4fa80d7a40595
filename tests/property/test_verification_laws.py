"""Laws of verification, through the pure core: any states, any DNS, any answers of Azure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.mail.states import MAY_BE_ASKED, arm_states
from reconciler.core.mail.verification import check_plans
from reconciler.core.planner import make_plan
from reconciler.core.policy import Policy
from reconciler.kinds.email import CHECK_FIELD, INITIATE
from reconciler.model.dns import CHECKS, DnsState, ExpectedRecord, Verdict
from reconciler.model.ids import ResourceId
from reconciler.model.mail import DomainReport, MailDomain, RecordReport
from reconciler.model.plan import Plan
from reconciler.model.resource import (
    DesiredResource,
    DesiredState,
    ObservedResource,
    ObservedState,
    Presence,
)
from reconciler.model.verification import Next
from tests.conftest import GROUP, service

MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail"
OWN, SPARE = ResourceId(f"{MAIL}/domains/a.test"), ResourceId(f"{MAIL}/domains/AzureManagedDomain")
ACS = ResourceId(service("acs-a"))

statuses = st.sampled_from([
    "NotStarted", "VerificationRequested", "VerificationInProgress", "VerificationFailed",
    "Verified", "CancellationRequested", "SomethingNew", "",
])  # fmt: skip
dns_states = st.sampled_from(list(DnsState))
wanted = st.lists(st.sampled_from(CHECKS), unique=True, min_size=1).map(
    lambda found: tuple(check for check in CHECKS if check in found)
)


def row(check: str, status: str, state: DnsState, rests_until: str = "") -> RecordReport:
    """Return what ARM and DNS say of one check."""
    ready = state in (DnsState.READY, DnsState.NO_RECORD)
    verdict = Verdict(check, state, f"{check}: {state}", "" if ready else "mend it", ready)
    expected = ExpectedRecord(check, "TXT", "a.test", f"value of {check}", 3600)
    return RecordReport(status, "", verdict, expected, rests_until=rests_until)


@dataclass
class World:
    """A domain and a resource that links it, with DNS and Azure played by the test."""

    states: dict[str, str]
    dns: Mapping[str, DnsState]
    wanted: tuple[str, ...]
    fallback: bool
    linked: list[str] = field(default_factory=list)

    def desired(self) -> DesiredState:
        """Return what the spec says."""
        links: list[Any] = [OWN.text, *([{"fallback": SPARE.text}] if self.fallback else [])]
        return DesiredState(
            (
                described(OWN, "EmailDomain", self.wanted, management="CustomerManaged"),
                described(SPARE, "EmailDomain", (), management="AzureManaged"),
                described(ACS, "CommunicationService", (), linkedDomains=links),
            )
        )

    def observed(self) -> ObservedState:
        """Return what Azure and DNS say now."""
        states = {check: {"status": status} for check, status in self.states.items()}
        bodies = {
            OWN: ("EmailDomain", domain("CustomerManaged", states)),
            SPARE: ("EmailDomain", domain("AzureManaged", {})),
            ACS: ("CommunicationService", {"properties": {"linkedDomains": list(self.linked)}}),
        }
        rows = tuple(row(c, s, self.dns[c]) for c, s in self.states.items())
        return ObservedState(
            {id_: ObservedResource(id_, kind, body) for id_, (kind, body) in bodies.items()},
            mail={OWN: DomainReport(MailDomain(OWN, OWN.text), rows)},
        )

    def plan(self) -> Plan:
        """Return the plan of the moment."""
        return make_plan(self.desired(), self.observed(), Policy())

    def carry_out(self, plan: Plan) -> None:
        """Do what a plan says, as Azure does it."""
        for step in plan.steps:
            body: Any = step.body
            if step.action == INITIATE:
                self.states[body[CHECK_FIELD]] = "VerificationInProgress"
            else:
                assert step.resource == ACS
                self.linked = list(body["properties"]["linkedDomains"])


def described(
    id_: ResourceId, kind: str, verify: tuple[str, ...], **fields: Any
) -> DesiredResource:
    """Return a resource as a spec describes it."""
    return DesiredResource(
        id_, kind, f"test/{id_.name}", "test", Presence.MANAGED, None, fields, verify=verify
    )


def domain(management: str, states: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a domain as ARM shows it."""
    return {
        "properties": {
            "domainManagement": management,
            "provisioningState": "Succeeded",
            "verificationStates": states,
        }
    }


worlds = st.builds(
    World,
    states=st.fixed_dictionaries(dict.fromkeys(CHECKS, statuses)),
    dns=st.fixed_dictionaries(dict.fromkeys(CHECKS, dns_states)),
    wanted=wanted,
    fallback=st.booleans(),
    linked=st.sampled_from([[], [SPARE.text], [OWN.text], [OWN.text, SPARE.text]]).map(list),
)


@given(worlds)
def test_only_what_dns_has_and_azure_is_not_at_is_asked_for(world: World) -> None:
    for step in world.plan().steps:
        if step.action == INITIATE:
            assert step.body is not None
            check = str(step.body[CHECK_FIELD])
            assert check in world.wanted
            assert world.dns[check] in (DnsState.READY, DnsState.NO_RECORD)
            assert world.states[check] in MAY_BE_ASKED
            assert check == "Domain" or world.states["Domain"] == "Verified"


@given(worlds)
def test_every_check_has_one_next_step_and_says_why(world: World) -> None:
    (change,) = [c for c in world.plan().changes if c.id == OWN]
    assert tuple(check.check for check in change.checks) == world.wanted
    assert all(check.why for check in change.checks)
    for check in change.checks:
        assert check.is_open == (world.states[check.check] != "Verified")
        assert bool(check.mend) <= (check.next is Next.DNS)


@given(worlds)
def test_a_domain_is_linked_only_when_all_that_is_wanted_is_verified(world: World) -> None:
    before = list(world.linked)
    world.carry_out(world.plan())
    verified = all(world.states[check] == "Verified" for check in ("Domain", *world.wanted))
    if OWN.text in world.linked and OWN.text not in before:
        assert verified
    if OWN.text in before:
        assert OWN.text in world.linked, "what is linked stays linked"
    if world.fallback and OWN.text not in world.linked:
        assert SPARE.text in world.linked


@given(worlds)
def test_the_same_plan_again_is_never_sent_twice(world: World) -> None:
    world.carry_out(world.plan())
    again = world.plan()
    assert again.steps == ()


@given(worlds, st.data())
@settings(max_examples=50)
def test_once_dns_and_azure_are_right_it_ends_with_an_empty_plan(
    world: World, data: st.DataObject
) -> None:
    world.dns = dict.fromkeys(CHECKS, DnsState.READY)
    world.states = {
        check: "NotStarted" if status in ("", "SomethingNew") else status
        for check, status in world.states.items()
    }
    for _ in range(30):
        plan = world.plan()
        if plan.is_empty:
            break
        world.carry_out(plan)
        for check, status in world.states.items():
            if status in ("VerificationRequested", "VerificationInProgress"):
                verified = data.draw(st.booleans())
                world.states[check] = "Verified" if verified else status
    else:
        world.states = dict.fromkeys(CHECKS, "Verified")
        world.carry_out(world.plan())
    assert world.plan().is_empty
    assert set(world.linked) == {OWN.text}


@given(statuses, dns_states, st.booleans())
def test_a_failed_check_that_rests_is_not_asked_for(
    status: str, state: DnsState, owned: bool
) -> None:
    check = "SPF"
    states = arm_states(
        {"properties": {"verificationStates": {
            "Domain": {"status": "Verified" if owned else "NotStarted"},
            check: {"status": status},
        }}}
    )  # fmt: skip
    report = DomainReport(
        MailDomain(OWN, OWN.text), (row(check, status, state, "2026-11-25T14:20:00Z"),)
    )
    (found,) = check_plans((check,), states, report)
    if status == "VerificationFailed":
        assert found.next is not Next.ASK
        (later,) = check_plans(
            (check,), states, replace(report, records=(row(check, status, state),))
        )
        assert (later.next is Next.ASK) == (owned and report.records[0].verdict.ready)


@given(wanted)
def test_what_was_not_looked_up_is_not_asked_for(checks: tuple[str, ...]) -> None:
    states = arm_states(
        domain("CustomerManaged", {check: {"status": "NotStarted"} for check in CHECKS})
    )
    assert all(check.next is Next.DNS for check in check_plans(checks, states, None))
    assert all(check.next is Next.CREATE for check in check_plans(checks, None, None))


def test_a_domain_that_came_without_its_records_says_so() -> None:
    states = arm_states(domain("CustomerManaged", {"SPF": {"status": "NotStarted"}}))
    report = DomainReport(MailDomain(OWN, OWN.text), unreadable="it came without its records")
    (check,) = check_plans(("SPF",), states, report)
    assert (check.next, check.why) == (Next.DNS, "it came without its records")
