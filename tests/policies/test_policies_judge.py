"""What policies find, where they say it is, and who need not keep them."""

from __future__ import annotations

import pytest

from tests.conftest import Lab
from tests.policies.worlds import (
    CLOSED,
    OPEN,
    concise,
    environment,
    exemption,
    policy,
)

FOREVER, PAST = "2999-12-31", "2020-02-29"


def test_a_policy_that_is_not_kept_stops_validate_plan_and_apply(lab: Lab) -> None:
    policy(lab)
    lab.spec(communicationServices=OPEN)
    assert lab.run("validate").code == 3
    assert lab.plan().code == 3
    assert lab.apply().code == 3
    assert lab.arm.writes() == []


def test_a_finding_shows_place_policy_mend_and_page(lab: Lab) -> None:
    policy(lab)
    lab.spec("communicationServices:\n  acs-one:\n    dataLocation: Europe")
    assert lab.run("validate").out == (
        "error[ACS080]: policy `keys-off`, `acs-one`: keys work\n"
        " --> specs/test.yaml:8:5\n"
        "  |\n"
        "8 |     acs-one:\n"
        "  |     ^^^^^^^ `disableLocalAuth` is missing in `acs-one`\n"
        "  |\n"
        " ::: policies/keys-off.yaml:3:18\n"
        "  |\n"
        "3 | metadata: {name: keys-off}\n"
        "  |                  -------- the policy\n"
        "  |\n"
        "  = mend: write `disableLocalAuth: true`\n"
        "  = see: https://example.com/keys\n"
        "\n"
        "1 error in 1 file\n"
    )


def test_a_wrong_value_is_shown_at_the_value(lab: Lab) -> None:
    policy(lab)
    lab.spec(
        "communicationServices:\n  acs-one:\n    dataLocation: Europe\n    disableLocalAuth: false"
    )
    (line,) = concise(lab)
    assert line.startswith("specs/test.yaml:10:25: ACS080 ")


def test_a_kept_policy_says_nothing(lab: Lab) -> None:
    policy(lab)
    lab.spec(communicationServices=CLOSED)
    assert concise(lab) == []


def test_without_a_problem_the_failed_rule_is_told(lab: Lab) -> None:
    policy(lab, problem=None)
    lab.spec(communicationServices=OPEN)
    assert "`acs-one`: `disableLocalAuth` is missing in `acs-one`" in concise(lab)[0]


def test_the_policy_s_own_words_come_once_for_a_place_and_the_rule_s_each(lab: Lab) -> None:
    both = {"required": ["tags", "identity"]}
    policy(lab, schema=both)
    lab.spec(communicationServices=OPEN)
    assert len(concise(lab)) == 1
    policy(lab, schema=both, problem=None)
    assert [line.split("`")[5] for line in concise(lab)] == ["identity", "tags"]


def test_a_fact_is_shown_at_the_field_that_it_is_about(lab: Lab) -> None:
    apart = {"properties": {"facts": {"properties": {"otherDataLocations": {"maxItems": 0}}}}}
    policy(lab, schema=apart)
    lab.spec(
        "emailServices:\n  mail:\n    dataLocation: UK\n"
        "    domains: {a.test: {management: CustomerManaged}}\n"
        "communicationServices:\n  acs-one:\n    dataLocation: Europe\n"
        "    linkedDomains: [ref:emailServices/mail/domains/a.test]"
    )
    ran = lab.run("validate")
    assert " --> specs/test.yaml:14:7\n" in ran.out
    assert "^^^^^^^^^^^^^ otherDataLocations: uk\n" in ran.out


def test_all_findings_come_in_one_run_with_those_of_the_schema(lab: Lab) -> None:
    policy(lab)
    policy(lab, "tagged", schema={"required": ["tags"]}, mend="write `tags`")
    lab.spec(communicationServices=OPEN)
    lab.spec(identities={"id-a": {}}, name="other")
    codes = sorted(line.split(": ")[1].split()[0] for line in concise(lab))
    assert codes == ["ACS034", "ACS080", "ACS080"]


def test_a_warning_is_said_and_the_run_goes_on(lab: Lab) -> None:
    policy(lab, severity="warning")
    lab.spec(communicationServices=OPEN)
    assert lab.plan().code == 2
    assert "warning[ACS080]" in lab.plan().err


def test_severities_differ_by_environment_and_the_project_has_the_last_word(lab: Lab) -> None:
    lab.spec(communicationServices=OPEN)
    for name in ("dev", "prod"):
        environment(lab, name)
    policy(lab, environments={"dev": "none", "prod": "warning"})
    assert [lab.run("validate", "-e", e).code for e in ("dev", "prod")] == [0, 0]
    assert concise(lab, "-e", "dev") == []
    assert "warning ACS080" in concise(lab, "-e", "prod")[0]
    lab.project(policySeverities={"keys-off": {"environments": {"dev": "error"}}})
    assert [lab.run("validate", "-e", e).code for e in ("dev", "prod")] == [3, 0]
    lab.project(policySeverities={"keys-off": {"severity": "none"}})
    assert concise(lab) == []
    lab.project(policySeverities={"keys-off": "error"})
    assert [lab.run("validate", "-e", e).code for e in ("dev", "prod")] == [3, 3]


def test_what_is_an_error_in_one_environment_is_an_error(lab: Lab) -> None:
    lab.spec(communicationServices=OPEN)
    for name in ("dev", "prod"):
        environment(lab, name)
    policy(lab, environments={"dev": "warning"})
    (line,) = concise(lab)
    assert " ACS080 " in line
    assert "warning" not in line
    assert lab.run("validate").code == 3


def test_when_selects_by_labels_and_annotations(lab: Lab) -> None:
    labelled = {"properties": {"stack": {"properties": {"labels": {"required": ["public"]}}}}}
    policy(lab, when=labelled)
    path = lab.spec(communicationServices=OPEN)
    assert concise(lab) == []
    path.write_text(path.read_text().replace("name: test", "name: test, labels: {public: web}"))
    assert len(concise(lab)) == 1
    policy(lab, when={"properties": {"annotations": {"required": ["note"]}}})
    assert concise(lab) == []
    lab.spec(communicationServices={"acs-one": OPEN["acs-one"] | {"annotations": {"note": "x"}}})
    assert len(concise(lab)) == 1


def test_annotations_and_exemptions_never_reach_azure(lab: Lab) -> None:
    policy(lab)
    noted = exemption(FOREVER)
    noted["acs-one"]["annotations"] = {"note": "said-only-here"}
    credential = {"issuer": "https://i.test/", "subject": "s", "annotations": {"a": "only-here"}}
    lab.spec(
        communicationServices=noted,
        identities={
            "id-a": {"location": "westeurope", "federatedCredentials": {"fic-a": credential}}
        },
    )
    assert lab.apply().code == 0
    assert len(lab.arm.writes()) == 3
    assert "only-here" not in str(lab.arm.requests())
    assert "printers" not in str(lab.arm.requests())


def test_an_exemption_holds_a_finding_back_until_its_day(lab: Lab) -> None:
    policy(lab)
    lab.spec(communicationServices=exemption(FOREVER))
    assert concise(lab) == []
    lab.spec(communicationServices=exemption(PAST))
    ran = lab.run("validate")
    assert ran.code == 3
    assert f"this exemption ran out on {PAST}: The printers cannot" in ran.out


def test_the_last_day_of_an_exemption_still_counts(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(lab)
    lab.spec(communicationServices=exemption("2026-05-05"))
    monkeypatch.setattr("reconciler.app.loading.policies.today", lambda: "2026-05-05")
    assert lab.run("validate").code == 0
    monkeypatch.setattr("reconciler.app.loading.policies.today", lambda: "2026-05-06")
    assert lab.run("validate").code == 3


def test_an_exemption_is_for_one_policy_and_one_resource(lab: Lab) -> None:
    policy(lab)
    policy(lab, "keys-off-too")
    lab.spec(communicationServices=exemption(FOREVER) | {"acs-two": OPEN["acs-one"]})
    told = [line.split("policy ")[1].split(":")[0] for line in concise(lab)]
    assert sorted(told) == [
        "`keys-off-too`, `acs-one`",
        "`keys-off-too`, `acs-two`",
        "`keys-off`, `acs-two`",
    ]


def test_an_exemption_from_nothing_is_a_warning(lab: Lab) -> None:
    policy(lab)
    exempt = exemption(FOREVER)
    exempt["acs-one"]["disableLocalAuth"] = True
    lab.spec(communicationServices=exempt)
    (line,) = concise(lab)
    assert "warning ACS085" in line
    assert lab.run("validate").code == 0


def test_an_exemption_that_one_environment_needs_is_none_from_nothing(lab: Lab) -> None:
    policy(lab, environments={"dev": "none"})
    for name in ("dev", "prod"):
        environment(lab, name)
    lab.spec(communicationServices=exemption(FOREVER))
    assert concise(lab) == []
    assert concise(lab, "-e", "dev") == []
    policy(lab, environments={"dev": "none", "prod": "none"})
    assert ["ACS085" in line for line in concise(lab)] == [True]


def test_an_exemption_is_not_called_idle_where_the_facts_are_not_all_known(lab: Lab) -> None:
    used = {"properties": {"facts": {"properties": {"usedBy": {"minItems": 1}}}}}
    policy(lab, kinds=["UserAssignedIdentity"], schema=used)
    entry = {"policy": "keys-off", "reason": "Not yet.", "until": FOREVER}
    lab.spec(identities={"id-one": {"location": "westeurope", "exemptions": [entry]}})
    assert concise(lab) == []
    assert concise(lab, "specs/test.yaml") == []


@pytest.mark.parametrize("some", [True, False])
def test_an_exemption_from_an_unknown_policy_is_an_error(lab: Lab, some: bool) -> None:
    if some:
        policy(lab)
    lab.spec(communicationServices=exemption(FOREVER, "keys-of"))
    lines = [line for line in concise(lab) if "ACS084" in line]
    mend = "did you mean `keys-off`?" if some else "the project has no policies"
    assert not any("ACS085" in line for line in concise(lab))
    assert len(lines) == 1
    assert mend in lines[0]
    assert lab.plan().code == 3


def test_a_broken_policy_makes_no_exemption_unknown(lab: Lab) -> None:
    policy(lab, schema={"type": "mapping"})
    lab.spec(communicationServices=exemption(FOREVER))
    assert {line.split(": ")[1].split()[0] for line in concise(lab)} == {"ACS081"}
