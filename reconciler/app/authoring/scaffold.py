"""A repository of specs, started."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from reconciler.documents import schemas
from reconciler.documents.modeline import FOLDER

PLACEHOLDER = "00000000-0000-0000-0000-000000000000"

PROJECT = """\
# yaml-language-server: $schema=.reconciler/schemas/project.schema.json
apiVersion: reconciler/v1
kind: Project
spec:
  specs: [specs]
  subscriptions:
    # An alias for each subscription; stacks name the alias.
    main: {subscription}
  guards:
    # A plan that deletes or replaces more than this is shown and refused.
    maxDeletes: 3
    maxReplaces: 1
"""

STACK = """\
# yaml-language-server: $schema=../.reconciler/schemas/stack.schema.json
apiVersion: reconciler/v1
kind: Stack
metadata:
  name: example
spec:
  subscription: main
  resourceGroup: {{existing: {group}}} # it is never created, changed or deleted
  tags: {{service: example}}

  identities:
    id-example:
      location: westeurope

  communicationServices:
    # Names are unique in all of Azure.
    acs-example:
      dataLocation: Europe # it can never be changed
      identity:
        systemAssigned: true
        userAssigned: [ref:identities/id-example]

  outputs:
    hostName: ref:communicationServices/acs-example#hostName
"""

IGNORE = """\
# What `reconciler` keeps beside the specs: journals, locks, and the emulator's state.
*
!.gitignore
!schemas/
!schemas/*.json
"""

EDITOR = {
    "yaml.schemas": {
        ".reconciler/schemas/project.schema.json": "reconciler.yaml",
        ".reconciler/schemas/stack.schema.json": "specs/**/*.yaml",
        ".reconciler/schemas/environment.schema.json": "environments/**/*.yaml",
        ".reconciler/schemas/policy.schema.json": "policies/**/*.yaml",
    }
}


def scaffold(folder: Path, subscription: str, group: str) -> Iterator[tuple[bool, Path]]:
    """Write the files that are not there yet.

    Args:
        folder: where to; made if need be.
        subscription: the id behind the alias ``main``, or nothing to fill it in later.
        group: the resource group of the example, or nothing for a made-up name.

    Yields:
        Whether a file was written (else it was there and is left alone), and its path.

    """
    contents = {
        "reconciler.yaml": PROJECT.format(subscription=subscription or PLACEHOLDER),
        "specs/example.yaml": STACK.format(group=group or "rg-example"),
        ".vscode/settings.json": json.dumps(EDITOR, indent=2) + "\n",
        ".reconciler/.gitignore": IGNORE,
    }
    contents |= {f"{FOLDER.as_posix()}/{n}": t for n, t in schemas.texts().items()}
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            yield False, path
        else:
            yield True, path
