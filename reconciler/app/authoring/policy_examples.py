"""The examples in policy files, judged by their policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.core.policies.policy_world import World
from reconciler.core.specs.desired import desired_state
from reconciler.core.specs.stacks import NOBODY
from reconciler.documents.judge import judge
from reconciler.documents.policies import Policy
from reconciler.documents.validate import API_VERSION, check_spec
from reconciler.model.codes import Code
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.source import Document, Span
from reconciler.model.value import Json, Path, as_object

FAIL = "fail"
PASS = "pass"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one policy's examples."""

    policy: Policy
    passing: int
    """How many examples shall pass."""
    failing: int
    """How many examples shall fail."""
    findings: tuple[Diagnostic, ...]
    """What is wrong with the examples, or with the policy."""


def try_examples(policies: Iterable[Policy]) -> list[Tried]:
    """Judge the examples of policies, each by its own."""
    tried = []
    for policy in policies:
        strict = replace(policy, severity="error", environments={})
        cases = {word: _listed(policy.examples.get(word)) for word in (PASS, FAIL)}
        findings = [
            finding
            for word, listed in cases.items()
            for index, example in enumerate(listed)
            for finding in _try(strict, word, index, as_object(example))
        ]
        tried.append(Tried(policy, len(cases[PASS]), len(cases[FAIL]), tuple(findings)))
    return tried


def _try(
    policy: Policy, word: str, index: int, example: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    """Yield what is wrong about one example."""
    at: Path = ("spec", "examples", word, index)
    stack = _stack(policy, at, example)
    wrong = check_spec(stack)
    desired, problems = desired_state([stack] if not wrong else [], {})
    wrong += [p for p in problems if p.severity is Severity.ERROR]
    if wrong:
        yield from wrong
        return
    judged = judge([policy], World.of(desired, whole=True), None)
    broken = [finding for _, _, findings in judged for finding in findings]
    if word == PASS:
        for finding in broken:
            what = f"an example that shall pass breaks policy `{policy.name}`"
            mend = "mend the example, or the schema"
            yield Diagnostic(Code.POLICY_EXAMPLE, what, mend, finding.span, finding.label)
    elif not broken:
        what = f"an example that shall fail keeps policy `{policy.name}`"
        mend = "mend the schema, `when` or `kinds`; or the example"
        yield Diagnostic(Code.POLICY_EXAMPLE, what, mend, policy.document.at(*at))


def _stack(policy: Policy, at: Path, example: Mapping[str, Json]) -> Document:
    """Return an example as a stack whose places are in the policy file."""
    document = policy.document
    spec = {key: value for key, value in example.items() if key != "metadata"}
    around: dict[str, Json] = {"subscription": NOBODY, "resourceGroup": {"existing": "rg-example"}}
    value: dict[str, Json] = {
        "apiVersion": API_VERSION,
        "kind": "Stack",
        "metadata": {"name": "example", **as_object(example.get("metadata"))},
        "spec": {**around, **spec},
    }

    def locate(path: Path, key: bool, /) -> Span:  # noqa: FBT001  (a `Locator`)
        inner = path[1:] if path[:1] == ("spec",) else path
        known = bool(inner) and inner[0] in example
        return document.locate((*at, *inner) if known else at, key and known)

    return Document(document.file, value, locate)


def _listed(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []
