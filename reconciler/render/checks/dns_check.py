"""What `dns check` found, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconciler.model.dns import UNKNOWN, DnsState, Verdict
from reconciler.model.mail import DomainReport, RecordReport
from reconciler.model.value import Json
from reconciler.render.formats.style import BOLD, CYAN, GREEN, RED, YELLOW, Style
from reconciler.render.formats.words import plural, safe

FORMAT_VERSION = "1.0"
HEAD = ("check", "in Azure", "DNS")


def check_text(
    reports: Sequence[DomainReport], time_in: Callable[[float], str], *, colour: bool
) -> str:
    """Return a table for each domain, and a line that sums them up.

    Args:
        reports: what was found.
        time_in: returns the time after so many seconds.
        colour: whether to paint it.

    """
    style = Style(colour)
    lines: list[str] = []
    for report in reports:
        lines += [*_domain(report, time_in, style), ""]
    lines.append(summary(reports))
    return "\n".join(lines) + "\n"


def check_json(reports: Sequence[DomainReport], time_in: Callable[[float], str]) -> dict[str, Json]:
    """Return what was found as plain values."""
    return {
        "formatVersion": FORMAT_VERSION,
        "ready": all(report.is_ready for report in reports),
        "domains": [
            {
                "domain": report.domain.name,
                "address": report.domain.address,
                "id": report.domain.id.text,
                "ready": report.is_ready,
                "exists": None if report.unreadable else not report.missing,
                "problem": report.unreadable or None,
                "records": [_record_json(record, time_in) for record in report.records],
            }
            for report in reports
        ],
    }


def _record_json(record: RecordReport, time_in: Callable[[float], str]) -> dict[str, Json]:
    """Return one row as plain values."""
    verdict = record.verdict
    again = verdict.again_after
    return {
        "check": verdict.check,
        "azure": record.arm_state or None,
        "errorCode": record.error_code or None,
        "dns": verdict.state.value,
        "ready": verdict.ready,
        "sentence": verdict.sentence,
        "mend": verdict.mend or None,
        "againAfterSeconds": again,
        "notBefore": None if again is None else time_in(again),
    }


def _domain(report: DomainReport, time_in: Callable[[float], str], style: Style) -> list[str]:
    """Return the lines about one domain."""
    lines = [f"{style(safe(report.domain.name), BOLD)}  ({safe(report.domain.address)})"]
    state = state_of(report)
    if state:
        return [*lines, f"  {style(safe(state), YELLOW) if report.unreadable else state}"]
    rows = [(arm_state(record), record) for record in report.records]
    names = max(len(HEAD[0]), *(len(record.verdict.check) for _, record in rows))
    states = max(len(HEAD[1]), *(len(arm) for arm, _ in rows))
    words = max(len(HEAD[2]), *(len(record.verdict.state.value) for _, record in rows))
    lines.append(f"  {HEAD[0]:<{names}}  {HEAD[1]:<{states}}  {HEAD[2]}")
    for arm, record in rows:
        verdict = record.verdict
        state = style(f"{verdict.state.value:<{words}}", _colour(verdict))
        what = f"{verdict.check:<{names}}  {safe(arm):<{states}}  {state}"
        lines.append(f"  {what}  {safe(verdict.sentence)}")
        if verdict.mend:
            lines.append(f"    {style('mend:', CYAN)} {safe(mend_of(verdict, time_in))}")
    return lines


def state_of(report: DomainReport) -> str:
    """Return why there is nothing to say of a domain's records, empty if there is."""
    if report.unreadable:
        return f"unknown: {report.unreadable}"
    if report.missing:
        return "not in Azure yet: its records are known once it is created"
    return "managed by Azure: there are no records to make" if report.without_records else ""


def arm_state(record: RecordReport) -> str:
    """Return what ARM says of a check."""
    state = record.arm_state or "-"
    return f"{state} ({record.error_code})" if record.error_code else state


def mend_of(verdict: Verdict, time_in: Callable[[float], str]) -> str:
    """Return what to do, and from when on it is worth looking again; empty where all is well."""
    if verdict.again_after is None or not verdict.mend:
        return verdict.mend
    return f"{verdict.mend} (not before {time_in(verdict.again_after)})"


def _colour(verdict: Verdict) -> str:
    """Return the colour of a state."""
    if verdict.ready:
        return GREEN
    return YELLOW if may_pass(verdict) else RED


def may_pass(verdict: Verdict) -> bool:
    """Whether a record is unknown, or needs nothing but time."""
    return verdict.state in UNKNOWN or verdict.again_after is not None


def summary(reports: Sequence[DomainReport]) -> str:
    """Return how many records are ready."""
    rows = [record for report in reports for record in report.records]
    records = [record for record in rows if record.verdict.state is not DnsState.NO_RECORD]
    if not reports:
        return "No mail domain has records for you to make."
    ready = sum(record.verdict.ready for record in records)
    unknown = sum(report.is_unknown for report in reports)
    waiting = sum(not report.is_ready and not report.is_unknown for report in reports)
    done = len(reports) - unknown - waiting
    parts = [f"{ready} of {plural(len(records), 'record')} ready"]
    parts.append(
        f"{plural(len(reports), 'domain')}: {done} ready, {waiting} not, {unknown} unknown"
    )
    wrong = any(not r.verdict.ready and not may_pass(r.verdict) for r in records)
    hint = " `reconciler dns export` prints what to put in." if wrong else ""
    return f"{'; '.join(parts)}.{hint}"
