"""Plans of some of the stacks: a shard's share, or what a branch has changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace

import click

from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import Planned
from reconciler.cli.commands.clustering import clustered
from reconciler.cli.output import talk
from reconciler.cli.plan_options import Sharing
from reconciler.cli.progress import Progress
from reconciler.core.specs.shards import shard_of, shares, with_dependents
from reconciler.engine.ports import Reader
from reconciler.engine.recorded import Recording
from reconciler.render.formats.sections import Section, Tone
from reconciler.render.formats.words import plural


class Sharer:
    """Chooses stacks, and keeps what a shard was told."""

    def __init__(self, wish: Sharing, *, whole: bool, asks: bool) -> None:
        """Look at what was asked for, so that mistakes are said before anything is read.

        Args:
            wish: what was asked for.
            whole: whether something else was asked for that takes the whole plan.
            asks: whether Azure is asked at all.

        Raises:
            UsageError: the wishes do not go together, or say no shard.

        """
        if wish.shard and wish.changed_since:
            raise click.UsageError("--shard and --changed-since choose in different ways")
        if wish.part is not None and not wish.shard:
            raise click.UsageError("--part is for the plan of a --shard, which is missing")
        if wish.cluster and wish.shard:
            raise click.UsageError("--cluster reads for the plan of all stacks: leave out --shard")
        if wish.cluster and not asks:
            raise click.UsageError("--cluster reads Azure, and --snapshot is read instead of Azure")
        if whole and (wish.shard or wish.changed_since):
            problem = (
                "a plan of some stacks is not sealed, rehearsed or undone, and destroys nothing"
            )
            raise click.UsageError(problem)
        self._wish = wish
        self._shard = shard_of(wish.shard, os.environ) if wish.shard else None
        self._recording: Recording | None = None
        self.stacks: Set[str] | None = None
        """The stacks that are planned, None for all."""
        self.sections: tuple[Section, ...] = ()
        """What a report says of it."""

    def choose(self, specs: Specs) -> None:
        """Choose stacks, if not all of them are wanted.

        Raises:
            UsageError: git cannot tell what has changed.

        """
        of = plural(len(specs.desired.stacks), "stack")
        if self._shard is not None:
            self.stacks = shares(specs.desired, self._shard.count)[self._shard.number - 1]
            summary = f"This is shard {self._shard}: {len(self.stacks)} of {of}."
            self.sections = (Section("shard", f"Shard {self._shard}", Tone.NOTE, summary),)
        elif self._wish.changed_since:
            from reconciler.app.sharing.changed import changed_stacks

            changed = changed_stacks(specs, self._wish.changed_since)
            self.stacks = with_dependents(specs.desired, changed)
            summary = (
                f"Only what has changed since {self._wish.changed_since} is planned, and what"
                f" depends on it: {len(self.stacks)} of {of}."
            )
            self.sections = (Section("changed", "Changed stacks", Tone.NOTE, summary),)

    @contextmanager
    def reading(
        self, specs: Specs, target: str, progress: Progress
    ) -> Iterator[Callable[[Reader], Reader] | None]:
        """Yield what is put around the reader of Azure: what keeps its answers, or a cluster."""
        if self._wish.part is not None:
            yield self._record
            return
        with clustered(self._wish.cluster, specs, target, progress) as through:
            yield through

    def _record(self, reader: Reader) -> Reader:
        """Keep what a reader is told."""
        self._recording = Recording(reader)
        return self._recording

    def trimmed(self, planned: Planned) -> Planned:
        """Return a plan without what it holds only because the chosen stacks need it."""
        if self.stacks is None or self._shard is not None:
            return planned
        return replace(planned, plan=planned.plan.only(self.stacks))

    def keep(self, specs: Specs, target: str, *, prune: bool) -> None:
        """Write the part, and say so."""
        part, shard = self._wish.part, self._shard
        if part is None or shard is None or self._recording is None:
            return
        from reconciler.app.sealed.sealed_files import write_sealed
        from reconciler.app.sharing.shares import part_document

        answers = self._recording.answers
        write_sealed(part, part_document(answers, shard, specs, target, prune=prune))
        talk([f"kept what shard {shard} was told in {part}"])
