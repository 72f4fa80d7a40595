"""Every renderer over the same drift, held to what people have read and found good."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.documents.schemas import load_schema
from reconciler.model.resource import Severity
from reconciler.render.drift.markdown import render_drift
from reconciler.render.drift.view import DriftView, drift_view
from reconciler.render.formats.markdown import size
from reconciler.render.forms import DRIFT_FORMS, show_drift
from reconciler.render.plan.context import Context
from tests.conftest import Golden
from tests.render.drifts import DRIFTS, past
from tests.render.test_markdown_fits import assert_is_whole
from tests.render.test_plan_page import Reader

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {
    "text": "txt",
    "json": "json",
    "markdown": "md",
    "sarif": "sarif",
    "junit": "xml",
    "prometheus": "prom",
}
CONTEXT = Context("1.2.3", "https://git.test/o/r/blob/abc/{file}#L{line}")


def view(name: str) -> DriftView:
    """Return the view of one of the drifts; ``past`` has a history."""
    if name == "past":
        drift, history = past()
        return drift_view(drift, CONTEXT, history)
    return drift_view(DRIFTS[name](), CONTEXT)


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", [*DRIFTS, "past"])
def test_a_form_shows_drift_as_people_have_found_good(name: str, form: str, golden: Golden) -> None:
    golden(GOLDEN / "drift" / f"{name}.{SUFFIXES[form]}", show_drift(view(name), form))


def test_the_page_holds_the_past(golden: Golden) -> None:
    text = show_drift(view("past"), "html")
    main = re.search(r"<header.*</footer>", text, re.DOTALL)
    assert main is not None
    golden(GOLDEN / "drift" / "past.html", f"{main.group()}\n")


@pytest.mark.parametrize("name", [*DRIFTS, "past"])
def test_the_page_nests_names_every_difference_and_fetches_nothing(name: str) -> None:
    shown = view(name)
    read = Reader(show_drift(shown, "html"))
    assert all(line.what in read.text for line in shown.lines)
    assert len(read.of("id")) == len(set(read.of("id")))
    links = {link for link in read.of("href") if not link.startswith("#")}
    assert all(link.startswith("https://git.test/o/r/blob/abc/specs/") for link in links)


@pytest.mark.parametrize("form", DRIFT_FORMS)
def test_no_control_or_direction_character_reaches_a_reader(form: str) -> None:
    text = show_drift(view("hostile"), form)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_a_narrow_terminal_gets_who_did_it_in_lines_that_fit() -> None:
    text = show_drift(view("past"), "text", width=60)
    assert max(map(len, text.splitlines())) <= 60
    assert text.split() == show_drift(view("past"), "text").split()


def test_colour_adds_nothing_but_colour() -> None:
    painted = show_drift(view("mixed"), "text", colour=True)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == show_drift(view("mixed"), "text")


def test_markup_in_values_and_authors_is_inert_in_markdown() -> None:
    text = show_drift(view("hostile"), "markdown")
    assert "octocat" in text
    assert not [bad for bad in ("<script", "@octocat", "](", "**bold") if bad in text]


@pytest.mark.parametrize("name", [*DRIFTS, "past"])
def test_the_json_is_what_its_schema_says(name: str) -> None:
    document = json.loads(show_drift(view(name), "json"))
    schema = load_schema("drift-report")
    assert list(jsonschema.Draft7Validator(schema).iter_errors(document)) == []
    assert set(document) == set(schema["properties"])


@pytest.mark.parametrize("name", [*DRIFTS, "past"])
def test_the_metrics_are_read_by_the_parser_of_prometheus_and_add_up(name: str) -> None:
    shown = view(name)
    text = show_drift(shown, "prometheus")
    families = {family.name: family.samples for family in text_string_to_metric_families(text)}
    items = families["reconciler_drift_items"]
    assert len(items) == 12
    assert sum(sample.value for sample in items) == len(shown.drift.items)
    high = [sample.value for sample in items if sample.labels["severity"] == "high"]
    assert sum(high) == shown.drift.counts[Severity.HIGH]


@pytest.mark.parametrize("name", [*DRIFTS, "past"])
def test_junit_counts_what_differs_and_what_is_unknown(name: str) -> None:
    shown = view(name)
    root = ElementTree.fromstring(show_drift(shown, "junit"))
    assert int(root.attrib["failures"]) == len(shown.groups) + len(shown.expired)
    assert int(root.attrib["errors"]) == len(shown.drift.unread)
    assert int(root.attrib["skipped"]) == len(shown.holding)


@pytest.mark.parametrize("limit", [900, 1_500, 65_000])
def test_the_markdown_keeps_its_limit_and_is_whole(limit: int) -> None:
    text = render_drift(view("mixed"), limit=limit)
    assert size(text) <= limit
    assert_is_whole(text)
    assert ("Shortened" in text) == (limit < 2_000)
