"""One run of drift from specs to news, once or again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.app.drifting.drift import find_drift
from reconciler.app.drifting.history import Keeper
from reconciler.app.drifting.news import news_of, tell
from reconciler.app.loading.specs import Specs
from reconciler.app.reviewing.surroundings import surroundings
from reconciler.core.drifted.drift_history import Step
from reconciler.engine.ports import Listener, Reader
from reconciler.engine.telling import during
from reconciler.model.drift import Drift, History
from reconciler.model.errors import UnavailableError
from reconciler.model.event import DriftFound, Phase
from reconciler.render.drift.view import DriftView, drift_view
from reconciler.web.client import WebClient

Reading: TypeAlias = Callable[[Specs], AbstractContextManager[Callable[[Reader], Reader] | None]]


@dataclass(frozen=True, slots=True)
class Look:
    """What a run of drift looks at, and whom it tells."""

    specs: Callable[[], Specs]
    """Reads the specs anew."""
    target: str
    """See `connect`."""
    unmanaged: bool
    """Whether to list what is in the resource groups and in no spec."""
    reading: Reading
    """Puts something around the reader while Azure is read."""
    history: Keeper | None
    channels: Mapping[str, WebClient]
    listener: Listener
    """Hears of every answer."""

    def once(self, show: Callable[[DriftView], None]) -> Drift:
        """Run once, and return what was found.

        Args:
            show: writes the reports.

        Raises:
            InvalidInputError: the specs are wrong.
            UnavailableError: the history or a channel could not be reached; the reports are written
                all the same.

        """
        with during(self.listener, Phase.LOAD):
            specs = self.specs()
        with self.reading(specs) as through:
            drift = find_drift(
                specs, self.target, self.listener, unmanaged=self.unmanaged, through=through
            )
        step, trouble = self._remembered(drift)
        drift, history = (drift, History()) if step is None else (step.drift, step.history)
        self.listener(DriftFound(drift))
        with during(self.listener, Phase.TELL):
            show(drift_view(drift, surroundings(), history))
            if trouble is not None:  # without its history nobody knows what is news
                raise trouble
            tell(self.channels, news_of(drift, step))
        return drift

    def _remembered(self, drift: Drift) -> tuple[Step | None, UnavailableError | None]:
        """Return the run as one more of the history, or why that cannot be had."""
        if self.history is None:
            return None, None
        try:
            with during(self.listener, Phase.HISTORY):
                return self.history.add(drift), None
        except UnavailableError as error:
            return None, error
