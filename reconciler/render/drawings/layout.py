"""Where the boxes of a picture stand: in columns, what is needed to the right of what needs it.

The usual layered drawing: columns by the longest way to the end, then boxes are moved to the mean
of their neighbours a few times, which undoes most crossings. All numbers are pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from reconciler.render.drawings.picture import Box, Picture

WIDTH, HEIGHT = 232, 46
"""The size of a box."""
GAP, ROW = 76, 62
"""Between two columns, and from one row to the next."""
MARGIN = 12
SWEEPS = 6
"""How often boxes are moved to the mean of their neighbours."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box and its upper left corner."""

    box: Box
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with every box in its place."""

    width: int
    height: int
    boxes: tuple[Placed, ...]
    arrows: tuple[str, ...]
    """Paths as SVG writes them, from the right side of a box to the left side of another."""


def arrange(drawn: Picture) -> Drawing:
    """Return a picture with its boxes placed; those that need each other have no arrows."""
    columns = _columns(drawn)
    rows = _rows(drawn, columns)
    placed = tuple(
        Placed(
            box,
            MARGIN + columns[number] * (WIDTH + GAP),
            MARGIN + rows[number] * ROW,
        )
        for number, box in enumerate(drawn.boxes)
    )
    width = max((p.x for p in placed), default=0) + WIDTH + MARGIN
    height = max((p.y for p in placed), default=0) + HEIGHT + MARGIN
    arrows = tuple(_path(placed[a], placed[b]) for a, b in drawn.arrows if columns[a] < columns[b])
    return Drawing(width, height, placed, arrows)


def _columns(drawn: Picture) -> Sequence[int]:
    """Return the column of each box: what nothing needs stands left, what needs nothing right."""
    needs: dict[int, set[int]] = {number: set() for number in range(len(drawn.boxes))}
    for source, target in drawn.arrows:
        needs[source].add(target)
    try:
        order = tuple(TopologicalSorter(needs).static_order())
    except CycleError:
        return [0] * len(drawn.boxes)
    depth: dict[int, int] = {}
    for number in order:
        depth[number] = max((depth[target] + 1 for target in needs[number]), default=0)
    deepest = max(depth.values(), default=0)
    return [deepest - depth[number] for number in range(len(drawn.boxes))]


def _rows(drawn: Picture, columns: Sequence[int]) -> Mapping[int, int]:
    """Return the row of each box within its column."""
    members: dict[int, list[int]] = {}
    for number, column in enumerate(columns):
        members.setdefault(column, []).append(number)
    beside: dict[int, list[int]] = {number: [] for number in range(len(columns))}
    for source, target in drawn.arrows:
        beside[source].append(target)
        beside[target].append(source)
    rows = {number: row for column in members.values() for row, number in enumerate(column)}

    def mean(number: int) -> float:
        near = beside[number]
        return sum(rows[other] for other in near) / len(near) if near else rows[number]

    for sweep in range(SWEEPS):
        for column in sorted(members, reverse=bool(sweep % 2)):
            members[column].sort(key=lambda number: (mean(number), number))
            rows.update({number: row for row, number in enumerate(members[column])})
    return rows


def _path(source: Placed, target: Placed) -> str:
    """Return a curve from one box to another."""
    x1, y1 = source.x + WIDTH, source.y + HEIGHT // 2
    x2, y2 = target.x - 5, target.y + HEIGHT // 2
    bend = max(GAP // 2, (x2 - x1) // 2)
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
