"""What is shipped: each policy with a page, and examples that it judges as it should."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from reconciler.app.authoring.policy_examples import try_examples
from reconciler.app.authoring.policy_report import active
from reconciler.documents.policies import Policy, load_policies
from reconciler.documents.project import Project
from tests.conftest import Lab
from tests.policies.worlds import CLOSED, KEYS_OFF, OPEN, environment, policy

ROOT = Path(__file__).parents[2]
PACK = ROOT / "reconciler" / "policies" / "recommended"
EXAMPLE = ROOT / "examples" / "environments"


def shipped() -> dict[str, Policy]:
    """Return the policies of the recommended pack."""
    found, wrong = load_policies(Project(ROOT, (), policy_packs=("recommended",)), [])
    assert wrong == []
    return {policy.name: policy for policy in found}


SHIPPED = shipped()


def test_the_pack_is_all_of_its_files_each_named_like_its_policy() -> None:
    assert {path.stem for path in PACK.iterdir()} == set(SHIPPED)


def test_the_pack_would_be_taken_as_the_policies_of_a_project(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    shutil.copytree(PACK, lab.folder / "policies")
    found = lab.run("policy", "list", "-o", "json")
    assert found.code == 0
    assert {entry["name"] for entry in found.json} == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_has_a_page_and_examples_of_both_sorts_that_hold(name: str) -> None:
    found = SHIPPED[name]
    (tried,) = try_examples([found])
    assert tried.findings == ()
    assert tried.passing
    assert tried.failing
    assert found.rule.url.startswith("https://learn.microsoft.com/")
    assert found.problem
    assert not found.problem.endswith(".")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_that_asked_nothing_would_be_noticed(name: str) -> None:
    found = SHIPPED[name]
    spec = dict(found.document.value["spec"])  # type: ignore[arg-type]
    for toothless in ({"schema": True}, {"schema": False, "when": True}):
        value = {**found.document.value, "spec": spec | toothless}
        blunt = Policy(
            **{
                field: getattr(found, field)
                for field in ("rule", "kinds", "problem", "mend", "severity", "environments")
            },
            document=type(found.document)(found.document.file, value, found.document.locate),
        )
        (tried,) = try_examples([blunt])
        assert tried.findings


def test_the_pack_is_off_until_it_is_switched_on(lab: Lab) -> None:
    lab.spec(communicationServices=OPEN)
    assert lab.run("validate").code == 0
    lab.project(policyPacks=["recommended"])
    assert lab.run("validate").code == 3
    lab.project(policyPacks=["recommended"], policySeverities={"local-auth-off": "warning"})
    assert lab.run("validate").code == 0


def test_an_unknown_pack_is_told_in_the_project_file(lab: Lab) -> None:
    lab.spec(communicationServices=OPEN)
    lab.project(policyPacks=["recomended"])
    assert "write `recommended`" in lab.run("validate", "-o", "concise").out


def test_list_shows_severities_by_environment(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    policy(lab, environments={"dev": "none"})
    for name in ("dev", "prod"):
        environment(lab, name)
    assert lab.run("policy", "list").out.splitlines() == [
        "POLICY    dev   prod   KINDS                 FROM",
        "keys-off  none  error  CommunicationService  policies/keys-off.yaml",
    ]
    (entry,) = lab.run("policy", "list", "-o", "json").json
    assert entry["environments"] == {"dev": "none", "prod": "error"}
    assert entry["url"] == KEYS_OFF["url"]


def test_list_without_policies_says_how_to_have_some(lab: Lab) -> None:
    assert "policyPacks: [recommended]" in lab.run("policy", "list").out


def test_show_says_everything_about_one(lab: Lab) -> None:
    policy(lab)
    ran = lab.run("policy", "show", "keys-off")
    assert ran.code == 0
    for words in ("Keys are shared", "error", "write `disableLocalAuth: true`", "const: true"):
        assert words in ran.out
    missing = lab.run("policy", "show", "keys-of")
    assert missing.code == 64
    assert "did you mean `keys-off`?" in missing.err


def case(**changes: Any) -> dict[str, Any]:
    """Return an example with one service."""
    return {"communicationServices": {"acs-one": {"dataLocation": "Europe", **changes}}}


def test_a_policy_whose_examples_hold_passes_its_test(lab: Lab) -> None:
    policy(lab, examples={"pass": [case(disableLocalAuth=True)], "fail": [case()]})
    ran = lab.run("policy", "test")
    assert (ran.code, ran.out) == (0, "ok    keys-off  1 to pass, 1 to fail\n")


def test_a_policy_without_examples_is_no_failure_and_yet_said(lab: Lab) -> None:
    policy(lab, examples={"fail": [case()]})
    ran = lab.run("policy", "test")
    assert ran.code == 0
    assert ran.out == "warn  keys-off  0 to pass, 1 to fail; no example shows what shall pass\n"


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        ({"pass": [case()]}, "an example that shall pass breaks policy `keys-off`"),
        ({"fail": [case(disableLocalAuth=True)]}, "an example that shall fail keeps policy"),
        ({"pass": [case(dataLocation="Mars")]}, "`dataLocation` is `Mars`"),
        ({"pass": [case(linkedDomains=["ref:emailServices/a/domains/b"])]}, "points at nothing"),
    ],
)
def test_an_example_that_does_not_hold_is_told_at_its_line(
    lab: Lab, examples: dict[str, Any], words: str
) -> None:
    policy(lab, examples=examples)
    ran = lab.run("policy", "test")
    assert ran.code == 3
    assert ran.out.startswith("FAIL  keys-off")
    assert words in ran.out
    assert "policies/keys-off.yaml:11:" in ran.out


def test_examples_are_judged_whatever_the_severity(lab: Lab) -> None:
    policy(lab, severity="none", examples={"pass": [case()], "fail": [case()]})
    assert lab.run("policy", "test").code == 3


def test_the_example_s_policy_holds_in_production_only(lab: Lab) -> None:
    shutil.copytree(EXAMPLE, lab.folder, dirs_exist_ok=True)
    (rule,) = active(None).policies
    (tried,) = try_examples([rule])
    assert tried.findings == ()
    stack = lab.folder / "environments" / "prod.yaml"
    stack.write_text(stack.read_text().replace("publicNetworkAccess: Disabled", "tags: {a: b}"))
    assert lab.run("validate", "-e", "prod").code == 3
    assert lab.run("validate", "-e", "dev").code == 0
