"""Whatever names, tags, files and Azure say, no output makes a reader's machine do anything."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, note, settings
from hypothesis import strategies as st

from reconciler.render.forms import PLAN_FORMS
from tests.conftest import GROUP, SUBSCRIPTION, Lab, Ran, identity, service
from tests.hostile import inert

WORDS = (
    *("\x1b[31m", "\x1b]0;owned\x07", "\x9b2J", "\x07", "\b\b", "\r", "\n", "\x00", "\u202e"),
    *("\u2066", "\u200b", "\u2028", "\x85", "\u00ad", "\U000e0041", "\ufeff", "\n::error::x"),
    *("\n  ::set-env name=A::b", "::add-mask::a", "##vso[task.setvariable variable=a]b"),
    *(
        "\n/close",
        "##[error]x",
        "@octocat",
        "@org/team",
        "#1",
        "<script>alert(1)</script>",
        "<!--",
        "-->",
    ),
    *("<img src=x onerror=alert(1)>", "</code></details>", "[a](javascript:alert(1))"),
    *("![a](http://a.test/x.png)", "https://a.test/", "www.a.test", "`", "```\n", "~~~", "| a |"),
    *("|", "**b**", "_c_", "&lt;", "\\", "$x$", "=1+1", "+cmd|' /C calc'!A0", "-2", '"', "'"),
    *("]]>", "<![CDATA[", "%0A::error::x", "%(a)s", "{0}", "{{ a }}", "{% raw %}", "${a}"),
    *("a" * 300, "é", "漢"),
)
"""What somebody would put in who wants something to happen."""

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("".join)
ALL = tuple("".join(WORDS[start::6]) for start in range(6))
BENIGN = ("fine",) * 6

UAI: Any = {"location": "westeurope"}


def for_a_spec(text: str) -> str:
    """Return a text as a spec may hold it, and JSON in YAML can write it."""
    return text.replace("${", "$${").replace("\U000e0041", "\u2060")[:250]


def world(lab: Lab, said: tuple[str, ...]) -> None:
    """Fill Azure and the specs with what somebody says."""
    a, b, c, d, _, f = said
    spec_a, spec_b, spec_c, spec_d, spec_e, spec_f = map(for_a_spec, said)
    lab.arm.reset()
    lab.arm.group()
    shutil.rmtree(lab.folder / "specs", ignore_errors=True)
    (lab.folder / "policies").mkdir(exist_ok=True)
    lab.project(policySeverities={"no-notes": "warning"})
    policy = {
        "description": f"A rule of ours. {spec_d}", "problem": f"it {spec_e}",
        "mend": f"do {spec_f}", "kinds": ["CommunicationService"],
        "schema": {"properties": {"tags": {"maxProperties": 0}}},
    }  # fmt: skip
    (lab.folder / "policies" / "no-notes.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Policy\nmetadata: {name: no-notes}\n"
        f"spec: {json.dumps(policy)}\n",
        encoding="utf-8",
    )
    lab.arm.put(identity("id-a"), UAI | {"tags": {"note": a[:250], "Kept": b[:250]}})
    credential = {"issuer": "https://issuer.test/", "subject": c, "audiences": ["api://x"]}
    path = f"{identity('id-a')}/federatedIdentityCredentials/cred-a"
    lab.arm.put(path, {"properties": credential})
    principal = lab.arm.get(identity("id-a"))["properties"]["principalId"]
    role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    name = "0a0a0a0a-1111-2222-3333-444444444444"
    lab.arm.put(
        f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01",
        {"properties": {"roleDefinitionId": role, "principalId": principal, "description": d,
                        "principalType": "ServicePrincipal"}},
    )  # fmt: skip
    body = {"location": "global", "properties": {"dataLocation": "Europe"}}
    lab.arm.put(service("acs-a"), body | {"tags": {"note": f[:250]}})
    lab.arm.forget()
    lab.spec(
        identities={"id-a": UAI | {
            "tags": {"note": spec_b, "gone": None},
            "federatedCredentials": {"cred-a": {"issuer": "https://i.test/", "subject": spec_d}},
        }},
        communicationServices={"acs-a": {
            "dataLocation": "Europe",
            "tags": {"note": spec_e},
            "annotations": {"why": spec_c},
            "lifecycle": {"ignoreChanges": [
                {"field": "disableLocalAuth", "reason": spec_a, "until": "2999-01-01"}]},
        }, "acs-b": {"dataLocation": "Europe", "tags": {"note": spec_a}}},
        roleAssignments={"r": {"role": "Reader", "principal": "ref:identities/id-a",
                               "scope": "resourceGroup", "description": spec_f}},
    )  # fmt: skip


DRIFT_FORMS = ("text", "json", "markdown", "html", "sarif", "junit", "prometheus")

OTHERS: tuple[tuple[str, ...], ...] = (
    ("validate",), ("lint",), ("policy", "list"), ("policy", "show", "no-notes"), ("graph",),
    ("graph", "-o", "dot"), ("render",), ("render", "--annotate"), ("render", "-o", "json"),
    ("fmt", "--diff"), ("rbac", "generate"),
    ("explain", "Stack.\x1b[31m"), ("plan", "specs/\x1b[31m.yaml"),
)  # fmt: skip
"""Commands whose output has words of the specs in it."""

ONLINE: tuple[tuple[str, ...], ...] = (
    *(("plan", "-o", form) for form in PLAN_FORMS),
    *(("drift", "-o", form) for form in DRIFT_FORMS),
    ("plan", "--requests"), ("plan", "-o", "markdown", "--requests"), ("accept", "--diff"),
    ("export", "--subscription", SUBSCRIPTION), ("doctor",), ("doctor", "-o", "json"),
    ("rbac", "check"), ("apply", "--yes"), ("apply", "--yes", "-o", "json"),
)  # fmt: skip
"""Commands that talk to Azure as well."""


def run_all(lab: Lab, said: tuple[str, ...]) -> dict[str, Ran]:
    """Run everything, the last of it against an Azure that answers with errors."""
    world(lab, said)
    ran = {" ".join(words): lab.run(*words) for words in OTHERS}
    for form in ("concise", "github", "json", "sarif"):
        ran[f"lint -o {form}"] = lab.run("lint", "-o", form)
    target = ("--target", lab.arm.url)
    for words in ONLINE[:-2]:
        ran[" ".join(words)] = lab.run(*words, *target)
    message = {"code": said[0], "message": said[1]}
    lab.arm.fault(method="PUT", path="acs-b", times=None, status=400, **message)
    lab.arm.fault(method="PATCH", path="acs-a", times=1, status=403, **message)
    for words in ONLINE[-2:]:
        ran[" ".join(words)] = lab.run(*words, *target)
    lab.arm.fault(method="GET", path="acs-", times=None, status=403, **message)
    for words in ONLINE[:-2]:
        if words[0] in ("accept", "export") or words[-1] in ("text", "markdown", "html", "github"):
            ran[f"{' '.join(words)} (denied)"] = lab.run(*words, *target)
    return ran


@given(said=st.tuples(*[texts] * 6))
@example(said=ALL)
@settings(max_examples=1)  # besides the one above, which says everything
def test_no_output_of_any_command_does_anything_to_who_reads_it(
    lab: Lab, benign: Pages, said: tuple[str, ...]
) -> None:
    for words, ran in run_all(lab, said).items():
        note(words)
        for text in (ran.out, ran.err):
            inert.assert_terminal(text)
            inert.assert_log(text, commands="-o github" in words and text is ran.out)
        assert "Traceback" not in ran.err
        if ran.out == "":
            continue
        if "-o json" in words or "-o sarif" in words or "-o gitlab" in words:
            inert.assert_json(ran.out)
        elif "-o markdown" in words:
            inert.assert_markdown(ran.out)
        elif "-o html" in words:
            inert.assert_page(ran.out, benign.text)
        elif "-o junit" in words:
            inert.assert_xml(ran.out)


@dataclass(frozen=True)
class Pages:
    """All pages in a world where nobody means harm."""

    text: str = field(repr=False)


@pytest.fixture
def benign(lab: Lab) -> Pages:
    """Return them."""
    ran = run_all(lab, BENIGN)
    return Pages("".join(each.out for words, each in ran.items() if "-o html" in words))
