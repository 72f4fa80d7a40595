"""The metrics of drift are what Prometheus takes, by its own parser and the rules of `promtool`.

https://prometheus.io/docs/practices/naming/ and `promtool check metrics`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from reconciler.model.drift import Watched
from reconciler.render.drift.prometheus import render_drift, render_watch
from reconciler.render.drift.view import drift_view
from tests.render.drifts import DRIFTS

WATCHED = Watched(ended=3, failed=1, last_success="2026-11-25T14:20:00Z")


def families(text: str) -> Mapping[str, Metric]:
    """Return the metrics of a text by their names, each of which is there once."""
    found = list(text_string_to_metric_families(text))
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}


@pytest.mark.parametrize("name", DRIFTS)
def test_every_metric_has_help_a_type_and_a_name_as_prometheus_wants_it(name: str) -> None:
    text = render_drift(drift_view(DRIFTS[name]())) + render_watch(WATCHED, 900)
    for family in families(text).values():
        assert re.fullmatch(r"reconciler(_[a-z]+)+", family.name)
        assert re.fullmatch(r"[A-Z].+\.", family.documentation)
        assert family.type in ("gauge", "counter")
        ends = {sample.name.removeprefix(family.name) for sample in family.samples}
        assert ends == ({"_total"} if family.type == "counter" else {""})
        assert not family.name.endswith(("_count", "_sum", "_bucket", "_info"))
        if "timestamp" in family.name:
            assert family.name.endswith("_timestamp_seconds")
        labels = [tuple(sorted(sample.labels.items())) for sample in family.samples]
        assert len(set(labels)) == len(labels)
        assert all(re.fullmatch("[a-z_]+", label) for row in labels for label, _ in row)
    for line in text.splitlines():
        assert re.match(r"# (HELP|TYPE) reconciler_|reconciler_", line)
    assert text.endswith("\n")


def test_a_watch_tells_when_a_run_last_went_well() -> None:
    at = families(render_watch(WATCHED, 900))["reconciler_watch_last_success_timestamp_seconds"]
    assert [sample.value for sample in at.samples] == [1795616400]


def test_the_page_about_drift_lists_every_metric() -> None:
    from tests.architecture.test_docs import ROOT

    page = (ROOT / "docs" / "drift.md").read_text(encoding="utf-8")
    text = render_drift(drift_view(DRIFTS["mixed"]())) + render_watch(WATCHED, 900)
    samples = {sample.name for family in families(text).values() for sample in family.samples}
    assert samples == set(re.findall(r"`(reconciler_[a-z_]+)`", page))
