"""A check of a mail domain that was verified and has failed since is drift."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.core.drifted.drift_history import advance, from_lines, to_lines
from reconciler.model.drift import History, Standing
from tests.conftest import GROUP, Lab, Ran, service
from tests.drift.test_history import drift as recorded
from tests.drift.test_history import item

MAIL = f"{GROUP}/providers/Microsoft.Communication/emailServices/mail-a"
DOMAIN = f"{MAIL}/domains/shop.test"
ADDRESS = "test/emailServices/mail-a/domains/shop.test"
VERIFIED = dict.fromkeys(("Domain", "SPF", "DKIM", "DKIM2"), "Verified")
HISTORY = ("--history", "drift.jsonl")


def wants(lab: Lab, *checks: str) -> None:
    """Write specs of a domain with a sender, and of a service."""
    domain: dict[str, Any] = {"management": "CustomerManaged", "senderUsernames": {"news": {}}}
    domain |= {"verify": list(checks)} if checks else {}
    lab.spec(
        emailServices={"mail-a": {"dataLocation": "Europe", "domains": {"shop.test": domain}}},
        communicationServices={"acs-a": {"dataLocation": "Europe"}},
    )


def says(lab: Lab, **states: Any) -> None:
    """Let Azure come to a result."""
    body = {"domain": DOMAIN, "states": states}
    assert lab.arm.send("PUT", "/emulator/verification", body)[0] == 204


@pytest.fixture
def verified(lab: Lab) -> Lab:
    """A domain whose checks are verified, a sender and a link."""
    wants(lab)
    lab.settle()
    says(lab, **VERIFIED)
    lab.arm.patch(service("acs-a"), {"properties": {"linkedDomains": [DOMAIN]}})
    wants(lab, "Domain", "SPF")
    assert drift(lab).code == 0
    return lab


def drift(lab: Lab, *more: str) -> Ran:
    return lab.run("drift", "--target", lab.arm.url, *HISTORY, *more)


def found(ran: Ran) -> list[tuple[str, str, str, str, int]]:
    """Return address, field, severity, state and sightings of each difference."""
    items = ran.json["items"]
    return [
        (i["address"], ".".join(i["field"]), i["severity"], i["live"], i["timesSeen"])
        for i in items
    ]


def test_a_check_that_was_verified_and_has_failed_is_severe_and_names_who_sends(
    verified: Lab,
) -> None:
    says(verified, SPF="VerificationFailed")
    ran = drift(verified)
    assert ran.code == 2
    assert "verify.SPF" in ran.out
    assert "is VerificationFailed, should be Verified: it was verified before" in ran.out
    assert "mail may stop for acs-a (linked), news@shop.test" in ran.out
    assert found(drift(verified, "-o", "json")) == [
        (ADDRESS, "verify.SPF", "high", "VerificationFailed", 2)
    ]


def test_it_is_the_same_difference_until_azure_has_verified_it_again(verified: Lab) -> None:
    seen = []
    for state in ("VerificationFailed", "VerificationInProgress", "Verified"):
        says(verified, SPF=state)
        seen += [len(found(drift(verified, "-o", "json")))]
    assert seen == [1, 1, 0]
    says(verified, SPF="VerificationFailed")
    assert [row[-1] for row in found(drift(verified, "-o", "json"))] == [1]


def test_a_check_that_was_never_verified_is_no_drift(lab: Lab) -> None:
    wants(lab)
    lab.settle()
    wants(lab, "Domain", "SPF")
    for state in ("NotStarted", "VerificationFailed"):
        says(lab, SPF=state)
        assert drift(lab).code == 0


def test_what_azure_says_in_a_word_not_known_here_is_neither_failed_nor_mended() -> None:
    check = replace(item("shop.test"), field=("verify", "SPF"))
    history, seen = History(), []
    for number, verified in enumerate((True, None, False, None, False, True)):
        step = advance(history, recorded(number, standings=(Standing(check, verified),)))
        history = from_lines(to_lines(step.history))
        seen.append((len(step.opened), len(step.closed), [entry.seen for entry in history.open]))
    assert seen == [(0, 0, []), (0, 0, []), (1, 0, [1]), (0, 0, [1]), (0, 0, [2]), (0, 1, [])]


def test_a_domain_that_cannot_be_read_keeps_what_is_known_of_it(verified: Lab) -> None:
    verified.arm.fault(method="GET", path="domains", status=403, times=None)
    assert drift(verified).code == 1
    verified.arm.mend()
    says(verified, SPF="VerificationFailed")
    assert drift(verified).code == 2


def test_a_check_that_no_spec_wants_any_more_is_forgotten(verified: Lab) -> None:
    wants(verified, "Domain")
    assert drift(verified).code == 0
    says(verified, SPF="VerificationFailed")
    wants(verified, "Domain", "SPF")
    assert drift(verified).code == 0


def test_without_a_history_nobody_knows_and_nothing_is_guessed(verified: Lab) -> None:
    says(verified, SPF="VerificationFailed")
    assert verified.run("drift", "--target", verified.arm.url).code == 0


def test_every_form_tells_of_it(verified: Lab) -> None:
    says(verified, SPF="VerificationFailed")
    told = dict.fromkeys(("markdown", "html", "sarif", "junit"), "SPF")
    told["prometheus"] = 'severity="high",sort="changed"} 1.0'
    drift(verified, *(f"--report={form}=out.{form}" for form in told))
    silent = [form for form in told if told[form] not in read(verified, f"out.{form}")]
    assert silent == []


def read(lab: Lab, name: str) -> str:
    """Return what a run has written."""
    return (lab.folder / name).read_text(encoding="utf-8")
