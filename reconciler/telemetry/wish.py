"""What the environment asks for, by the variables that OpenTelemetry has for it.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
DISABLED = "OTEL_SDK_DISABLED"
SPOKEN = "http/protobuf"
"""The only protocol that is spoken."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which signals are to be sent."""

    traces: bool
    metrics: bool
    problems: tuple[str, ...] = ()
    """What is asked for and cannot be done."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be sent."""
        return not self.traces and not self.metrics


def wish_of(environment: Mapping[str, str]) -> Wish:
    """Return what an environment asks for: nothing, unless it has the address of a collector."""
    if environment.get(DISABLED, "").strip().lower() == "true":
        return Wish(traces=False, metrics=False)
    problems: list[str] = []
    traces, metrics = (
        _is_wanted(environment, signal, problems) for signal in ("TRACES", "METRICS")
    )
    return Wish(traces, metrics, tuple(dict.fromkeys(problems)))


def _is_wanted(environment: Mapping[str, str], signal: str, problems: list[str]) -> bool:
    """Whether a signal is to be sent; what keeps it from being sent is added to the problems."""
    if not _first(environment, f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", ENDPOINT)[1]:
        return False
    name, exporter = _first(environment, f"OTEL_{signal}_EXPORTER")
    if exporter not in ("", "otlp"):
        if exporter != "none":
            problems.append(f"{name}: only `otlp` and `none` are known here")
        return False
    name, protocol = _first(
        environment, f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"
    )
    if protocol not in ("", SPOKEN):
        problems.append(f"{name}: only `{SPOKEN}` is spoken here, which collectors hear on 4318")
        return False
    return True


def _first(environment: Mapping[str, str], *names: str) -> tuple[str, str]:
    """Return the first variable that is set, with its value; the last one if none is."""
    for name in names:
        value = environment.get(name, "").strip()
        if value:
            return name, value
    return names[-1], ""
