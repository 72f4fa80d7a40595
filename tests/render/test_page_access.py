"""The pages are for everybody: axe finds nothing wrong with them; `make pages` installs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.render.forms import show_drift
from tests.render.drifts import DRIFTS
from tests.render.plans import PLANS
from tests.render.test_drift_forms import view as drift
from tests.render.test_plan_goldens import CONTEXT, shown_as
from tests.render.test_plan_page import told

RUN = """
axe.run({ resultTypes: ["violations"] }).then((result) => {
  document.title = JSON.stringify(result.violations.map((found) =>
    [found.id, found.impact, found.nodes.map((node) => node.target)]));
});
"""


@pytest.mark.browser
@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("page", [*PLANS, *(f"drift of {name}" for name in DRIFTS)])
def test_axe_finds_nothing_wrong(page: str, dark: bool, tmp_path: Path) -> None:
    assert "AXE" in os.environ, "run make pages"
    axe = Path(os.environ["AXE"]).read_text(encoding="utf-8")
    name = page.removeprefix("drift of ")
    is_plan = name == page
    text = shown_as(name, "html", CONTEXT) if is_plan else show_drift(drift(name), "html")
    assert told(text, f"{axe};{RUN}", tmp_path, dark=dark) == []
