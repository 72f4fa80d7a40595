"""Who runs, and where: from the variables that pipelines set."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping

from reconciler.model.run import Runner

ADDRESSES: tuple[str, ...] = (
    # https://docs.github.com/actions/reference/workflows-and-actions/variables
    "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    # https://learn.microsoft.com/azure/devops/pipelines/build/variables
    "{SYSTEM_TEAMFOUNDATIONCOLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
    # https://docs.gitlab.com/ci/variables/predefined_variables/
    "{CI_JOB_URL}",
    # https://buildkite.com/docs/pipelines/configure/environment-variables
    "{BUILDKITE_BUILD_URL}",
    # https://circleci.com/docs/variables/
    "{CIRCLE_BUILD_URL}",
    # https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
    "{BUILD_URL}",
)
"""The page of a run, from variables; the first whose variables are all set counts."""


def this_run(environment: Mapping[str, str] = os.environ) -> Runner:
    """Return who runs this process."""
    return Runner(f"{_user()}@{socket.gethostname()}", os.getpid(), address(environment))


def address(environment: Mapping[str, str]) -> str:
    """Return the page of this pipeline run, empty outside of a pipeline."""
    for template in ADDRESSES:
        try:
            return template.format_map(environment)
        except KeyError:
            continue
    return ""


def is_alive(runner: Runner) -> bool:
    """Whether a run of this machine is still going on; False for one of another machine."""
    if runner.who.rpartition("@")[2] != socket.gethostname():
        return False
    try:
        os.kill(runner.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _user() -> str:
    """Return who is logged in here; containers may have a user without a name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
