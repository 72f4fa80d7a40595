"""A plan for a pull request: what would be lost first, and never longer than a comment may be.

Where the whole does not fit, whole pieces are left out, the most harmless first; nothing is cut.

| level | what is left out |
| --- | --- |
| WHOLE | nothing |
| CREATES_NAMED | the fields of new resources |
| FIELDS_NAMED | the values of updated fields |
| LOSSES_NAMED | the fields of what is lost or blocked; outputs; the picture |
| COUNTED | the names of what is neither lost nor blocked |
| HEADLINE | names, as many as do not fit |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import IntEnum

from reconciler.model.plan import Action
from reconciler.render.drawings.picture import mermaid, picture
from reconciler.render.formats.markdown import (
    code,
    fenced,
    folded,
    inert,
    inert_url,
    linked,
    prose,
    quoted,
    section_lines,
    size,
    table,
)
from reconciler.render.formats.sections import Section, Tone
from reconciler.render.formats.words import plural, shown
from reconciler.render.plan.markdown_fields import fields
from reconciler.render.plan.markdown_losses import (
    names_as_code,
    names_as_text,
    place_of,
    sentence,
    urgent,
)
from reconciler.render.plan.view import Batch, PlanView


class Level(IntEnum):
    """How much is left out."""

    WHOLE = 0
    CREATES_NAMED = 1
    FIELDS_NAMED = 2
    LOSSES_NAMED = 3
    COUNTED = 4
    HEADLINE = 5


LEFT_OUT = {
    Level.CREATES_NAMED: "the fields of new resources",
    Level.FIELDS_NAMED: "the values of fields that are set or updated",
    Level.LOSSES_NAMED: "all values, the outputs and the picture",
    Level.COUNTED: "all but what would be lost or is blocked",
    Level.HEADLINE: "most names, even of what would be lost",
}
SHORT = 20
"""So many lines are shown without a click."""
QUIET = (Action.ADOPT, Action.UPDATE, Action.CREATE, Action.NONE)
"""Actions that destroy nothing, in the order in which they are shown."""


def render_plan(view: PlanView, *, limit: int | None = None, requests: bool = False) -> str:
    """Return the plan as GitHub-flavoured Markdown; names and values in it are inert.

    Args:
        view: what to show.
        limit: how long it may be, in characters; from about 3,000 on it is kept. What a comment
            may have where this run is at home, if None.
        requests: whether to show each request with its body, where everything is shown.

    """
    text, most = "", view.context.limit if limit is None else limit
    for level in Level:
        text = _document(view, level, most, requests=requests)
        if size(text) <= most:
            break
    return text


def _document(view: PlanView, level: Level, limit: int, *, requests: bool) -> str:
    """Return the plan at one level."""
    before = [*_head(view), *_shortened(view, level), *_alarms(view, level)]
    after = [*_obstacles(view, level), *_rest(view, level, requests=requests)]
    after += [*_approvals(view, level), *_foot(view)]
    room = limit - size("\n".join([*before, *after])) if level is Level.HEADLINE else None
    shown = urgent(view, listed=level >= Level.LOSSES_NAMED, room=room)
    lines = [*before, *shown, *after]
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(view: PlanView) -> list[str]:
    """Return what the plan counts, and its verdict."""
    environment, whole = view.plan.environment, view.summary
    where = f" of {inert(environment)}" if environment else ""
    if not whole.counts:
        return [f"## Plan{where}: {whole.verdict}", ""]
    requests = f" {whole.requests}." if whole.requests else ""
    return [f"## Plan{where}: {whole.counts}", "", f"**{whole.verdict}.**{requests}", ""]


def _shortened(view: PlanView, level: Level) -> list[str]:
    """Return what is left out, and where it can be read."""
    if level is Level.WHOLE:
        return []
    url = view.context.report_url
    where = f'<a href="{inert_url(url)}">the whole report</a>' if url else "the HTML or JSON report"
    return quoted("NOTE", [f"Shortened to fit: {where} also has {LEFT_OUT[level]}."])


def _obstacles(view: PlanView, level: Level) -> Iterator[str]:
    """Yield the limits that the plan breaks, and the reads that failed."""
    for breach in view.plan.breaches:
        what = f"<b>guard {inert(breach.guard)}</b>: {prose(sentence(breach.problem))}"
        yield from quoted("WARNING", [what, f"<br>**mend:** {prose(sentence(breach.mend))}"])
    gaps = view.plan.gaps
    if level >= Level.COUNTED and gaps:
        yield from quoted("WARNING", [f"<b>{plural(len(gaps), 'read')} failed</b>"])
        return
    for gap in gaps:
        what = f"<b>could not read</b> {code(gap.request)}: {inert(sentence(str(gap)))}"
        mend = [f"<br>**mend:** {prose(sentence(gap.mend))}"] if gap.mend else []
        yield from quoted("WARNING", [what, *mend])


def _rest(view: PlanView, level: Level, *, requests: bool) -> Iterator[str]:
    """Yield everything that is not urgent."""
    if level >= Level.COUNTED:
        yield from _counts(view) if level is Level.COUNTED else ()
        yield from (f"{prose(section.summary)}\n" for section in _sections(view, alarming=False))
        return
    if level < Level.LOSSES_NAMED:
        for batch in view.batches:
            card = batch.first
            if card.action not in QUIET and (card.rows or (requests and card.requests)):
                headline = f"<b>{card.title}</b> {code(card.address)}"
                if not batch.is_one:
                    headline += f" and {len(batch.cards) - 1} more"
                yield from folded(headline, list(fields(batch, requests=requests)), is_open=True)
    for found in _quiet_groups(view):
        count = plural(sum(len(batch.cards) for batch in found), "resource")
        headline = f"<b>{found[0].first.title}</b> {count}"
        body = list(_quiet(found, level, requests=requests))
        yield from folded(headline, body, is_open=len(body) <= SHORT)
    if level < Level.LOSSES_NAMED:
        yield from _outputs(view)
        yield from _picture(view)
    for section in _sections(view, alarming=False):
        yield from section_lines(section)


def _alarms(view: PlanView, level: Level) -> Iterator[str]:
    """Yield the parts of the report that nobody may miss."""
    for section in _sections(view, alarming=True):
        short = replace(section, rows=()) if level >= Level.COUNTED else section
        yield from section_lines(short)


def _sections(view: PlanView, *, alarming: bool) -> list[Section]:
    """Return the parts that nobody may miss, or the others."""
    return [section for section in view.sections if (section.tone is Tone.DANGER) == alarming]


def _quiet_groups(view: PlanView) -> list[list[Batch]]:
    """Return the batches of actions that destroy nothing, by what happens."""
    groups: dict[tuple[Action, str], list[Batch]] = {}
    for batch in view.batches:
        if batch.first.action in QUIET:
            groups.setdefault((batch.first.action, batch.first.symbol), []).append(batch)
    return list(groups.values())


def _quiet(found: Sequence[Batch], level: Level, *, requests: bool) -> Iterator[str]:
    """Yield the batches of one action that destroys nothing."""
    if level >= Level.FIELDS_NAMED or (
        level is Level.CREATES_NAMED and found[0].first.action is Action.CREATE
    ):
        yield from fenced(_named(found), "diff")
        return
    for number, batch in enumerate(found):
        if number:
            yield ""
        card = batch.first
        place = f" {linked(place_of(card.place), card.link)}" if card.place else ""
        if batch.is_one:
            yield f"**{code(card.address)}** {inert(card.change.kind)}{place}"
        else:
            yield f"**{len(batch.cards)} of {inert(card.change.kind)}, all alike**"
            yield ""
            yield from names_as_code(batch.cards)
            yield ""
        br = "<br>" if batch.is_one else ""
        yield f"{br}{prose(sentence(card.change.reason))}"
        yield from (f"<br>**note:** {prose(sentence(note))}" for note in card.change.notes)
        if card.rows or requests:
            yield ""
        yield from fields(batch, requests=requests)


def _named(found: Iterable[Batch]) -> Iterator[str]:
    """Yield batches by name, updates with the names of their fields."""
    for batch in found:
        names = ", ".join(dict.fromkeys(row.name for row in batch.first.rows))
        told = f"  ({names})" if names and batch.first.action is not Action.CREATE else ""
        yield from (f"{batch.first.symbol} {line}{told}" for line in names_as_text(batch.cards))


def _counts(view: PlanView) -> Iterator[str]:
    """Yield how many harmless changes there are, by stack and kind."""
    cards = [card for card in view.cards if card.action in QUIET]
    found = Counter((c.change.stack, c.change.kind, c.title) for c in cards)
    rows = [
        [code(stack), inert(kind), title, str(count)]
        for (stack, kind, title), count in sorted(found.items())
    ]
    if rows:
        yield from [*table(("stack", "kind", "change", "number"), rows), ""]


def _outputs(view: PlanView) -> Iterator[str]:
    """Yield what the stacks hand out, as a table."""
    outputs = view.plan.outputs
    if outputs:
        rows = [[code(f"{o.output.stack}/{o.output.name}"), code(shown(o.value))] for o in outputs]
        yield from folded(plural(len(outputs), "output"), table(("output", "value"), rows))


def _picture(view: PlanView) -> Iterator[str]:
    """Yield what depends on what, where that is worth a picture."""
    drawn = picture(view.plan)
    if drawn.is_worth_it:
        yield from folded("what depends on what", fenced(mermaid(drawn), "mermaid"))


def _approvals(view: PlanView, level: Level) -> Iterator[str]:
    """Yield who must approve, and because of which files."""
    found = view.context.approvals
    if not found:
        return
    yield "**To approve**, by CODEOWNERS:"
    yield ""
    for approval in found:
        files = [code(file) for file in approval.files]
        many = level >= Level.LOSSES_NAMED or len(files) > 10
        because = plural(len(files), "file") if many else ", ".join(files)
        yield f"- one of {', '.join(map(code, approval.owners))} for {because}"
    yield ""


def _foot(view: PlanView) -> Iterator[str]:
    """Yield what identifies the plan."""
    parts = [plural(view.unchanged, "resource") + " unchanged"] if view.unchanged else []
    if view.context.digest:
        parts.append(f"plan {code(view.context.digest)}")
    if view.context.version:
        parts.append(f"reconciler {inert(view.context.version)}")
    if parts:
        yield f"<sub>{' · '.join(parts)}</sub>"
