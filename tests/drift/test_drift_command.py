"""Stories of drift: from YAML and the emulator to reports, exit codes and a history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.arm.transport import RESOURCE_GRAPH
from reconciler.kinds import KINDS
from reconciler.model.resource import Severity
from tests.conftest import Lab, Ran, identity, service

SPEC: dict[str, Any] = {
    "identities": {"id-a": {"location": "westeurope", "tags": {"env": "prod"}}},
    "communicationServices": {
        "acs-a": {
            "dataLocation": "Europe",
            "publicNetworkAccess": "Enabled",
            "disableLocalAuth": True,
            "identity": {"systemAssigned": True},
            "tags": {"env": "prod"},
        }
    },
}


def drift(lab: Lab, *arguments: str) -> Ran:
    return lab.run("drift", "--target", lab.arm.url, *arguments)


def found(lab: Lab, *arguments: str) -> set[tuple[str, str, str]]:
    """Return sort, field and severity of everything that has drifted."""
    items = drift(lab, "-o", "json", *arguments).json["items"]
    return {(i["sort"], ".".join(i["field"]) or i["address"], i["severity"]) for i in items}


@pytest.fixture
def settled(lab: Lab) -> Lab:
    lab.spec(**SPEC)
    lab.settle()
    return lab


def test_nothing_has_drifted_after_an_apply(settled: Lab) -> None:
    ran = drift(settled)
    assert (ran.code, ran.out) == (
        0,
        "In sync: Azure is as the specs say. 2 resources looked at.\n",
    )


def test_each_drifted_field_is_named_with_its_severity(settled: Lab) -> None:
    body = {
        "properties": {"publicNetworkAccess": "Disabled", "disableLocalAuth": False},
        "tags": {"env": "dev"},
        "identity": {"type": "None"},
    }
    assert settled.arm.send("PATCH", service("acs-a"), body)[0] == 200
    assert found(settled) == {
        ("changed", "publicNetworkAccess", "high"),
        ("changed", "disableLocalAuth", "high"),
        ("changed", "identity.systemAssigned", "high"),
        ("changed", "tags.env", "low"),
    }
    assert drift(settled).code == 2


def test_a_missing_and_an_unwanted_resource_are_drift(settled: Lab) -> None:
    settled.arm.send("DELETE", identity("id-a"))
    settled.spec(identities=SPEC["identities"], communicationServices={"acs-a": None})
    assert found(settled) == {
        ("missing", "test/identities/id-a", "high"),
        ("unwanted", "test/communicationServices/acs-a", "high"),
    }


def test_strangers_are_listed_on_wish_and_only_those(settled: Lab) -> None:
    settled.arm.send("PUT", identity("id-stranger"), {"location": "westeurope"})
    assert found(settled) == set()
    assert found(settled, "--unmanaged") == {("unmanaged", "test/identities/id-stranger", "high")}


def test_what_a_spec_names_by_reference_is_no_stranger(lab: Lab) -> None:
    lab.spec(
        identities={"id-a": {"location": "westeurope"}},
        roleAssignments={
            "one": {"role": "Reader", "principal": "ref:identities/id-a", "scope": "resourceGroup"}
        },
        emailServices={
            "mail-a": {
                "dataLocation": "Europe",
                "domains": {"AzureManagedDomain": {"management": "AzureManaged"}},
            }
        },
    )
    lab.settle()
    assert found(lab, "--unmanaged") == set()


def test_drift_sends_nothing_but_reads(settled: Lab) -> None:
    settled.arm.send("PATCH", service("acs-a"), {"tags": {}})
    settled.arm.forget()
    drift(settled, "--unmanaged")
    sent = settled.arm.requests()
    assert {e["path"] for e in sent if e["method"] != "GET"} == {RESOURCE_GRAPH}
    assert [list(e["request"]) for e in sent if e["method"] != "GET"] == [
        ["subscriptions", "query", "options"]
    ]


def test_what_cannot_be_read_is_unknown_and_ends_with_1(settled: Lab) -> None:
    settled.arm.fault(method="GET", path="communicationServices", status=403, times=None)
    ran = drift(settled, "-o", "json")
    assert ran.code == 1
    assert ran.json["complete"] is False
    assert [one["address"] for one in ran.json["unreadable"]] == [
        "test/communicationServices/acs-a"
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 2),
        (("--fail-on", "low"), 2),
        (("--fail-on", "medium"), 0),
        (("--fail-on", "high"), 0),
        (("--exit-zero",), 0),
    ],
)
def test_the_least_severity_that_counts_can_be_chosen(
    settled: Lab, options: tuple[str, ...], code: int
) -> None:
    settled.arm.send("PATCH", service("acs-a"), {"tags": {"env": "dev"}})
    assert drift(settled, *options).code == code


def authors(lab: Lab, *arguments: str) -> dict[str, tuple[str | None, bool]]:
    """Return the source of the author of each difference, and whether it is certain."""
    items = drift(lab, "-o", "json", *arguments).json["items"]
    return {
        ".".join(i["field"]) or i["address"]: (i["author"]["source"], i["author"]["certain"])
        for i in items
    }


def test_the_author_of_a_field_is_the_one_who_changed_it_and_not_the_last_writer(
    settled: Lab,
) -> None:
    body = {"properties": {"publicNetworkAccess": "Disabled"}}
    settled.arm.send("PATCH", service("acs-a"), body)
    changed = settled.arm.send("GET", service("acs-a"))[1]["systemData"]["lastModifiedAt"]
    settled.arm.send("PATCH", service("acs-a"), {"tags": {"env": "prod", "by": "eve"}})
    (item,) = drift(settled, "-o", "json").json["items"]
    author = item["author"]
    assert (author["source"], author["certain"]) == ("Resource Graph", True)
    assert author["operation"].lower() == "microsoft.communication/communicationservices/write"
    assert author["who"]
    assert author["when"] == f"{changed[:19]}Z"
    assert "changed by" in drift(settled).out


def test_the_author_of_what_is_missing_or_a_stranger_is_who_deleted_or_made_it(
    settled: Lab,
) -> None:
    settled.arm.send("DELETE", identity("id-a"))
    settled.arm.send("PUT", identity("id-b"), {"location": "westeurope"})
    assert authors(settled, "--unmanaged") == {
        "test/identities/id-a": ("Resource Graph", True),
        "test/identities/id-b": ("Resource Graph", True),
    }


def test_the_activity_log_tells_of_what_is_nested(lab: Lab) -> None:
    credential = {"issuer": "https://issuer.test", "subject": "a", "audiences": ["b"]}
    lab.spec(
        identities={"id-a": {"location": "westeurope", "federatedCredentials": {"one": credential}}}
    )
    lab.settle()
    path = f"{identity('id-a')}/federatedIdentityCredentials/one"
    lab.arm.send("PUT", path, {"properties": {**credential, "subject": "c"}})
    assert authors(lab) == {"subject": ("Activity Log", False)}
    lab.arm.send("DELETE", path)
    assert authors(lab) == {"test/identities/id-a/federatedCredentials/one": ("Activity Log", True)}


def test_where_nobody_can_be_asked_the_answer_itself_is_the_witness_or_nobody_is(
    settled: Lab,
) -> None:
    settled.arm.send("PATCH", service("acs-a"), {"tags": {"env": "dev"}})
    settled.arm.send("PATCH", identity("id-a"), {"tags": {"env": "dev"}})
    for path in ("ResourceGraph", "eventtypes"):
        settled.arm.fault(method="*", path=path, status=403, code="AuthorizationFailed", times=None)
    ran = drift(settled, "-o", "json")
    found = {i["kind"]: i["author"] for i in ran.json["items"]}
    known, unknown = found["CommunicationService"], found["UserAssignedIdentity"]
    assert (known["source"], known["certain"]) == ("systemData", False)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(known["when"])) < timedelta(minutes=10)
    assert set(unknown.values()) == {None, False}
    assert (ran.code, len(ran.json["unasked"])) == (2, 2)
    text = drift(settled).out
    assert "by whom is not known" in text
    assert "who changed it could not be asked: GET activity log: AuthorizationFailed" in text


def test_an_apply_of_our_own_that_did_not_end_is_told_as_such(settled: Lab) -> None:
    acs = {**SPEC["communicationServices"]["acs-a"], "publicNetworkAccess": "Disabled"}
    settled.spec(**{**SPEC, "communicationServices": {"acs-a": acs}})
    assert settled.apply().code == 0
    journal = max((settled.folder / ".reconciler" / "journal").glob("*.jsonl"))
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(line for line in lines if '"ended"' not in line))
    settled.spec(**SPEC)  # the change is taken back, and the apply of before had been killed
    (item,) = drift(settled, "-o", "json").json["items"]
    assert item["author"]["run"] == f"{journal.stem}, which did not end"
    assert f"changed by this tool, run {journal.stem}, which did not end" in drift(settled).out


def test_nobody_is_asked_about_what_has_not_drifted(settled: Lab) -> None:
    drift(settled)
    assert [e["path"] for e in settled.arm.requests() if "Graph" in e["path"]] == []
    assert [e["path"] for e in settled.arm.requests() if "Insights" in e["path"]] == []


def test_a_waiver_holds_until_its_day_and_is_told_when_it_has_run_out(settled: Lab) -> None:
    settled.arm.send("PATCH", service("acs-a"), {"tags": {"env": "dev"}})
    past, future = "2020-01-31", "2999-01-31"
    for until, sorts, code in ((future, set(), 0), (past, {("changed", "tags.env", "low")}, 2)):
        waiver = {"field": "tags", "reason": "billing", "until": until}
        acs = {**SPEC["communicationServices"]["acs-a"], "lifecycle": {"ignoreChanges": [waiver]}}
        settled.spec(**{**SPEC, "communicationServices": {"acs-a": acs}})
        assert found(settled) == sorts
        ran = drift(settled)
        assert ran.code == code
        heading = "waivers in use" if until == future else "waivers that have run out"
        assert heading in ran.out


def test_the_history_tells_since_when_and_what_is_gone(settled: Lab) -> None:
    settled.arm.send("PATCH", service("acs-a"), {"tags": {"env": "dev"}})
    history = ("--history", "state/drift.jsonl")
    assert "seen for the first time" in drift(settled, *history).out
    assert "seen 2 times" in drift(settled, *history).out
    settled.settle()
    over = drift(settled, *history)
    assert "1 difference of the run before gone." in over.out
    runs = drift(settled, "-o", "json", *history).json["runs"]
    assert [(run["counts"]["low"], len(run["closed"])) for run in runs] == [
        (1, 0),
        (1, 0),
        (0, 1),
        (0, 0),
    ]
    text = (settled.folder / "state" / "drift.jsonl").read_text()
    assert "dev" not in text  # a history holds no values


def test_a_broken_history_is_an_error_and_stays_as_it_is(settled: Lab) -> None:
    path = settled.folder / "drift.jsonl"
    path.write_text('{"v": 1}\n')
    ran = drift(settled, "--history", "drift.jsonl")
    assert ran.code == 1
    assert "drift.jsonl is no drift history: line 1" in ran.err
    assert path.read_text() == '{"v": 1}\n'


def test_one_run_writes_every_report_that_is_asked_for(settled: Lab) -> None:
    settled.arm.send("PATCH", service("acs-a"), {"tags": {"env": "dev"}})
    forms = ("text", "json", "markdown", "html", "sarif", "junit", "prometheus")
    ran = drift(settled, *(f"--report={form}=out/drift.{form}" for form in forms))
    out = settled.folder / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(f"drift.{form}" for form in forms)
    assert (out / "drift.text").read_text() == ran.out
    assert json.loads((out / "drift.json").read_text())["counts"]["low"] == 1


def test_the_addresses_of_a_list_are_a_number(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "a key for the tests of this repository")
    (lab.folder / "specs").mkdir()
    (lab.folder / "specs" / "people.txt").write_text("one@private.test\ntwo@private.test\n")
    domain = {
        "management": "CustomerManaged",
        "suppressionLists": {
            "0f3c5b1e-7d2a-4b6e-9c41-2a8d5e6f7a01": {
                "sender": "billing",
                "addresses": {"file": "people.txt"},
            }
        },
    }
    lab.spec(emailServices={"mail-a": {"dataLocation": "Europe", "domains": {"a.test": domain}}})
    for form in ("text", "json", "markdown", "html", "sarif", "junit", "prometheus"):
        shown = drift(lab, "-o", form)
        assert shown.code == 2, shown.err
        assert "private.test" not in shown.out
    items = drift(lab, "-o", "json").json["items"]
    assert [item["addresses"] for item in items if "addresses" in item] == [2]


def test_every_field_that_says_who_may_reach_what_is_severe() -> None:
    severe = {
        f"{kind.name}.{field.name}"
        for kind in KINDS.values()
        for field in kind.fields
        if field.severity is Severity.HIGH
    }
    assert severe >= {
        "CommunicationService.identity",
        "CommunicationService.publicNetworkAccess",
        "CommunicationService.disableLocalAuth",
        "CommunicationService.linkedDomains",
        "RoleAssignment.role",
        "RoleAssignment.principal",
        "FederatedIdentityCredential.subject",
        "SmtpUsername.entraApplicationId",
    }
    tags = [
        field.severity for kind in KINDS.values() for field in kind.fields if field.name == "tags"
    ]
    assert set(tags) == {Severity.LOW}
