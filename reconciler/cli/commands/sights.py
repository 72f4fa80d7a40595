"""Where ``drift`` gets to know what is wanted and what there is: from Azure, or from parts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reconciler.app.loading.addresses import Addresses
from reconciler.app.loading.specs import Specs, load
from reconciler.cli.commands.clustering import clustered
from reconciler.cli.output import print_diagnostics
from reconciler.cli.progress import Progress
from reconciler.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.app.drifting.look import Reading


class Sight(NamedTuple):
    """What a run of drift looks at."""

    specs: Callable[[], Specs]
    """Reads the specs anew."""
    target: str
    """Who is asked, also who changed what."""
    reading: Reading
    """Puts something around the reader while Azure is read."""


class Wish(NamedTuple):
    """What was asked for on the command line."""

    paths: Sequence[Path]
    project_path: Path | None
    environment: str | None
    target: str
    cluster: str
    parts: Path | None
    every: float | None

    def check(self) -> None:
        """Refuse what does not go with parts.

        Raises:
            UsageError: something does not.

        """
        if self.parts is None:
            return
        if self.paths or self.environment:
            problem = "--parts says which stacks: leave out PATHS and --env"
            raise UsageError(problem)
        if self.cluster or self.every is not None:
            problem = "--parts is looked at instead of Azure: leave out --cluster and --every"
            raise UsageError(problem)


def sight_of(wish: Wish, progress: Progress, *, unmanaged: bool) -> Sight:
    """Return what is looked at.

    Args:
        wish: what was asked for.
        progress: is told how far a cluster is.
        unmanaged: whether it has to be known, too, what is in no spec.

    Raises:
        InvalidInputError: a file is no part.
        UsageError: there is no part, or the shards did not look for that.

    """
    if wish.parts is not None:
        from reconciler.cli.commands.parts import parts_in, reading, specs_of

        parts = parts_in(wish.parts, whole=unmanaged)
        specs = partial(specs_of, parts, wish.project_path)
        return Sight(specs, parts.target, partial(reading, parts))

    def read() -> Specs:
        found = load(wish.paths, wish.project_path, wish.environment, addresses=Addresses.NEEDED)
        if found.warnings:
            print_diagnostics(found.warnings, sys.stderr)
        return found

    through = partial(clustered, wish.cluster, target=wish.target, progress=progress)
    return Sight(read, wish.target, through)
