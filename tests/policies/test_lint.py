"""``lint``: what is allowed and yet unwise, what is mended, and every form of saying it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reconciler import __version__
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Rule, Severity
from reconciler.model.source import Span
from reconciler.render.formats.sarif import to_sarif
from tests.conftest import Lab
from tests.policies.worlds import CLOSED, OPEN, environment, policy

ROOT = Path(__file__).parents[2]
MODELINE = "# yaml-language-server: $schema="


def lint(lab: Lab, *arguments: str) -> list[str]:
    """Lint, and return one line for each finding."""
    return lab.run("lint", "-o", "concise", *arguments).out.splitlines()


def with_schemas(lab: Lab) -> None:
    """Put the schemas where `init` does."""
    shutil.copytree(ROOT / "schemas", lab.folder / ".reconciler" / "schemas")


def test_clean_specs_are_0_and_so_are_warnings_unless_strict(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    ran = lab.run("lint", "--strict")
    assert (ran.code, ran.out) == (0, "Nothing to say: 1 file.\n")
    lab.spec(identities={"id-one": {"location": "westeurope"}})
    assert lab.run("lint").code == 0
    assert lab.run("lint", "--strict").code == 2
    policy(lab)
    lab.spec(communicationServices=OPEN)
    assert lab.run("lint").code == 3


def test_lint_says_what_validate_says(lab: Lab) -> None:
    policy(lab)
    lab.spec(communicationServices=OPEN)
    lab.spec(identities={"id-one": {}}, name="other")
    said = lab.run("validate", "-o", "concise").out.splitlines()
    assert len(said) == 2
    assert set(said) <= set(lint(lab))


def test_a_wrong_environment_is_told_as_validate_tells_it(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    assert lab.run("lint", "-e", "prod").code == 64
    environment(lab, "dev")
    assert lab.run("lint", "-e", "dev").code == 0


def test_an_identity_that_nothing_uses_is_told(lab: Lab) -> None:
    credential = {"issuer": "https://i.test/", "subject": "s"}
    lab.spec(
        identities={
            "id-idle": {"location": "westeurope"},
            "id-out": {"location": "westeurope"},
            "id-fic": {"location": "westeurope", "federatedCredentials": {"fic-a": credential}},
        },
        outputs={"out": "ref:identities/id-out"},
    )
    (line,) = lint(lab)
    assert "warning ACS087 nothing in the specs uses the identity `id-idle`" in line
    assert lint(lab, "specs/test.yaml") == []


def test_an_identity_that_one_environment_uses_is_not_idle(lab: Lab) -> None:
    user = {"dataLocation": "Europe", "identity": {"userAssigned": ["ref:identities/id-one"]}}
    lab.spec(
        identities={"id-one": {"location": "westeurope"}}, communicationServices={"acs-one": user}
    )
    environment(lab, "prod")
    environment(lab, "dev")
    text = (lab.folder / "environments" / "dev.yaml").read_text()
    patch = ", patches: {test: {spec: {communicationServices: {acs-one: null}}}}}"
    (lab.folder / "environments" / "dev.yaml").write_text(text.replace("specs]}", f"specs]{patch}"))
    assert lint(lab) == []
    assert len(lint(lab, "-e", "dev")) == 1


@pytest.mark.parametrize(("lines", "told"), [(300, 0), (301, 1)])
def test_a_long_stack_is_told(lab: Lab, lines: int, told: int) -> None:
    path = lab.spec(communicationServices=CLOSED)
    text = path.read_text()
    path.write_text(text + "#\n" * (lines - text.count("\n")))
    assert ["ACS086" in line for line in lint(lab)] == [True] * told


def test_a_missing_modeline_is_told_and_added(lab: Lab) -> None:
    with_schemas(lab)
    path = lab.spec(communicationServices=CLOSED)
    before = path.read_text()
    policy(lab)
    assert [line.split(": ")[1] for line in lint(lab)] == [
        "warning ACS088 editors do not know the schema of this file (mend"
    ] * 2
    ran = lab.run("lint", "--fix")
    assert ran.code == 0
    assert ran.err == "mended specs/test.yaml\nmended policies/keys-off.yaml\n"
    first = f"{MODELINE}../.reconciler/schemas/stack.schema.json\n"
    assert path.read_text() == first + before
    assert lint(lab) == []
    assert lab.run("lint", "--fix").err == ""


def test_a_modeline_to_the_wrong_place_is_told_and_mended(lab: Lab) -> None:
    with_schemas(lab)
    path = lab.spec(communicationServices=CLOSED)
    body = path.read_text()
    for wrong, words in (
        ("../.reconciler/schemas/environment.schema.json", "is not the schema of this kind"),
        ("../schemas/stack.schema.json", "does not exist"),
        ("https://example.com/v9/project.schema.json", "is not the schema of this kind"),
    ):
        path.write_text(f"# A stack.\n{MODELINE}{wrong}\n{body}")
        (line,) = lint(lab)
        assert words in line
        assert line.startswith("specs/test.yaml:2:33: warning ACS088")
        assert lab.run("lint", "--fix").code == 0
        right = f"{MODELINE}../.reconciler/schemas/stack.schema.json"
        assert path.read_text() == f"# A stack.\n{right}\n{body}"


def test_schemas_of_another_version_are_told(lab: Lab) -> None:
    with_schemas(lab)
    path = lab.spec(communicationServices=CLOSED)
    lab.run("lint", "--fix")
    schema = lab.folder / ".reconciler" / "schemas" / "stack.schema.json"
    schema.write_text(schema.read_text() + "\n")
    before = path.read_text()
    (line,) = lint(lab, "--fix")
    assert "is the schema of another version of this tool" in line
    assert "`reconciler schema --out .reconciler/schemas` writes this release's" in line
    assert path.read_text() == before


def test_mending_keeps_line_ends_and_the_byte_order_mark(lab: Lab) -> None:
    with_schemas(lab)
    path = lab.spec(communicationServices=CLOSED)
    body = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + body)
    assert lab.run("lint", "--fix").code == 0
    first = f"{MODELINE}../.reconciler/schemas/stack.schema.json\r\n".encode()
    assert path.read_bytes() == b"\xef\xbb\xbf" + first + body


def test_a_fixer_that_would_change_a_value_writes_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_schemas(lab)
    path = lab.spec(communicationServices=CLOSED)
    before = path.read_text()
    wrong = {Code.MODELINE: lambda file: file.text.replace("Europe", "UK")}
    monkeypatch.setattr("reconciler.documents.style.FIXERS", wrong)
    assert lab.run("lint", "--fix").err == ""
    assert path.read_text() == before


def test_without_schemas_in_the_project_no_line_is_asked_for(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    assert lint(lab) == []
    assert lab.run("lint", "--fix").err == ""


def test_what_init_writes_is_clean(lab: Lab) -> None:
    assert lab.run("init", "--subscription", "11111111-2222-3333-4444-555555555555").code == 0
    assert lint(lab, "--strict") == []


def test_examples_of_policies_are_judged(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    policy(lab, examples={"pass": [{"communicationServices": OPEN}]})
    assert ["ACS089" in line for line in lint(lab)] == [True]
    assert lab.run("lint").code == 3


def test_the_repository_has_nothing_to_say(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lab.run("lint", "--strict").out == "Nothing to say: 6 files.\n"


def sarif(lab: Lab, *arguments: str) -> Any:
    """Return the log of a run."""
    return lab.run(*arguments, "-o", "sarif").json


def check_log(log: Any) -> None:
    """Check what SARIF 2.1.0 asks of a log, as far as we write one."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["version"] == __version__
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert {"id", "name", "shortDescription", "fullDescription", "help"} <= set(rule)
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
        assert rule["help"]["text"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        places = [*result.get("locations", ()), *result.get("relatedLocations", ())]
        for place in places:
            region = place["physicalLocation"]["region"]
            assert 1 <= region["startColumn"] < region["endColumn"]
            assert region["startLine"] >= 1
            assert " " not in place["physicalLocation"]["artifactLocation"]["uri"]


@pytest.mark.parametrize("command", ["lint", "validate"])
def test_sarif_has_a_rule_for_each_code_and_each_policy(lab: Lab, command: str) -> None:
    policy(lab)
    lab.spec(communicationServices=OPEN)
    lab.spec(identities={"id one": {}}, name="with space")
    log = sarif(lab, command)
    check_log(log)
    (run,) = log["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert "ACS080/keys-off" in ids
    assert ids == sorted(ids)
    (found,) = [r for r in run["results"] if r["ruleId"] == "ACS080/keys-off"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "specs/test.yaml",
        "uriBaseId": "%SRCROOT%",
    }
    assert found["relatedLocations"][0]["message"]["text"] == "the policy"


def test_sarif_of_nothing_is_a_log_without_results(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    for command in ("lint", "validate"):
        log = sarif(lab, command)
        check_log(log)
        assert log["runs"][0]["results"] == []


def test_sarif_escapes_paths_and_leaves_out_what_lies_in_the_package() -> None:
    rule = Rule("a-b", "Why.", "https://example.com/")
    related = ((Span("<recommended>/x.yaml", 1, 1), "the policy"),)
    finding = Diagnostic(
        Code.POLICY, "p", "m", Span("a b#é.yaml", 2, 3, 4), "l", related, Severity.WARNING, rule
    )
    bare = Diagnostic(Code.SYNTAX, "p", "m", Span("/repo/x.yaml", 1, 1))
    log = to_sarif([finding, bare, Diagnostic(Code.SIZE, "p", "m")], __version__)
    check_log(json.loads(json.dumps(log)))
    nowhere, absolute, here = json.loads(json.dumps(log))["runs"][0]["results"]
    assert "locations" not in nowhere
    assert absolute["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///repo/x.yaml"
    }
    assert "relatedLocations" not in here
    place = here["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b%23%C3%A9.yaml"
    assert place["region"] == {"startLine": 2, "startColumn": 3, "endColumn": 7}
    assert here["message"]["text"] == "p (l)\nmend: m"


def test_github_and_json_name_the_policy(lab: Lab) -> None:
    policy(lab)
    lab.spec(communicationServices=OPEN)
    line = lab.run("lint", "-o", "github").out
    assert line.startswith("::error file=specs/test.yaml,line=7,col=")
    assert "title=ACS080 keys-off::" in line
    (found,) = lab.run("lint", "-o", "json").json
    assert (found["policy"], found["url"]) == ("keys-off", "https://example.com/keys")
