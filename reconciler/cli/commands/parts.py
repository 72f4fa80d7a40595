"""Parts that shards have written, for the commands that look at them instead of Azure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reconciler.app.loading.addresses import Addresses
from reconciler.app.loading.specs import Specs, load
from reconciler.app.sharing.shares import Parts
from reconciler.cli.output import print_diagnostics, talk
from reconciler.engine.ports import Reader
from reconciler.model.errors import UsageError
from reconciler.render.formats.words import plural


def read_parts(paths: Sequence[Path]) -> Parts:
    """Return the parts in some files, and say which are missing."""
    found = Parts.read(paths)
    talk([f"missing: the part of shard {shard}" for shard in found.missing])
    return found


def parts_in(folder: Path, *, whole: bool) -> Parts:
    """Return the parts in a folder, and say which are missing.

    Args:
        folder: its ``*.json`` are the parts.
        whole: whether it has to be known, too, what is in no spec.

    Raises:
        UsageError: there are none, or the shards did not look for that.

    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        problem = f"there is no part in {folder}"
        raise UsageError(problem, "write parts with `reconciler plan --shard NUMBER/COUNT --part`")
    found = read_parts(paths)
    if whole and not found.is_whole:
        problem = "the shards did not look for what is in no spec"
        raise UsageError(problem, "plan the shards with --prune, or leave out --unmanaged")
    return found


def specs_of(parts: Parts, project_path: Path | None) -> Specs:
    """Return the specs that parts were made from, and say what is not compared."""
    specs = load((), project_path, parts.environment, addresses=Addresses.PASSED_OVER)
    if specs.warnings:
        print_diagnostics(specs.warnings, sys.stderr)
    if specs.desired.entries:
        lists = plural(len(specs.desired.entries), "suppression list")
        talk([f"note: the addresses of {lists} are not compared: no part has them"])
    return specs.without_addresses()


@contextmanager
def reading(parts: Parts, specs: Specs) -> Iterator[Callable[[Reader], Reader]]:
    """Yield what answers from parts in place of Azure.

    Raises:
        UsageError: the parts were made from other specs.

    """
    told = parts.reader(specs)
    yield lambda _: told
