"""Whatever somebody writes into a policy: findings, never an exception; and an end."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.policies.exempted import exempt
from reconciler.core.policies.policy_world import World
from reconciler.core.specs.desired import desired_state
from reconciler.documents.draft7 import ecma_pattern
from reconciler.documents.judge import judge
from reconciler.documents.patterns import LONGEST_TEXT, why_refused
from reconciler.documents.policies import Policy
from reconciler.documents.policy_schema import KEYWORDS, wrong_schema
from reconciler.documents.yaml_reader import read
from reconciler.model.diagnostic import Diagnostic, Rule
from reconciler.model.source import Document, Span
from tests.conftest import SUBSCRIPTION

STACK = f"""\
apiVersion: reconciler/v1
kind: Stack
metadata: {{name: mail, labels: {{team: a}}}}
spec:
  subscription: {SUBSCRIPTION}
  resourceGroup: {{existing: rg-mail}}
  communicationServices:
    acs-one: {{dataLocation: Europe, tags: {{a: b}}, identity: {{systemAssigned: true}}}}
"""
KNOWN = frozenset({"tags", "identity", "facts", "name", "dataLocation"})
names = st.sampled_from(sorted(KNOWN) + ["a", "systemAssigned", "usedBy", "roles"])
scalars = st.none() | st.booleans() | st.integers(-1, 3) | names
words = st.sampled_from(sorted(KEYWORDS - {"$schema"}))
patterns = st.text("a(|)*+?{2,}[]^$b\\1", max_size=12)
values = scalars | patterns | st.lists(scalars, max_size=2) | st.just("#/definitions/a")
schemas: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.dictionaries(words, values, max_size=2),
    lambda inner: (
        st.dictionaries(words, inner | values, max_size=3)
        | st.dictionaries(words, st.dictionaries(names, inner, max_size=2), max_size=2)
        | st.dictionaries(words, st.lists(inner, max_size=2), max_size=2)
    ),
    max_leaves=8,
)


def located(value: Any) -> Document:
    """Return a document whose every place is known."""
    return Document("p.yaml", value, lambda path, key: Span("p.yaml", 1 + len(path), 1 + key))


def policy_of(schema: Any) -> Policy:
    """Return a policy with a schema."""
    document = located({"metadata": {"name": "p"}, "spec": {"schema": schema, "when": schema}})
    kinds = frozenset({"CommunicationService"})
    return Policy(Rule("p", "Why."), document, kinds, "", "m", "error", {})


def world() -> World:
    """Return a small run."""
    document, _ = read(STACK, "specs/mail.yaml")
    assert document is not None
    return World.of(desired_state([document], {})[0], whole=True)


@given(schemas)
@settings(max_examples=400)
def test_any_schema_is_either_refused_with_places_or_judges_without_an_exception(
    schema: Any,
) -> None:
    document = located({"spec": {"schema": schema}})
    facts = frozenset({"usedBy", "roles"})
    wrong = wrong_schema(document, ("spec", "schema"), schema, KNOWN, facts)
    assert all(finding.span and finding.mend for finding in wrong)
    if wrong:
        return
    for _, _, findings in judge([policy_of(schema)], world(), None):
        assert all(f.span and f.span.file == "specs/mail.yaml" for f in findings)


@given(patterns)
@settings(max_examples=300)
def test_a_pattern_that_is_taken_ends_soon_on_the_worst_text(pattern: str) -> None:
    if why_refused(pattern) is not None:
        return
    compiled = ecma_pattern(pattern)
    start = time.process_time()
    compiled.search("a" * (LONGEST_TEXT // 8) + "c")
    compiled.search("ab" * (LONGEST_TEXT // 16) + "c")
    assert time.process_time() - start < 2


@given(
    st.dates().map(str),
    st.lists(st.tuples(st.sampled_from("pq"), st.dates().map(str)), max_size=3),
    st.booleans(),
)
def test_a_finding_is_held_back_exactly_as_long_as_an_exemption_says(
    today: str, claimed: list[tuple[str, str]], broken: bool
) -> None:
    entries = "".join(f"{{policy: {p}, reason: Why not., until: '{u}'}}, " for p, u in claimed)
    document, _ = read(STACK.replace("{dataLoc", f"{{exemptions: [{entries}], dataLoc"), "s")
    assert document is not None
    (resource,) = World.of(desired_state([document], {})[0], whole=True).resources
    finding = Diagnostic("ACS080", "p", "m", Span("s", 1, 1))
    found = exempt([(resource, "p", (finding,) if broken else ())], [resource], today)
    mine = [until for policy, until in claimed if policy == "p"]
    held = any(today <= until for until in mine)
    assert len(found.findings) == (broken and not held)
    assert len(found.idle) == len(claimed) - (len(mine) if broken else 0)
    assert all(len(f.related) == len(mine) for f in found.findings)
