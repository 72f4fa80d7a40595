"""A pull request plans what it changes, and what depends on that."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Lab
from tests.shares.test_parts import three_stacks


def git(*arguments: str) -> None:
    """Run git in the current folder."""
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def branch(lab: Lab) -> Lab:
    """A branch that has changed nothing yet: three stacks, the second of which needs the first."""
    Path(".git").rmdir()
    git("init", "--initial-branch=main")
    Path(".gitignore").write_text(".reconciler/\n", encoding="utf-8")
    three_stacks(lab)
    lab.project()
    lab.settle()
    git("add", "--all")
    git("commit", "--message=stacks")
    git("switch", "--create=topic")
    return lab


def planned(lab: Lab, *arguments: str) -> set[str]:
    """Return the stacks that are planned since the branch left main."""
    changes = lab.plan("--changed-since", "main", "-o", "json", *arguments).json["changes"]
    return {change["stack"] for change in changes}


def identity(lab: Lab, location: str, name: str = "a") -> None:
    """Write the stack that the second one needs."""
    lab.spec(identities={f"id-{name}": {"location": location, "tags": {"env": "x"}}}, name=name)


def test_a_branch_without_changes_plans_nothing_and_asks_nothing(branch: Lab) -> None:
    ran = branch.plan("--changed-since", "main")
    assert ran.code == 0
    assert "0 of 3 stacks" in ran.out
    assert branch.arm.requests() == []


def test_a_changed_stack_is_planned_with_its_dependents_committed_or_not(branch: Lab) -> None:
    identity(branch, "westeurope")
    assert planned(branch) == {"a", "b"}
    git("commit", "--all", "--message=change")
    assert planned(branch) == {"a", "b"}
    whole = branch.plan("-o", "json").json
    some = branch.plan("--changed-since", "main", "-o", "json").json
    assert some["changes"] == [c for c in whole["changes"] if c["stack"] in ("a", "b")]
    assert some["steps"] == whole["steps"]


def test_what_a_changed_stack_needs_is_read_and_not_shown(branch: Lab) -> None:
    path = branch.folder / "specs" / "b.yaml"
    path.write_text(f"{path.read_text('utf-8')}\n  tags: {{env: new}}\n", encoding="utf-8")
    assert planned(branch) == {"b"}


def test_a_new_stack_is_planned_before_git_knows_it(branch: Lab) -> None:
    identity(branch, "westeurope", name="d")
    assert planned(branch) == {"d"}


def test_what_main_has_changed_meanwhile_is_not_planned(branch: Lab) -> None:
    git("switch", "main")
    identity(branch, "westeurope")
    git("commit", "--all", "--message=elsewhere")
    git("switch", "topic")
    assert planned(branch) == set()


def test_a_changed_project_file_plans_everything(branch: Lab) -> None:
    branch.project(guards={"maxDeletes": 1})
    assert planned(branch) == {"a", "b", "c"}


def test_a_changed_environment_plans_all_its_stacks(branch: Lab) -> None:
    Path("environments").mkdir()
    Path("environments/prod.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Environment\nmetadata: {name: prod}\n"
        "spec: {stacks: [../specs]}\n",
        encoding="utf-8",
    )
    assert planned(branch) == set()
    assert planned(branch, "-e", "prod") == {"a", "b", "c"}


def test_a_commit_that_git_does_not_know_is_an_error(branch: Lab) -> None:
    for reference in ("nowhere", "--help"):
        ran = branch.plan(f"--changed-since={reference}")
        assert (ran.code, ran.out) == (64, "")
        assert f"git finds no common ancestor of `{reference}`" in ran.err
