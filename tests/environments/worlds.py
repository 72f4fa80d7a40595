"""Small repositories with environments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import SUBSCRIPTION

HEAD = "apiVersion: reconciler/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"
BASE = """\
  vars:
    stage: {type: string, enum: [dev, prod], description: Part of every name.}
    region: {type: string, default: westeurope}
    keyless: {type: boolean, default: false}
  subscription: ${var.stage}
  resourceGroup: {existing: rg-test}
  tags: {env: '${var.stage}', note: 'costs $${5}'}
  identities:
    id-${var.stage}:
      location: ${var.region}
  communicationServices:
    acs-${var.stage}:
      dataLocation: Europe
      disableLocalAuth: ${var.keyless}
      identity:
        userAssigned: ['ref:identities/id-${var.stage}']
    acs-sandbox:
      dataLocation: Europe
"""
DEV = "  stacks: [../stacks]\n  vars: {stage: dev}\n"
PROD = """\
  stacks: [../stacks]
  vars:
    stage: prod
    region: northeurope
    keyless: true
  patches:
    mail:
      spec:
        tags: {tier: gold}
        communicationServices:
          acs-${var.stage}: {publicNetworkAccess: Disabled}
          acs-sandbox: null
  guards: {maxDeletes: 0}
"""


def stack(folder: Path, body: str, name: str = "mail") -> Path:
    """Write a stack from YAML below ``spec``."""
    return _write(folder / "stacks" / f"{name}.yaml", HEAD.format(kind="Stack", name=name) + body)


def environment(folder: Path, name: str, body: str, file: str = "") -> Path:
    """Write an environment from YAML below ``spec``."""
    path = folder / "environments" / f"{file or name}.yaml"
    return _write(path, HEAD.format(kind="Environment", name=name) + body)


def project(folder: Path, **spec: Any) -> Path:
    """Write a project file whose stacks lie in ``stacks``."""
    aliases = {"dev": SUBSCRIPTION, "prod": SUBSCRIPTION}
    settings = {"specs": ["stacks"], "subscriptions": aliases, **spec}
    text = f"apiVersion: reconciler/v1\nkind: Project\nspec: {json.dumps(settings)}\n"
    return _write(folder / "reconciler.yaml", text)


def repository(folder: Path) -> None:
    """Write one stack, and the environments dev and prod."""
    project(folder)
    stack(folder, BASE)
    environment(folder, "dev", DEV)
    environment(folder, "prod", PROD)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
