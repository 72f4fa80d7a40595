"""What a plan says of verification, and that nothing is asked for that DNS does not have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.app.loading.specs import Specs, load
from reconciler.engine.interrupt import Interrupt
from reconciler.model.event import Waiting
from reconciler.model.report import Result
from tests.mail.conftest import DOMAIN, NAME, SECOND, SELECTOR, Post
from tests.mail.test_dns_check import FAULTS
from tests.mail.verifying import ACS, ALL, OWN, REST, Hours, Office, carried_out, nothing


@pytest.fixture
def office(post: Post) -> Office:
    """A domain that is in Azure, and a spec that wants all of it verified."""
    office = Office(post)
    office.wants_verified(*ALL)
    return office


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_in_dns_is_told_and_nothing_is_asked_for_the_record(
    post: Post, fault: Callable[[Post], None]
) -> None:
    office = Office(post)
    office.wants_verified(*ALL)
    check, state, words, _ = FAULTS[fault]
    fault(post)
    office.says(**({"Domain": "Verified"} if check != "Domain" else {}))
    sent = office.apply("-o", "json")
    (domain,) = sent.ran.json["waiting"]
    row = next(c for c in domain["mail"]["checks"] if c["check"] == check)
    assert (sent.code, row["next"], row["dns"]) == (6, "wait for DNS", state)
    assert words in row["why"]
    assert row["mend"]
    assert check not in sent.asked


def test_a_zone_without_any_of_the_records_means_no_request_at_all(office: Office) -> None:
    office.post.dns.zone(NAME)
    assert office.apply().writes == []


@pytest.mark.parametrize(
    ("state", "next_"),
    [
        ("NotStarted", "ask for verification now"),
        ("VerificationRequested", "wait for Azure"),
        ("VerificationInProgress", "wait for Azure"),
        ("Verified", "nothing to do"),
        ("CancellationRequested", "ask for verification now"),
    ],
)
def test_every_state_of_azure_has_its_next_step(office: Office, state: str, next_: str) -> None:
    office.publish()
    office.says(Domain="Verified", **(REST | {"SPF": state}))
    assert office.change(NAME)["mail"]["checks"][1]["next"] == next_
    assert office.apply().asked == (["SPF"] if next_.startswith("ask") else [])


def test_a_check_that_is_not_named_is_not_managed(office: Office) -> None:
    office.publish()
    office.wants_verified("Domain", "SPF")
    office.says(Domain="Verified")
    assert office.apply().asked == ["SPF"]
    office.says(SPF="Verified")
    assert office.post.lab.plan().code == 0


def test_azure_alone_decides_about_dmarc(office: Office) -> None:
    office.wants_verified("Domain", "DMARC")
    office.says(Domain="Verified")
    row = office.change(NAME)["mail"]["checks"][1]
    assert (row["next"], row["record"]) == ("ask for verification now", None)
    assert row["why"] == "ARM names no record for it, so DNS is not compared"
    assert office.apply().asked == ["DMARC"]


def test_the_others_wait_even_where_the_check_of_the_owner_is_not_wanted(office: Office) -> None:
    office.wants_verified("SPF")
    office.publish()
    assert office.change(NAME)["mail"]["checks"][0]["next"] == "wait for Domain"
    assert office.apply().writes == []


def test_a_plan_sends_reads_alone(office: Office) -> None:
    office.publish()
    office.post.lab.arm.forget()
    assert office.post.lab.plan().code == 2
    assert {entry["method"] for entry in office.post.lab.arm.requests()} == {"GET"}


def test_what_is_verified_and_linked_is_not_looked_up(office: Office) -> None:
    office.wants(*ALL, links=[OWN])
    office.publish()
    office.says(Domain="Verified", **REST)
    assert office.apply().code == 0
    office.post.dns.asked.clear()
    assert office.post.lab.plan().code == 0
    assert office.post.dns.asked == []


def test_a_plan_that_only_waits_ends_with_its_own_code(office: Office) -> None:
    office.post.dns.zone(NAME)
    ran = office.post.lab.plan()
    assert ran.code == 6
    assert "Waiting for DNS or Azure: there is nothing to send now. 1 waiting" in ran.out
    document = office.post.lab.plan("-o", "json").json
    assert (document["empty"], document["waiting"], document["steps"]) == (False, True, [])


def test_what_waits_is_no_passed_test_in_ci(office: Office) -> None:
    office.post.dns.zone(NAME)
    out = office.post.lab.plan("-o", "junit").out
    assert 'failures="1"' in out
    assert "shop.test: 0 of 4 verified, waiting for Domain, SPF, DKIM, DKIM2" in out


def test_a_domain_without_verify_is_left_alone(office: Office) -> None:
    office.wants_verified()
    office.publish()
    assert office.post.lab.plan().code == 0
    assert office.post.dns.asked == []


def test_verification_of_an_azure_managed_domain_is_an_error(office: Office) -> None:
    domains = {"AzureManagedDomain": {"management": "AzureManaged", "verify": ["SPF"]}}
    office.post.lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})
    ran = office.post.lab.run("validate")
    assert ran.code == 3
    assert "ACS140" in ran.err + ran.out


@pytest.mark.parametrize("value", [[], ["MX"], ["SPF", "SPF"], "SPF", None])
def test_a_list_of_checks_that_means_nothing_is_an_error(office: Office, value: object) -> None:
    domains = {NAME: {"management": "CustomerManaged", "verify": value}}
    office.post.lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": domains}})
    assert office.post.lab.run("validate").code == 3


@pytest.fixture
def specs(office: Office) -> Specs:
    """The office's specs, loaded."""
    return load((Path("specs"),))


def test_dns_is_looked_at_again_just_before_the_request(office: Office, specs: Specs) -> None:
    office.publish()
    zone = office.post.dns.zone(NAME)
    report, _ = carried_out(office, specs, Hours(), lambda: zone.drop(NAME, "TXT"))
    assert [outcome.result for outcome in report.outcomes] == [Result.WAITING]
    assert office.post.lab.arm.writes() == []
    assert not report.converged


def test_what_came_under_way_meanwhile_is_not_asked_for(office: Office, specs: Specs) -> None:
    office.publish()
    report, _ = carried_out(
        office, specs, Hours(), lambda: office.says(Domain="VerificationInProgress")
    )
    assert [outcome.result for outcome in report.outcomes] == [Result.DONE]
    assert office.post.lab.arm.writes() == []


def test_waiting_goes_on_until_the_domain_is_linked(office: Office) -> None:
    office.wants(*ALL, links=[OWN])
    office.publish()
    clock = Hours(lambda: office.says(Domain="Verified"), nothing, lambda: office.says(**REST))
    report, told = carried_out(office, load((Path("specs"),)), clock, nothing, patience=1800)
    assert report.converged
    assert [event.seconds for event in told if isinstance(event, Waiting)] == [60.0] * 3
    assert office.links == [NAME]
    assert clock.time < 200


def test_waiting_outlives_a_read_that_fails(office: Office) -> None:
    office.wants(*ALL, links=[OWN])
    office.publish()

    def trouble() -> None:
        fault = {"status": 403, "code": "AuthorizationFailed", "message": "no", "times": 1}
        office.post.lab.arm.fault(method="GET", path="emailServices/mail-a$", **fault)

    def over() -> None:
        office.says(Domain="Verified", **REST)

    clock = Hours(trouble, over)
    report, _ = carried_out(office, load((Path("specs"),)), clock, nothing, patience=600)
    assert report.converged
    assert office.links == [NAME]


def test_waiting_ends_when_the_time_is_out(office: Office, specs: Specs) -> None:
    office.publish()
    clock = Hours()
    report, _ = carried_out(office, specs, clock, nothing, patience=150)
    assert (report.converged, [change.id.name for change in report.waiting]) == (False, [NAME])
    assert 150 <= clock.time < 151


def test_waiting_sends_nothing_that_the_plan_did_not_announce(office: Office, specs: Specs) -> None:
    office.publish()

    def tampered() -> None:
        office.post.lab.arm.patch(DOMAIN, {"properties": {"userEngagementTracking": "Enabled"}})
        office.says(Domain="Verified")

    domain = next(r for r in specs.desired.resources if r.id.name == NAME)
    assert "userEngagementTracking" not in domain.fields
    office.post.lab.arm.forget()
    report, _ = carried_out(office, specs, Hours(tampered), nothing, patience=120)
    assert [outcome.step.action for outcome in report.outcomes] == ["initiateVerification"] * 4


def test_a_difference_that_came_up_while_waiting_needs_a_review_of_its_own(
    office: Office,
) -> None:
    office.wants(*ALL, links=[OWN], tags={"env": "prod"})
    office.apply()
    office.publish()

    def tampered() -> None:
        office.post.lab.arm.patch(ACS, {"tags": {"env": "dev"}})
        office.says(Domain="Verified", **REST)

    specs = load((Path("specs"),))
    report, _ = carried_out(office, specs, Hours(tampered), nothing, patience=300)
    assert [change.id.name for change in report.remaining] == ["acs-a"]
    assert office.links == []


def test_ctrl_c_ends_the_waiting(office: Office, specs: Specs) -> None:
    office.publish()
    interrupt = Interrupt()
    clock = Hours(interrupt.set)
    report, _ = carried_out(office, specs, clock, nothing, patience=1800, interrupt=interrupt)
    assert report.interrupted
    assert clock.time < 61


@pytest.mark.parametrize("text", ["30", "m", "1d", "-1s", "1.5h"])
def test_a_time_to_wait_has_a_number_and_a_unit(office: Office, text: str) -> None:
    ran = office.post.lab.apply("--wait", text)
    assert ran.code == 64
    assert "write 90s, 30m or 2h" in ran.err


def test_records_are_printed_as_a_zone_file_has_them(office: Office) -> None:
    office.post.dns.zone(NAME)
    out = office.apply().ran.out
    lines = [line.split() for line in out.splitlines() if "  IN  " in line]
    assert [(name, kind) for name, _, _, kind, *_ in lines] == [
        (f"{NAME}.", "TXT"),
        (f"{NAME}.", "TXT"),
        (f"{SELECTOR}.{NAME}.", "CNAME"),
        (f"{SECOND}.{NAME}.", "CNAME"),
    ]


def test_a_domain_of_another_stack_is_not_asked_for(office: Office) -> None:
    office.publish()
    office.post.lab.arm.patch(DOMAIN, {"tags": {"reconciler-stack": "other"}})
    ran = office.post.lab.plan()
    assert ran.code == 4
    assert "belongs to stack `other`" in ran.out
    assert office.apply().writes == []


def test_a_plan_file_is_carried_out_exactly_and_told_when_azure_was_faster(
    office: Office,
) -> None:
    office.publish()
    lab = office.post.lab
    assert lab.plan("-q", "--out", "plan.json").code == 2
    assert lab.run("apply", "plan.json", "--target", lab.arm.url, "--wait", "1m").code == 64
    office.says(Domain="VerificationInProgress")
    late = office.apply("plan.json")
    assert (late.code, late.writes) == (5, [])
    assert "Domain is to wait for Azure now: it is under way" in late.ran.err
    office.says(Domain="NotStarted")
    assert office.apply("plan.json").asked == ["Domain"]
