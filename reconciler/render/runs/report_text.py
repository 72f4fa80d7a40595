"""What an apply did, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.report import ApplyReport, Outcome, Result
from reconciler.render.formats.private import addresses_in_words, outcomes, subject, title
from reconciler.render.formats.style import BOLD, CYAN, DIM, GREEN, RESULT_COLOURS, YELLOW, Style
from reconciler.render.formats.words import dotted, plural, safe
from reconciler.render.plan.mail import lacking, next_look, open_words, wrong_in_dns, zone_lines
from reconciler.render.plan.outputs import outputs_lines
from reconciler.render.plan.view import INFINITIVES

STOPPED: Mapping[str, str] = {
    "deadline": "run again: it carries on where this one stopped; or give a longer --deadline",
    "lock lost": "see who has the lock with `reconciler lock show`, and run again",
}
"""What to do about a run that ended early, by the reason."""


def render_report(report: ApplyReport, *, colour: bool) -> str:
    """Return the report as text: failures last, where the eye is."""
    style = Style(colour)
    order = (Result.DONE, Result.CANCELLED, Result.SKIPPED, Result.WAITING, Result.FAILED)
    ended = [pair for result in order for pair in outcomes(report.of(result))]
    lines = [line for outcome, count in ended for line in _outcome(outcome, count, style)]
    if lines:
        lines.append("")
    lines.extend(outputs_lines(report.outputs, style))
    lines.append(_totals(report, style))
    lines.extend(_verdict(report, style))
    return "\n".join(lines) + "\n"


def _outcome(outcome: Outcome, count: int, style: Style) -> Iterator[str]:
    """Yield the lines of one step, or of so many private ones that ended alike."""
    word = style(f"{outcome.result.value:<9}", RESULT_COLOURS[outcome.result])
    seconds = style(f"  {outcome.seconds:.1f} s", DIM) if outcome.seconds else ""
    what = f"{addresses_in_words(count)} of " if count else ""
    yield f"  {word} {outcome.step.verb:<6} {what}{safe(subject(outcome.step))}{seconds}"
    if outcome.because_of:
        yield f"            because of {safe(outcome.because_of)}"
    failure = outcome.failure
    if failure is not None:
        yield f"            {safe(str(failure))}"
        if failure.mend:
            yield f"            {style('mend:', CYAN)} {safe(failure.mend)}"
        if failure.correlation_id:
            yield f"            {style(f'correlation id {safe(failure.correlation_id)}', DIM)}"


def _totals(report: ApplyReport, style: Style) -> str:
    """Return how the steps ended, in figures."""
    counts = [f"{len(report.of(r))} {r.value}" for r in Result if report.of(r)]
    what = f"{plural(len(report.outcomes), 'step')}: {', '.join(counts)}" if counts else "no steps"
    return style(f"Applied {what}.", BOLD)


def _verdict(report: ApplyReport, style: Style) -> Iterator[str]:
    """Yield whether Azure is now as desired."""
    if report.stopped:
        yield style(f"Ended early: {report.stopped}. Nothing more was sent.", YELLOW)
        yield f"  {style('mend:', CYAN)} {STOPPED.get(report.stopped, 'run again')}"
    if report.interrupted:
        yield style("Interrupted: what was in flight is finished, nothing more was sent.", YELLOW)
    if report.converged:
        yield style("Converged: a new plan is empty.", GREEN)
    elif not report.checked:
        yield style("Not checked: no new plan could be made.", YELLOW)
    elif report.remaining:
        yield style("Not converged: a new plan would still change", YELLOW)
        for change in report.remaining:
            names = ", ".join(dotted(f.path) for f in change.fields)
            words = title(change) if change.is_private else INFINITIVES[change.action]
            yield f"  {safe(change.address)} ({words}{f': {names}' if names else ''})"
    if report.waiting:
        yield from _waiting(report, style)


def _waiting(report: ApplyReport, style: Style) -> Iterator[str]:
    """Yield what is left to DNS and Azure, the records that are still to be published, and when."""
    yield style("Waiting: the next run goes on from here.", YELLOW)
    yield from (f"  {safe(words)}" for words in open_words(report.waiting))
    for words, mend in wrong_in_dns(report.waiting):
        yield f"  {safe(words)}"
        if mend:
            yield f"    {style('mend:', CYAN)} {safe(mend)}"
    for change, records in lacking(report.waiting):
        more = "(`reconciler dns export` has more forms)"
        yield f"  to publish in DNS for {safe(change.id.name)} {more}:"
        yield from (f"    {safe(line)}" for line in zone_lines(records))
    when = next_look(report.waiting)
    if when:
        yield f"  next check not before {when}"
