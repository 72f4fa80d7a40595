"""Work items of Azure Boards as issues.

Types and states have other names in each process. Which of them there are is asked of the project;
whether a state is open is told by its category.
https://learn.microsoft.com/azure/devops/boards/work-items/workflow-and-state-categories
https://learn.microsoft.com/rest/api/azure/devops/wit/work-items
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from reconciler.engine.clock import in_utc
from reconciler.model.errors import UsageError
from reconciler.model.forge import Act, Boards, Issue
from reconciler.model.value import Json, as_object
from reconciler.web.azure_marker import hidden, shown
from reconciler.web.client import WebClient

VERSION = "api-version=7.1"
JSON_PATCH = "application/json-patch+json"
TYPES = ("Issue", "Bug", "Task")
"""What is taken if nobody says which, the first that the project has; all processes have Task.
https://learn.microsoft.com/azure/devops/boards/work-items/guidance/choose-process
"""
OPEN = ("Proposed", "InProgress")
DONE = ("Completed",)
OVER = ("Resolved", "Completed", "Removed")
AT_ONCE = 200
"""Work items that one request may ask for.
https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/list
"""
REPRO_STEPS = "Microsoft.VSTS.TCM.ReproSteps"
"""What the form of a bug shows in the place of the description."""
DESCRIPTION = "System.Description"
BODIES = (REPRO_STEPS, DESCRIPTION)
CLOSED = (
    "Microsoft.VSTS.Common.ClosedDate",
    "Microsoft.VSTS.Common.StateChangeDate",
    "System.ChangedDate",
)
"""Where the moment is at which one was closed, the first that a process has."""
_KEPT = re.compile(r"<p>(?:(?!</p>).)*reconciler:[^<]*(?:(?!</p>).)*</p>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of a work item, and has to be as it was when it is changed."""

    type: str
    body: str
    """The field that has the text."""
    rev: int


class WorkItems:
    """The work items of one project."""

    def __init__(self, client: WebClient, root: str, boards: Boards) -> None:
        """Send nothing yet.

        Args:
            client: talks to the organization.
            root: the path of the API of work items, of a project.
            boards: which type and states are used.

        """
        self._client = client
        self._root = root
        self._boards = boards
        self._known: dict[int, _Known] = {}
        self._categories: dict[str, Mapping[str, str]] = {}

    def tagged(self, tag: str) -> list[Issue]:
        """Return the work items with a tag, open and closed.

        https://learn.microsoft.com/azure/devops/boards/queries/wiql-syntax
        """
        spelt = tag.replace("'", "''")
        query = (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project"  # noqa: S608
            f" AND [System.Tags] CONTAINS '{spelt}' ORDER BY [System.Id]"
        )
        path = f"{self._root}/wiql?{VERSION}"
        found = self._client.send("POST", path, {"query": query}, asks=True).body
        numbers = [
            self._client.number(one, "id") for one in self._client.listed(found, "workItems")
        ]
        issues = []
        for begin in range(0, len(numbers), AT_ONCE):
            ids = ",".join(map(str, numbers[begin : begin + AT_ONCE]))
            page = self._values(f"/workitems?ids={ids}&errorPolicy=omit")
            issues += [self._issue(one) for one in page if one]
        return [issue for issue in issues if tag in issue.labels]

    def create(self, act: Act, tag: str) -> None:
        """Create a work item in the first state of its type."""
        kind = self._boards.type or self._type()
        fields = {
            "System.Title": act.title,
            "System.Tags": tag,
            self._body(kind): _html(act.body),
        }
        self._patch("POST", f"/workitems/${quote(kind, safe='')}", fields)

    def change(self, act: Act) -> None:
        """Change text and state of a work item, and say something below it, all at once.

        Raises:
            UnavailableError: it has changed since it was read; nothing was done.

        """
        known = self._known[act.number]
        fields: dict[str, str] = {}
        if act.body:
            fields[known.body] = _html(act.body)
        if act.state:
            fields["System.State"] = self._state(known.type, to_open=act.state == "open")
        if act.comment:
            fields["System.History"] = act.comment
        test: Json = {"op": "test", "path": "/rev", "value": known.rev}
        self._patch("PATCH", f"/workitems/{act.number}", fields, test)

    def _patch(self, method: str, path: str, fields: Mapping[str, str], *first: Json) -> None:
        add: list[Json] = [
            {"op": "add", "path": f"/fields/{name}", "value": value}
            for name, value in fields.items()
        ]
        address = f"{self._root}{path}?{VERSION}"
        self._client.send(method, address, [*first, *add], kind=JSON_PATCH)

    def _issue(self, body: Mapping[str, Json]) -> Issue:
        number, fields = self._client.number(body, "id"), as_object(body.get("fields"))
        kind = str(fields.get("System.WorkItemType", ""))
        name = next((n for n in BODIES if shown(str(fields.get(n) or ""))), DESCRIPTION)
        self._known[number] = _Known(kind, name, self._client.number(body, "rev"))
        closed = (in_utc(str(fields.get(date) or "")) for date in CLOSED)
        is_open = self._categories_of(kind).get(str(fields.get("System.State"))) not in OVER
        return Issue(
            number,
            str(as_object(fields.get("System.CreatedBy")).get("id", "")).lower(),
            _text(str(fields.get(name) or "")),
            is_open,
            "" if is_open else next(filter(None, closed), ""),
            frozenset(tag.strip() for tag in str(fields.get("System.Tags") or "").split(";")),
        )

    def _type(self) -> str:
        """Return the type to use: the first of ours that the project has."""
        there = {str(one.get("name")) for one in self._values("/workitemtypes")}
        found = next((name for name in TYPES if name in there), "")
        if not found:
            raise UsageError(
                f"the project has no work item type {', '.join(TYPES)}", "say --work-item-type"
            )
        return found

    def _body(self, kind: str) -> str:
        """Return the field that the form of a type shows as its text."""
        fields = self._values(f"/workitemtypes/{quote(kind, safe='')}/fields")
        there = any(one.get("referenceName") == REPRO_STEPS for one in fields)
        return REPRO_STEPS if there else DESCRIPTION

    def _state(self, kind: str, *, to_open: bool) -> str:
        """Return the state that opens or closes work items of a type."""
        if named := self._boards.open if to_open else self._boards.closed:
            return named
        states = self._categories_of(kind)
        for category in OPEN if to_open else DONE:
            for state, its in states.items():
                if its == category:
                    return state
        option = "--open-state" if to_open else "--closed-state"
        raise UsageError(f"work item type {kind} has no such state", f"say {option}")

    def _categories_of(self, kind: str) -> Mapping[str, str]:
        """Return the category of each state of a type, in the order of the states.

        https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-type-states/list
        """
        if kind not in self._categories:
            states = self._values(f"/workitemtypes/{quote(kind, safe='')}/states")
            self._categories[kind] = {str(s.get("name")): str(s.get("category")) for s in states}
        return self._categories[kind]

    def _values(self, path: str) -> Sequence[Mapping[str, Json]]:
        sign = "&" if "?" in path else "?"
        answer = self._client.send("GET", f"{self._root}{path}{sign}{VERSION}")
        return self._client.listed(answer.body, "value")


def _html(body: str) -> str:
    """Return the text of an issue with its marker at the end, as a line that people see."""
    marker, _, text = body.partition("\n")
    return f"{text.rstrip()}\n<p>Kept by reconciler: <code>{hidden(marker)}</code></p>"


def _text(html: str) -> str:
    """Return the text of an issue with its marker in front, as `_html` was given it."""
    marker = shown(html)
    return f"{marker}\n{_KEPT.sub('', html).rstrip()}" if marker else html
