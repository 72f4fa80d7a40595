"""A picture of the changes: boxes, and arrows that point at what a box needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from reconciler.model.ids import ResourceId
from reconciler.model.plan import Action, Change, Plan
from reconciler.model.resource import Presence
from reconciler.render.formats.words import safe

MOST = 60
"""Boxes that a picture may have; beyond that, resources of a stack, kind and action share one."""

GROUP = "ResourceGroup"
"""A kind that everything needs, and which is drawn only where it changes."""

TINTS: Mapping[Action, str] = {
    Action.CREATE: "#1a7f37",
    Action.UPDATE: "#9a6700",
    Action.ADOPT: "#9a6700",
    Action.REPLACE: "#cf222e",
    Action.DELETE: "#cf222e",
    Action.BLOCKED: "#8250df",
    Action.NONE: "#6e7781",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One resource, or several that share a box."""

    label: str
    kind: str
    action: Action


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes in the order of their addresses, and arrows between them as pairs of indexes."""

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]

    @property
    def is_worth_it(self) -> bool:
        """Whether it says something that a list does not."""
        return bool(self.arrows) and len(self.boxes) <= MOST


def picture(plan: Plan) -> Picture:
    """Return the picture of what changes, with what stays next to it."""
    changes = _shown(plan)
    if len(changes) <= MOST:
        boxes = {c.id: Box(safe(c.address.rpartition("/")[2]), c.kind, c.action) for c in changes}
    else:
        boxes = _shared(changes)
    indexes: dict[Box | ResourceId, int] = {}
    drawn: list[Box] = []
    for id_, box in boxes.items():
        key = id_ if len(changes) <= MOST else box
        if key not in indexes:
            indexes[key] = len(drawn)
            drawn.append(box)
        indexes[id_] = indexes[key]
    arrows = {
        (indexes[change.id], indexes[needed])
        for change in changes
        for needed in _needs(change)
        if needed in boxes and indexes[needed] != indexes[change.id]
    }
    return _connected(Picture(tuple(drawn), _direct(arrows)))


def mermaid(drawn: Picture) -> list[str]:
    """Return the lines of a Mermaid flowchart."""
    lines = ["flowchart LR"]
    lines += [
        f"  n{number}[{mermaid_label(f'{box.kind}: {box.label}')}]:::{box.action}"
        for number, box in enumerate(drawn.boxes)
    ]
    lines += [f"  n{source} --> n{target}" for source, target in drawn.arrows]
    used = sorted({box.action for box in drawn.boxes})
    return [*lines, *(f"  classDef {a} stroke:{TINTS[a]},stroke-width:2px" for a in used)]


def mermaid_label(text: str) -> str:
    """Return a Mermaid label in which nothing is markup."""
    table = {'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "`": "#96;", "&": "#amp;"}
    return '"' + "".join(table.get(c, c) for c in safe(text)) + '"'


def _direct(arrows: Set[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the arrows that no other way stands for: who needs a domain needs its service too."""
    needs: dict[int, set[int]] = {}
    for source, target in arrows:
        needs.setdefault(source, set()).add(target)

    try:
        order = tuple(TopologicalSorter(needs).static_order())
    except CycleError:  # boxes that stand for several resources may need each other
        return tuple(sorted(arrows))
    reached: dict[int, set[int]] = {}
    for number in order:
        near = needs.get(number, set())
        reached[number] = near.union(*(reached[other] for other in near))
    further = {s: {n for t in near for n in reached[t]} for s, near in needs.items()}
    return tuple(sorted((s, t) for s, t in arrows if t not in further[s]))


def _connected(drawn: Picture) -> Picture:
    """Return a picture without boxes that no arrow touches: a list shows them just as well."""
    touched = sorted({number for arrow in drawn.arrows for number in arrow})
    renamed = {old: new for new, old in enumerate(touched)}
    arrows = tuple((renamed[source], renamed[target]) for source, target in drawn.arrows)
    return Picture(tuple(drawn.boxes[number] for number in touched), arrows)


def _shown(plan: Plan) -> list[Change]:
    """Return the changes that are drawn: those that do something, and their neighbours."""
    active = [c for c in plan.changes if c.action is not Action.NONE and not c.is_private]
    ids = {change.id for change in active}
    needed = {target for change in active for target in _needs(change)}
    quiet = [
        c
        for c in plan.changes
        if c.action is Action.NONE
        and c.desired is not None
        and c.desired.presence is Presence.MANAGED
        and c.kind != GROUP
        and (c.id in needed or not ids.isdisjoint(_needs(c)))
    ]
    return sorted([*active, *quiet], key=lambda c: c.address)


def _needs(change: Change) -> Iterable[ResourceId]:
    return change.desired.needs if change.desired is not None else ()


def _shared(changes: Iterable[Change]) -> dict[ResourceId, Box]:
    """Return a box for each resource, the same one for those of a stack, kind and action."""
    shares = {c.id: (c.stack, c.kind, c.action) for c in changes}
    counts = Counter(shares.values())
    return {
        id_: Box(f"{counts[share]} in {safe(share[0])}", share[1], share[2])
        for id_, share in shares.items()
    }
