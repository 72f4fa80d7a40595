"""What `plan` does about a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass

import click

from reconciler.app.loading.specs import Specs
from reconciler.app.planning.plan import Planned
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.plan_options import Rehearsing
from reconciler.model.rehearsal import Rehearsal
from reconciler.render.formats.sections import Section
from reconciler.render.plan.rehearsal import no_rehearsal, rehearsal_section


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal, if there was one."""

    sections: tuple[Section, ...] = ()
    result: Rehearsal | None = None

    def code(self, of_plan: ExitCode) -> ExitCode:
        """Return the exit code of a plan that was rehearsed, or not.

        One that was made to fail for good is judged by the run after it.
        """
        if self.result is None or self.result.converged:
            return of_plan
        mended = self.result.trouble and self.result.recovered and not self.result.differs
        return of_plan if mended else ExitCode.NOT_CONVERGED


def rehearsed(planned: Planned, specs: Specs, wish: Rehearsing) -> Rehearsed:
    """Rehearse a plan if that is wanted, and if it can be applied.

    Raises:
        UsageError: two troubles at once, or one that there is not.

    """
    if not wish.is_wanted:
        return Rehearsed()
    from reconciler.app.applying.rehearsal import rehearse
    from reconciler.app.applying.troubles import failing_at, profile

    if wish.fail_at is not None and wish.faults is not None:
        raise click.UsageError("--fail-at and --faults are two troubles: choose one")
    trouble = profile(wish.faults) if wish.faults is not None else None
    if not planned.plan.is_applyable:
        return Rehearsed((no_rehearsal(),))
    if wish.fail_at is not None:
        trouble = failing_at(planned.plan, wish.fail_at)
    result = rehearse(planned, specs, trouble)
    return Rehearsed((rehearsal_section(result),), result)
