"""The example in ``examples/mail-domain`` is valid, and its first apply ends as the page says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Lab
from tests.dns_server import DnsServer

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "mail-domain"
FILES = {"reconciler.yaml": "project", "specs/mail.yaml": "stack"}
GROUP = "/subscriptions/5b7f0c1e-8a52-4f1c-9a0b-3f6d2c9e1a01/resourceGroups/rg-mail"


@pytest.mark.parametrize("name", FILES)
def test_a_file_begins_with_a_modeline_that_leads_to_its_schema(name: str) -> None:
    path = EXAMPLE / name
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8"))
    assert found
    assert (path.parent / found[1]).resolve() == ROOT / "schemas" / f"{FILES[name]}.schema.json"


def test_its_first_apply_waits_for_the_records(
    lab: Lab, dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_DNS", dns.address)
    shutil.copytree(EXAMPLE, lab.folder, dirs_exist_ok=True)
    lab.arm.group(GROUP)
    ran = lab.apply("-q")
    page = (ROOT / "docs" / "mail-domains.md").read_text("utf-8")
    assert ran.code == 6
    for line in (
        "Applied 5 steps: 5 done.",
        "Waiting: the next run goes on from here.",
        "  mail.contoso.com: 0 of 4 verified, waiting for Domain, SPF, DKIM, DKIM2",
        "  acs-mail-prod: mail.contoso.com is not linked yet: Domain, SPF, DKIM, DKIM2 are ",
        "  to publish in DNS for mail.contoso.com (`reconciler dns export` has more forms):",
    ):
        assert line in ran.out
        assert line in page
