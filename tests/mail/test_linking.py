"""Domains are linked once they are verified, and everything else is left as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.app.loading.specs import load
from reconciler.model.report import Result
from tests.conftest import GROUP
from tests.dns_server import Fault
from tests.mail.conftest import DOMAIN, NAME, SELECTOR, Post
from tests.mail.verifying import ACS, ALL, MANAGED, OWN, REST, Hours, Office, carried_out

STRANGER = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail-b/domains/other.test"


@pytest.fixture
def office(post: Post) -> Office:
    """Everything that the spec names is there, with its own domain neither verified nor linked."""
    office = Office(post)
    office.start_from_nothing()
    office.wants(*ALL)
    office.apply()
    return office


def later(office: Office) -> list[tuple[str, bool, str]]:
    """Return the links that the plan leaves for later: name, whether it links, and until when."""
    links = office.change("acs-a")["mail"]["linksLater"]
    return [(one["domain"].rpartition("/")[2], one["links"], one["until"]) for one in links]


def verify(office: Office) -> None:
    """Let DNS and Azure be right."""
    office.publish()
    office.says(Domain="Verified", **REST)


def test_a_domain_that_is_not_verified_is_left_out_and_the_others_are_linked(
    office: Office,
) -> None:
    office.wants(*ALL, links=[OWN, MANAGED])
    assert later(office) == [
        (NAME, True, "Domain, SPF, DKIM, DKIM2 are NotStarted"),
    ]
    assert office.apply().code == 6
    assert office.links == ["AzureManagedDomain"]
    verify(office)
    assert office.apply().code == 0
    assert office.links == ["AzureManagedDomain", NAME]


def test_a_domain_whose_verification_nobody_wants_is_linked_once_its_owner_is_known(
    office: Office,
) -> None:
    office.wants(links=[OWN])
    assert later(office) == [(NAME, True, "Domain is NotStarted")]
    verify(office)
    assert office.apply().code == 0


def test_an_include_adds_a_domain_once_it_is_verified(office: Office) -> None:
    office.wants(*ALL, links=[MANAGED])
    assert office.apply().code == 6
    office.wants(*ALL, links={"include": [OWN]})
    assert office.apply().writes == []
    verify(office)
    assert office.apply().code == 0
    assert office.links == ["AzureManagedDomain", NAME]


def test_what_is_linked_stays_linked_when_azure_takes_its_verification_back(
    office: Office,
) -> None:
    office.wants(*ALL, links=[OWN, {"fallback": MANAGED}])
    verify(office)
    assert office.apply().code == 0
    office.says(SPF="VerificationFailed")
    assert office.change("acs-a")["mail"] is None
    office.apply()
    assert office.links == [NAME]


def test_a_record_that_went_wrong_in_dns_keeps_a_verified_domain_from_being_linked(
    office: Office,
) -> None:
    office.wants(*ALL, links=[OWN])
    verify(office)
    office.post.dns.zone(NAME).drop(f"{SELECTOR}.{NAME}", "CNAME")
    ((_, _, until),) = later(office)
    assert until.startswith("Azure has verified DKIM, and DNS is not right any more: ")
    assert office.apply().writes == []


def test_dns_that_cannot_be_asked_does_not_keep_a_verified_domain_from_being_linked(
    office: Office,
) -> None:
    office.wants(*ALL, links=[OWN])
    verify(office)
    office.post.dns.faults.append(Fault("REFUSED"))
    assert office.apply().code == 0
    assert office.links == [NAME]


def test_a_change_of_tags_never_touches_links(office: Office) -> None:
    office.wants(*ALL, links=[OWN, MANAGED])
    office.apply()
    for links in ([OWN, MANAGED], None):
        office.wants(*ALL, links=links, tags={"env": str(links is None)})
        (write,) = office.apply().writes
        assert write == ("PATCH", "acs-a", {"tags": {"env": str(links is None)}})
        assert office.links == ["AzureManagedDomain"]


def test_a_domain_that_no_spec_names_is_read_before_it_is_linked(office: Office) -> None:
    office.wants(links=[STRANGER])
    assert later(office) == [("other.test", True, "there is no such domain")]
    office.post.lab.arm.fault(method="GET", path="mail-b", status=403, code="AuthorizationFailed")
    assert office.post.lab.plan().code == 1, "what cannot be read is not linked, nor passed over"


def test_a_refusal_of_azure_is_explained_by_what_the_domain_lacks(office: Office) -> None:
    office.wants("Domain", links=[OWN])
    office.publish()
    office.says(Domain="Verified", SPF="VerificationFailed")
    refused = office.apply()
    assert refused.code == 1
    assert "InvalidLinkedDomains" in refused.ran.out
    words = "SPF is VerificationFailed; DKIM, DKIM2 are NotStarted"
    assert f"Azure links only what it has verified. `{NAME}`: {words}" in refused.ran.out


def test_records_are_looked_at_again_just_before_the_link(office: Office) -> None:
    office.wants(*ALL, links=[OWN])
    verify(office)
    zone = office.post.dns.zone(NAME)
    report, _ = carried_out(office, load((Path("specs"),)), Hours(), lambda: zone.drop(NAME, "TXT"))
    assert [outcome.result for outcome in report.outcomes] == [Result.WAITING]
    assert office.post.lab.arm.writes() == []


def test_a_list_of_fallbacks_alone_is_an_error(office: Office) -> None:
    office.wants(links=[{"fallback": MANAGED}])
    ran = office.post.lab.run("validate")
    assert ran.code == 3
    assert "ACS140" in ran.out + ran.err


@pytest.mark.parametrize("entry", [{}, {"until": "x"}, {"fallback": 1}, {"fallback": "x"}, 1])
def test_an_entry_that_means_nothing_is_an_error(office: Office, entry: Any) -> None:
    office.wants(links=[OWN, entry])
    assert office.post.lab.run("validate").code == 3


def test_a_fallback_is_unlinked_in_the_request_that_links_the_domain(office: Office) -> None:
    office.wants(*ALL, links=[OWN, {"fallback": MANAGED}])
    assert later(office)[1] == ("AzureManagedDomain", False, f"`{NAME}` is linked")
    office.apply()
    verify(office)
    plan = office.post.lab.plan()
    assert "MAIL STOPS\n      `AzureManagedDomain` is unlinked from `acs-a`" in plan.out
    assert "DoNotReply@" in plan.out
    (write,) = office.apply().writes
    assert write == ("PATCH", "acs-a", {"properties": {"linkedDomains": [DOMAIN]}})


def test_an_unlink_by_somebody_is_accepted_in_a_list_with_a_fallback(office: Office) -> None:
    office.wants(*ALL, links=[OWN, {"fallback": MANAGED}])
    verify(office)
    office.apply()
    office.post.lab.arm.patch(ACS, {"properties": {"linkedDomains": []}})
    lab = office.post.lab
    assert lab.run("accept", "--target", lab.arm.url, "--yes").code == 0
    text = (lab.folder / "specs" / "test.yaml").read_text("utf-8")
    assert '"linkedDomains": []' in text
