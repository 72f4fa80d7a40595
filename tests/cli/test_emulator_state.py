"""The state of the embedded emulator from the command line."""

from __future__ import annotations

import json

from tests.conftest import Lab, identity


def test_the_state_is_taken_forgotten_and_put_back(lab: Lab) -> None:
    lab.spec(identities={"id-a": {"location": "westeurope"}})
    assert lab.run("apply", "--yes", "--target", "emulator").code == 0
    before = lab.run("emulator", "snapshot").json

    assert lab.run("emulator", "reset").code == 0
    assert lab.run("plan", "--target", "emulator").code == 2
    (lab.folder / "kept.json").write_text(json.dumps(before), encoding="utf-8")
    assert lab.run("emulator", "restore", "kept.json").code == 0

    assert lab.run("plan", "--target", "emulator").code == 0
    assert lab.run("emulator", "snapshot").json == before


def test_an_emulator_that_runs_is_seeded_over_http(lab: Lab) -> None:
    seed = [{"id": identity("id-a"), "location": "westeurope", "tags": {"a": "b"}}]
    (lab.folder / "seed.json").write_text(json.dumps(seed), encoding="utf-8")

    assert lab.run("emulator", "seed", "seed.json", "--url", lab.arm.url).code == 0

    assert lab.arm.get(identity("id-a"))["tags"] == {"a": "b"}
    taken = lab.run("emulator", "snapshot", "--url", lab.arm.url, "-o", "taken.json")
    assert (taken.code, taken.out) == (0, "")
    assert identity("id-a") in (lab.folder / "taken.json").read_text(encoding="utf-8")


def test_what_cannot_be_done_is_said_with_a_mend(lab: Lab) -> None:
    (lab.folder / "seed.json").write_text('[{"id": "x"}]', encoding="utf-8")
    (lab.folder / "broken.json").write_text("{", encoding="utf-8")

    refused = lab.run("emulator", "seed", "seed.json", "--url", lab.arm.url)
    broken = lab.run("emulator", "restore", "broken.json", "--url", lab.arm.url)
    nobody = lab.run("emulator", "snapshot", "--url", "http://127.0.0.1:1")
    elsewhere = lab.run("emulator", "reset", "--url", "ftp://x")
    missing = lab.run("emulator", "snapshot")

    assert [ran.code for ran in (refused, broken, nobody, elsewhere, missing)] == [64, 64, 1, 64, 1]
    assert "x: it is not the id of a resource" in refused.err
    assert "broken.json is not JSON" in broken.err
    assert "reconciler emulator serve" in nobody.err
    assert "there is no state file" in missing.err
