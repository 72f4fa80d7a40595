"""Policies, written short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import Lab

KEYS_OFF: dict[str, Any] = {
    "description": "Keys are shared, and people leave.",
    "problem": "keys work",
    "kinds": ["CommunicationService"],
    "schema": {
        "required": ["disableLocalAuth"],
        "properties": {"disableLocalAuth": {"const": True}},
    },
    "mend": "write `disableLocalAuth: true`",
    "url": "https://example.com/keys",
}
"""A policy that most tests use."""

OPEN = {"acs-one": {"dataLocation": "Europe"}}
CLOSED = {"acs-one": {"dataLocation": "Europe", "disableLocalAuth": True}}


def policy(lab: Lab, name: str = "keys-off", /, **changes: Any) -> Path:
    """Write a policy: `KEYS_OFF` with changes; None takes a field out."""
    spec = {k: v for k, v in (KEYS_OFF | changes).items() if v is not None}
    path = lab.folder / "policies" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"apiVersion: reconciler/v1\nkind: Policy\nmetadata: {{name: {name}}}\n"
        f"spec:\n{_lines(spec)}",
        encoding="utf-8",
    )
    return path


def environment(lab: Lab, name: str) -> None:
    """Write an environment with all stacks."""
    folder = lab.folder / "environments"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(
        f"apiVersion: reconciler/v1\nkind: Environment\nmetadata: {{name: {name}}}\n"
        "spec: {stacks: [../specs]}\n",
        encoding="utf-8",
    )


def exemption(until: str, name: str = "keys-off") -> dict[str, Any]:
    """Return a service with open keys that is exempt."""
    entry = {"policy": name, "reason": "The printers cannot.", "until": until}
    return {"acs-one": {"dataLocation": "Europe", "exemptions": [entry]}}


def concise(lab: Lab, *arguments: str) -> list[str]:
    """Validate, and return one line for each finding."""
    return lab.run("validate", "-o", "concise", *arguments).out.splitlines()


def _lines(spec: dict[str, Any]) -> str:
    return "".join(f"  {key}: {json.dumps(value)}\n" for key, value in spec.items())
