"""``doctor``: what it looks at, what it says, and what it never sends or prints."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.app.access.probing import clock_check, headroom_check, provider_check
from reconciler.arm.clients import Clients
from reconciler.arm.probe import ArmProbe, claims_of, speaks
from reconciler.arm.target import PUBLIC_AZURE, Target
from reconciler.kinds import KINDS
from reconciler.model.checkup import Check, Mark
from tests.conftest import SUBSCRIPTION, Golden, Lab, Ran, identity

GOLDEN = Path(__file__).parent / "golden"
S = f"/subscriptions/{SUBSCRIPTION}"
STACK: dict[str, Any] = {
    "identities": {
        "id-a": {
            "location": "westeurope",
            "federatedCredentials": {
                "main": {"github": {"owner": "o@1", "repository": "r@2", "branch": "main"}}
            },
        }
    },
    "communicationServices": {"acs-a": {"dataLocation": "Europe"}},
}
DENIED = {"status": 403, "code": "AuthorizationFailed", "message": "no", "times": None}


def doctor(lab: Lab, *arguments: str) -> Ran:
    """Run it against the emulator."""
    return lab.run("doctor", "--target", lab.arm.url, *arguments)


def found(lab: Lab, name: str) -> list[dict[str, str]]:
    """Return the checks of one name."""
    return [c for c in doctor(lab, "-o", "json").json["checks"] if c["name"] == name]


def steady(text: str) -> str:
    """Return output without versions and counters."""
    text = re.sub(r"\d+\.\d+\.\d+\S*?(?=[,;\n])", "VERSION", text)
    return re.sub(r"\d+ reads are left", "N reads are left", text)


def test_a_sound_project_in_one_line_a_check(lab: Lab, golden: Golden) -> None:
    lab.project()
    lab.spec(**STACK)
    ran = doctor(lab)
    assert ran.code == 0, ran.out
    golden(GOLDEN / "doctor-sound.txt", steady(ran.out))
    assert {entry["method"] for entry in lab.arm.requests()} == {"GET"}


def test_everything_wrong_at_once_and_each_with_a_mend(lab: Lab, golden: Golden) -> None:
    wild = {"issuer": "https://issuer.test/", "subject": "repo:o/*"}
    bare = {"github": {"owner": "o", "repository": "r@2", "branch": "main"}}
    lab.spec(
        identities={
            "id-a": {"location": "a1b", "federatedCredentials": {"wild": wild, "bare": bare}}
        }
    )
    path = lab.spec(communicationServices={"acs-a": {"dataLocation": "Europe"}}, name="other")
    text = path.read_text(encoding="utf-8").replace("rg-test", "rg-nowhere")
    modeline = "# yaml-language-server: $schema=../nowhere/stack.schema.json\n"
    path.write_text(modeline + text, encoding="utf-8")
    lab.arm.send("PUT", "/emulator/permissions", {"scope": S, "permissions": []})
    lab.arm.fault(method="GET", path="providers/Microsoft.Communication$", **DENIED)
    ran = doctor(lab)
    assert ran.code == 1
    golden(GOLDEN / "doctor-wrong.txt", steady(ran.out))
    document = doctor(lab, "-o", "json").json
    assert document["formatVersion"] == "1.0"
    assert all(c["mend"] for c in document["checks"] if c["mark"] != "ok")


def test_invalid_specs_are_told_and_the_rest_is_still_looked_at(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"loction": "westeurope"}})
    ran = doctor(lab)
    assert ran.code == 3
    assert "reconciler validate" in ran.out
    assert "sign-in" in ran.out
    assert "Traceback" not in ran.err


def test_nobody_answers(lab: Lab) -> None:
    lab.spec(**STACK)
    ran = lab.run("doctor", "--target", "http://127.0.0.1:9", "-o", "json")
    assert ran.code == 1
    marks = {c["name"]: c["mark"] for c in ran.json["checks"]}
    assert marks["subscription"] == "fail"


def test_a_subscription_that_may_not_be_read_is_no_failure(lab: Lab) -> None:
    lab.spec(**STACK)
    lab.arm.fault(method="GET", path=f"{S}$", **DENIED)
    assert [c["mark"] for c in found(lab, "subscription")] == ["warn"]
    lab.arm.mend()
    lab.arm.fault(method="GET", path=f"{S}$", status=404, code="SubscriptionNotFound", message="no")
    assert [c["mark"] for c in found(lab, "subscription")] == ["fail"]


@pytest.mark.parametrize("shipped", [True, False])
def test_schemas_of_another_release_are_noticed(lab: Lab, shipped: bool) -> None:
    assert lab.run("init", "--subscription", SUBSCRIPTION, "--resource-group", "rg-test").code == 0
    schema = lab.folder / ".reconciler" / "schemas" / "stack.schema.json"
    if not shipped:
        schema.write_text(schema.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (check,) = found(lab, "schemas")
    assert check["mark"] == ("ok" if shipped else "warn")
    again = "`reconciler schema --out .reconciler/schemas` writes this release's"
    assert check["mend"] == (None if shipped else again)


def test_more_live_credentials_than_azure_takes_are_foreseen(lab: Lab) -> None:
    lab.spec(**STACK)
    lab.settle()
    for number in range(19):
        body = {"issuer": "https://i.test/", "subject": f"s-{number}", "audiences": ["a"]}
        lab.arm.put(
            f"{identity('id-a')}/federatedIdentityCredentials/more-{number}", {"properties": body}
        )
    assert [c["mark"] for c in found(lab, "credentials")] == ["ok"]
    more = json.loads(json.dumps(STACK))
    credentials = more["identities"]["id-a"]["federatedCredentials"]
    credentials["other"] = {"github": {"owner": "o@1", "repository": "r@2", "branch": "b"}}
    lab.spec(**more)
    (check,) = found(lab, "credentials")
    assert check["mark"] == "fail"
    assert "21" in check["what"]


def test_a_caller_who_may_only_plan_is_warned_of_apply(lab: Lab) -> None:
    lab.spec(**STACK)
    reads = {"scope": S, "permissions": [{"actions": ["*/read"]}]}
    lab.arm.send("PUT", "/emulator/permissions", reads)
    assert [c["mark"] for c in found(lab, "permissions")] == ["ok", "warn"]
    assert doctor(lab).code == 0


def _jwt(claims: Any) -> str:
    """Return a token with claims, and a signature that is none."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJ9.{payload}.c2ln"


def test_of_a_token_only_three_claims_are_ever_shown() -> None:
    token = _jwt({"tid": "t-1", "oid": "o-1", "appid": "a-1", "upn": "person@contoso.com"})
    assert claims_of(token) == {"tenant": "t-1", "object id": "o-1", "application id": "a-1"}


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.!!.c", _jwt([])])
def test_a_token_that_is_no_jwt_tells_nothing(token: str) -> None:
    assert claims_of(token) == {}


def test_the_caller_is_told_without_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    token = _jwt({"tid": "t-1"})
    monkeypatch.setattr(Clients, "access_token", lambda _: token)
    target = Target(PUBLIC_AZURE)
    assert ArmProbe(Clients(target), target).caller() == {"tenant": "t-1"}


def test_a_proxy_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://person:secret@proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", "")
    target = Target(PUBLIC_AZURE)
    assert ArmProbe(Clients(target), target).proxy() == "http://proxy.test:3128"


@pytest.mark.parametrize(
    ("minutes", "mark"), [(0, Mark.OK), (4, Mark.OK), (6, Mark.WARN), (-6, Mark.WARN)]
)
def test_clocks_may_differ_by_five_minutes(minutes: int, mark: Mark) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    date = format_datetime(now - timedelta(minutes=minutes), usegmt=True)
    assert clock_check(date, now).mark is mark


def test_a_time_that_cannot_be_read_is_passed_over() -> None:
    assert clock_check("yesterday", datetime.now(UTC)).mark is Mark.OK


@pytest.mark.parametrize(("left", "mark"), [(249, Mark.OK), (25, Mark.OK), (24, Mark.WARN)])
def test_few_reads_that_are_left_are_a_warning(left: int, mark: Mark) -> None:
    assert headroom_check(left).mark is mark


TYPE = {"resourceType": "CommunicationServices", "apiVersions": ["2025-09-01"]}


@pytest.mark.parametrize(
    ("answer", "mark", "says"),
    [
        ({"registrationState": "Registered", "resourceTypes": [TYPE]}, Mark.OK, "registered"),
        ({"registrationState": "NotRegistered", "resourceTypes": [TYPE]}, Mark.FAIL, "is Not"),
        ({"resourceTypes": [TYPE]}, Mark.FAIL, "unknown"),
        ({"registrationState": "Registered"}, Mark.FAIL, "communicationServices 2025-09-01"),
        (
            {"registrationState": "Registered", "resourceTypes": [TYPE | {"apiVersions": []}]},
            Mark.FAIL,
            "does not offer",
        ),
    ],
)
def test_a_provider_must_be_registered_and_offer_the_pinned_versions(
    answer: dict[str, Any], mark: Mark, says: str
) -> None:
    space = "Microsoft.Communication"
    nested = f"{space}/communicationServices/smtpUsernames"
    pinned = {f"{space}/communicationServices": "2025-09-01", nested: "2025-09-01"}
    check = provider_check(space, SUBSCRIPTION, answer, pinned)
    assert check.mark is mark
    assert says in check.what
    assert ("az provider register" in check.mend) is (
        "offer" not in check.what and bool(check.mend)
    )


def test_the_sdk_knows_the_pinned_versions_and_no_others() -> None:
    for kind in KINDS.values():
        if kind.operations and kind.operations.client != "rest":
            assert speaks(kind.operations.client, kind.api_version)
    assert not speaks("communication", "2000-01-01")
    assert not speaks("msi", "2000-01-01")


def test_a_finding_without_a_mend_cannot_be_made() -> None:
    with pytest.raises(AssertionError, match="has a mend"):
        Check("x", Mark.FAIL, "broken")
