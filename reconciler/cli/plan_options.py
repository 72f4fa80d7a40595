"""Options of `plan` and `apply` that belong together, packed into one value each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Any, TypeAlias

import click

Command: TypeAlias = Callable[..., Any]
Decorator: TypeAlias = Callable[[Command], Command]

_FILE = click.Path(dir_okay=False, path_type=Path)
_KEY = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Sealing:
    """Whether and how a plan is sealed."""

    out: Path | None
    expires: str
    sign_key: Path | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """Which of the stacks are planned, if not all, and who reads Azure for it."""

    shard: str
    part: Path | None
    changed_since: str
    cluster: str


def packed(name: str, whole: type, options: Sequence[Decorator]) -> Decorator:
    """Return a decorator that adds options and passes them on as one value.

    Args:
        name: the parameter that the command gets the value as.
        whole: a class whose parameters are named like the options.
        options: the options, in the order of the help.

    """
    names = list(signature(whole).parameters)

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(*args: Any, **given: Any) -> Any:
            given[name] = whole(**{key: given.pop(key) for key in names})
            return command(*args, **given)

        wrapped: Command = call
        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped

    return decorate


sign_key = click.option(
    "--sign-key",
    type=_KEY,
    help="Sign the file with this private Ed25519 key; the signature is FILE.sig.",
)

sealing = packed(
    "sealing",
    Sealing,
    (
        click.option(
            "--out",
            type=_FILE,
            help="Seal the plan in a file, which `reconciler apply FILE` carries out exactly.",
        ),
        click.option(
            "--expires",
            metavar="SPAN",
            default="24h",
            show_default=True,
            help="How long the file holds: 30m, 24h, 3d.",
        ),
        sign_key,
    ),
)
"""What is done with a plan that is to be applied later."""


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """Whether a plan is tried out on an emulator, and what is made to go wrong there."""

    rehearse: bool
    fail_at: int | None
    faults: str | None

    @property
    def is_wanted(self) -> bool:
        """Whether there is a rehearsal at all: trouble is only made in one."""
        return self.rehearse or self.fail_at is not None or self.faults is not None


rehearsing = packed(
    "rehearsing",
    Rehearsing,
    (
        click.option(
            "--rehearse",
            is_flag=True,
            help="Apply the plan to an emulator that has what Azure has, and tell what it takes.",
        ),
        click.option(
            "--fail-at",
            type=click.IntRange(1),
            metavar="N",
            help="Rehearse that the N-th request is refused.",
        ),
        click.option(
            "--faults",
            metavar="PROFILE",
            help="Rehearse with a profile of faults; `--faults list` names them.",
        ),
    ),
)
"""Whether a plan is tried out before it is applied."""

cluster = click.option(
    "--cluster",
    metavar="ADDRESS",
    default="",
    envvar="RECONCILER_CLUSTER",
    show_envvar=True,
    help="Have Azure read by the workers of the Dask scheduler at tcp:// or tls://HOST:PORT.",
)
"""Who reads Azure."""

sharing = packed(
    "sharing",
    Sharing,
    (
        click.option(
            "--shard",
            metavar="N/COUNT|auto",
            default="",
            envvar="RECONCILER_SHARD",
            show_envvar=True,
            help="Plan a share of the stacks; auto takes the number that CI or Kubernetes gives.",
        ),
        click.option(
            "--part",
            type=_FILE,
            help="Keep what the shard was told in a file, for `reconciler report merge`.",
        ),
        click.option(
            "--changed-since",
            metavar="REF",
            default="",
            help="Plan only stacks that differ from this commit in git, and their dependents.",
        ),
        cluster,
    ),
)
"""Which of the stacks are planned, and who reads Azure for it."""


class Span(click.ParamType[float]):
    """A span of time such as ``90s``, ``45m`` or ``6h``; its value is in seconds."""

    name = "span"
    _UNITS: Mapping[str, float] = {"s": 1.0, "m": 60.0, "h": 3600.0}

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([smh])", str(value))
        if found is None:
            self.fail(f"`{value}` is no span of time: write 90s, 45m or 6h", param, ctx)
        return int(found[1]) * self._UNITS[found[2]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an apply may take, and wait for another one."""

    deadline: float | None
    lock_timeout: float


limits = packed(
    "limits",
    Limits,
    (
        click.option(
            "--deadline",
            type=Span(),
            metavar="SPAN",
            help="End after so long, whatever is in flight: 45m, 6h. The next run carries on.",
        ),
        click.option(
            "--lock-timeout",
            type=Span(),
            metavar="SPAN",
            default="90s",
            show_default=True,
            help="How long to wait while another run holds the lock.",
        ),
    ),
)
"""How long an apply may take, and wait."""

snapshot = click.option(
    "--snapshot",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with this file of `reconciler observe` instead of asking Azure.",
)

inverse = click.option(
    "--inverse",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Plan the way back from what this receipt of `apply --receipt` tells.",
)

receipt = click.option(
    "--receipt",
    type=_FILE,
    help="Write what was planned, sent, answered and read back into this file.",
)

verify_key = click.option(
    "--verify-key",
    type=_KEY,
    help="Refuse a file that was not signed with the private half of this Ed25519 key.",
)
