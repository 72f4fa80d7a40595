"""How many requests an apply takes, to the last one: the same on every machine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.estate import Estate
from reconciler.emulator import EmulatorServer
from tests.conftest import Arm, Cli, Lab
from tests.scenarios.test_every_kind import EVERYTHING

POLLS = "operationStatuses"

CREATES = {
    # Written at once: nothing is there, and the answer to the PUT shows what was wanted.
    "federatedIdentityCredentials/cluster": "GET PUT",
    "federatedIdentityCredentials/github": "GET PUT",
    "federatedIdentityCredentials/raw": "GET PUT",
    "senderUsernames/billing": "GET PUT",
    "senderUsernames/donotreply": "GET PUT",
    "senderUsernames/plain": "GET PUT",
    "suppressionListAddresses": "GET PUT",
    # Written at once; the last GET is that of the closing plan.
    "smtpUsernames/smtp-a": "GET PUT GET",
    # A long operation: the read that ends it is what reads back.
    "domains/mail.contoso.com": "GET PUT GET",
    "domains/AzureManagedDomain": "GET PUT GET GET",  # and it is looked at before it is linked
    # Named alone in their kind and group, they are read by themselves in both plans.
    "emailServices/mail-a": "GET GET PUT GET GET",
    # What is linked is compared just before; its principal is what a role is given to.
    "communicationServices/acs-a": "GET GET GET PUT GET GET GET",
    # It reads back, since later steps look at it: two take values from it.
    "userAssignedIdentities/id-a": "GET GET PUT GET GET GET GET",
    "suppressionLists/list-1": "GET PUT GET GET",
    # One has a name in the plan and is looked for there, too.
    "roleAssignments": "GET GET GET GET PUT PUT PUT",
    "operationStatuses": "GET GET GET GET",
    "Microsoft.Communication/checkNameAvailability": "POST",
    # The rest are the two plans.
    "resourceGroups/rg-test": "GET",
    "Microsoft.Authorization/roleAssignments": "GET GET GET GET",
    "id-a/federatedIdentityCredentials": "GET",
    "mail-a/domains": "GET",
    "mail.contoso.com/senderUsernames": "GET",
    "list-1/suppressionListAddresses": "GET",
}
"""What an apply asks of everything that there is a kind for."""


def asked(arm: Arm) -> Mapping[str, str]:
    """Return the methods of all requests in their order, by what they are about.

    That is the end of a path. What has a name that nobody has given goes by its type, and its
    methods are sorted, since it is written side by side.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for entry in arm.requests():
        *_, type_, name = entry["path"].split("/")
        nameless = type_ in (POLLS, "roleAssignments", "suppressionListAddresses")
        found[type_ if nameless else f"{type_}/{name}"].append(entry["method"])
    return {
        about: " ".join(methods if "/" in about else sorted(methods))
        for about, methods in found.items()
    }


def test_each_sort_of_create_asks_for_no_more_than_it_needs(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "a key of the tests")
    lab.spec(**EVERYTHING)
    (lab.folder / "specs" / "suppressed.txt").write_text("a@example.com\n", encoding="utf-8")
    assert lab.apply("-q").code == 0
    assert asked(lab.arm) == CREATES


def test_a_pair_of_an_identity_and_its_service_takes_six_requests_beside_polls(
    cli: Cli, workdir: Path
) -> None:
    estate = Estate(40)
    estate.write(workdir)
    with EmulatorServer() as server:
        arm = Arm(server.url)
        for stack in estate.stacks:
            arm.group(estate.group(stack))
        arm.forget()
        ran = cli("apply", "--yes", "-q", "--target", server.url)
        assert ran.code == 0, ran.out + ran.err
        sent = Counter(e["method"] for e in arm.requests() if f"/{POLLS}/" not in e["path"])
    identities = {"GET": 20, "PUT": 20}
    services = {"POST": 20, "GET": 2 * 20, "PUT": 20}
    plans = {"GET": 2 * 2 + 1}  # two lists each, and the group before there is something in it
    confirmed = {"GET": 40}  # what a list does not show, as long as it is not much
    assert sent == sum(map(Counter, (identities, services, plans, confirmed)), Counter())
