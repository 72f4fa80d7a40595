"""What is wrong with policy files: located in them, all in one run."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.documents.patterns import why_refused
from tests.conftest import Lab
from tests.policies.worlds import CLOSED, concise, environment, policy

WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "keyword": ({"schema": {"requird": ["tags"]}}, "ACS081", "did you mean `required`?"),
    "type": ({"schema": {"type": "mapping"}}, "ACS081", "`type` is `mapping`"),
    "nested": (
        {"schema": {"properties": {"tags": {"minProperties": -1}}}},
        "ACS081",
        "`minProperties` is `-1`",
    ),
    "remote": (
        {"schema": {"$ref": "https://example.com/x.json"}},
        "ACS081",
        "nothing is ever fetched",
    ),
    "shipped": ({"schema": {"$ref": "common.schema.json"}}, "ACS081", "outside of this schema"),
    "nowhere": (
        {"schema": {"definitions": {"note": {}}, "$ref": "#/definitions/noet"}},
        "ACS081",
        "did you mean `#/definitions/note`?",
    ),
    "endless": (
        {"schema": {"definitions": {"a": {"$ref": "#/definitions/a"}}, "$ref": "#/definitions/a"}},
        "ACS081",
        "leads back to itself",
    ),
    "huge": (
        {
            "schema": {
                "definitions": {
                    **{
                        f"d{n}": {"allOf": [{"$ref": f"#/definitions/d{n + 1}"}] * 4}
                        for n in range(12)
                    },
                    "d12": {},
                },
                "$ref": "#/definitions/d0",
            }
        },
        "ACS081",
        "more than 10,000 schemas",
    ),
    "id": ({"schema": {"$id": "https://example.com/"}}, "ACS081", "`$id` moves"),
    "pattern": (
        {"schema": {"properties": {"name": {"pattern": "("}}}},
        "ACS081",
        "the pattern cannot be read",
    ),
    "slow": (
        {"schema": {"properties": {"name": {"pattern": "^(a+)+$"}}}},
        "ACS081",
        "repeats what can itself match in several ways",
    ),
    "slow-key": (
        {"schema": {"properties": {"tags": {"patternProperties": {"(a|a)*b": False}}}}},
        "ACS081",
        "repeats what can itself match in several ways",
    ),
    "slow-when": (
        {"when": {"properties": {"name": {"pattern": "(x+x+)+y"}}}},
        "ACS081",
        "repeats what can itself match in several ways",
    ),
    "field": (
        {"schema": {"required": ["disableLocalAuht"]}},
        "ACS081",
        "did you mean `disableLocalAuth`?",
    ),
    "field-below-if": (
        {"schema": {"if": {"properties": {"idntity": {}}}}},
        "ACS081",
        "did you mean `identity`?",
    ),
    "fact": (
        {"schema": {"properties": {"facts": {"properties": {"usedBuy": {}}}}}},
        "ACS081",
        "did you mean `usedBy`?",
    ),
    "fact-below-not": (
        {"schema": {"not": {"properties": {"facts": {"required": ["usedBuy"]}}}}},
        "ACS081",
        "did you mean `usedBy`?",
    ),
    "kind": ({"kinds": ["CommunicationSrvice"]}, "ACS083", "did you mean `CommunicationService`?"),
    "environment": ({"environments": {"porduction": "error"}}, "ACS083", "`production`?"),
    "severity": ({"severity": "fatal"}, "ACS035", "none to switch it off"),
    "no-schema": ({"schema": None}, "ACS034", "`schema` is missing"),
    "url": ({"url": "http://x"}, "ACS037", "an https address"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_policy_is_told_at_its_line(lab: Lab, name: str) -> None:
    changes, code, words = WRONG[name]
    environment(lab, "production")
    lab.spec(communicationServices=CLOSED)
    policy(lab, **changes)
    (line,) = concise(lab)
    assert line.startswith("policies/keys-off.yaml:"), line
    assert f": {code} " in line
    assert words in line
    assert lab.run("validate").code == lab.plan().code == 3


def test_two_policies_with_one_name_are_told_and_so_is_one_of_a_pack(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    lab.project(policyPacks=["recommended"], policySeverities={"public-access-stated": "none"})
    twin = policy(lab)
    twin.with_name("twin.yaml").write_text(twin.read_text())
    policy(lab, "local-auth-off")
    told = [line.split(" (mend")[0] for line in concise(lab)]
    assert told == [
        "policies/local-auth-off.yaml:3:18: ACS082 there are two policies called `local-auth-off`",
        "policies/twin.yaml:3:18: ACS082 there are two policies called `keys-off`",
    ]


def test_a_severity_for_what_does_not_exist_is_told_in_the_project_file(lab: Lab) -> None:
    lab.spec(communicationServices=CLOSED)
    policy(lab)
    lab.project(
        policySeverities={"keys-of": "none", "keys-off": {"environments": {"prod": "none"}}}
    )
    told = [line.split(": ", 1)[1] for line in concise(lab)]
    assert told == [
        "ACS084 there is no policy `keys-of` (mend: did you mean `keys-off`?)",
        "ACS083 there is no environment `prod` (mend: remove it: there is no environment)",
    ]


def test_a_policy_among_the_paths_is_checked_and_judges(lab: Lab) -> None:
    lab.spec(communicationServices={"acs-one": {"dataLocation": "Europe"}})
    path = policy(lab)
    path.rename(lab.folder / "specs" / "rule.yaml")
    assert [line.split(": ")[1].split()[0] for line in concise(lab, "specs")] == ["ACS080"]


def test_a_plan_of_a_policy_says_what_it_is(lab: Lab) -> None:
    path = policy(lab)
    lab.spec(communicationServices=CLOSED)
    ran = lab.plan(str(path.relative_to(lab.folder)))
    assert ran.code == 3
    assert "this is a policy, and a stack is needed here" in ran.err


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z]+$",
        "^https://[^/]+/.*$",
        "(ab){3}",
        "^(dev|prod)-[a-z]{1,9}$",
        "[(]+x",
        "(a)+",
        r"\(+",
    ],
)
def test_a_pattern_that_ends_soon_is_taken(pattern: str) -> None:
    assert why_refused(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(a*)*",
        "(a|b)+",
        "(a?){9}",
        "((a+))+",
        "(?:a{1,3}){2}",
        "a*b*c*d*",
        "a{0,999}b*c*d*",
        r"(a)\1",
        "x" * 501,
        "[",
    ],
)
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str) -> None:
    assert why_refused(pattern) is not None


def test_long_text_matches_no_pattern_of_a_policy(lab: Lab) -> None:
    tags = {"properties": {"annotations": {"properties": {"a": {"pattern": "^x+$"}}}}}
    policy(lab, schema=tags)
    services = {"acs-one": {"dataLocation": "Europe", "annotations": {"a": "x" * 1024}}}
    lab.spec(communicationServices=services)
    assert concise(lab) == []
    policy(lab, schema={"properties": {"stack": {"properties": {"labels": {
        "properties": {"a": {"pattern": "^x+$"}}}}}}})  # fmt: skip
    path = lab.spec(communicationServices=CLOSED)
    text = path.read_text()
    path.write_text(text.replace("name: test", f"name: test, labels: {{a: {'x' * 1025}}}"))
    assert len(concise(lab)) == 1
