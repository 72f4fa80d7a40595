"""A mail domain from nothing to linked: one spec, several applies, and nothing done twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.mail.conftest import DOMAIN, NAME, Post
from tests.mail.verifying import ALL, MANAGED, OWN, REST, Office


@pytest.fixture
def office(post: Post) -> Office:
    """An empty Azure that checks links, an empty zone, and a spec that wants it all."""
    office = Office(post)
    office.start_from_nothing()
    office.wants(*ALL, links=[OWN, {"fallback": MANAGED}])
    return office


def test_one_spec_takes_a_domain_from_an_empty_azure_and_an_empty_zone_to_linked(
    office: Office,
) -> None:
    created = office.apply()
    assert created.code == 6
    assert [verb for verb, _, _ in created.writes] == ["PUT"] * 4
    assert office.links == ["AzureManagedDomain"]
    assert "shop.test: 0 of 4 verified, waiting for Domain, SPF, DKIM, DKIM2" in created.ran.out
    assert 'TXT    "v=spf1 include:spf.protection.outlook.com -all"' in created.ran.out
    assert created.ran.out.count("  IN  ") == 4
    assert office.apply().writes == [], "nothing is asked for before DNS is right"

    office.publish()
    begun = office.apply()
    assert (begun.code, begun.asked) == (6, ["Domain"])
    assert office.apply().writes == [], "what is under way is not begun again"

    office.says(Domain="Verified")
    more = office.apply()
    assert (more.code, more.asked) == (6, ["DKIM", "DKIM2", "SPF"])
    assert office.apply().writes == []
    assert office.links == ["AzureManagedDomain"], "the fallback stays until then"

    office.says(**REST)
    linked = office.apply()
    assert (linked.code, [verb for verb, _, _ in linked.writes]) == (0, ["PATCH"])
    assert office.links == [NAME]
    assert office.apply().writes == []
    assert office.post.lab.plan().code == 0


def test_a_run_that_is_killed_anywhere_changes_nothing_twice(office: Office) -> None:
    lab = office.post.lab
    lab.arm.fault(method="PUT", path="domains/shop", cut=True, after=True)
    office.apply()
    assert office.apply().code == 6
    office.publish()
    lab.arm.fault(method="POST", path="initiateVerification", cut=True, after=True)
    cut = office.apply()
    assert (cut.code, cut.asked) == (6, ["Domain"])
    assert office.apply().asked == []
    office.says(Domain="Verified", **REST)
    lab.arm.fault(method="PATCH", path="acs-a", cut=True, after=True)
    office.apply()
    assert office.apply().writes == []
    assert office.links == [NAME]


def test_a_request_that_nobody_answered_is_looked_for_and_not_repeated(office: Office) -> None:
    office.apply()
    office.publish()
    office.post.lab.arm.fault(method="POST", path="initiateVerification", cut=True)
    lost = office.apply()
    assert (lost.code, lost.asked) == (6, ["Domain"])
    assert "Azure does not show that it came through" in lost.ran.out
    assert office.apply().asked == ["Domain"], "the next run looks, and asks"


def test_a_conflict_is_answered_by_another_request_after_another_look(office: Office) -> None:
    office.apply()
    office.publish()
    fault = {"status": 409, "code": "AnotherOperationInProgress", "message": "wait"}
    office.post.lab.arm.fault(method="POST", path="initiateVerification", **fault)
    again = office.apply()
    assert (again.code, again.asked) == (6, ["Domain", "Domain"])


def test_a_failed_verification_rests_before_it_is_asked_for_again(office: Office) -> None:
    office.apply()
    office.publish()
    office.apply()
    office.says(Domain="VerificationFailed")
    rests = office.apply()
    assert (rests.code, rests.asked) == (6, [])
    assert "next check not before" in rests.ran.out
    check = office.change(NAME)["mail"]["checks"][0]
    assert check["azure"] == "VerificationFailed"
    assert check["why"].startswith("Azure has failed it; what it saw may be kept")


def test_one_run_that_waits_takes_a_domain_that_dns_has_all_the_way(office: Office) -> None:
    office.apply()
    office.publish()
    settings = {"dns": office.post.dns.address}
    assert office.post.lab.arm.send("PUT", "/emulator/settings", settings)[0] == 204
    run = office.apply("--wait", "5s")
    assert (run.code, run.asked) == (0, ["DKIM", "DKIM2", "Domain", "SPF"])
    assert [verb for verb, _, _ in run.writes] == ["POST"] * 4 + ["PATCH"]
    assert office.links == [NAME]
    assert office.apply().writes == []


def test_azures_reason_for_a_failure_is_told(office: Office) -> None:
    office.apply()
    office.publish()
    office.says(Domain={"status": "VerificationFailed", "errorCode": "RecordNotFound"})
    check = office.change(NAME)["mail"]["checks"][0]
    assert check["errorCode"] == "RecordNotFound"
    assert (
        "Azure has failed it (RecordNotFound); what it saw may be kept for 3600 s" in check["why"]
    )


@pytest.mark.parametrize(("hours", "hangs"), [(None, True), (24, True), (48, False)])
def test_a_verification_that_hangs_is_told_and_not_cancelled(
    office: Office, *, hours: int | None, hangs: bool
) -> None:
    lab = office.post.lab
    if hours is not None:
        lab.project(mail={"verificationHours": hours})
    office.apply()
    office.publish()
    office.says(SPF="VerificationInProgress", Domain="Verified")
    snapshot = lab.arm.send("GET", "/emulator/snapshot")[1]
    (domain,) = [r for r in snapshot["resources"] if r["key"] == DOMAIN.lower()]
    at = (datetime.now(UTC) - timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M:%S.1234567Z")
    domain["body"]["systemData"]["lastModifiedAt"] = at
    assert lab.arm.send("PUT", "/emulator/snapshot", snapshot)[0] == 204
    checks = {check["check"]: check for check in office.change(NAME)["mail"]["checks"]}
    if hangs:
        assert checks["SPF"]["why"] == f"it has been under way since {at[:19]}Z at least"
        assert "cancel-verification --verification-type SPF` ends it" in checks["SPF"]["mend"]
    else:
        assert (checks["SPF"]["why"], checks["SPF"]["mend"]) == ("it is under way", None)
    assert checks["SPF"]["next"] == "wait for Azure"
    assert "SPF" not in office.apply().asked
