"""What a rehearsal has shown, as a part of the report."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.rehearsal import Rehearsal, is_settled
from reconciler.model.report import ApplyReport, Result
from reconciler.render.formats.private import outcomes, step_id
from reconciler.render.formats.sections import Section, Tone
from reconciler.render.formats.words import plural

HEAD = ("what", "found")

FEW = 10
"""How many names a row shows."""


def rehearsal_section(rehearsal: Rehearsal) -> Section:
    """Return the part of the report."""
    rows = [
        ("requests", _requests(rehearsal)),
        ("throttle budget", _budget(rehearsal)),
        ("time in Azure", _time(rehearsal)),
        ("second plan", _second(rehearsal.report)),
        *_trouble(rehearsal),
    ]
    if rehearsal.differs:
        rows.append(("planned otherwise", _few(rehearsal.differs)))
    if rehearsal.assumed:
        rows.append(("taken for granted", _few(rehearsal.assumed)))
    rows.append(("sources", rehearsal.sources))
    return Section(
        "rehearsal", "Rehearsal", _tone(rehearsal), _summary(rehearsal), HEAD, tuple(rows)
    )


def no_rehearsal() -> Section:
    """Return what is said of a plan that cannot be applied."""
    what = "A plan that cannot be applied is not rehearsed."
    return Section("rehearsal", "Rehearsal", Tone.NOTE, what)


def _tone(rehearsal: Rehearsal) -> Tone:
    """Return how much it matters."""
    if rehearsal.converged:
        return Tone.GOOD
    return Tone.WARNING if rehearsal.trouble and rehearsal.recovered else Tone.DANGER


def _summary(rehearsal: Rehearsal) -> str:
    """Say in a sentence what came of it."""
    if rehearsal.differs:
        return "The emulator, given what Azure has, would have been planned otherwise."
    where = "applied to an emulator that has what Azure has"
    if is_settled(rehearsal.report):
        although = f" although {rehearsal.trouble}" if rehearsal.trouble else ""
        return f"The plan was {where}, and converged{although}: the second plan is empty."
    if not rehearsal.trouble:
        return f"The plan was {where}, and did not converge."
    end = "the next run ends as desired" if rehearsal.recovered else "the next run does not help"
    return f"The plan was {where}, where {rehearsal.trouble}: {end}."


def _requests(rehearsal: Rehearsal) -> str:
    """Return how many requests it took."""
    writes = ", ".join(f"{count} {method}" for method, count in rehearsal.writes.items())
    polls = f", and up to {plural(rehearsal.polls, 'poll')}" if rehearsal.polls else ""
    return f"{writes or 'no writes'}; {plural(rehearsal.reads, 'read')}{polls}"


def _budget(rehearsal: Rehearsal) -> str:
    """Return what of Azure's budget it takes, as if nobody else drew on it."""
    deletes = rehearsal.writes.get("DELETE", 0)
    used = {
        "reads": rehearsal.reads + rehearsal.polls,
        "writes": sum(rehearsal.writes.values()) - deletes,
        "deletes": deletes,
    }
    parts = []
    for name, count in used.items():
        depth, refill = rehearsal.budget[name]
        beyond = f", the rest at {refill:g} a second" if count > depth else ""
        parts.append(f"{count} of {depth:g} {name}{beyond}")
    return "; ".join(parts)


def _time(rehearsal: Rehearsal) -> str:
    """Return how long Azure may take."""
    low, high = (_minutes(seconds) for seconds in rehearsal.seconds)
    return f"{low} to {high}" if low != high else low


def _minutes(seconds: float) -> str:
    """Return a time in words, never too short."""
    if seconds < 60:
        return f"{round(seconds)} seconds"
    return plural(-int(-seconds // 60), "minute")


def _second(report: ApplyReport) -> str:
    """Return what a second plan would change."""
    if is_settled(report):
        waiting = f", but for {plural(len(report.waiting), 'change')} that must wait"
        return f"empty{waiting if report.waiting else ''}"
    if not report.checked:
        return "not complete"
    return f"{plural(len(report.remaining), 'change')} left"


def _trouble(rehearsal: Rehearsal) -> Iterator[tuple[str, str]]:
    """Yield how the steps of a run that did not go through ended, and what the next run did."""
    report = rehearsal.report
    if is_settled(report):
        return
    done = report.of(Result.DONE)
    yield "done", plural(len(done), "step")
    ended = [(o, n) for o, n in outcomes(report.outcomes) if o.result is not Result.DONE]
    ended.sort(key=lambda pair: pair[0].result is not Result.FAILED)
    for outcome, count in ended[:FEW]:
        many = f" ({count})" if count > 1 else ""
        why = f": {outcome.failure}" if outcome.failure is not None else ""
        why = f": because of {outcome.because_of}" if outcome.because_of else why
        yield f"{outcome.result.value}{many}", f"{step_id(outcome.step)}{why}"
    if len(ended) > FEW:
        yield "and more", f"{len(ended) - FEW}"
    if rehearsal.again is not None:
        sent = plural(len(rehearsal.again.outcomes), "step")
        yield "the next run", f"{sent}; second plan {_second(rehearsal.again)}"


def _few(names: tuple[str, ...]) -> str:
    """Return the first of some names, and how many more there are."""
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
