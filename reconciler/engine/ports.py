"""What the engine needs from the outside, as protocols matched by shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from reconciler.kinds.kind import Kind
from reconciler.model.event import Event
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Verb
from reconciler.model.report import Shown
from reconciler.model.value import Body

if TYPE_CHECKING:  # a start-up imports few modules
    from reconciler.model.dns import Evidence, ExpectedRecord
    from reconciler.model.forge import Act, Comment, Home, Issue, Pull
    from reconciler.model.record import Record
    from reconciler.model.run import Lease

Listener: TypeAlias = Callable[[Event], None]
"""Receives events. Called from several threads at once; what a thread is at, it tells itself."""


Aside: TypeAlias = Callable[[], AbstractContextManager[None]]
"""Entered for as long as a step only waits for Azure, so that another may be at work."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a write that has left this machine."""

    status: int | None
    """HTTP status, None if there was no answer."""
    correlation_id: str = ""
    """``x-ms-correlation-request-id``."""
    problem: str = ""
    """Why there was no answer, in words."""


class RequestFailedError(Exception):
    """A request did not do what it was sent for; raised by readers and writers."""

    def __init__(self, failure: Failure) -> None:
        """Keep the failure."""
        super().__init__(str(failure))
        self.failure = failure


class Reader(Protocol):
    """Reads Azure. Safe to call from several threads at once."""

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        """Return a body, or None if Azure says that there is no such resource.

        Raises:
            RequestFailedError: nothing is known about the resource.

        """

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        """Return every resource of a kind in a scope, all pages or none.

        Args:
            kind: the kind to list.
            scope: the ARM id of a resource group, or ``/subscriptions/{id}``.
            below: of what is attached to others: whether to list what is attached to anything in
                the scope, too, and not to the scope alone.

        Raises:
            RequestFailedError: some page could not be read.

        """


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One call of a reader, as a value."""

    kind: str
    """The name of the kind."""
    place: str
    """The ARM id of the resource, or the scope of the list, spelt as in the call."""
    is_list: bool = False
    below: bool = False
    """See `Reader.list_in`."""
    weight: int = field(default=1, compare=False)
    """How many resources the answer is likely to have."""


@runtime_checkable
class Foresight(Protocol):
    """A reader that does better if it hears in time what it is going to be asked."""

    def foresee(self, inquiries: Sequence[Inquiry]) -> None:
        """Prepare for calls that are made next, each once; what fails is told by the call itself.

        Called while no call is under way.
        """


class Writer(Protocol):
    """Changes Azure. Safe to call from several threads at once."""

    def write(
        self, kind: Kind, verb: Verb, resource: ResourceId, body: Body | None, aside: Aside
    ) -> Shown | None:
        """Send one request and wait until Azure says that its operation has ended.

        Return the resource as Azure has shown it by then, None if it did not. ``aside`` is entered
        while the operation is waited for.

        Raises:
            RequestFailedError: it was refused, or it failed.

        """

    def act(self, kind: Kind, resource: ResourceId, action: str, body: Body) -> None:
        """Ask a resource for an action, with a POST that is sent once.

        A value ``{"env": NAME}`` in the body is replaced by that environment variable.

        Raises:
            RequestFailedError: it was refused, or it failed.

        """


class Past(Protocol):
    """Knows who changed resources."""

    def changes(self, resources: Sequence[ResourceId]) -> list[Record]:
        """Return the changes of resources that are on record, field by field.

        Raises:
            RequestFailedError: nothing is known.

        """

    def writes(self, resource: ResourceId, since: str) -> list[Record]:
        """Return the writes of one resource since a moment.

        Raises:
            RequestFailedError: nothing is known.

        """


class Forge(Protocol):
    """The home of a repository, with its pull requests and issues.

    What goes wrong is a `reconciler.model.errors.UnavailableError`; nothing is sent twice that may
    have been carried out and would be there twice.
    """

    @property
    def home(self) -> Home:
        """Which home it is."""

    def whoami(self) -> str:
        """Return the author of what is written with this token, as comments and issues name it."""

    def pull(self, number: int) -> Pull:
        """Return a pull request."""

    def pulls(self) -> list[Pull]:
        """Return all open pull requests."""

    def tip(self, branch: str) -> str:
        """Return the commit that a branch is at."""

    def fork_point(self, branch: str, commit: str) -> str:
        """Return the last commit of a branch that a commit contains, empty if it is not known."""

    def comments(self, number: int) -> list[Comment]:
        """Return all comments of a pull request."""

    def comment(self, number: int, act: Act) -> None:
        """Write, change or delete one comment of a pull request; one that is gone is deleted."""

    def issues(self, label: str) -> list[Issue]:
        """Return the issues with a label, open and closed."""

    def issue(self, act: Act, label: str) -> None:
        """Open an issue, or change one."""


class Clock(Protocol):
    """Time, which tests replace."""

    def now(self) -> float:
        """Return seconds since some fixed moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Recorder(Protocol):
    """Hears of every request that changes something. Safe to call from several threads at once."""

    def leaving(self, method: str, path: str, attempt: int, body: bytes) -> None:
        """Hear that a write is about to leave; what it raises keeps the write from leaving.

        Args:
            method: PUT, PATCH, DELETE or POST.
            path: the ARM id, without query.
            attempt: from 1; more for a write that Azure has surely not carried out before.
            body: as it is sent, empty for none. It may hold the secret of an action.

        Raises:
            RequestFailedError: it must not leave.

        """

    def answered(self, method: str, path: str, answer: Sent) -> None:
        """Hear how a write that left was answered."""


class Lock(Protocol):
    """A lock that one run at a time holds, and that expires by itself. Safe to call from threads.

    What it raises is a `reconciler.model.errors.UnavailableError`: nobody knows who has it.
    """

    @property
    def place(self) -> str:
        """Where the lock is, for people."""

    def read(self) -> Lease | None:
        """Return who holds it, or has let it expire; None for nobody."""

    def take(self, lease: Lease) -> Lease | None:
        """Take it if it is free or has expired; return the lease that is in the way, if any."""

    def renew(self, lease: Lease) -> bool:
        """Hold it until a later moment; return whether it was still ours."""

    def release(self, token: str) -> bool:
        """Let go of the lease with this token; return whether there was one."""

    def is_ours(self, token: str) -> bool:
        """Whether the lease with this token holds right now."""


class Resolver(Protocol):
    """Looks records up in DNS. Safe to call from several threads at once."""

    def evidence(self, expected: ExpectedRecord) -> Evidence:
        """Return what DNS says of a record; what goes wrong is part of it, and nothing is raised.

        What was seen once is kept until it is forgotten.
        """

    def forget(self) -> None:
        """Forget what was seen, so that the next look is a new one."""
