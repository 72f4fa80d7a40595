"""What was reviewed is what is applied: plan files, and what becomes of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.addresses.lists import KEY, Lists
from tests.conftest import LOOSE, SUBSCRIPTION, Golden, Lab, identity, service
from tests.sealed.files import (
    alter,
    canonical,
    carry_out,
    content_of,
    digest,
    make_keys,
    requests_in,
    seal,
    writes,
)

GOLDEN = Path(__file__).parent / "golden"
EPOCH = "1893456000"  # 2030-01-01


@pytest.fixture
def town(lab: Lab) -> Lab:
    """An identity, a service that uses it and is to be tagged, and a stranger beside them."""
    lab.arm.put(identity("id-a"), {"location": "westeurope"})
    body = {
        "location": "global",
        "properties": {"dataLocation": "Europe"},
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": {identity("id-a"): {}},
        },
        "tags": {"env": "dev"},
    }
    lab.arm.put(service("acs-a"), body)
    lab.arm.put(identity("id-stranger"), {"location": "westeurope"})
    lab.spec(
        identities={"id-a": {"location": "westeurope"}},
        communicationServices={
            "acs-a": {
                "dataLocation": "Europe",
                "identity": {"userAssigned": ["ref:identities/id-a"]},
                "tags": {"env": "prod"},
            }
        },
    )
    lab.arm.forget()
    return lab


def test_a_plan_file_reads_like_this(
    town: Lab, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    seal(town)
    text = (town.folder / "plan.json").read_text()
    text = re.sub("sha256:[0-9a-f]{64}", "sha256:...", text)
    text = re.sub(
        rf"(?!{SUBSCRIPTION})[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}", "GUID", text
    )
    golden(GOLDEN / "plan.json", text.replace(town.arm.url, "http://127.0.0.1:1"))


def test_equal_inputs_give_equal_bytes_and_time_is_an_input(
    town: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    seal(town)
    first = (town.folder / "plan.json").read_bytes()
    seal(town)
    assert (town.folder / "plan.json").read_bytes() == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1893456001")
    seal(town)
    before, after = json.loads(first), json.loads((town.folder / "plan.json").read_text())
    assert {name for name in before if before[name] != after[name]} == {"made", "seal"}
    assert after["made"] == {
        "at": "2030-01-01T00:00:01Z",
        "expires": "2030-01-02T00:00:01Z",
        "commit": None,
    }
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    ran = town.plan("--out", "plan.json")
    assert (ran.code, "SOURCE_DATE_EPOCH is `yesterday`" in ran.err) == (64, True)


def test_the_digests_are_those_that_the_document_describes(town: Lab) -> None:
    seal(town)
    document = json.loads((town.folder / "plan.json").read_text())
    assert document["digest"] == digest(document["content"])
    named = [document[n] for n in ("format", "formatVersion", "made", "digest")]
    assert document["seal"] == digest(named)


def test_what_is_sent_is_what_the_file_lists(town: Lab) -> None:
    content = seal(town)
    town.arm.forget()
    ran = carry_out(town)
    assert ran.code == 0, ran.out + ran.err
    assert writes(town) == requests_in(content)
    assert [told["method"] for told in content["requests"]] == ["PATCH"]


def test_everything_can_be_sealed_and_is_sent_as_it_was(whole: Lab) -> None:
    content = seal(whole)
    whole.arm.forget()
    ran = carry_out(whole)
    assert ran.code == 0, ran.out + ran.err
    told = {(r["method"], r["resource"].lower()): r for r in content["requests"]}
    sent = {
        (e["method"], e["path"].lower()): e["request"]
        for e in whole.arm.requests()
        if e["method"] in ("PUT", "PATCH", "DELETE")
        and "/suppressionListAddresses/" not in e["path"]
    }
    named = {key for key, request in told.items() if "/roleassignments/" not in key[1]}
    assert named == {key for key in sent if "/roleassignments/" not in key[1]}
    exact = {k for k in named if not {"pending", "keepsTheRest"} & told[k].keys()}
    assert len(exact) >= 10
    for key in exact:
        assert canonical(sent[key]) == canonical(told[key]["body"])


def test_a_field_that_moved_is_named_and_nothing_is_written(town: Lab) -> None:
    seal(town)
    town.arm.patch(service("acs-a"), {"properties": {"disableLocalAuth": True}})
    town.arm.forget()
    ran = carry_out(town)
    assert ran.code == 5
    assert "`acs-a` changed since the plan was made" in ran.err
    assert "`properties.disableLocalAuth` was absent and is true" in ran.err
    assert "plan.json:" in ran.err
    assert writes(town) == []


def test_what_a_request_only_needs_must_not_move_either(town: Lab) -> None:
    seal(town)
    town.arm.patch(identity("id-a"), {"tags": {"owner": "somebody"}})
    town.arm.forget()
    ran = carry_out(town)
    assert ran.code == 5
    assert "`id-a` changed since the plan was made: `tags.owner` was absent" in ran.err
    assert writes(town) == []


def test_strangers_may_change(town: Lab) -> None:
    content = seal(town)
    town.arm.patch(identity("id-stranger"), {"tags": {"owner": "somebody"}})
    town.arm.put(identity("id-new"), {"location": "westeurope"})
    town.arm.forget()
    assert carry_out(town).code == 0
    assert writes(town) == requests_in(content)


def test_what_drifted_beside_the_plan_is_told_and_left_alone(lab: Lab) -> None:
    both = {name: {"location": "westeurope", "tags": {"a": "1"}} for name in ("id-a", "id-b")}
    lab.arm.put(identity("id-b"), both["id-b"])
    lab.spec(identities=both)
    content = seal(lab)
    lab.arm.patch(identity("id-b"), {"tags": {"a": "2"}})
    lab.arm.forget()
    ran = carry_out(lab)
    assert ran.code == 6, ran.out + ran.err
    assert "note: 1 resource would change besides, and not by this file: test/identities/id-b" in (
        ran.err
    )
    assert writes(lab) == requests_in(content)


def test_a_plan_that_was_applied_is_not_applied_twice(town: Lab) -> None:
    seal(town)
    assert carry_out(town).code == 0
    town.arm.forget()
    assert carry_out(town).code == 0  # its journal tells that all is done
    shutil.rmtree(town.folder / ".reconciler" / "journal")
    ran = carry_out(town)
    assert ran.code == 5
    assert "this plan may have been applied already" in ran.err
    assert writes(town) == []


def test_a_value_that_looks_like_a_secret_is_neither_stored_nor_shown(town: Lab) -> None:
    town.arm.patch(service("acs-a"), {"tags": {"env": "dev", "apiKey": "swordfish"}})
    seal(town)
    assert "swordfish" not in (town.folder / "plan.json").read_text()
    town.arm.patch(service("acs-a"), {"tags": {"env": "dev", "apiKey": "marlin-fish"}})
    ran = carry_out(town)
    assert ran.code == 5
    assert "`tags.apiKey` has another value" in ran.err
    assert "swordfish" not in ran.err + ran.out
    assert "marlin-fish" not in ran.err


def test_a_tag_that_looks_like_a_secret_is_sent_along_all_the_same(town: Lab) -> None:
    town.arm.patch(service("acs-a"), {"tags": {"env": "dev", "apiKey": "swordfish"}})
    content = seal(town)
    body = content["requests"][0]["body"]["tags"]
    assert body["apiKey"].startswith("withheld sha256:")
    assert carry_out(town).code == 0
    assert town.arm.get(service("acs-a"))["tags"] == {"apiKey": "swordfish", "env": "prod"}


def set_body(document: dict[str, Any]) -> None:
    document["content"]["requests"][0]["body"]["tags"]["env"] = "evil"


def set_resource(document: dict[str, Any]) -> None:
    document["content"]["requests"][0]["resource"] = service("acs-other")


def add_request(document: dict[str, Any]) -> None:
    more = dict(document["content"]["requests"][0], id="DELETE x", method="DELETE", body=None)
    document["content"]["requests"].append(more | {"action": "delete", "address": "test/x"})


def forget_object(document: dict[str, Any]) -> None:
    document["content"]["objects"] = []


def set_time(document: dict[str, Any]) -> None:
    document["made"]["expires"] = "2999-01-01T00:00:00Z"


@pytest.mark.parametrize("change", [set_body, set_resource, add_request, forget_object, set_time])
def test_an_altered_file_is_refused(town: Lab, change: Callable[[dict[str, Any]], None]) -> None:
    seal(town)
    alter(town.folder / "plan.json", change)
    town.arm.forget()
    ran = carry_out(town)
    assert ran.code == 4
    assert "error[ACS121]: the plan file was altered after it was sealed" in ran.err
    assert town.arm.requests() == []


@pytest.mark.parametrize("change", [set_body, set_resource, add_request])
def test_a_forged_request_is_refused_although_its_digests_are_right(
    town: Lab, change: Callable[[dict[str, Any]], None]
) -> None:
    seal(town)
    alter(town.folder / "plan.json", change, forge=True)
    town.arm.forget()
    ran = carry_out(town)
    assert ran.code == 4, ran.err
    assert "error[ACS121]: `test/" in ran.err
    assert writes(town) == []


def test_a_forged_file_cannot_get_round_the_limits(lab: Lab) -> None:
    names = [f"id-{n}" for n in range(4)]
    for name in names:
        lab.arm.put(identity(name), {"location": "westeurope"})
    lab.project(guards={"maxDeletes": 9, "maxDeletePercent": 100})
    lab.spec(LOOSE, identities=dict.fromkeys(names))
    seal(lab)
    lab.project(guards={"maxDeletes": 3})
    lab.arm.forget()
    ran = carry_out(lab)
    assert ran.code == 4
    assert "guard maxDeletes" in ran.out
    assert writes(lab) == []


def test_a_plan_that_has_expired_is_refused(town: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    seal(town, "--expires", "3d")
    ran = carry_out(town)
    assert ran.code == 4
    assert "error[ACS122]: the plan has expired: it held until 2023-11-17T22:13:20Z" in ran.err
    assert town.plan("--expires", "soon").code == 64


def test_a_plan_for_another_target_or_environment_is_refused(town: Lab) -> None:
    seal(town)
    ran = town.run("apply", "plan.json", "--yes", "-e", "prod")
    assert ran.code == 4
    assert f"the plan was made for `{town.arm.url}`, and this run is for `azure`" in ran.err
    assert "the plan is of no environment, and this run is of prod" in ran.err


def test_a_plan_of_another_release_is_refused(town: Lab) -> None:
    seal(town)

    def older(document: dict[str, Any]) -> None:
        document["content"]["tool"] = "0.0.1"

    alter(town.folder / "plan.json", older, forge=True)
    ran = carry_out(town)
    assert (ran.code, "made by release 0.0.1" in ran.err) == (4, True)


def test_other_specs_than_those_planned_are_refused(town: Lab) -> None:
    seal(town)
    spec = (town.folder / "specs" / "test.yaml").read_text()
    town.spec(name="more", identities={"id-more": {"location": "westeurope"}})
    (town.folder / "specs" / "test.yaml").write_text(spec.replace("prod", "live"))
    town.arm.forget()
    ran = carry_out(town)
    assert ran.code == 4
    assert "stack `test` is not as it was when the plan was made" in ran.err
    assert "there is a stack `more` that the plan was not made from" in ran.err
    (town.folder / "specs" / "test.yaml").unlink()
    assert "made from stack `test`, which is not there" in carry_out(town).err
    assert writes(town) == []


def test_comments_and_order_do_not_make_other_specs(town: Lab) -> None:
    seal(town)
    path = town.folder / "specs" / "test.yaml"
    path.write_text(f"# reviewed\n{path.read_text()}\n# end\n")
    assert carry_out(town).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[1, 2]", "this is no plan file"),
        ('{"format": "x", "format": "y"}', "a key stands twice"),
        ('{"format": NaN}', "NaN is no JSON value"),
        ('{"format": "acs-reconciler/plan"}', "`content`"),
        ("[" * 100_000, "this is no plan file"),
    ],
)
def test_what_is_no_plan_file_is_said_with_its_place(town: Lab, text: str, said: str) -> None:
    (town.folder / "plan.json").write_text(text)
    ran = carry_out(town)
    assert ran.code == 3
    assert "error[ACS120]" in ran.err
    assert "--> plan.json:1:" in ran.err
    assert said in ran.err


def test_a_plan_that_cannot_be_applied_is_not_sealed(town: Lab) -> None:
    town.spec(communicationServices={"acs-a": {"dataLocation": "Africa"}})
    ran = town.plan("--out", "plan.json")
    assert ran.code == 4
    assert "plan.json was not written" in ran.err
    assert not (town.folder / "plan.json").exists()


def test_a_plan_file_and_other_wishes_contradict_each_other(town: Lab) -> None:
    seal(town)
    assert carry_out(town, "specs").code == 64
    assert carry_out(town, "--prune").code == 64
    assert carry_out(town, "--destroy").code == 64


def test_the_words_of_the_plan_hold_for_its_file(lab: Lab) -> None:
    lab.arm.put(identity("id-a"), {"location": "westeurope"})
    lab.spec(LOOSE, identities={"id-a": {"location": "westeurope"}})
    lab.spec(name="other", identities={"id-b": {"location": "westeurope"}})
    content = seal(lab, "--destroy", "specs/test.yaml")
    assert content["specs"]["paths"] == ["specs/test.yaml"]
    lab.arm.forget()
    assert carry_out(lab).code == 0
    assert [json.loads(w)[0] for w in writes(lab)] == ["DELETE"]


def test_addresses_are_in_the_file_as_numbers_and_as_what_the_key_makes_of_them(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_PRIVACY_KEY", KEY)
    lists = Lists(lab)
    lists.file("zq1@example.com", "zq2@example.com")
    lists.spec(file="suppressed/a.txt")
    content = seal(lab)
    assert [told["requests"] for told in content["private"]] == [2]
    assert "zq1" not in (lab.folder / "plan.json").read_text()
    assert not any("suppressionListAddresses" in told["resource"] for told in content["requests"])
    lists.file("zq1@example.com", "zq3@example.com")
    lab.arm.forget()
    ran = carry_out(lab)
    assert ran.code == 5
    assert "the addresses to write are not those that were planned" in ran.err
    assert "zq" not in ran.err + ran.out
    assert writes(lab) == []
    lists.file("zq2@example.com", "zq1@example.com")
    assert carry_out(lab).code == 0
    assert content_of(lab) == content


def test_the_commit_is_named_and_whether_files_differ_from_it(town: Lab) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words]
        ran = subprocess.run(command, cwd=town.folder, capture_output=True, check=True, text=True)
        return ran.stdout.strip()

    shutil.rmtree(town.folder / ".git")
    git("init", "-q")
    git("add", "specs")
    git("commit", "-q", "-m", "specs")
    seal(town)
    made = json.loads((town.folder / "plan.json").read_text())["made"]
    assert made["commit"] == {"id": git("rev-parse", "HEAD"), "dirty": False}
    path = town.folder / "specs" / "test.yaml"
    path.write_text(f"{path.read_text()}# more\n")
    seal(town)
    made = json.loads((town.folder / "plan.json").read_text())["made"]
    assert made["commit"]["dirty"] is True


def test_a_signature_says_who_made_a_plan(town: Lab) -> None:
    make_keys(town.folder, "ours")
    make_keys(town.folder, "theirs")
    seal(town)
    ran = carry_out(town, "--verify-key", "ours.pub.pem")
    assert (ran.code, "the file is not signed: there is no plan.json.sig" in ran.err) == (4, True)
    seal(town, "--sign-key", "theirs.pem")
    ran = carry_out(town, "--verify-key", "ours.pub.pem")
    assert ran.code == 4
    assert "was not signed with the key of ours.pub.pem" in ran.err
    seal(town, "--sign-key", "ours.pem")
    alter(town.folder / "plan.json", set_time, forge=True)
    assert carry_out(town, "--verify-key", "ours.pub.pem").code == 4
    seal(town, "--sign-key", "ours.pem")
    assert len((town.folder / "plan.json.sig").read_bytes()) == 64
    assert carry_out(town, "--verify-key", "ours.pub.pem").code == 0


def test_a_signature_says_who_made_a_receipt_and_a_snapshot(town: Lab) -> None:
    make_keys(town.folder, "ours")
    make_keys(town.folder, "theirs")
    target = ("--target", town.arm.url)
    signed = ("--sign-key", "ours.pem")
    assert town.run("observe", "--out", "snapshot.json", *signed, *target).code == 0
    assert town.apply("-q", "--receipt", "receipt.json", *signed).code == 0
    checks = (
        ("receipt", "verify", "receipt.json"),
        ("plan", "--inverse", "receipt.json", *target),
        ("plan", "--snapshot", "snapshot.json"),
    )
    for words in checks:
        assert town.run(*words, "--verify-key", "ours.pub.pem").code in (0, 2), words
        ran = town.run(*words, "--verify-key", "theirs.pub.pem")
        assert (ran.code, "was not signed with the key of theirs.pub.pem" in ran.err) == (4, True)


def test_what_is_no_key_is_said_before_anything_is_read(town: Lab) -> None:
    make_keys(town.folder, "ours")
    (town.folder / "text.pem").write_text("no key")
    for words in (
        ["plan", "--out", "plan.json", "--sign-key", "text.pem"],
        ["plan", "--out", "plan.json", "--sign-key", "ours.pub.pem"],
        ["plan", "--sign-key", "ours.pem"],
        ["plan", "--verify-key", "ours.pub.pem"],
        ["apply", "--yes", "--sign-key", "ours.pem"],
        ["apply", "--yes", "--receipt", "receipt.json", "--sign-key", "text.pem"],
        ["observe", "--out", "snapshot.json", "--sign-key", "text.pem"],
        ["apply", "--yes", "--verify-key", "ours.pub.pem"],
    ):
        assert town.run(*words, "--target", town.arm.url).code == 64
    assert town.arm.requests() == []
    seal(town)
    ran = carry_out(town, "--verify-key", "ours.pem")
    assert (ran.code, "is no public Ed25519 key in PEM" in ran.err) == (64, True)
