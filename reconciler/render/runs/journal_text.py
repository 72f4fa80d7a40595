"""Journals and locks, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from reconciler.model.run import Lease, RunRecord, WriteRecord
from reconciler.render.formats.style import BOLD, DIM, GREEN, YELLOW, Style
from reconciler.render.formats.words import plural, safe


def mention(record: RunRecord) -> str:
    """Return the line that a plan or an apply says about a run that was killed."""
    open_writes = sum(write.is_open for write in record.writes)
    known = plural(len(record.writes) - open_writes, "write")
    unknown = f", and nobody knows what came of {open_writes} more" if open_writes else ""
    return (
        f"note: the apply of {safe(record.begun)} by {safe(str(record.runner))} did not come to its"
        f" end: {known} answered{unknown}; `reconciler journal` tells which. This run looks at what"
        " is there, and carries on."
    )


def render_runs(records: Iterable[RunRecord], *, colour: bool) -> str:
    """Return a line for each run, the newest last."""
    style = Style(colour)
    lines = []
    for record in records:
        how = _ending(record, style)
        writes = plural(len(record.writes), "write")
        lines.append(f"  {record.run}  {how}, {writes}  {style(safe(record.runner.who), DIM)}")
    return "\n".join(lines) + "\n" if lines else "no journal: nothing was applied from here\n"


def render_run(record: RunRecord, *, colour: bool) -> str:
    """Return what one run did, request by request."""
    style = Style(colour)
    lines = [
        style(f"apply {record.run}", BOLD),
        f"  by       {safe(str(record.runner))}",
        f"  target   {safe(record.target)}"
        + (f", environment {safe(record.environment)}" if record.environment else ""),
        f"  begun    {safe(record.begun)}, {plural(record.steps, 'step')} planned",
        f"  ended    {safe(record.ended) or 'never noted'}: {_ending(record, style)}",
    ]
    if record.torn:
        lines.append(f"  torn     {plural(record.torn, 'line')} could not be read")
    lines.append("")
    lines.extend(line for write in record.writes for line in _write(write, style))
    lines.append("")
    lines.extend(_conclusion(record))
    return "\n".join(lines) + "\n"


def render_lease(place: str, lease: Lease | None, now: float) -> str:
    """Return who holds a lock.

    Args:
        place: where the lock is.
        lease: who holds it, None for nobody.
        now: seconds since the epoch.

    """
    if lease is None:
        return f"free: {safe(place)}\n"
    left = lease.expires - now
    until = f"expires in {left:.0f} s unless it is renewed" if left > 0 else "has expired"
    return (
        f"{'held' if left > 0 else 'expired'}: {safe(place)}\n"
        f"  by     {safe(str(lease.holder))}\n"
        f"  since  {datetime.fromtimestamp(lease.since, UTC):%Y-%m-%d %H:%M:%S} UTC\n"
        f"  {until}\n"
    )


def _ending(record: RunRecord, style: Style) -> str:
    """Say how a run ended."""
    if record.is_unfinished:
        return style("killed, or still running", YELLOW)
    return style(safe(record.result), GREEN if record.result == "done" else YELLOW)


def _write(write: WriteRecord, style: Style) -> Iterator[str]:
    """Yield the lines of one write."""
    again = f" (attempt {write.attempt})" if write.attempt > 1 else ""
    yield f"  {safe(write.sent)}  {write.method:<6} {safe(write.path)}{again}"
    if not write.answered:
        answer = style("no answer was noted: Azure may have done it", YELLOW)
    elif write.status is None:
        answer = style(f"no answer ({safe(write.problem)}): Azure may have done it", YELLOW)
    else:
        answer = f"answered with {write.status}"
    identifier = style(f"  {safe(write.correlation_id)}", DIM) if write.correlation_id else ""
    yield f"                        {answer}{identifier}"


def _conclusion(record: RunRecord) -> Iterator[str]:
    """Yield what to make of it."""
    open_writes = [write for write in record.writes if write.is_open]
    if not record.is_unfinished:
        yield f"The run ended by itself: {safe(record.result)}."
    elif not open_writes:
        yield "The run did not come to its end; every write that it sent was answered."
    else:
        what = plural(len(open_writes), "write")
        yield f"The run did not come to its end; nobody knows what came of {what}."
    if record.is_unfinished:
        yield "`reconciler plan` shows what is left; `reconciler apply` carries on from there."
