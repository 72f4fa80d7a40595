"""The files for pipelines: their schemas, their pins, and what linters of their own say of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli, Golden
from tests.shipped.github_runner import ROOT, read, read_text

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
OWN = ROOT / ".github" / "actions" / "reconciler" / "action.yml"
GITLAB = ROOT / "ci" / "gitlab" / "reconciler.gitlab-ci.yml"
AZURE = sorted((ROOT / "ci" / "azure").glob("*.yml"))
SCRIPTS = sorted((ROOT / "ci").glob("*.sh"))


def tool(name: str, *arguments: str | Path, text: str = "") -> None:
    """Run a tool that is installed beside Python, which must find nothing."""
    command = [str(Path(sys.executable).with_name(name)), *map(str, arguments)]
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every step of every workflow and of the action, with the name of its file."""
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            yield from ((path.name, step) for step in job["steps"])
    yield from ((ACTION.name, step) for step in read(ACTION)["runs"]["steps"])


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-actions", [ACTION, OWN]),
        ("vendor.gitlab-ci", [GITLAB]),
        ("vendor.azure-pipelines", AZURE),
    ],
    ids=["workflows", "action", "gitlab", "azure"],
)
def test_the_files_are_what_their_schemas_say(schema: str, files: list[Path]) -> None:
    name = schema.removeprefix("vendor.")
    transform = ["--data-transform", name] if name in ("gitlab-ci", "azure-pipelines") else []
    tool("check-jsonschema", "--builtin-schema", schema, *transform, *files)


def test_zizmor_finds_nothing_even_when_it_is_at_its_strictest() -> None:
    strict = ("--offline", "--persona", "auditor", "--strict-collection", "--no-progress")
    tool("zizmor", *strict, ACTION, ROOT / ".github", ROOT / ".pre-commit-hooks.yaml")


def scripts() -> Iterator[tuple[str, str]]:
    """Yield every script by name: files, and what stands in steps, jobs and templates."""
    yield from ((path.name, path.read_text(encoding="utf-8")) for path in SCRIPTS)
    yield from ((f"a step of {name}", step["run"]) for name, step in steps() if "run" in step)
    for name, job in read(GITLAB).items():
        yield f"{name} of GitLab", "\n".join(job.get("before_script", []) + job.get("script", []))
    for path in AZURE:
        for step in read(path)["steps"]:
            if "inlineScript" in step.get("inputs", {}):
                yield f"the task of {path.parent.name}/{path.name}", step["inputs"]["inlineScript"]
            for one in next((value for key, value in step.items() if key.startswith("${{")), []):
                yield f"the step of {path.parent.name}/{path.name}", one["bash"]


@pytest.mark.parametrize("script", list(dict(scripts()).values()), ids=list(dict(scripts())))
def test_shellcheck_finds_nothing_in_a_script(script: str) -> None:
    # What is sourced is looked at by itself, and pipelines set variables that no script does.
    tool("shellcheck", "--shell=bash", "--exclude=SC1090,SC1091,SC2154", "-", text=script)


def test_the_action_of_the_workflows_is_the_action(golden: Golden) -> None:
    """A workflow cannot name the root: GitHub refuses ``uses: $/`` without a path."""
    head = "# Written by `make golden` from action.yml, for the workflows of this repository.\n"
    place = "$GITHUB_ACTION_PATH"
    golden(OWN, head + ACTION.read_text("utf-8").replace(place, f"{place}/../../.."))


def callers() -> list[str]:
    """Return the workflows that the documents tell people to write, with a name filled in."""
    pages = [page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md"))]
    blocks = re.findall(r"```yaml\n(name:.*?)```", "".join(pages), re.DOTALL)
    workflows = [text for text in blocks if "\njobs:\n" in text]
    return [text.replace("OWNER", "contoso").replace("COMMIT", "0f" * 20) for text in workflows]


def test_the_workflows_in_the_documents_give_ours_what_they_need() -> None:
    called = set()
    for text in callers():
        for job in read_text(text)["jobs"].values():
            if "uses" not in job:
                continue
            name = re.sub(r".*/workflows/(.*)@.*", r"\1", job["uses"])
            ours = read(ROOT / ".github" / "workflows" / name)
            inputs = ours["on"]["workflow_call"]["inputs"]
            assert {key for key, one in inputs.items() if one.get("required")} <= set(job["with"])
            assert set(job["with"]) <= set(inputs)
            wanted = [one["permissions"].items() for one in ours["jobs"].values()]
            assert {pair for pairs in wanted for pair in pairs} == set(job["permissions"].items())
            called.add(name)
    assert called == {path.name for path in WORKFLOWS}


def test_the_workflows_in_the_documents_are_good_ones(tmp_path: Path) -> None:
    files = [tmp_path / ".github" / "workflows" / f"{n}.yml" for n in range(len(callers()))]
    files[0].parent.mkdir(parents=True)
    for path, text in zip(files, callers(), strict=True):
        path.write_text(text, encoding="utf-8")
    tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    tool("zizmor", "--offline", "--no-progress", tmp_path)


def test_what_the_documents_tell_people_of_other_pipelines_to_write_fits(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "gitlab-azure-devops.md").read_text(encoding="utf-8")
    gitlab, *azure = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    schemas = {"gitlab-ci": [gitlab], "azure-pipelines": azure}
    for schema, texts in schemas.items():
        for number, text in enumerate(texts):
            path = tmp_path / f"{schema}-{number}.yml"
            path.write_text(text, encoding="utf-8")
            options = ["--builtin-schema", f"vendor.{schema}", "--data-transform", schema]
            # A pattern of Azure's escapes a slash, which is not allowed in Unicode's patterns.
            options += ["--regex-variant", "nonunicode"]
            tool("check-jsonschema", *options, path)
    head = GITLAB.read_text(encoding="utf-8").partition(".reconciler:")[0]
    assert set(read_text(gitlab)["variables"]) - {"RECONCILER_ENV"} <= set(re.findall(r"\w+", head))
    for text in azure:
        (step,) = read_text(text)["steps"]
        template = ROOT / step["template"].removesuffix("@reconciler")
        declared = {one["name"] for one in read(template)["parameters"]}
        assert set(step["parameters"]) <= declared


def test_every_action_of_others_is_pinned_to_a_whole_commit_with_its_version() -> None:
    for path in [*WORKFLOWS, ACTION]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line and "uses: $/.github/actions/reconciler" not in line:
                assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_no_expression_is_pasted_into_a_script() -> None:
    scripts = [(name, step["run"]) for name, step in steps() if "run" in step]
    assert len(scripts) == 2
    assert [name for name, script in scripts if "${{" in script] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_grants_nothing_by_default_and_every_job_ends(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        assert "write-all" not in json.dumps(job["permissions"])


def test_only_what_waits_for_an_approval_may_write_to_azure() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "apply.yml")["jobs"]
    writers = [name for name, job in jobs.items() if "writer-id" in json.dumps(job)]
    assert writers == ["apply"]
    assert jobs["apply"]["environment"] == "${{ inputs.approval }}"
    assert jobs["apply"]["needs"] == "plan"


def test_the_inputs_and_outputs_of_the_action_are_those_that_its_step_uses() -> None:
    action = read(ACTION)
    run = action["runs"]["steps"][1]
    used = set(re.findall(r"inputs\.([\w-]+)", json.dumps(action["runs"])))
    assert used == set(action["inputs"])
    script = (ROOT / "ci" / "action.sh").read_text(encoding="utf-8")
    variables = {name for name in run["env"] if name.startswith("INPUT_")}
    assert variables == set(re.findall(r"INPUT_[A-Z]+", script))


def test_the_hooks_of_pre_commit_are_commands_that_exist(cli: Cli) -> None:
    for hook in read(ROOT / ".pre-commit-hooks.yaml"):
        program, command, *options = hook["entry"].split()
        assert program == "reconciler"
        assert cli(command, *options, "--help").code == 0
        assert {"id", "name", "entry", "language"} <= set(hook)


def test_the_image_holds_only_what_the_lock_file_pins() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    installs = [part for line in lines for part in line.split("&&") if "pip install" in part]
    assert len(installs) == 3
    assert [part for part in installs if not re.search("--require-hashes|--no-deps", part)] == []


PYTHON = """\
#!/bin/sh
case "$2" in
    venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    pip) echo "$@" >>"$INSTALLED" ;;
esac
"""
"""Stands in for Python: makes what looks like environments, and notes what is installed."""


@pytest.mark.parametrize(
    ("endpoint", "lock"),
    [("", "requirements.lock"), ("https://otlp.example.com", "requirements-otel.lock")],
)
def test_a_pipeline_installs_the_telemetry_extra_where_an_endpoint_is_set(
    tmp_path: Path, endpoint: str, lock: str
) -> None:
    python = tmp_path / "python"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    installed = tmp_path / "installed"
    script = f". {ROOT}/ci/setup.sh {tmp_path}/tools && command -v reconciler"
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHON": str(python),
        "INSTALLED": str(installed),
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
    }
    ran = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, check=False)
    assert ran.stdout.decode().strip() == f"{tmp_path}/tools/tool/reconciler", ran.stderr
    (line,) = installed.read_text(encoding="utf-8").splitlines()
    assert line.endswith(f"--require-hashes --requirement {ROOT}/{lock}")
    assert (ROOT / lock).exists()
