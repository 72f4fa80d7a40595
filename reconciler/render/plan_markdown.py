"""A plan for a pull request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from reconciler.model.plan import Action, Change, Plan
from reconciler.render.private import WITHHELD, Request, requests_by_change, title
from reconciler.render.view import Row, addresses, ordered, row, summary
from reconciler.render.words import SYMBOLS, safe, shown

OPEN = frozenset({Action.BLOCKED, Action.DELETE, Action.REPLACE})
"""Changes that are shown unfolded."""


def render_plan(plan: Plan) -> str:
    """Return the plan as GitHub-flavoured Markdown; names and values in it are inert."""
    whole = summary(plan)
    where = f" of {inert(plan.environment)}" if plan.environment else ""
    lines = [f"## Plan{where}: {whole.verdict}", ""]
    if whole.counts:
        lines += [f"**{whole.counts}**{f' ({whole.requests})' if whole.requests else ''}", ""]
    for breach in plan.breaches:
        lines += [f"> **guard {breach.guard}:** {inert(breach.problem)}. {inert(breach.mend)}", ""]
    for gap in plan.gaps:
        lines += [f"> **could not read** {code(gap.request)}: {inert(str(gap))}", ""]
    known, steps = addresses(plan), requests_by_change(plan)
    for change in ordered(plan):
        lines += [*_change(change, known, steps(change)), ""]
    lines += _outputs(plan)
    return "\n".join(lines).rstrip("\n") + "\n"


def _change(change: Change, known: Mapping[str, str], steps: list[Request]) -> Iterator[str]:
    """Yield one change: open if a reviewer must see it, folded otherwise."""
    headline = f"{SYMBOLS[change.action].strip()} {title(change)} {change.address}".strip()
    yield f"<details{' open' if change.action in OPEN else ''}>"
    yield f"<summary><code>{inert(headline)}</code> {inert(change.kind)}</summary>"
    yield ""
    yield f"{inert(change.reason)}"
    for note in change.notes:
        yield f"- **note:** {inert(note)}"
    if change.mend:
        yield f"- **mend:** {inert(change.mend)}"
    yield ""
    if change.fields:
        yield "| field | before | after |"
        yield "| --- | --- | --- |"
        yield from (_line(row(field, known)) for field in change.fields)
        yield ""
    for step in steps:
        yield f"{code(step.line)}"
        if step.private:
            yield f"- {WITHHELD}"
        if step.body is not None:
            yield ""
            yield from fenced(json.dumps(step.body, indent=2, sort_keys=True), "json")
        for name, source in sorted(step.pending.items()):
            yield f"- with {code(name)} = {code(str(source))} once it is known"
        yield ""
    yield "</details>"


def _line(row: Row) -> str:
    """Return one field as a table row."""
    before = code(row.before) if row.before else ""
    after = code(row.after) if row.after else ""
    forced = " **forces replacement**" if row.forces_replacement else ""
    return f"| {code(row.name)} | {before} | {after}{forced} |"


def _outputs(plan: Plan) -> list[str]:
    """Return what the stacks hand out, as a table."""
    if not plan.outputs:
        return []
    rows = [
        f"| {code(f'{o.output.stack}/{o.output.name}')} | {code(shown(o.value))} |"
        for o in plan.outputs
    ]
    return ["| output | value |", "| --- | --- |", *rows]


def inert(value: str) -> str:
    """Return text in which nothing is markup, a mention, a link or a reference.

    Characters that mean something become entities, which Markdown never reads as markup, in
    running text and inside HTML tags alike.
    """
    spelt = "".join(_ENTITIES.get(character, character) for character in safe(value))
    return re.sub(r"www\.", "www&#46;", spelt, flags=re.IGNORECASE)


_ENTITIES = {character: f"&#{ord(character)};" for character in "&<>@`|*_[]()~\\$!#:"}


def code(value: str) -> str:
    """Return a code span that stays one, also in a table."""
    return f"<code>{inert(value)}</code>"


def fenced(value: str, language: str) -> list[str]:
    """Return a code block with a fence longer than any in its text."""
    longest = max((len(run) for run in re.findall(r"`+", value)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *safe_lines(value), fence]


def safe_lines(value: str) -> list[str]:
    """Return the lines of ``value``, each made safe."""
    return [safe(line) for line in value.splitlines()]
