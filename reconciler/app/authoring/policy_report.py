"""Which policies a project has, and what they ask for, in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.app.authoring.policy_examples import Tried, try_examples
from reconciler.app.loading.findings import raise_errors
from reconciler.app.loading.policies import Policies
from reconciler.core.specs.references import suggest
from reconciler.documents import project as project_file
from reconciler.documents.environments import read_environments
from reconciler.documents.policies import NONE, Policy
from reconciler.documents.yaml_lines import yaml_lines
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.errors import UsageError
from reconciler.model.value import Json, as_object
from reconciler.render.formats.one_line import one_line
from reconciler.render.formats.words import lines_of_others

WIDTH = 96
NO_POLICIES = (
    "There are no policies: write one, or `policyPacks: [recommended]` in reconciler.yaml.\n"
)


@dataclass(frozen=True, slots=True)
class Active:
    """The policies of a project, and the environments that they hold in."""

    policies: tuple[Policy, ...]
    """In the order of their names."""
    environments: tuple[str, ...]

    def named(self, names: Sequence[str]) -> tuple[Policy, ...]:
        """Return the policies with these names, or all.

        Raises:
            UsageError: there is no policy of a name.

        """
        by_name = {policy.name: policy for policy in self.policies}
        for name in names:
            if name not in by_name:
                known = suggest(name, sorted(by_name)) if by_name else NO_POLICIES.strip()
                raise UsageError(f"there is no policy `{name}`", known)
        return tuple(by_name[name] for name in names) or self.policies


def active(project_path: Path | None) -> Active:
    """Read the policies of a project.

    Raises:
        InvalidInputError: something is wrong with them, with all that is.

    """
    project, problems = project_file.load(project_path, Path.cwd())
    environments, wrong = read_environments(project.environments)
    policies = Policies.of(project)
    raise_errors([*problems, *wrong, *policies.findings])
    ordered = tuple(sorted(policies.policies, key=lambda policy: policy.name))
    return Active(ordered, tuple(sorted(e.name for e in environments)))


def as_table(found: Active) -> str:
    """Return one line for each policy, with its severity in every environment."""
    if not found.policies:
        return NO_POLICIES
    heads = ["POLICY", *(found.environments or ("SEVERITY",)), "KINDS", "FROM"]
    rows = [
        [p.name, *severities(p, found.environments), ", ".join(sorted(p.kinds)), origin(p)]
        for p in found.policies
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (heads, *rows)
    ]
    return "\n".join(lines) + "\n"


def as_values(found: Active) -> list[Json]:
    """Return the policies as plain values."""
    return [
        {
            "name": policy.name,
            "severity": policy.severity,
            "environments": dict(
                zip(found.environments, severities(policy, found.environments), strict=False)
            ),
            "kinds": sorted(policy.kinds),
            "from": origin(policy),
            "description": policy.rule.description,
            "mend": policy.mend,
            "url": policy.rule.url or None,
        }
        for policy in found.policies
    ]


def as_text(policy: Policy, environments: Sequence[str]) -> str:
    """Return everything about one policy."""
    levels = severities(policy, environments)
    where = list(map(" ".join, zip(environments, levels, strict=False))) or levels
    spec = as_object(policy.document.value["spec"])
    schemas: dict[str, Json] = {w: spec[w] for w in ("when", "schema") if w in spec}
    lines = [
        f"POLICY    {policy.name} ({origin(policy)})",
        *textwrap.wrap(
            policy.rule.description, WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10
        ),
        f"KINDS     {', '.join(sorted(policy.kinds))}",
        f"SEVERITY  {', '.join(where)}",
        f"MEND      {policy.mend}",
        *([f"SEE       {policy.rule.url}"] if policy.rule.url else []),
        *(f"          {line}" for _, line in yaml_lines(schemas)),
    ]
    return "".join(f"{lines_of_others(one_line(line))}\n" for line in lines)


def severities(policy: Policy, environments: Sequence[str]) -> list[str]:
    """Return how much a policy matters in each environment, or without any."""
    levels = (policy.severity_in(name) for name in environments or (None,))
    return [NONE if level is None else level.value for level in levels]


def origin(policy: Policy) -> str:
    """Return where a policy comes from."""
    return f"pack {policy.pack}" if policy.pack else policy.document.file


def tried(policies: Iterable[Policy]) -> tuple[str, tuple[Diagnostic, ...]]:
    """Try the examples of policies; return a line for each, and what is wrong."""
    results = try_examples(policies)
    findings = tuple(finding for result in results for finding in result.findings)
    return "".join(f"{line}\n" for line in _told(results)), findings


def _told(results: Sequence[Tried]) -> Iterator[str]:
    width = max((len(result.policy.name) for result in results), default=0)
    for result in results:
        counts = f"{result.passing} to pass, {result.failing} to fail"
        mark = "FAIL" if result.findings else "ok  "
        if not result.passing or not result.failing:
            missing = "pass" if not result.passing else "fail"
            counts += f"; no example shows what shall {missing}"
            mark = "FAIL" if result.findings else "warn"
        yield f"{mark}  {result.policy.name:<{width}}  {counts}"
    if not results:
        yield NO_POLICIES.strip()
