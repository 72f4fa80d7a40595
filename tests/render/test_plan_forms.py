"""The forms that programs read keep their schemas."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import jsonschema
import pytest

from reconciler.model.plan import Action
from reconciler.render.forms import show_plan
from reconciler.spec.schemas import load_schema
from tests.render.plans import PLANS
from tests.render.test_plan_goldens import CONTEXT, SMALL, view


@pytest.mark.parametrize("name", SMALL)
def test_the_json_is_what_its_schema_says(name: str) -> None:
    document = json.loads(show_plan(view(name, CONTEXT), "json"))
    schema = load_schema("plan-report")
    assert list(jsonschema.Draft7Validator(schema).iter_errors(document)) == []
    assert set(document) == set(schema["properties"])


@pytest.mark.parametrize("name", PLANS)
def test_sarif_has_a_finding_for_each_change_on_its_line(name: str) -> None:
    shown = view(name)
    (run,) = json.loads(show_plan(shown, "sarif"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == len(shown.cards) + len(shown.plan.breaches)
    for card, result in zip(shown.cards, run["results"], strict=False):
        assert rules[result["ruleIndex"]] == result["ruleId"] == f"plan/{card.action}"
        span = card.change.span
        places = [place["physicalLocation"] for place in result.get("locations", ())]
        lines = [place["region"]["startLine"] for place in places]
        assert lines == ([span.line] if span else [])


@pytest.mark.parametrize("name", PLANS)
def test_junit_has_a_case_for_each_resource(name: str) -> None:
    shown = view(name)
    root = ElementTree.fromstring(show_plan(shown, "junit"))
    cases = root.findall("testsuite/testcase")
    assert len(cases) == len(shown.plan.changes) + len(shown.plan.breaches)
    bad = [case for case in cases if len(case)]
    assert len(bad) == int(root.attrib["failures"]) + int(root.attrib["errors"])
    quiet = sum(change.action is Action.NONE for change in shown.plan.changes)
    assert len(cases) - len(bad) == quiet


def test_gitlab_counts_a_replacement_as_a_delete_and_a_create() -> None:
    assert json.loads(show_plan(view("loss"), "gitlab")) == {"create": 1, "update": 0, "delete": 3}


def test_github_gets_no_more_annotations_than_it_shows() -> None:
    lines = show_plan(view("many"), "github").splitlines()
    assert view("many").plan.counts[Action.DELETE] == 12
    assert [line.partition(" ")[0] for line in lines] == ["::warning"] * 10 + ["::notice"]
    assert lines[9] == "::warning title=plan::and 3 more: see the whole report"
