"""The commands of this folder know environments, as plan and apply do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Lab

EXAMPLE = Path(__file__).parents[2] / "examples" / "environments"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_roles_and_checks_are_for_the_environment_that_is_named(lab: Lab, name: str) -> None:
    shutil.copytree(EXAMPLE, lab.folder, dirs_exist_ok=True)
    roles = lab.run("rbac", "generate", "-e", name)
    assert roles.code == 0, roles.err
    assert f"rg-notify-{name}" in roles.out
    for command in (["doctor"], ["rbac", "check"]):
        ran = lab.run(*command, "-e", name, "--target", "emulator")
        assert ran.code == 0, ran.out + ran.err
    assert lab.run("doctor", "-e", "nowhere", "--target", "emulator").code == 64
