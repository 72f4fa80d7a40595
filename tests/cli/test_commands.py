"""What a user types, and what comes back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.cli.main import COMMANDS
from tests.conftest import GROUP, SUBSCRIPTION, Cli, Golden, Lab, identity, service

GOLDEN = Path(__file__).parent / "golden"
REPOSITORY = Path(__file__).parents[2]


def _process(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        check=False,
    )


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["emulator", "serve"]])
def test_every_command_has_help_that_exits_0(cli: Cli, command: list[str]) -> None:
    ran = cli(*command, "--help")
    assert ran.code == 0
    assert ran.out.startswith("Usage: reconciler")


@pytest.mark.parametrize(
    "wrong",
    [
        ["nonsense"],
        ["plan", "--nonsense"],
        ["plan", "-o", "pdf"],
        ["plan", "--target", "ftp://x"],
        ["plan", "--target", "http://management.azure.com"],
        ["plan", "--target", "https://management.azure.com/path"],
        ["apply", "--parallelism", "0"],
        ["explain", "Nonsense"],
        ["export"],
        ["export", "--subscription", "nobody"],
    ],
)
def test_a_wrong_command_line_exits_64_and_says_what_to_write(lab: Lab, wrong: list[str]) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    ran = lab.run(*wrong)
    assert ran.code == 64
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert ran.err.strip()


def test_apply_asks_nobody_when_there_is_no_terminal(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    ran = _process("apply", "--target", lab.arm.url, cwd=lab.folder)
    assert ran.returncode == 64
    assert "--yes" in ran.stderr
    assert lab.arm.writes() == []


def test_stdout_is_data_and_stderr_is_talk(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert lab.plan("-o", "json").json["counts"] == {"create": 1}
    applied = lab.apply("-o", "json")
    assert applied.json["converged"] is True
    assert [o["result"] for o in applied.json["outcomes"]] == ["done"]
    assert "+ create test/identities/id-a" in applied.err
    assert lab.apply("-q", "-o", "json").err.count("done") == 0


def test_markdown_and_requests_are_shown_on_wish(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert lab.plan("-o", "markdown").out.startswith("## Plan: 1 to create")
    assert '"location": "westeurope"' in lab.plan("--requests").out


def test_colours_are_off_without_a_terminal_and_on_when_asked(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert "\x1b[" not in lab.plan().out
    forced = lab.run("--color", "always", "plan", "--target", lab.arm.url)
    assert "\x1b[" in forced.out


def test_the_target_may_come_from_the_environment(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    monkeypatch.setenv("RECONCILER_TARGET", lab.arm.url)
    assert lab.run("plan").code == 2


def test_the_embedded_emulator_outlives_a_run(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    for arguments, code in ((["apply", "--yes"], 0), (["plan"], 0)):
        ran = _process(*arguments, "--target", "emulator", cwd=lab.folder)
        assert ran.returncode == code, ran.stdout + ran.stderr
    assert (lab.folder / ".reconciler" / "emulator.sqlite").is_file()


def test_the_specs_of_this_repository_apply_and_then_plan_empty(workdir: Path) -> None:
    for name in ("specs", "schemas"):
        shutil.copytree(REPOSITORY / name, workdir / name)
    shutil.copy(REPOSITORY / "reconciler.yaml", workdir)
    applied = _process("apply", "specs", "--target", "emulator", "--yes", cwd=workdir)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    planned = _process("plan", "specs", "--target", "emulator", cwd=workdir)
    assert planned.returncode == 0, planned.stdout
    assert "In sync: Azure is as the specs say" in planned.stdout


def test_a_broken_state_file_is_an_error_with_a_mend(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    state = lab.folder / ".reconciler" / "emulator.sqlite"
    state.parent.mkdir()
    state.write_text("this is no database", encoding="utf-8")
    ran = lab.run("plan", "--target", "emulator")
    assert ran.code == 1
    assert "emulator.sqlite" in ran.err


def test_an_endpoint_that_nobody_serves_is_an_incomplete_plan(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    ran = lab.run("plan", "--target", "http://127.0.0.1:9")
    assert ran.code == 1
    assert "could not be read" in ran.out
    assert "check the network" in ran.out


def test_a_reader_that_goes_away_is_no_error(lab: Lab) -> None:
    lab.spec(identities={f"id-{i:03}": {"location": "westeurope"} for i in range(300)})
    command = f"{sys.executable} -m reconciler plan --target {lab.arm.url} | head -1"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=lab.folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert ran.stdout.count("\n") == 1
    assert ran.stderr == ""


@pytest.mark.parametrize("form", ["text", "concise", "github", "json"])
def test_all_problems_of_all_files_come_in_one_run(lab: Lab, form: str) -> None:
    lab.spec(identities={"id-a": {"loction": "westeurope"}})
    lab.spec(
        name="other",
        communicationServices={
            "acs-a": {
                "dataLocation": "Eurpoe",
                "identity": {"userAssigned": ["ref:stack/tset//identities/id-a"]},
            }
        },
    )
    (lab.folder / "specs" / "broken.yaml").write_text("a: [", encoding="utf-8")
    ran = lab.run("validate", "-o", form)
    assert ran.code == 3
    for place in ("specs/broken.yaml", "specs/other.yaml", "specs/test.yaml"):
        assert place in ran.out
    assert "location" in ran.out
    assert "Europe" in ran.out
    if form == "json":
        assert len(json.loads(ran.out)) >= 4


SEMANTIC = {
    "unknown-subscription": "subscription: sub-nowhere\n  resourceGroup: {existing: rg}\n",
    "unknown-target": "outputs: {x: ref:identities/id-b}\n  identities: {id-a: {location: a1b}}\n",
    "unknown-output": "outputs: {x: ref:identities/id-a#clentId}\n"
    "  identities: {id-a: {location: a1b}}\n",
    "removed-target": "identities: {id-a: null}\n  communicationServices:\n"
    "    acs: {dataLocation: UK, identity: {userAssigned: [ref:identities/id-a]}}\n",
    "case-twins": "identities:\n    id-a: {location: a1b}\n    ID-A: {location: a1b}\n",
    "tag-twins": "tags: {env: a, ENV: b}\n",
    "reserved-tag": "identities:\n    id-a: {location: a1b, tags: {Reconciler-Stack: x}}\n",
    "unmarked": "onRemoval: delete\n  identities:\n    id-a: {location: a1b, tags: null}\n",
}


@pytest.mark.parametrize("name", SEMANTIC)
def test_what_a_schema_cannot_say_is_said_with_its_place(
    cli: Cli, workdir: Path, golden: Golden, name: str
) -> None:
    text = SEMANTIC[name]
    head = "" if "subscription" in text else f"subscription: {SUBSCRIPTION}\n"
    group = "" if "resourceGroup" in text else "  resourceGroup: {existing: rg-a}\n"
    indent = "" if head == "" else "  "
    spec = f"  {head}{group}{indent if head else '  '}{text}" if head else f"  {text}"
    (workdir / "spec.yaml").write_text(
        f"apiVersion: reconciler/v1\nkind: Stack\nmetadata: {{name: one}}\nspec:\n{spec}",
        encoding="utf-8",
    )
    ran = cli("validate", "spec.yaml")
    assert ran.code == 3
    golden(GOLDEN / f"{name}.txt", ran.out)


def test_two_stacks_with_one_name_are_refused(lab: Lab) -> None:
    first = lab.spec(identities={"id-a": {"location": "westeurope"}})
    second = lab.folder / "specs" / "again.yaml"
    second.write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    ran = lab.run("validate")
    assert ran.code == 3
    assert "two stacks called `test`" in ran.out


def test_one_resource_in_two_stacks_is_refused(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    lab.spec(name="other", identities={"ID-A": {"location": "westeurope"}})
    ran = lab.run("validate")
    assert ran.code == 3
    assert "the same Azure resource" in ran.out


@pytest.mark.parametrize("form", ["mermaid", "dot"])
def test_graph(cli: Cli, golden: Golden, form: str) -> None:
    ran = cli(
        "graph",
        str(REPOSITORY / "specs"),
        "--project",
        str(REPOSITORY / "reconciler.yaml"),
        "-o",
        form,
    )
    assert ran.code == 0
    golden(GOLDEN / f"graph.{form}", ran.out)


@pytest.mark.parametrize(
    "path", ["", "Stack", "CommunicationService", "CommunicationService.identity", "ACS053"]
)
def test_explain(cli: Cli, golden: Golden, path: str) -> None:
    ran = cli("explain", *([path] if path else []))
    assert ran.code == 0
    golden(GOLDEN / f"explain-{path or 'all'}.txt", ran.out)


def test_explain_knows_every_field_of_every_kind(cli: Cli) -> None:
    ran = cli("explain", "Stack", "--recursive")
    assert ran.code == 0
    for word in ("dataLocation", "isolationScope", "userAssignedIdentities", "onRemoval"):
        assert word in ran.out
    assert "did you mean `identity`" in cli("explain", "CommunicationService.identiy").err


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("ResourceGroup", "FIELD     Stack.spec.resourceGroup <object, required>"),
        ("suppressionListAddress", "FIELD     SuppressionList.addresses <object>"),
        ("Stack.moved", "FIELD     Stack.spec.moved <array>"),
        ("project.guards.maxdeletes", "FIELD     Project.spec.guards.maxDeletes <integer>"),
        ("Environment.patches", "JSON merge patches"),
        ("RoleAssignment.role", "A built-in role by name, or any role by its GUID."),
        ("RoleAssignment.role", "FORM      a role's GUID"),
        ("RoleAssignment.principal", "another value makes another one, and leaves this one"),
    ],
)
def test_explain_finds_what_people_ask_for(cli: Cli, path: str, words: str) -> None:
    ran = cli("explain", path)
    assert ran.code == 0, ran.err
    assert words in ran.out


def test_init_writes_what_validates_applies_and_is_never_overwritten(lab: Lab) -> None:
    assert lab.run("init", "new", "--subscription", SUBSCRIPTION).code == 0
    before = {p: p.read_bytes() for p in (lab.folder / "new").rglob("*") if p.is_file()}
    assert lab.run("init", "new").code == 0
    assert before == {p: p.read_bytes() for p in (lab.folder / "new").rglob("*") if p.is_file()}
    for arguments in (["validate"], ["apply", "--yes", "--target", "emulator"]):
        ran = _process("-C", "new", *arguments, cwd=lab.folder)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert _process("-C", "new", "plan", "--target", "emulator", cwd=lab.folder).returncode == 0


def test_an_export_of_what_others_made_is_valid_and_its_plan_is_empty(lab: Lab) -> None:
    lab.arm.group(GROUP.replace("rg-test", "RG_Other.1"))
    lab.arm.put(identity("id-a"), {"location": "West Europe", "tags": {"when": "2025-01-01"}})
    other = identity("Id_B").replace("rg-test", "RG_Other.1")
    lab.arm.put(other, {"location": "northeurope", "tags": {"n": "017", "y": "yes", "e": ""}})
    users: dict[str, object] = {
        identity("id-a").replace("resourceGroups", "resourcegroups"): {},
        other.lower(): {},
    }
    lab.arm.put(
        service("ACS-one"),
        {
            "location": "Global",
            "properties": {"dataLocation": "UnitedStates", "disableLocalAuth": False},
            "identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": users},
            "tags": {"hidden-link": "x", "reconciler-stack": "somebody"},
        },
    )
    lab.arm.put(service("acs-two"), {"location": "global", "properties": {"dataLocation": "UK"}})
    lab.arm.forget()
    ran = lab.run(
        "export", "--subscription", SUBSCRIPTION, "--target", lab.arm.url, "--out", "specs"
    )
    assert ran.code == 0, ran.err
    assert lab.arm.writes() == []
    text = (lab.folder / "specs" / "rg-test.yaml").read_text(encoding="utf-8")
    assert "ref:identities/id-a" in text
    assert "ref:stack/rg-other-1//identities/Id_B" in text
    assert lab.run("validate").code == 0
    assert lab.plan().code == 0
    again = lab.run(
        "export", "--subscription", SUBSCRIPTION, "--target", lab.arm.url, "--out", "specs"
    )
    assert again.code == 64
    assert "is there already" in again.err


def test_an_export_that_cannot_read_everything_writes_nothing(lab: Lab) -> None:
    lab.arm.fault(method="GET", path="userAssigned", times=None, status=500, code="X", message="no")
    ran = lab.run("export", "--subscription", SUBSCRIPTION, "--target", lab.arm.url, "--out", "out")
    assert ran.code == 1
    assert not (lab.folder / "out").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts_are_printed(cli: Cli, shell: str) -> None:
    ran = cli("completion", shell)
    assert ran.code == 0
    assert "_RECONCILER_COMPLETE" in ran.out


def test_commands_are_completed() -> None:
    environment = {
        "_RECONCILER_COMPLETE": "bash_complete",
        "COMP_WORDS": "reconciler pl",
        "COMP_CWORD": "1",
    }
    ran = _process(cwd=REPOSITORY, **environment)
    assert "plan" in ran.stdout
