"""The policies of a run: read once, and asked about each environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.app.loading.findings import explained
from reconciler.core.policies.exempted import Exempted, exempt
from reconciler.core.policies.policy_world import World
from reconciler.core.specs.lint import unknown_policies
from reconciler.core.specs.render_spec import Rendered
from reconciler.documents.environments import read_environments
from reconciler.documents.judge import judge
from reconciler.documents.policies import Policy, load_policies
from reconciler.documents.project import Project
from reconciler.engine.clock import today
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.resource import DesiredState


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that an organisation asks for in a project."""

    policies: tuple[Policy, ...]
    """Those that can be judged by."""
    findings: tuple[Diagnostic, ...]
    """What is wrong with the others."""

    @classmethod
    def of(cls, project: Project, extra: Iterable[Path] = ()) -> Policies:
        """Read the policies of a project, its packs, and more files if need be."""
        environments, wrong = read_environments(project.environments)
        names = None if wrong else [environment.name for environment in environments]
        policies, findings = load_policies(project, names, extra)
        return cls(tuple(policies), tuple(findings))

    def judge(
        self,
        desired: DesiredState,
        rendered: Sequence[Rendered],
        environment: str | None,
        *,
        whole: bool,
    ) -> Exempted:
        """Return the findings about a run, as far as they are not exempt.

        Args:
            desired: what is wanted.
            rendered: the stacks that want it.
            environment: the name of their environment, if any.
            whole: whether these are all stacks of the environment.

        """
        world = World.of(desired, whole=whole)
        judged = judge(self.policies, world, environment)
        exempted = exempt(judged, world.resources, today())
        findings = tuple(explained(exempted.findings, rendered))
        if any(f.severity is Severity.ERROR for f in self.findings):
            return replace(exempted, findings=findings, idle=())  # a policy may be missing
        known = {policy.name for policy in self.policies}
        unknown = tuple(unknown_policies(world.resources, known))
        spans = {finding.span for finding in unknown}
        idle = tuple(finding for finding in exempted.idle if finding.span not in spans)
        return replace(exempted, findings=(*findings, *unknown), idle=idle)
