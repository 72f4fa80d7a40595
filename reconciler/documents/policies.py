"""Policy files: finding them, reading them, and checking them so that they can be judged by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.policies.facts import facts_of
from reconciler.core.policies.policy_view import fields_of
from reconciler.core.specs.references import suggest
from reconciler.documents.files import discover, read_documents
from reconciler.documents.first_pass import Look, first_look
from reconciler.documents.project import Project
from reconciler.documents.validate import check_policy
from reconciler.documents.yaml_reader import read
from reconciler.kinds import KINDS
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Rule, Severity
from reconciler.model.source import Document
from reconciler.model.value import Json, as_object

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

NONE: Final = "none"
"""The severity that switches a policy off."""


@dataclass(frozen=True)
class Policy:
    """A rule of the organisation that is fit to judge by."""

    rule: Rule
    document: Document
    kinds: frozenset[str]
    problem: str
    """What is wrong where it is not kept; empty for the failed keyword in words."""
    mend: str
    severity: str
    environments: Mapping[str, str]
    """The severities in single environments."""
    pack: str = ""
    """The pack that it comes from; empty for the project's own."""

    @property
    def name(self) -> str:
        """What findings and exemptions call it."""
        return self.rule.name

    def severity_in(self, environment: str | None) -> Severity | None:
        """Return how much it matters in an environment, or outside of all; None if it is off."""
        chosen = self.environments.get(environment, self.severity) if environment else self.severity
        return None if chosen == NONE else Severity(chosen)

    @cached_property
    def schema(self) -> Validator:
        """The compiled schema that a resource has to fit."""
        return _bounded(self._spec["schema"])

    @cached_property
    def when(self) -> Validator | None:
        """The compiled schema that selects resources, if not all are meant."""
        wanted = self._spec.get("when")
        return None if wanted is None else _bounded(wanted)

    def is_surely_kept(self, view: Mapping[str, Json]) -> bool:
        """Whether a first look has nothing against a resource.

        Only the policies of packs are looked through so: tests hold that both validators agree on
        them. The schema of a stranger could ask what the two are of different minds about.
        """
        return bool(self.pack) and self._look(view)

    @cached_property
    def _look(self) -> Look:
        schema, wanted = _as_schema(self._spec["schema"]), self._spec.get("when")
        return first_look(schema if wanted is None else {"if": _as_schema(wanted), "then": schema})

    @property
    def examples(self) -> Mapping[str, Json]:
        """The examples of the file, as it has them."""
        return as_object(self._spec.get("examples"))

    @property
    def _spec(self) -> Mapping[str, Json]:
        return as_object(self.document.value["spec"])


def load_policies(
    project: Project, environments: Iterable[str] | None, extra: Iterable[Path] = ()
) -> tuple[list[Policy], list[Diagnostic]]:
    """Return the policies of a project and its packs, and everything that is wrong with them.

    Args:
        project: says where they are, and how much they matter.
        environments: the names of all environments; None if they could not be read.
        extra: more policy files.

    """
    findings: list[Diagnostic] = []
    found: list[Path] = []
    if project.policies:
        listed, findings = discover(project.policies)
        found = list(listed)
    known = {path.resolve() for path in found}
    found += [path for path in extra if path.resolve() not in known]
    documents, unread = read_documents(found)
    findings += unread
    whole = [(document, "") for document in documents]
    whole += [(document, pack) for pack in project.policy_packs for document in _pack(pack)]
    policies: dict[str, Policy] = {}
    names: set[str] = set()
    for document, pack in whole:
        # What is shipped is right: tests hold it.
        wrong = [] if pack else check_policy(document) or _beyond_the_schema(document)
        findings += wrong
        name = as_object(document.value.get("metadata")).get("name")
        names |= {name} if isinstance(name, str) else set()
        if wrong:
            continue
        policy = _policy(document, pack)
        first = policies.setdefault(policy.name, policy)
        if first is not policy:
            findings.append(_same_name(policy, first))
    if environments is not None:
        findings += _unknown_environments(policies.values(), sorted(environments), project)
    findings += _unknown_severities(project, names)
    return [_weighed(policy, project) for policy in policies.values()], findings


def _pack(name: str) -> list[Document]:
    """Return the policies of a pack that is shipped with the tool."""
    documents = []
    for entry in sorted((Path(__file__).parents[1] / "policies" / name).iterdir()):
        document, _ = read(entry.read_bytes(), f"<{name}>/{entry.name}")
        if document is not None:
            documents.append(document)
    return documents


def _policy(document: Document, pack: str) -> Policy:
    """Return what a valid document says."""
    spec = as_object(document.value["spec"])
    listed = spec["kinds"]
    url = spec.get("url", "")
    name = str(as_object(document.value["metadata"])["name"])
    return Policy(
        rule=Rule(name, str(spec["description"]), str(url)),
        document=document,
        kinds=frozenset(map(str, listed)) if isinstance(listed, list) else frozenset(),
        problem=str(spec.get("problem", "")),
        mend=str(spec["mend"]),
        severity=str(spec.get("severity", "error")),
        environments={k: str(v) for k, v in as_object(spec.get("environments")).items()},
        pack=pack,
    )


def _weighed(policy: Policy, project: Project) -> Policy:
    """Return a policy with the severities that the project file gives it."""
    match project.policy_severities.get(policy.name):
        case str() as severity:
            return replace(policy, severity=severity, environments={})
        case Mapping() as chosen:
            own = {k: str(v) for k, v in as_object(chosen.get("environments")).items()}
            if "severity" in chosen:
                return replace(policy, severity=str(chosen["severity"]), environments=own)
            return replace(policy, environments={**policy.environments, **own})
        case _:
            return policy


def _bounded(schema: Json) -> Validator:
    """Return a schema compiled so that it ends, whoever has written it."""
    from reconciler.documents.draft7 import compile_bounded
    from reconciler.documents.patterns import LONGEST_TEXT

    return compile_bounded(_as_schema(schema), LONGEST_TEXT)


def _as_schema(value: Json) -> dict[str, Any]:
    """Return a schema as an object: ``true`` asks nothing, ``false`` everything."""
    if isinstance(value, Mapping):
        return dict(value)
    return {} if value else {"not": {}}


def _beyond_the_schema(document: Document) -> list[Diagnostic]:
    """Return what only a look at the kinds and into the policy's own schemas can tell."""
    spec = as_object(document.value["spec"])
    listed = spec["kinds"]
    kinds = [str(kind) for kind in (listed if isinstance(listed, list) else ())]
    findings = [
        Diagnostic(
            Code.POLICY_SCOPE,
            f"there is no kind `{kind}`",
            suggest(kind, sorted(KINDS)),
            document.at("spec", "kinds", index),
        )
        for index, kind in enumerate(kinds)
        if kind not in KINDS
    ]
    if findings:
        return findings
    from reconciler.documents.policy_schema import wrong_schema

    known = frozenset().union(*map(fields_of, kinds))
    facts = frozenset(name for kind in kinds for name in facts_of(kind))
    for word in ("when", "schema"):
        findings += wrong_schema(document, ("spec", word), spec.get(word), known, facts)
    return findings


def _same_name(second: Policy, first: Policy) -> Diagnostic:
    """Say that two policies have one name; the one of the project is to be renamed."""
    own, other = (first, second) if second.pack and not first.pack else (second, first)
    return Diagnostic(
        Code.SAME_POLICY,
        f"there are two policies called `{own.name}`",
        "give this one another name; to change how much a policy matters, use `policySeverities`",
        own.document.at("metadata", "name"),
        related=((other.document.at("metadata", "name"), "the other one is here"),),
    )


def _unknown_environments(
    policies: Iterable[Policy], environments: list[str], project: Project
) -> list[Diagnostic]:
    """Return a finding for each severity in an environment that there is not."""
    named = [
        (name, policy.document.key("spec", "environments", name))
        for policy in policies
        for name in policy.environments
    ]
    for policy, chosen in project.policy_severities.items():
        for name in as_object(as_object(chosen).get("environments")):
            assert project.document is not None
            path = ("spec", "policySeverities", policy, "environments", name)
            named.append((name, project.document.key(*path)))
    return [
        Diagnostic(
            Code.POLICY_SCOPE,
            f"there is no environment `{name}`",
            suggest(name, environments) if environments else "remove it: there is no environment",
            span,
        )
        for name, span in named
        if name not in environments
    ]


def _unknown_severities(project: Project, names: set[str]) -> list[Diagnostic]:
    """Return a finding for each severity of a policy that there is not."""
    return [
        Diagnostic(
            Code.UNKNOWN_POLICY,
            f"there is no policy `{name}`",
            suggest(name, sorted(names)) if names else "remove it: the project has no policies",
            project.document.key("spec", "policySeverities", name),
        )
        for name in project.policy_severities
        if name not in names and project.document is not None
    ]
