"""Files and paths that mean harm: told with a place, in bounded time, and never printed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.conftest import Lab

SECRET = "the-secret-of-the-machine"
BOUND = 5.0
"""Seconds that none of them may take, on a machine however slow."""


@pytest.fixture
def machine(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside of the repository, with a file that nobody should see."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "secret.yaml").write_text(f"token: {SECRET}: {SECRET}\n", encoding="utf-8")
    (folder / "secret.txt").write_text(f"{SECRET}\n", encoding="utf-8")
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    return folder


def refused(lab: Lab, *words: str) -> str:
    """Run something that must be refused, quickly, and return all that it printed."""
    started = time.monotonic()
    ran = lab.run(*words)
    assert ran.code == 3, ran.out + ran.err
    assert time.monotonic() - started < BOUND
    assert "Traceback" not in ran.err
    assert SECRET not in ran.out + ran.err
    return ran.out + ran.err


@pytest.mark.parametrize("field", ["specs", "environments", "policies"])
@pytest.mark.parametrize("form", ["absolute", "relative", "glob", "link", "linked folder"])
def test_a_project_cannot_name_files_of_the_machine(
    lab: Lab, machine: Path, field: str, form: str
) -> None:
    os.symlink(machine, lab.folder / "linked")
    os.symlink(machine / "secret.yaml", lab.folder / "link.yaml")
    named = {
        "absolute": str(machine / "secret.yaml"),
        "relative": os.path.relpath(machine / "secret.yaml", lab.folder),
        "glob": f"{machine}/*.yaml",
        "link": "link.yaml",
        "linked folder": "linked",
    }[form]
    lab.project(**{field: [named]})
    said = refused(lab, "validate")
    assert "error[ACS113]" in said
    assert "reconciler.yaml:3:" in said


def test_an_environment_cannot_name_files_of_the_machine(lab: Lab, machine: Path) -> None:
    folder = lab.folder / "environments"
    folder.mkdir()
    (folder / "prod.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Environment\nmetadata: {name: prod}\n"
        f"spec: {{stacks: ['../specs/*.yaml', {machine}/secret.yaml]}}\n",
        encoding="utf-8",
    )
    assert "environments/prod.yaml:4:" in refused(lab, "plan", "-e", "prod")


def test_a_link_among_specs_does_not_lead_to_files_of_the_machine(lab: Lab, machine: Path) -> None:
    os.symlink(machine / "secret.yaml", lab.folder / "specs" / "link.yaml")
    assert "ACS023" in refused(lab, "validate")
    assert "ACS023" in refused(lab, "validate", "specs/*.yaml")


def test_a_glob_does_not_lead_through_a_linked_folder(lab: Lab, machine: Path) -> None:
    os.symlink(machine, lab.folder / "specs" / "linked")
    lab.project(specs=["specs/*/*.yaml"])
    assert "ACS023" in refused(lab, "validate")
    lab.project(specs=["specs/*/../../../*/*.yaml"])
    assert "ACS113" in refused(lab, "validate")


@pytest.mark.parametrize("form", ["relative", "link"])
def test_a_file_of_addresses_lies_in_the_repository(
    lab: Lab, machine: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", "a key of the tests")
    os.symlink(machine / "secret.txt", lab.folder / "specs" / "link.txt")
    outside = os.path.relpath(machine / "secret.txt", lab.folder / "specs")
    lists = {
        "list-a": {
            "sender": "x",
            "addresses": {"file": outside if form == "relative" else "link.txt"},
        }
    }
    domain = {
        "management": "CustomerManaged",
        "senderUsernames": {"x": {}},
        "suppressionLists": lists,
    }
    lab.spec(emailServices={"mail": {"dataLocation": "Europe", "domains": {"a.test": domain}}})
    said = refused(lab, "plan", "--target", lab.arm.url)
    assert "it lies outside of the repository" in said


@pytest.mark.parametrize("place", ["specs/pipe.yaml", "other.yaml", "policies/pipe.yaml"])
def test_a_pipe_is_not_waited_for(lab: Lab, machine: Path, place: str) -> None:
    del machine
    path = lab.folder / place
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    words = ("--project", place) if place == "other.yaml" else ()
    assert place in refused(lab, "validate", *words)


def test_a_glob_with_many_stars_costs_no_more_than_one(lab: Lab, machine: Path) -> None:
    del machine
    folder = lab.folder / "specs" / "/".join("abcdefghijkl")
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text("kind: Stak\n", encoding="utf-8")
    assert "ACS" in refused(lab, "validate", "**/" * 30 + "*.yaml")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/stdin", "/dev/null", "/proc/self/mem"])
def test_a_device_is_no_spec(lab: Lab, machine: Path, device: str) -> None:
    del machine
    refused(lab, "validate", device)


@pytest.mark.parametrize("name", ["a\0b", "../" * 90 + "etc/passwd", "x" * 5000, "~root"])
@pytest.mark.parametrize("field", ["specs", "environments", "policies"])
def test_a_path_that_is_none_is_told(lab: Lab, machine: Path, name: str, field: str) -> None:
    del machine
    lab.project(**{field: [name]})
    refused(lab, "validate")


def test_a_file_name_that_means_harm_is_spelt_out(lab: Lab, machine: Path) -> None:
    del machine
    for name in ("\x1b[31m.yaml", "a\n::error::b.yaml", "##vso[x]y.yaml"):
        (lab.folder / "specs" / name).write_text("kind: Stak\n", encoding="utf-8")
    for form in ("text", "concise", "github", "json", "sarif"):
        said = refused(lab, "validate", "-o", form)
        assert "\x1b" not in said
        assert "##vso[" not in said
        assert not [x for x in said.splitlines() if x.startswith("::error::b")]
