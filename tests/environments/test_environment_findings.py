"""What is wrong with variables, patches and environments: located, with a mend, all in one run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Golden, Lab
from tests.environments.worlds import BASE, DEV, PROD, environment, project, repository, stack

GOLDEN = Path(__file__).parent / "golden"
ONE = "  vars: {{{}}}\n  subscription: dev\n  resourceGroup: {{existing: rg-test}}\n{}"


def with_stage(old: str, new: str) -> str:
    """Return the base with a change."""
    assert old in BASE
    return BASE.replace(old, new)


FINDINGS: dict[str, tuple[str, str]] = {
    "undeclared-variable": (with_stage("location: ${var.region}", "location: ${var.regoin}"), PROD),
    "no-variable": (with_stage("${var.region}", "${region}"), PROD),
    "no-value": (BASE, PROD.replace("    stage: prod\n", "")),
    "wrong-type": (BASE, PROD.replace("keyless: true", "keyless: 'yes'")),
    "wrong-choice": (BASE, PROD.replace("stage: prod", "stage: production")),
    "wrong-default": (with_stage("default: false", "default: 0"), PROD),
    "unknown-value": (BASE, PROD.replace("region: n", "reigon: n")),
    "unused": (with_stage("location: ${var.region}", "location: westeurope"), PROD),
    "unknown-stack": (BASE, PROD.replace("    mail:", "    mial:")),
    "patched-name": (BASE, PROD.replace("      spec:", "      metadata: {name: x}\n      spec:")),
    "patched-kind": (BASE, PROD.replace("      spec:", "      kind: Stock\n      spec:")),
    "metadata-removed": (BASE, PROD.replace("      spec:", "      metadata: null\n      spec:")),
    "wrong-value-in-overlay": (BASE, PROD.replace("{publicNetworkAccess: D", "{dataLocation: D")),
    "field-removed-by-overlay": (
        BASE,
        PROD.replace("{publicNetworkAccess: Disabled}", "{dataLocation: null}"),
    ),
    "wrong-value-of-variable": (BASE, PROD.replace("northeurope", "north!")),
    "wrong-mixture": (with_stage("acs-${var.stage}:", "acs-${var.region}!:"), PROD),
    "misspelt-key-in-overlay": (BASE, PROD.replace("acs-${var.stage}", "acs-${var.stag}")),
    "new-resource-in-overlay": (BASE, PROD.replace("acs-${var.stage}", "acs-prod")),
    "same-key": (
        with_stage("acs-sandbox", "acs-prod"),
        PROD.replace("          acs-sandbox: null\n", ""),
    ),
    "nothing-removed": (BASE, PROD.replace("acs-sandbox", "acs-sandbx")),
    "null-in-something-new": (
        BASE,
        PROD.replace("{publicNetworkAccess: Disabled}", "{tags: {env: null}}"),
    ),
    "missing-stacks": (BASE, PROD.replace("../stacks", "../stakcs")),
    "unknown-target": (with_stage("identities/id-${", "identities/di-${"), PROD),
    "unknown-alias": (
        with_stage("subscription: ${var.stage}", "subscription: ${var.region}"),
        PROD,
    ),
    "declaration": (with_stage("{type: boolean, ", "{type: bool, "), PROD),
    "misspelt-field": (BASE, PROD.replace("guards:", "guard:")),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_names_the_file_that_says_it(lab: Lab, golden: Golden, name: str) -> None:
    project(lab.folder)
    body, overlay = FINDINGS[name]
    stack(lab.folder, body)
    environment(lab.folder, "prod", overlay)
    ran = lab.run("validate")
    assert ran.code == (0 if name == "unused" else 3), ran.out
    golden(GOLDEN / f"{name}.txt", ran.out)


def test_every_environment_reports_its_own_problems_in_one_run(lab: Lab) -> None:
    repository(lab.folder)
    environment(lab.folder, "dev", DEV.replace("dev", "5"))
    environment(lab.folder, "prod", PROD.replace("mail:", "mial:"))
    environment(lab.folder, "prod", DEV, file="second")
    found = lab.run("validate", "-o", "json").json
    assert [(f["code"], f["place"]["file"]) for f in found] == [
        ("ACS063", "environments/dev.yaml"),
        ("ACS066", "environments/prod.yaml"),
        ("ACS068", "environments/second.yaml"),
    ]
    assert lab.plan("-e", "prod").code == 3


def test_a_problem_of_the_base_is_told_once_for_all_environments(lab: Lab) -> None:
    repository(lab.folder)
    stack(lab.folder, with_stage("dataLocation", "datalocation"))
    found = lab.run("validate", "-o", "json").json
    assert len(found) == len({json.dumps(f["place"]) + f["problem"] for f in found})


HOSTILE = [
    "${var.",
    "${",
    "${}",
    "${var.}",
    "${${var.x}}",
    "${env.PATH}",
    "${var.x",
    "${ var.x }",
    "${var.x.y}",
    "${var.x[0]}",
    "${var.x}${",
    "${var.é}",
    "$${}${",
    "${var." + "x" * 64 + "}",
    "${file(/etc/passwd)}",
    "#{x}${__import__('os')}",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["value", "key"])
def test_hostile_expressions_are_located_errors(lab: Lab, text: str, place: str) -> None:
    project(lab.folder)
    quoted = json.dumps(text, ensure_ascii=False)
    tags = f"{{{quoted}: a}}" if place == "key" else f"{{a: {quoted}}}"
    stack(lab.folder, ONE.format("x: {type: string, default: d}", f"  tags: {tags}\n"))
    ran = lab.run("validate", "-o", "concise")
    assert ran.code == 3
    assert re.search(r"^stacks/mail\.yaml:8:\d+: ACS06[01] ", ran.out, re.MULTILINE), ran.out
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("value", ["${var.x}", "a${", "$${"])
def test_values_are_not_expanded(lab: Lab, value: str) -> None:
    project(lab.folder)
    stack(
        lab.folder,
        ONE.format(f"x: {{type: string, default: '{value}'}}", "  tags: {a: '${var.x}'}\n"),
    )
    ran = lab.run("validate", "-o", "concise")
    assert ran.code == 3
    assert re.match(r"stacks/mail\.yaml:5:\d+: ACS063 ", ran.out)


@pytest.mark.parametrize(
    "field", ["apiVersion: r/${var.x}", "kind: '${var.x}'", "name: '${var.x}'"]
)
def test_what_identifies_a_stack_holds_no_variable(lab: Lab, field: str) -> None:
    project(lab.folder)
    path = stack(lab.folder, ONE.format("x: {type: string, default: d}", ""))
    key = field.partition(":")[0]
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf"{key}: [\w/]+", field, text), encoding="utf-8")
    ran = lab.run("validate", "-o", "concise")
    assert ran.code == 3
    assert "ACS067" in ran.out


def test_expansion_has_a_limit(lab: Lab) -> None:
    project(lab.folder)
    many = "".join(f"  t{i}: '${{var.x}}'\n" for i in range(10_000))
    variable = f"x: {{type: string, default: {'a' * 5_000}}}"
    stack(lab.folder, ONE.format(variable, f"  tags:\n{many.replace('  t', '    t')}"))
    ran = lab.run("validate", "-o", "concise")
    assert ran.code == 3
    assert ran.out.count("ACS070") == 1


@pytest.mark.parametrize(
    "patch",
    ["null", "[]", "5", "{spec: null}", "{spec: []}", "{spec: {vars: null}}", "{spec: {vars: 5}}"],
)
def test_any_patch_is_answered_with_located_findings(lab: Lab, patch: str) -> None:
    project(lab.folder)
    stack(lab.folder, BASE)
    environment(
        lab.folder,
        "prod",
        f"  stacks: [../stacks]\n  vars: {{stage: prod}}\n  patches: {{mail: {patch}}}\n",
    )
    for ran in (
        lab.run("validate", "-o", "concise"),
        lab.run("validate", "-e", "prod", "-o", "concise"),
    ):
        assert ran.code == 3
        assert re.match(r"(stacks|environments)/\w+\.yaml:\d+:\d+: ", ran.out), ran.out + ran.err
