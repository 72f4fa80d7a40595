"""The verification of a domain, decided by the records that a DNS server has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.communication.models import VerificationParameter

from reconciler.app.targets.connection import connect as connect_to
from reconciler.emulator import EmulatorError, EmulatorServer
from tests.conftest import Arm as Wire
from tests.dns_server import DnsServer, Fault, Zone, quoted, serving
from tests.emulator.conftest import GROUP, Arm

NAME = "shop.test"
PLACE = f"/domains/{NAME}"
CHECKS = ("Domain", "SPF", "DKIM", "DKIM2")
SPF = "v=spf1 include:spf.protection.outlook.com -all"
SELECTOR = f"selector1-azurecomm-prod-net._domainkey.{NAME}"
VERIFIED = {"status": "Verified"}
IN_PROGRESS = {"status": "VerificationInProgress", "errorCode": ""}


@dataclass
class Hands:
    """A clock that a test moves."""

    seconds: float = 1_700_000_000.0

    def now(self) -> float:
        """Return the time."""
        return self.seconds


@dataclass
class World:
    """A domain in an emulator that asks a DNS server, and its zone."""

    arm: Arm
    server: EmulatorServer
    dns: DnsServer
    clock: Hands

    @property
    def zone(self) -> Zone:
        """The zone of the domain."""
        return self.dns.zone(NAME)

    def publish(self) -> None:
        """Put all records into the zone as Azure asks for them."""
        records = self.arm.email("GET", PLACE).content["properties"]["verificationRecords"]
        self.zone.put(NAME, "TXT", quoted(records["Domain"]["value"]), quoted(SPF))
        for check in ("DKIM", "DKIM2"):
            target = records[check]["value"]
            self.zone.put(f"{records[check]['name']}.{NAME}", "CNAME", f"{target}.")

    def begin(self, *checks: str) -> None:
        """Begin verifications."""
        for check in checks:
            content = {"verificationType": check}
            assert self.arm.email("POST", f"{PLACE}/initiateVerification", content).status == 202

    def states(self) -> dict[str, Any]:
        """Return the states of the domain."""
        states: dict[str, Any] = self.arm.email("GET", PLACE).content["properties"][
            "verificationStates"
        ]
        return states


@pytest.fixture
def world(
    run: Callable[..., EmulatorServer], connect: Callable[[EmulatorServer], Arm]
) -> Iterator[World]:
    """A domain whose zone is empty."""
    clock = Hands()
    with serving() as dns:
        server = run(dns=dns.address, check_links=True, clock=clock)
        arm = connect(server)
        arm.group()
        arm.create_domain(NAME)
        yield World(arm, server, dns, clock)


def test_records_that_are_there_are_verified_and_the_domain_can_be_linked(world: World) -> None:
    domain = {"linkedDomains": [f"{GROUP}/providers/Microsoft.Communication/emailServices/Mail-1"]}
    domain["linkedDomains"][0] += PLACE
    world.publish()
    refused = world.arm.create_service(properties=domain)

    world.begin(*CHECKS)

    assert world.states() == {**dict.fromkeys(CHECKS, VERIFIED), "DMARC": {"status": "NotStarted"}}
    assert refused.code == "InvalidLinkedDomains"
    assert world.arm.create_service(properties=domain).status == 201


def test_the_real_sdk_sees_the_outcome(world: World, sdk: Callable[..., Any]) -> None:
    world.publish()
    world.zone.drop(SELECTOR, "CNAME")
    domains = sdk(world.server, "communication").domains
    place = ("Rg1", "Mail-1", NAME)

    for check in ("Domain", "DKIM"):
        wanted = VerificationParameter(verification_type=check)
        domains.begin_initiate_verification(*place, wanted).result()
    states = domains.get(*place).properties.verification_states

    assert (states.domain.status, states.dkim.status) == ("Verified", "VerificationFailed")
    assert states.dkim.error_code == "RecordNotFound"
    with pytest.raises(HttpResponseError, match="InvalidLinkedDomains"):
        sdk(world.server, "communication").communication_services.begin_create_or_update(
            "Rg1",
            "Acs-1",
            {
                "location": "global",
                "properties": {
                    "dataLocation": "United States",
                    "linkedDomains": [domains.get(*place).id],
                },
            },
        )


def nothing(world: World) -> None:
    del world


def other_token(world: World) -> None:
    world.zone.put(NAME, "TXT", quoted("ms-domain-verification=other"), quoted("unlike"))


def two_spf(world: World) -> None:
    world.zone.put(NAME, "TXT", quoted(SPF), quoted("v=spf1 mx -all"))


def spf_not_merged(world: World) -> None:
    world.zone.put(NAME, "TXT", quoted("v=spf1 mx -all"))


def behind_all(world: World) -> None:
    world.zone.put(NAME, "TXT", quoted("v=spf1 -all include:spf.protection.outlook.com"))


def merged(world: World) -> None:
    world.zone.put(NAME, "TXT", quoted("v=spf1 mx include:SPF.protection.outlook.com ~all"))


def other_target(world: World) -> None:
    world.zone.put(SELECTOR, "CNAME", "elsewhere.test.")


def flattened(world: World) -> None:
    world.zone.put(SELECTOR, "A", "192.0.2.1")


def refused(world: World) -> None:
    world.dns.faults.append(Fault("REFUSED"))


def a_policy(world: World) -> None:
    world.zone.put(f"_dmarc.{NAME}", "TXT", quoted("v=DMARC1; p=none"))


@pytest.mark.parametrize(
    ("publish", "check", "code"),
    [
        (nothing, "Domain", "RecordNotFound"),
        (other_token, "Domain", "RecordMismatch"),
        (other_token, "SPF", "RecordNotFound"),
        (two_spf, "SPF", "RecordMismatch"),
        (spf_not_merged, "SPF", "RecordMismatch"),
        (behind_all, "SPF", "RecordMismatch"),
        (merged, "SPF", ""),
        (nothing, "DKIM", "RecordNotFound"),
        (flattened, "DKIM", "RecordNotFound"),
        (other_target, "DKIM", "RecordMismatch"),
        (refused, "DKIM2", "LookupFailed"),
        (nothing, "DMARC", "RecordNotFound"),
        (a_policy, "DMARC", ""),
    ],
)
def test_what_dns_has_decides(
    world: World, publish: Callable[[World], None], check: str, code: str
) -> None:
    publish(world)

    world.begin(check)

    wrong = {"status": "VerificationFailed", "errorCode": code}
    assert world.states()[check] == (wrong if code else VERIFIED)


def test_a_verification_takes_the_time_that_is_set(world: World) -> None:
    world.arm.settings(verificationSeconds=60)
    world.publish()
    world.begin("SPF")
    early = world.states()["SPF"]
    asked = len(world.dns.asked)

    world.clock.seconds += 60

    assert (early, asked) == (IN_PROGRESS, 0)
    assert world.states()["SPF"] == VERIFIED


def test_a_record_may_come_late_until_the_verification_expires(world: World) -> None:
    world.arm.settings(verificationWindow=300)
    world.begin("SPF", "Domain")
    world.clock.seconds += 299
    early = world.states()
    world.zone.put(NAME, "TXT", quoted(SPF))
    spf = world.states()["SPF"]

    world.clock.seconds += 1

    assert (early["SPF"], early["Domain"], spf) == (IN_PROGRESS, IN_PROGRESS, VERIFIED)
    assert world.states()["Domain"] == {
        "status": "VerificationFailed",
        "errorCode": "RecordNotFound",
    }


def test_a_failed_verification_can_be_begun_again(world: World) -> None:
    world.begin("SPF")
    failed = world.states()["SPF"]["status"]
    world.zone.put(NAME, "TXT", quoted(SPF))
    still = world.states()["SPF"]["status"]

    world.begin("SPF")

    assert (failed, still) == ("VerificationFailed", "VerificationFailed")
    assert world.states()["SPF"] == VERIFIED


def test_beginning_again_begins_the_time_again(world: World) -> None:
    world.arm.settings(verificationSeconds=60)
    world.publish()
    world.begin("SPF")
    world.clock.seconds += 59
    world.begin("SPF")
    world.clock.seconds += 59

    assert world.states()["SPF"] == IN_PROGRESS


def test_what_was_cancelled_is_not_decided(world: World) -> None:
    world.arm.settings(verificationSeconds=60)
    world.publish()
    world.begin("SPF")
    world.arm.email("POST", f"{PLACE}/cancelVerification", {"verificationType": "SPF"})
    world.clock.seconds += 60

    assert world.states()["SPF"] == {"status": "CancellationRequested", "errorCode": "None"}


def test_what_a_test_has_set_is_not_decided(world: World) -> None:
    world.arm.settings(verificationSeconds=60)
    world.begin("SPF")
    wrong = {"status": "VerificationFailed", "errorCode": "Whatever"}
    content = {"domain": f"{GROUP}/providers/Microsoft.Communication/emailServices/Mail-1{PLACE}"}
    content |= {"states": {"SPF": wrong}}  # type: ignore[dict-item]
    assert world.arm.send("PUT", "/emulator/verification", content, headers={}).status == 204
    world.publish()
    world.clock.seconds += 60

    assert world.states()["SPF"] == wrong


def test_what_is_verified_stays_verified_when_its_record_goes(world: World) -> None:
    world.publish()
    world.begin("SPF")
    world.states()
    world.zone.drop(NAME, "TXT")
    world.begin("SPF")

    assert world.states()["SPF"] == VERIFIED


@pytest.mark.parametrize("whole", [False, True], ids=["domain", "group"])
def test_a_domain_that_is_made_again_begins_anew(world: World, whole: bool) -> None:
    world.arm.settings(verificationSeconds=60)
    world.begin("SPF")
    if whole:
        world.arm.send("DELETE", f"{GROUP}?api-version=2024-11-01")
        world.arm.group()
    else:
        world.arm.email("DELETE", PLACE)
    world.arm.create_domain(NAME)
    world.clock.seconds += 60

    assert world.states()["SPF"] == {"status": "NotStarted"}


def test_a_verification_survives_the_emulator(
    tmp_path: Path, run: Callable[..., EmulatorServer], connect: Callable[[EmulatorServer], Arm]
) -> None:
    state = tmp_path / "state.db"
    with EmulatorServer(state=state) as first:
        arm = connect(first)
        arm.group()
        arm.create_domain(NAME)
        arm.email("POST", f"{PLACE}/initiateVerification", {"verificationType": "SPF"})
        waiting = arm.email("GET", PLACE).content["properties"]["verificationStates"]["SPF"]
    with serving() as dns:
        dns.zone(NAME).put(NAME, "TXT", quoted(SPF))
        arm = connect(run(state=state, dns=dns.address))
        decided = arm.email("GET", PLACE).content["properties"]["verificationStates"]["SPF"]

    assert (waiting, decided) == (IN_PROGRESS, VERIFIED)


def test_the_server_can_be_set_and_taken_away_while_the_emulator_runs(world: World) -> None:
    first = world.arm.send("GET", "/emulator/settings", headers={}).content["dns"]
    world.arm.settings(dns=None)
    world.begin("SPF")
    waiting = world.states()["SPF"]
    world.arm.settings(dns=world.dns.address)

    assert (first, waiting) == (world.dns.address, IN_PROGRESS)
    assert world.states()["SPF"]["status"] == "VerificationFailed"


@pytest.mark.parametrize("server", ["127.0.0.1:5353", None])
def test_the_embedded_emulator_asks_the_server_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str | None
) -> None:
    monkeypatch.delenv("RECONCILER_DNS", raising=False)
    if server:
        monkeypatch.setenv("RECONCILER_DNS", server)
    with connect_to("emulator", tmp_path) as connection:
        settings = Wire(connection.target.endpoint).send("GET", "/emulator/settings")[1]

    assert settings["dns"] == server


def test_a_server_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(EmulatorError, match="write ADDRESS:PORT, such as"):
        EmulatorServer(dns="dns.example.com:53")
