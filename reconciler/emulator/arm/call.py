"""What the code of a resource provider gets to see of one request."""

from dataclasses import dataclass, replace

from reconciler.emulator.state.behaviour import Behaviour
from reconciler.emulator.state.rows import Record
from reconciler.emulator.state.transaction import Transaction
from reconciler.emulator.wire.messages import Request
from reconciler.emulator.wire.routes import Route, RouteKind
from reconciler.emulator.wire.sources import Identifiers, VirtualClock
from reconciler.emulator.wire.tokens import Caller


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long long-running operations take; both zero means they end at once."""

    polls: int = 0
    """How many polls report an operation as running."""
    seconds: float = 0.0
    """Seconds until an operation reports its end."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was decided when the emulator was made."""

    schedule: Schedule
    """How long long-running operations take."""
    page_size: int
    """Greatest number of items on one page of a list."""
    clock: VirtualClock
    """Where the time comes from."""
    identifiers: Identifiers
    """Where identifiers come from."""
    behaviour: Behaviour
    """What a test may switch while the emulator runs."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a long-running operation is to fail."""

    code: str
    """The error code in the status of the operation."""
    message: str
    """The error message in the status of the operation."""


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request to an emulated route, inside its transaction."""

    request: Request
    """The HTTP request."""
    route: Route
    """Its path, taken apart."""
    api_version: str
    """The api-version as sent."""
    content: object
    """The JSON value of the body; None without one."""
    state: Transaction
    """The state."""
    settings: Settings
    """The settings of the emulator."""
    caller: Caller | None = None
    """Who asks; None when everybody may do everything."""
    failure: Failure | None = None
    """Set when the long-running operation which this call begins is to fail."""

    def for_item(self) -> "Call":
        """Return the call of an action as if it were for the resource it is below."""
        route = replace(self.route, kind=RouteKind.ITEM, types=self.route.types[:-1])
        return replace(self, route=route)

    def hides(self, record: Record) -> bool:
        """Tell whether this request goes to a copy that does not have a resource yet."""
        return self.settings.behaviour.consistency.hides(record, self.now())

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        return self.settings.clock.now()

    def tenant(self) -> str:
        """Return the tenant of the subscription the request is for."""
        return self.state.tenant(self.route.subscription)

    def guid(self) -> str:
        """Return a new GUID."""
        return self.settings.identifiers.guid()

    def etag(self) -> str:
        """Return a new entity tag of the shape Cosmos DB gives.

        Recorded, azure-cli-extensions, March 2025: ``"0000be1d-0000-0700-0000-67e4f4a60000"``,
        whose last group begins with the time in hexadecimal seconds.
        """
        seconds = f"{int(self.now()):08x}"
        return f'"{self.settings.identifiers.hexadecimal(8)}-0000-0700-0000-{seconds}0000"'
