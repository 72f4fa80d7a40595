"""Sends traces and metrics to a collector, beside the run: it never fails or waits for them.

Everything that OpenTelemetry lets one choose is chosen by its own variables.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event as Flag
from threading import Lock, Thread

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.semconv.attributes.service_attributes import SERVICE_NAME, SERVICE_VERSION

from reconciler import __version__
from reconciler.engine.ports import Listener
from reconciler.model.event import Event
from reconciler.telemetry.figures import Figures
from reconciler.telemetry.spans import Spans
from reconciler.telemetry.wish import Wish

NAME = "acs-reconciler"
THREAD = "last of telemetry"
GRACE = 3.0
"""Seconds that the end of a run waits at most for what has not been delivered."""


class Complaints(logging.Handler):
    """Hears what the exporters complain about, and tells it once.

    Their own words may hold the address, which may hold a token; so only the reason is told.
    """

    def __init__(self, told: Callable[[str], None]) -> None:
        """Tell ``told``."""
        super().__init__(logging.WARNING)
        self._told = told
        self._once = Lock()
        self._is_ending = False
        self.over = Flag()
        """Set when nothing more is to be waited for."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hear one complaint; at the end of a run nothing is tried twice."""
        self.tell(_reason(record))
        if self._is_ending:
            self.over.set()

    def tell(self, reason: str) -> None:
        """Tell why not all telemetry arrives, unless something was told before."""
        if self._once.acquire(blocking=False):
            self._told(f"warning: telemetry is incomplete: {reason}; the run goes on")

    def end(self, endings: Iterable[Callable[[], None]]) -> None:
        """Do the last work of all beside this thread, and wait for it a little."""
        self._is_ending = True

        def last() -> None:
            for one in endings:
                one()
            self.over.set()

        Thread(target=last, name=THREAD, daemon=True).start()
        if not self.over.wait(GRACE):
            self.tell(f"the collector took more than {GRACE:.0f} s")


@contextmanager
def exported(
    wish: Wish, environment: Mapping[str, str], told: Callable[[str], None]
) -> Iterator[Listener]:
    """Yield a listener that makes traces and metrics of what it hears, and deliver them at the end.

    Args:
        wish: which of them.
        environment: what `Spans` reads.
        told: hears, once, that something could not be delivered.

    Raises:
        Exception: whatever the SDK raises for a variable whose value it refuses.

    """
    complaints = Complaints(told)
    logger = logging.getLogger("opentelemetry")
    logger.handlers, logger.propagate = [complaints], False
    listeners: list[Listener] = []
    endings: list[Callable[[], None]] = []
    resource = _resource()
    if wish.traces:
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        listeners.append(Spans(tracers.get_tracer(NAME, __version__), environment))
        endings.append(tracers.shutdown)
    if wish.metrics:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        meters = MeterProvider([reader], resource, shutdown_on_exit=False)
        listeners.append(Figures(meters.get_meter(NAME, __version__)))
        endings.append(meters.shutdown)

    def tell(event: Event) -> None:
        for listener in listeners:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001  (a run never fails because it is measured)
                complaints.tell(f"this is a bug: {type(error).__name__}")

    try:
        yield tell
    finally:
        complaints.end(endings)
        logger.handlers = [logging.NullHandler()]  # what is too late is told to nobody


def _resource() -> Resource:
    """Return who we are; what the environment says of that counts for more."""
    given = OTELResourceDetector().detect().attributes
    ours = {SERVICE_NAME: NAME, SERVICE_VERSION: __version__}
    return Resource.create({key: value for key, value in ours.items() if key not in given})


def _reason(record: logging.LogRecord) -> str:
    """Return why something could not be delivered, in a few words and without any value."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    status = next((f"HTTP {one}" for one in arguments if isinstance(one, int)), "")
    error = next((type(one).__name__ for one in arguments if isinstance(one, Exception)), "")
    raised = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    words = (
        re.sub("%[.0-9]*[a-z]", "...", str(record.msg)) if arguments else "OpenTelemetry complains"
    )
    return status or error or raised or words.rstrip(".")
