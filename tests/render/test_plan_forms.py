"""The forms that programs read keep their schemas."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from jsonschema_rs import validator_for
from pydantic_sarif import model as standard  # type: ignore[import-untyped]

from reconciler.documents.schemas import load_schema
from reconciler.model.plan import Action
from reconciler.render.formats.markdown import LIMIT, size
from reconciler.render.forms import PLAN_FORMS
from tests.render.plans import PLANS
from tests.render.test_plan_goldens import shown_as, view


@pytest.mark.parametrize("name", PLANS)
def test_the_json_is_what_its_schema_says(name: str) -> None:
    document = json.loads(shown_as(name, "json"))
    schema = load_schema("plan-report")
    assert [str(error) for error in validator_for(schema).iter_errors(document)] == []
    assert set(document) == set(schema["properties"])


@pytest.mark.parametrize("name", PLANS)
def test_the_sarif_is_what_the_standard_says(name: str) -> None:
    log = standard.StaticAnalysisResultsFormatSarifVersion210JsonSchema
    log.model_validate_json(shown_as(name, "sarif"))


@pytest.mark.parametrize("form", PLAN_FORMS)
def test_no_form_leaves_out_one_of_two_thousand_changes(form: str) -> None:
    wanted = {card.change.id.name for card in view("many").cards}
    assert len(wanted) == 2000
    named = set(re.findall(r"id-\d{4}", shown_as("many", form)))
    assert named == {"gitlab": set(), "github": wanted & named}.get(form, wanted)


def test_two_thousand_changes_are_one_comment_with_every_delete_above_the_folds() -> None:
    text = shown_as("many", "markdown")
    assert size(text) <= LIMIT
    above, _, _ = text.partition("<details")
    lost = {card.change.id.name for card in view("many").cards if card.is_loss}
    assert len(lost) == 12
    assert lost == set(re.findall(r"id-\d{4}", above))


@pytest.mark.parametrize("name", PLANS)
def test_sarif_has_a_finding_for_each_change_on_its_line(name: str) -> None:
    shown = view(name)
    (run,) = json.loads(shown_as(name, "sarif"))["runs"]
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
    root = ElementTree.fromstring(shown_as(name, "junit"))
    cases = root.findall("testsuite/testcase")
    assert len(cases) == len(shown.plan.changes) + len(shown.plan.breaches)
    bad = [case for case in cases if len(case)]
    assert len(bad) == int(root.attrib["failures"]) + int(root.attrib["errors"])
    quiet = sum(change.action is Action.NONE for change in shown.plan.changes)
    assert len(cases) - len(bad) == quiet


def test_gitlab_counts_a_replacement_as_a_delete_and_a_create() -> None:
    assert json.loads(shown_as("loss", "gitlab")) == {"create": 1, "update": 0, "delete": 3}


def test_github_gets_no_more_annotations_than_it_shows() -> None:
    lines = shown_as("many", "github").splitlines()
    assert view("many").plan.counts[Action.DELETE] == 12
    assert [line.partition(" ")[0] for line in lines] == ["::warning"] * 10 + ["::notice"]
    assert lines[9] == "::warning title=plan::and 3 more: see the whole report"
