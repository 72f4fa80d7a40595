"""One stack in two environments: chosen, planned, applied, guarded and drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from reconciler.documents.yaml_reader import read
from tests.conftest import LOOSE, SUBSCRIPTION, Golden, Lab, identity, service
from tests.environments.worlds import BASE, DEV, HEAD, PROD, environment, project, repository, stack

GOLDEN = Path(__file__).parent / "golden"


def test_an_environment_is_planned_applied_and_then_in_sync(lab: Lab) -> None:
    repository(lab.folder)
    assert lab.changes("-e", "dev") == {
        "mail/identities/id-dev": "create",
        "mail/communicationServices/acs-dev": "create",
        "mail/communicationServices/acs-sandbox": "create",
    }
    assert lab.apply("-e", "dev").code == 0
    assert lab.plan("-e", "dev").code == 0
    assert lab.apply("-e", "prod").code == 0
    live = lab.arm.get(service("acs-prod"))
    assert live["properties"]["publicNetworkAccess"] == "Disabled"
    assert live["properties"]["disableLocalAuth"] is True
    assert live["tags"] == {"env": "prod", "note": "costs ${5}", "tier": "gold"}


def test_null_in_a_patch_lets_go_of_a_resource_and_deletes_nothing(lab: Lab) -> None:
    repository(lab.folder)
    assert lab.apply("-e", "dev").code == 0
    lab.arm.forget()
    assert lab.apply("-e", "prod", "--prune").code == 0
    assert lab.arm.get(service("acs-sandbox")) is not None
    assert [method for method, _, _ in lab.arm.writes() if method == "DELETE"] == []


def test_the_environment_may_come_from_the_shell(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(lab.folder)
    monkeypatch.setenv("RECONCILER_ENV", "prod")
    assert "mail/identities/id-prod" in lab.changes()
    assert "id-prod" in lab.run("graph").out


def test_the_guards_of_an_environment_come_before_those_of_the_project(lab: Lab) -> None:
    project(lab.folder, guards={"maxDeletes": 5})
    gone = BASE + f"    acs-old: null\n  {LOOSE}\n"
    stack(lab.folder, gone)
    environment(lab.folder, "dev", DEV)
    environment(lab.folder, "prod", PROD)
    lab.arm.put(
        service("acs-old"), {"location": "global", "properties": {"dataLocation": "Europe"}}
    )
    assert lab.plan("-e", "dev").code == 2
    refused = lab.plan("-e", "prod")
    assert refused.code == 4
    assert "the limit is 0" in refused.out


def test_without_an_environment_defaults_apply_and_others_are_asked_for(lab: Lab) -> None:
    repository(lab.folder)
    ran = lab.plan()
    assert ran.code == 3
    assert "stacks/mail.yaml:6:5" in ran.err
    assert "-e NAME" in ran.err
    stack(lab.folder, BASE.replace("enum: [dev, prod]", "default: dev"))
    assert "mail/identities/id-dev" in lab.changes()


def test_an_unknown_environment_is_a_usage_error_that_says_where_the_others_are(lab: Lab) -> None:
    repository(lab.folder)
    ran = lab.plan("-e", "prdo")
    assert ran.code == 64
    assert "environments/dev.yaml:3:18" in ran.err
    assert "environments/prod.yaml:3:18" in ran.err
    assert "did you mean `prod`?" in ran.err


def test_an_environment_without_any_file_is_a_usage_error(lab: Lab) -> None:
    project(lab.folder)
    assert lab.plan("-e", "prod").code == 64
    (lab.folder / "environments").mkdir()
    assert lab.plan("-e", "prod").code == 64


def test_an_environment_works_while_the_file_of_another_is_broken(lab: Lab) -> None:
    repository(lab.folder)
    (lab.folder / "environments" / "test.yaml").write_text("a: [", encoding="utf-8")
    assert lab.plan("-e", "dev").code == 2
    assert lab.plan("-e", "test").code == 3
    assert lab.run("validate").code == 3


def test_paths_choose_among_the_stacks_of_an_environment(lab: Lab) -> None:
    repository(lab.folder)
    other = BASE.replace("acs-", "acs-other-").replace("id-", "id-other-")
    stack(lab.folder, other, "other")
    assert set(lab.changes("-e", "dev", "stacks/other.yaml")) == {
        "other/identities/id-other-dev",
        "other/communicationServices/acs-other-dev",
        "other/communicationServices/acs-other-sandbox",
    }
    stray = lab.folder / "stray.yaml"
    stray.write_text(HEAD.format(kind="Stack", name="stray") + BASE, encoding="utf-8")
    ran = lab.run("validate", "-e", "dev", "stray.yaml", "-o", "concise")
    assert ran.code == 3
    assert re.match(r"stray\.yaml:1:1: ACS069 ", ran.out)


def test_validate_goes_through_every_environment(lab: Lab) -> None:
    repository(lab.folder)
    assert lab.run("validate").out == "Valid: 3 files, 2 environments, 7 resources.\n"
    assert lab.run("validate", "-e", "prod").out == "Valid: 2 files, 1 environment, 3 resources.\n"
    environment(lab.folder, "prod", PROD.replace("northeurope", "'north!'"))
    assert lab.run("validate", "-e", "dev").code == 0
    for arguments in ((), ("stacks/mail.yaml",), ("environments/prod.yaml",), ("-e", "prod")):
        ran = lab.run("validate", "-o", "concise", *arguments)
        assert ran.code == 3
        assert ran.out.startswith("environments/prod.yaml:8:13: ACS037 "), ran.out


def test_an_environment_is_no_stack(lab: Lab) -> None:
    repository(lab.folder)
    ran = lab.plan("environments/prod.yaml")
    assert ran.code == 3
    assert "-e prod" in ran.err


def test_environments_may_lie_in_one_folder_with_stacks(lab: Lab) -> None:
    project(lab.folder, specs=["."], environments=["environments/*.yaml"])
    stack(lab.folder, BASE.replace("enum: [dev, prod]", "default: dev"))
    environment(lab.folder, "dev", "  stacks: ['..']\n  vars: {stage: dev}\n")
    assert lab.run("validate").code == 0
    assert lab.plan().code == 2
    assert lab.plan("-e", "dev").code == 2


def test_two_environments_prune_only_what_bears_their_own_mark(lab: Lab) -> None:
    repository(lab.folder)
    stack(lab.folder, BASE + "  onRemoval: delete\n")
    for name in ("dev", "prod"):
        assert lab.apply("-e", name).code == 0
        assert lab.plan("-e", name, "--prune").code == 0
    tags = lab.arm.get(identity("id-dev"))["tags"]
    assert tags["reconciler-stack"] == "dev/mail"
    stack(lab.folder, BASE.replace("id-$", "id-new-$") + "  onRemoval: delete\n")
    assert lab.changes("-e", "dev", "--prune")["mail/identities/id-dev"] == "delete"
    assert "mail/identities/id-prod" not in lab.changes("-e", "dev", "--prune")


def test_a_mark_from_before_there_were_environments_is_taken_over(lab: Lab) -> None:
    repository(lab.folder)
    stack(lab.folder, BASE + "  onRemoval: delete\n")
    body = {"location": "westeurope", "tags": {"reconciler-stack": "mail"}}
    lab.arm.put(identity("id-dev"), body)
    assert lab.changes("-e", "dev")["mail/identities/id-dev"] == "adopt"
    lab.arm.put(identity("id-dev"), body | {"tags": {"reconciler-stack": "prod/mail"}})
    refused = lab.plan("-e", "dev")
    assert refused.code == 4
    assert "belongs to stack `prod/mail`" in refused.out


def test_two_environments_that_manage_one_resource_are_refused(lab: Lab) -> None:
    repository(lab.folder)
    assert lab.run("validate").code == 0
    stack(lab.folder, BASE.replace("id-${var.stage}", "id-both"))
    ran = lab.run("validate")
    assert ran.code == 3
    assert "ACS090" in ran.out
    assert "environments `dev` and `prod` both manage `mail/identities/id-both`" in ran.out


def test_render_prints_a_stack_that_renders_to_itself(lab: Lab, golden: Golden) -> None:
    repository(lab.folder)
    text = lab.run("render", "-e", "prod").out
    again = lab.folder / "again.yaml"
    again.write_text(text, encoding="utf-8")
    lines = lab.run("render", "again.yaml").out.splitlines()
    assert lines[1:] == text.splitlines()[1:]
    (only,) = lab.run("render", "-e", "prod", "-o", "json").json
    document, findings = read(text, "again.yaml")
    assert findings == []
    assert document is not None
    assert only == {"file": "stacks/mail.yaml", "document": document.value}
    golden(GOLDEN / "render-prod.yaml", text)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_annotated_lines_name_a_line_that_is_there(lab: Lab, golden: Golden, name: str) -> None:
    repository(lab.folder)
    text = lab.run("render", "-e", name, "--annotate").out
    places = re.findall(r"([\w/]+\.yaml):(\d+)", text)
    assert places
    for file, line in places:
        lines = (lab.folder / file).read_text(encoding="utf-8").splitlines()
        assert lines[int(line) - 1].strip()
    plain = [line.partition(" # ")[0] for line in text.splitlines()[1:]]
    assert plain == lab.run("render", "-e", name).out.splitlines()[1:]
    golden(GOLDEN / f"annotated-{name}.yaml", text)


def test_several_stacks_are_rendered_as_documents(lab: Lab) -> None:
    repository(lab.folder)
    stack(lab.folder, BASE.replace("acs-", "acs-o-").replace("id-", "id-o-"), "other")
    text = lab.run("render", "-e", "dev").out
    heads = [part.splitlines()[0] for part in text.split("---\n")]
    assert heads == ["# stacks/mail.yaml", "# stacks/other.yaml"]
    assert len(json.loads(lab.run("render", "-e", "dev", "-o", "json").out)) == 2


def test_explain_says_what_null_means_in_a_patch(lab: Lab) -> None:
    text = " ".join(lab.run("explain", "Environment.spec.patches").out.split())
    assert "null takes a key out of the stack" in text
    assert "as if it had never been written" in text


def test_an_export_writes_what_others_wrote_as_itself(lab: Lab) -> None:
    project(lab.folder)
    body = {
        "location": "global",
        "tags": {"note": "${a} $${b}"},
        "properties": {"dataLocation": "Europe"},
    }
    lab.arm.put(service("acs-made"), body)
    ran = lab.run("export", "--target", lab.arm.url, "--subscription", SUBSCRIPTION, "--out", "out")
    assert ran.code == 0, ran.out + ran.err
    assert lab.plan("out").code == 0


def test_a_mapping_that_a_patch_empties_is_annotated(lab: Lab) -> None:
    project(lab.folder)
    stack(
        lab.folder,
        "  subscription: dev\n  resourceGroup: {existing: rg-test}\n  tags:\n    a: b\n",
    )
    environment(
        lab.folder,
        "prod",
        "  stacks: [../stacks]\n  patches:\n    mail:\n      spec:\n        tags: {a: null}\n",
    )
    text = lab.run("render", "-e", "prod", "--annotate").out
    assert text.splitlines()[-1] == "  tags: {} # environments/prod.yaml:9"
