"""The specs of this repository are examples: they are valid, and editors can check them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.app.loading.specs import load
from reconciler.emulator.registry import EMULATED
from reconciler.kinds import KINDS
from reconciler.model.resource import OnRemoval, Presence

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


@pytest.mark.parametrize("path", [*SPECS, ROOT / "reconciler.yaml"], ids=lambda p: p.name)
def test_a_file_begins_with_a_modeline_that_leads_to_its_schema(path: Path) -> None:
    found = MODELINE.match(path.read_text(encoding="utf-8"))
    assert found, "the first line is no modeline"
    schema = "project" if path.name == "reconciler.yaml" else "stack"
    assert (path.parent / found[1]).resolve() == ROOT / "schemas" / f"{schema}.schema.json"


def test_the_specs_are_valid_without_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    specs = load([], ROOT / "reconciler.yaml")
    assert len(specs.documents) == len(SPECS)
    assert specs.warnings == ()


def test_the_specs_show_every_emulated_kind_and_every_way_to_speak_of_a_resource(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    resources = load([], ROOT / "reconciler.yaml").desired.resources
    provable = {k.name for k in KINDS.values() if k.arm_type.lower() in EMULATED and k.schema}
    assert provable - {r.kind for r in resources} == set()
    assert {r.presence for r in resources} == set(Presence)
    managed = [r for r in resources if r.presence is Presence.MANAGED]
    assert {r.lifecycle.on_removal for r in managed} == set(OnRemoval)
    assert {r.lifecycle.prevent_replace.on for r in managed} == {True, False}


def test_the_specs_show_identity_none_system_user_and_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    resources = load([], ROOT / "reconciler.yaml").desired.resources
    forms = {
        (bool(form.get("systemAssigned")), bool(form.get("userAssigned")))
        for resource in resources
        if isinstance(form := resource.fields.get("identity"), dict)
    }
    assert forms == {(False, False), (True, False), (False, True), (True, True)}
