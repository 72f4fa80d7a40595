"""Fixtures every test may use."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from reconciler.cli.main import run
from reconciler.emulator import EmulatorServer

if TYPE_CHECKING:
    from tests.telemetry.collector import Collector

# Machines are slow now and then, and a slow machine is no failure. In CI the examples are the same
# each time, so that a red build is never bad luck; elsewhere they are new each time.
settings.register_profile(
    "here",
    deadline=None,
    database=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
settings.load_profile("here")

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"
API_VERSIONS = {
    "Microsoft.Communication": "2025-09-01",
    "Microsoft.ManagedIdentity": "2024-11-30",
}

LOOSE = "lifecycle: {preventDelete: false, preventReplace: false, until: '2999-01-01'}"
"""What a stack says so that nothing in it is protected."""

HEARD = ("RECONCILER_", "AZURE_", "NO_COLOR", "OTEL_", "TRACEPARENT", "TRACESTATE")
"""What the names begin with of variables that would change what the command line does."""

Golden = Callable[[Path, str], None]
"""Compares a text with the file that holds what is expected."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-golden``."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the tests got into their golden files; read the diff before committing",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a function that compares a text with a golden file, or rewrites the file."""
    update = bool(request.config.getoption("--update-golden"))

    def compare(path: Path, text: str) -> None:
        if update:
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"{path} is missing: run pytest --update-golden and read the result"
        assert text == path.read_text(encoding="utf-8")

    return compare


def service(name: str) -> str:
    """Return the id of a Communication Services resource in the test group."""
    return f"{GROUP}/providers/Microsoft.Communication/communicationServices/{name}"


def identity(name: str) -> str:
    """Return the id of a user-assigned identity in the test group."""
    return f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"


@dataclass(frozen=True)
class Arm:
    """Raw requests to an emulator: what somebody else does behind the tool's back."""

    url: str

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request, and return status and decoded body."""
        if "api-version" not in path and not path.startswith("/emulator"):
            found = [v for namespace, v in API_VERSIONS.items() if namespace in path]
            path += f"?api-version={found[0] if found else '2024-11-01'}"
        wire = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        headers = {"Authorization": "Bearer somebody", "Content-Type": "application/json"}
        try:
            text = None if body is None else json.dumps(body)
            wire.request(method, path, body=text, headers=headers)
            answer = wire.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None
        finally:
            wire.close()

    def put(self, path: str, body: Mapping[str, Any]) -> None:
        """Create or replace a resource, which must work."""
        status, answer = self.send("PUT", path, body)
        assert status in (200, 201), answer

    def patch(self, path: str, body: Mapping[str, Any]) -> None:
        """Change a resource, which must work."""
        status, answer = self.send("PATCH", path, body)
        assert status == 200, answer

    def get(self, path: str) -> Any:
        """Return a resource's body, None if it is not there."""
        status, body = self.send("GET", path)
        assert status in (200, 404), body
        return body if status == 200 else None

    def group(self, path: str = GROUP) -> None:
        """Create a resource group."""
        self.put(path, {"location": "westeurope"})

    def fault(self, **fault: Any) -> None:
        """Make the emulator misbehave."""
        status, answer = self.send("POST", "/emulator/faults", fault)
        assert status in (200, 201, 204), answer

    def mend(self) -> None:
        """Take all faults back."""
        self.send("DELETE", "/emulator/faults")

    def requests(self) -> list[dict[str, Any]]:
        """Return everything that was sent since the last `forget`."""
        log: list[dict[str, Any]] = self.send("GET", "/emulator/requests")[1]
        return log

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return method, last name and body of every request that was meant to change something."""
        return [
            (entry["method"], entry["path"].rpartition("/")[2], entry["request"])
            for entry in self.requests()
            if entry["method"] not in ("GET", "HEAD")
            and not entry["path"].endswith("/checkNameAvailability")
        ]

    def forget(self) -> None:
        """Empty the request log."""
        self.send("DELETE", "/emulator/requests")

    def reset(self) -> None:
        """Forget everything."""
        self.mend()
        self.send("POST", "/emulator/reset")
        self.forget()


@pytest.fixture(scope="session")
def shared_emulator() -> Iterator[Arm]:
    """One emulator for all tests that reset it first."""
    with EmulatorServer() as server:
        yield Arm(server.url)


@pytest.fixture
def arm(shared_emulator: Arm) -> Arm:
    """An empty emulator with the test group, and an empty request log."""
    shared_emulator.reset()
    shared_emulator.group()
    shared_emulator.forget()
    return shared_emulator


@dataclass(frozen=True)
class Ran:
    """What a run of the command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The data on stdout."""
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, which no project file above it can reach."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith(HEARD)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def cli(workdir: Path) -> Cli:
    """Return a function that runs the command line in this process."""
    del workdir

    def call(*arguments: str) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(list(arguments))
        return Ran(code, out.getvalue(), err.getvalue())

    return call


@dataclass(frozen=True)
class Lab:
    """A stack of specs, an emulator and the command line between them."""

    arm: Arm
    run: Cli
    folder: Path

    def spec(self, text: str = "", /, name: str = "test", **collections: Any) -> Path:
        """Write a stack called ``name``, from YAML below ``spec`` or from values."""
        body = "".join(f"  {line}\n" if line else "\n" for line in text.strip("\n").splitlines())
        for key, value in collections.items():
            body += f"  {key}: {json.dumps(value)}\n"
        path = self.folder / "specs" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"apiVersion: reconciler/v1\nkind: Stack\nmetadata: {{name: {name}}}\nspec:\n"
            f"  subscription: {SUBSCRIPTION}\n  resourceGroup: {{existing: rg-test}}\n{body}",
            encoding="utf-8",
        )
        return path

    def project(self, **spec: Any) -> None:
        """Write the project file."""
        text = f"apiVersion: reconciler/v1\nkind: Project\nspec: {json.dumps(spec)}\n"
        (self.folder / "reconciler.yaml").write_text(text, encoding="utf-8")

    def plan(self, *arguments: str) -> Ran:
        """Plan against the emulator."""
        return self.run("plan", "--target", self.arm.url, *arguments)

    def apply(self, *arguments: str) -> Ran:
        """Apply to the emulator without being asked."""
        return self.run("apply", "--yes", "--target", self.arm.url, *arguments)

    def changes(self, *arguments: str) -> dict[str, str]:
        """Plan, and return the action for each address that has one."""
        document = self.plan("-o", "json", *arguments).json
        return {c["address"]: c["action"] for c in document["changes"] if c["action"] != "none"}

    def settle(self) -> None:
        """Apply, prove that the next plan is empty, and forget the requests."""
        ran = self.apply()
        assert ran.code == 0, ran.out + ran.err
        again = self.plan()
        assert again.code == 0, again.out
        self.arm.forget()


@pytest.fixture
def lab(arm: Arm, cli: Cli, workdir: Path) -> Lab:
    """Everything that a story needs."""
    return Lab(arm, cli, workdir)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch, workdir: Path) -> Iterator[Collector]:
    """A collector of telemetry, which the environment names."""
    del workdir
    from tests.telemetry.collector import Collector

    with Collector() as here:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", here.url)
        monkeypatch.setattr(
            "reconciler.telemetry.export.GRACE", 60.0
        )  # however slow the machine is
        yield here
