"""What a replay found: differences explained or not, and the table in ``docs/parity.md``."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.emulator.wire.routes import RouteKind, parse
from tests.parity.compare import Difference
from tests.parity.recording import Recorded
from tests.parity.replay import Outcome

EXPLAINED = Path(__file__).with_name("differences.toml")
"""The differences that stay, each with its reason."""

HEAD = """\
# Parity with recordings of Azure

Written by `make parity RECORDINGS=...`, which replays recorded requests to Azure against the
emulator and compares status, the headers that clients act on, and body. Identifiers, times, entity
tags and signatures are new in every run: they must have the same form, and the same thing must have
the same identifier throughout a session. What a recording leaves out, such as the group it works
in, is seeded; "echoed" are the calls whose resource itself was seeded from the answer they are
compared with, which proves little of its body. The clock stands still while the recording shows an
operation in progress. The recordings are those named in [emulator.md](emulator.md); they are not
part of the project.
`tests/parity/differences.toml` has the differences that stay.
"""


@dataclass(frozen=True)
class Explanation:
    """One entry of the file of differences."""

    source: str
    call: str
    place: str
    reason: str

    def covers(self, call: Recorded, difference: Difference) -> bool:
        """Tell whether this is the reason of a difference."""
        return (
            re.search(self.source, call.source) is not None
            and re.search(self.call, f"{call.method} {call.path}") is not None
            and re.search(self.place, difference.place) is not None
        )


def explanations(path: Path = EXPLAINED) -> list[Explanation]:
    """Read the file of differences."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["difference"]
    return [Explanation(**entry) for entry in entries]


@dataclass
class Report:
    """Counts outcomes, and keeps those that nothing explains."""

    known: list[Explanation]
    replayed: Counter[str] = field(default_factory=Counter)
    identical: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    echoed: Counter[str] = field(default_factory=Counter)
    used: Counter[Explanation] = field(default_factory=Counter)
    unexplained: list[Outcome] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        row = row_of(outcome.call)
        self.sources.add(outcome.call.source)
        self.replayed[row] += 1
        self.echoed[row] += outcome.echoed
        if not outcome.differences:
            self.identical[row] += 1
            return
        reasons = {self._reason(outcome.call, difference) for difference in outcome.differences}
        if None in reasons:
            left = [d for d in outcome.differences if self._reason(outcome.call, d) is None]
            self.unexplained.append(Outcome(outcome.call, left))
        else:
            self.explained[row] += 1
        self.used.update(reason for reason in reasons if reason is not None)

    @property
    def idle(self) -> list[Explanation]:
        """The explanations that explained nothing."""
        return [entry for entry in self.known if entry not in self.used]

    def _reason(self, call: Recorded, difference: Difference) -> Explanation | None:
        return next((entry for entry in self.known if entry.covers(call, difference)), None)

    def markdown(self) -> str:
        """Return the page for the documents."""
        missed = Counter(row_of(outcome.call) for outcome in self.unexplained)
        lines = [HEAD, "| calls | replayed | identical | explained | unexplained | echoed |"]
        lines.append("| --- | --- | --- | --- | --- | --- |")
        totals = (self.replayed, self.identical, self.explained, missed)
        for row in sorted(self.replayed):
            counts = [counter[row] for counter in (*totals, self.echoed)]
            lines.append(f"| {row} | {' | '.join(map(str, counts))} |")
        sums = " | ".join(f"**{counter.total()}**" for counter in (*totals, self.echoed))
        lines.append(f"| **all, of {len(self.sources)} sessions** | {sums} |")
        lines += ["", "## Differences that stay", "", "| calls | reason |", "| --- | --- |"]
        lines += [f"| {self.used[entry]} | {entry.reason} |" for entry in self.known]
        return "\n".join([*lines, ""])

    def complaints(self) -> Iterator[str]:
        """Yield what has to be mended: the emulator, or the file of differences."""
        for outcome in self.unexplained:
            call = outcome.call
            yield f"{call.source} {call.seq}: {call.method} {call.path}"
            for difference in outcome.differences:
                yield f"    {difference.place}"
                yield f"        recorded {_short(difference.recorded)}"
                yield f"        emulated {_short(difference.emulated)}"
        for entry in self.idle:
            yield f"{EXPLAINED.name}: explains nothing any more: {entry.reason}"


def tally(outcomes: Iterable[Outcome], known: list[Explanation]) -> Report:
    """Return the report on outcomes."""
    report = Report(known)
    for outcome in outcomes:
        report.add(outcome)
    return report


def row_of(call: Recorded) -> str:
    """Return the line of the table in which a call is counted."""
    route = parse(call.path)
    if "/operationStatuses/" in call.path:
        name = "operationStatuses"
    elif route.kind is RouteKind.EXTENSION:
        name = f"{route.namespace}/{route.types[0]}"
    elif route.kind in (RouteKind.ITEM, RouteKind.COLLECTION):
        name = f"{route.namespace}/{route.type_name}"
    else:
        name = re.sub(r"^/+", "", call.path)
    return f"{call.method} {name}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
