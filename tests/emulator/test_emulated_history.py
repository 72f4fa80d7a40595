"""Resource Graph, its changes, and the activity log."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reconciler.emulator import EmulatorServer
from reconciler.emulator.resource_manager.kql import parse
from reconciler.emulator.resource_manager.kql_functions import UnsupportedError
from tests.emulator.conftest import GROUP, SUBSCRIPTION

Run = Callable[..., EmulatorServer]
Connect = Callable[[EmulatorServer], Any]

GRAPH = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.time


@pytest.fixture
def clock() -> Clock:
    """The clock of `world`."""
    return Clock()


@pytest.fixture
def world(run: Run, connect: Connect, clock: Clock) -> Any:
    """A client of an emulator with an identity and two services, made a minute apart."""
    arm = connect(run(clock=clock))
    arm.group()
    arm.create_identity()
    clock.time += 60
    arm.create_service("acs-a", tags={"env": "prod"})
    clock.time += 60
    arm.create_service("acs-b", tags={"env": "test"}, identity={"type": "SystemAssigned"})
    return arm


def rows(arm: Any, query: str, **more: Any) -> list[dict[str, Any]]:
    """Run a query and return its rows."""
    answer = arm.send("POST", GRAPH, {"query": query} | more)
    assert answer.status == 200, answer
    data: list[dict[str, Any]] = answer.content["data"]
    assert answer.content["count"] == len(data)
    return data


SERVICES = "resources | where type =~ 'Microsoft.Communication/communicationServices'"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"{SERVICES} | project name | order by name desc", [{"name": "acs-b"}, {"name": "acs-a"}]),
        (f"{SERVICES} | where tags.env == 'prod' | project name", [{"name": "acs-a"}]),
        (f"{SERVICES} and tags['env'] in~ ('TEST', 'x') | project name", [{"name": "acs-b"}]),
        (
            f"{SERVICES} | where isnotempty(identity.principalId) or name contains 'zz'"
            " | project n = toupper(name), identity.type",
            [{"n": "ACS-B", "identity_type": "SystemAssigned"}],
        ),
        ("resources | count", [{"Count": 3}]),
        ("Resources // all\n| where name startswith 'ACS' | take 1 | count", [{"Count": 1}]),
        (
            "resources | summarize n = count() by type | order by type asc",
            [
                {"type": "microsoft.communication/communicationservices", "n": 2},
                {"type": "microsoft.managedidentity/userassignedidentities", "n": 1},
            ],
        ),
        (f"{SERVICES} | distinct location", [{"location": "global"}]),
        ("resources | where not(name has 'acs') | project name", [{"name": "id-1"}]),
        ("resourcecontainers | project name, type", [
            {"name": "Rg1", "type": "microsoft.resources/subscriptions/resourcegroups"}
        ]),
        ("authorizationresources", []),
    ],
)  # fmt: skip
def test_a_query_gives_what_it_asks_for(world: Any, query: str, expected: list[Any]) -> None:
    assert rows(world, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "resources | join (resources) on id",
        "resources | extend x = parse_json(name)",
        "resources | mv-expand tags",
        "securityresources",
        "resources | summarize max(name) by type",
        "resources | where name == 'a' extra",
        "resources | where",
        "resources | where name ?? 'a'",
    ],
)
def test_a_query_that_is_not_emulated_says_so_loudly(world: Any, query: str) -> None:
    answer = world.send("POST", GRAPH, {"query": query})

    assert (answer.status, answer.code) == (501, "EmulatorNotImplemented")


def test_a_query_needs_a_text(world: Any) -> None:
    assert world.send("POST", GRAPH, {}).code == "BadRequest"
    table = {"query": "resources", "options": {"resultFormat": "table"}}
    assert world.send("POST", GRAPH, table).status == 501


def test_rows_come_in_pages_and_only_of_the_subscriptions_asked_for(world: Any) -> None:
    query = {"query": "resources | order by id asc", "options": {"$top": 2}}
    first = world.send("POST", GRAPH, query).content
    more = {"$top": 2, "$skipToken": first["$skipToken"]}
    second = world.send("POST", GRAPH, query | {"options": more}).content

    names = [row["name"] for row in first["data"] + second["data"]]
    assert names == ["acs-a", "acs-b", "id-1"]
    assert (first["totalRecords"], "$skipToken" in second) == (3, False)
    assert rows(world, "resources", subscriptions=["other"]) == []
    assert len(rows(world, "resources", subscriptions=[SUBSCRIPTION.upper()])) == 3


def test_rows_are_sorted_by_number_or_text_and_without_a_value_first() -> None:
    query = parse("t | order by n asc | project n", 0)

    found = query.run([{"n": 10}, {"n": "a"}, {"n": 9}, {}])

    assert [row["n"] for row in found] == [None, 9, 10, "a"]


def test_times_are_compared_as_times() -> None:
    query = parse(
        "t | where at > ago(1h) and at < todatetime('2027-01-15T08:00:00Z')", 1_800_000_000
    )

    found = query.run([{"at": f"2027-01-15T{hour:02}:30:00.1Z"} for hour in range(5, 10)])

    assert [row["at"][11:13] for row in found] == ["07"]
    with pytest.raises(UnsupportedError, match="cannot read"):
        parse("t | where [", 0)


def test_what_was_changed_is_told_with_both_values(world: Any, clock: Clock) -> None:
    clock.time += 3600
    patched = world.service("PATCH", "acs-a", {"tags": {"env": "dev"}})
    world.service("DELETE", "acs-b")

    found = rows(
        world,
        "resourcechanges | extend at = todatetime(properties.changeAttributes.timestamp)"
        " | where at > ago(30m) | order by at asc",
    )

    update, delete = (row["properties"] for row in found)
    assert update["changeType"] == "Update"
    assert update["changes"]["tags.env"] == {
        "previousValue": "prod",
        "newValue": "dev",
        "changeCategory": "User",
        "propertyChangeType": "Update",
    }
    assert update["changes"]["systemData.lastModifiedAt"]["changeCategory"] == "System"
    attributes = update["changeAttributes"]
    assert attributes["correlationId"] == patched.headers["x-ms-correlation-request-id"]
    assert delete["changeType"] == "Delete"
    assert delete["targetResourceId"].endswith("/communicationServices/acs-b")
    made = rows(world, "resourcechanges | where properties.changeType == 'Create'")
    assert [row["properties"]["targetResourceId"].rpartition("/")[2] for row in made] == [
        "id-1", "acs-a", "acs-b",
    ]  # fmt: skip


def log(arm: Any, clause: str) -> Any:
    """Ask for the activity log."""
    path = (
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
    )
    return arm.send("GET", f"{path}?api-version=2015-04-01&$filter={quote(clause)}")


def test_the_activity_log_tells_who_wrote_what(world: Any, clock: Clock) -> None:
    clock.time += 60
    refused = world.service("PATCH", "acs-z", {"tags": {}})
    service = world.service_path("acs-a").partition("?")[0]
    since = "eventTimestamp ge '2027-01-15T08:00:30Z'"

    newest, *others = log(world, since).content["value"]

    assert newest["status"]["value"] == "Failed"
    assert newest["subStatus"]["value"] == "NotFound"
    assert newest["correlationId"] == refused.headers["x-ms-correlation-request-id"]
    assert [event["operationName"]["value"] for event in others] == [
        "Microsoft.Communication/communicationServices/write"
    ] * 2
    one = log(world, f"{since} and resourceUri eq '{service}'").content["value"]
    assert [event["resourceId"] for event in one] == [service]
    assert log(world, f"{since} and resourceGroupName eq 'other'").content["value"] == []
    until = f"{since} and eventTimestamp le '2027-01-15T08:01:30Z'"
    assert len(log(world, until).content["value"]) == 1


@pytest.mark.parametrize(
    "clause", ["", "resourceUri eq 'x'", "eventTimestamp ge 'now'", "a eq 'b'"]
)
def test_the_activity_log_needs_a_time(world: Any, clause: str) -> None:
    assert log(world, clause).code == "BadRequest"


def test_history_is_in_the_state_file_and_outlives_its_process(
    run: Run, connect: Connect, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    first = run(state=state)
    arm = connect(first)
    arm.group()
    arm.create_identity()
    before = log(arm, "eventTimestamp ge '2020-01-01'").content
    changes = rows(arm, "resourcechanges")
    first.stop()

    again = connect(run(state=state))

    assert rows(again, "resourcechanges") == changes != []
    assert log(again, "eventTimestamp ge '2020-01-01'").content == before
    again.send("DELETE", again.identity_path())
    assert len(rows(again, "resourcechanges")) == 2


def test_history_is_forgotten_with_the_rest(world: Any) -> None:
    world.send("POST", "/emulator/reset", headers={})
    world.group()

    assert rows(world, "resourcechanges") == []
    (event,) = log(world, "eventTimestamp ge '2020-01-01'").content["value"]
    assert event["resourceId"] == GROUP.replace("resourceGroups", "resourcegroups")
