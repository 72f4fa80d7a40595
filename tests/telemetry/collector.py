"""A collector on this machine: takes OTLP over HTTP, and shows what it got."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.loopback import Loopback

GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MASKS = {
    f"/subscriptions/{GUID}/resourceGroups/rg-test": "/GROUP",
    r"127\.0\.0\.1:\d+": "HOST",
    rf"{GUID}\*[0-9A-F]+": "OPERATION",
    GUID: "GUID",
}
SIDE_BY_SIDE = ("read ", "step ")
"""What the names of spans begin with whose order is left to chance."""


@dataclass
class Got:
    """What has arrived."""

    traces: list[ExportTraceServiceRequest] = field(default_factory=list)
    metrics: list[ExportMetricsServiceRequest] = field(default_factory=list)


class Collector(Loopback):
    """Listens while the block runs."""

    def __init__(self, status: int = 200) -> None:
        """Answer everything with ``status``."""
        self.got = Got()
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/v1/traces":
                    got.traces.append(ExportTraceServiceRequest.FromString(body))
                else:
                    assert self.path == "/v1/metrics"
                    got.metrics.append(ExportMetricsServiceRequest.FromString(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Print nothing."""

        super().__init__(Handler)

    def forget(self) -> None:
        """Forget what has arrived."""
        self.got.traces.clear()
        self.got.metrics.clear()

    @property
    def text(self) -> str:
        """Everything that has arrived, as text."""
        return "\n".join(map(str, [*self.got.traces, *self.got.metrics]))

    @property
    def spans(self) -> list[Span]:
        """The spans, in the order in which they began."""
        found = [
            span
            for request in self.got.traces
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        return sorted(found, key=lambda span: span.start_time_unix_nano)

    @property
    def resource(self) -> dict[str, Any]:
        """The attributes of whoever sent the last trace."""
        return values(self.got.traces[-1].resource_spans[0].resource.attributes)

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The points of each metric, by their attributes as text; of a histogram its count."""
        return {
            metric.name: dict(_points(metric))
            for request in self.got.metrics
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def tree(self) -> str:
        """Return the spans as a tree, without times, addresses and what is new in each run."""
        spans = self.spans
        known = {span.span_id for span in spans}
        roots = [span for span in spans if span.parent_span_id not in known]
        return "".join(_branch(roots, spans, ""))


def values(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    """Return attributes by their names."""
    return {one.key: _value(one.value) for one in attributes}


def _branch(level: Iterable[Span], spans: list[Span], indent: str) -> Iterator[str]:
    """Yield the lines of some spans that are below one."""
    shown = [
        ("".join(_lines(one, indent)), [s for s in spans if s.parent_span_id == one.span_id])
        for one in level
    ]
    if any(text.strip().startswith(SIDE_BY_SIDE) for text, _ in shown):
        shown.sort(key=lambda pair: pair[0])
    for text, below in shown:
        yield text
        yield from _branch(below, spans, indent + "  ")


def _lines(span: Span, indent: str) -> Iterator[str]:
    """Yield the line of a span, and those of what was noted on it."""
    error = " ERROR" if span.status.code == Status.STATUS_CODE_ERROR else ""
    yield f"{indent}{span.name}{error}{_shown(span.attributes, indent)}\n"
    for event in span.events:
        yield f"{indent}  ! {event.name}{_shown(event.attributes, indent)}\n"


def _shown(attributes: Iterable[KeyValue], indent: str) -> str:
    found = values(attributes)
    for name in ("server.port", "reconciler.wait"):
        if name in found:
            found[name] = "..."
    text = "".join(f"\n{indent}    {name} = {value}" for name, value in sorted(found.items()))
    for pattern, mask in MASKS.items():
        text = re.sub(pattern, mask, text)
    return text


def _points(metric: Metric) -> Iterator[tuple[str, Any]]:
    data = getattr(metric, str(metric.WhichOneof("data")))
    for point in data.data_points:
        name = " ".join(f"{k}={v}" for k, v in sorted(values(point.attributes).items()))
        if metric.HasField("histogram"):
            yield name, point.count
        else:
            yield name, point.as_int if point.HasField("as_int") else point.as_double


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, str(kind))
