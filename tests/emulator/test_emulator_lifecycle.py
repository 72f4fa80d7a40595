"""Starting, stopping, the state file, and many clients at once."""

import ast
import http.client
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import reconciler.emulator
from reconciler.emulator import EmulatorError, EmulatorServer
from reconciler.emulator.wire.invented import invented, register
from tests.conftest import Golden

PACKAGE = Path(reconciler.emulator.__file__).parent
DOCUMENT = PACKAGE.parent.parent / "docs" / "emulator.md"

Connect = Callable[[EmulatorServer], Any]
Run = Callable[..., EmulatorServer]


def test_state_in_a_file_survives_a_restart(run: Run, connect: Connect, tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    first = run(state=str(state))
    arm = connect(first)
    arm.group()
    arm.create_identity()
    arm.create_service(tags={"a": "b"})
    before = [arm.service("GET"), arm.identity("GET")]
    first.stop()

    arm = connect(run(state=state))

    after = [arm.service("GET"), arm.identity("GET")]
    assert [answer.content for answer in after] == [answer.content for answer in before]
    assert after[0].headers["etag"] == before[0].headers["etag"]
    arm.create_identity("id-2")
    tenant = arm.identity("GET", "id-2").content["properties"]["tenantId"]
    assert tenant == before[1].content["properties"]["tenantId"]


def test_two_emulators_share_one_state_file(run: Run, connect: Connect, tmp_path: Path) -> None:
    one, two = (connect(run(state=tmp_path / "state.db")) for _ in range(2))
    one.group()

    one.create_service("a")
    two.create_service("b")

    assert one.service("GET", "b").content == two.service("GET", "b").content
    assert two.service("DELETE", "a").status == 202
    assert one.service("GET", "a").status == 404


def test_emulators_in_other_processes_write_to_one_state_file_at_once(tmp_path: Path) -> None:
    script = (
        "import sys, http.client, json\n"
        "from reconciler.emulator import EmulatorServer\n"
        "with EmulatorServer(state=sys.argv[1]) as emulator:\n"
        "    connection = http.client.HTTPConnection(emulator.url[7:])\n"
        "    def put(path, content):\n"
        "        headers = {'Authorization': 'Bearer x'}\n"
        "        connection.request('PUT', path, json.dumps(content), headers)\n"
        "        response = connection.getresponse()\n"
        "        response.read()\n"
        "        assert response.status in (200, 201), response.status\n"
        "    group = '/subscriptions/s/resourceGroups/g'\n"
        "    put(group + '?api-version=2024-11-01', {'location': 'westeurope'})\n"
        "    for number in range(40):\n"
        "        put(f'{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/'\n"
        "            f'id-{sys.argv[2]}-{number}?api-version=2024-11-30',\n"
        "            {'location': 'westeurope'})\n"
        "    connection.close()\n"
    )
    state = tmp_path / "state.db"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(state), str(number)],
            cwd=PACKAGE.parent.parent,
            stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]

    errors = [process.communicate(timeout=60)[1] for process in processes]

    assert errors == [b"", b"", b""]
    with sqlite3.connect(state) as connection:
        (count,) = connection.execute("SELECT count(*) FROM resources").fetchone()
    connection.close()
    assert count == 1 + 3 * 40


def test_a_port_in_use_is_refused_with_what_to_do(run: Run) -> None:
    port = int(run().url.rpartition(":")[2])

    with pytest.raises(EmulatorError, match=f"port {port} is in use; choose another, or 0"):
        EmulatorServer(port=port).start()


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(EmulatorError, match="choose one from 0 to 65535"):
        EmulatorServer(port=70_000).start()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(EmulatorError, match=r"203\.0\.113\.1, port 0, cannot be opened"):
        EmulatorServer(host="203.0.113.1").start()


def test_the_proxy_is_known_only_when_there_is_one(run: Run) -> None:
    with pytest.raises(EmulatorError, match="there is no proxy"):
        _ = run().proxy_url


def test_an_emulator_tells_its_tenant_and_is_told_its_subscriptions(
    run: Run, connect: Connect
) -> None:
    emulator = run()
    emulator.declare_subscriptions(["s-1", "s-2"])
    emulator.declare_subscriptions([])

    listed = connect(emulator).send("GET", "/subscriptions?api-version=2022-12-01").content["value"]

    assert [entry["subscriptionId"] for entry in listed] == ["s-1", "s-2"]
    assert {entry["tenantId"] for entry in listed} == {emulator.tenant}


@pytest.mark.parametrize("size", [0, -1])
def test_a_page_has_at_least_one_item(size: int) -> None:
    with pytest.raises(EmulatorError, match="give 1 or more"):
        EmulatorServer(page_size=size)


def test_a_file_that_is_not_a_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "notes.txt"
    state.write_text("my notes, longer than the header of a database\n" * 5)

    with pytest.raises(EmulatorError, match="file is not a database; name a file written by"):
        EmulatorServer(state=state).start()

    assert state.read_text().startswith("my notes")


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "other.db"
    connection = sqlite3.connect(state)
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()

    with pytest.raises(EmulatorError, match="is an SQLite file, but not of the emulator"):
        EmulatorServer(state=state).start()


def test_a_state_file_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with EmulatorServer(state=state):
        pass
    connection = sqlite3.connect(state)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(EmulatorError, match="has schema 99, this release reads up to 3"):
        EmulatorServer(state=state).start()


def test_a_state_file_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="unable to open database file; check folder"):
        EmulatorServer(state=tmp_path / "none" / "state.db").start()


def test_the_url_is_known_only_while_running() -> None:
    emulator = EmulatorServer()
    with pytest.raises(EmulatorError, match="is not running; call start"):
        _ = emulator.url
    with emulator, pytest.raises(EmulatorError, match=r"already running at http://127\.0\.0\.1:"):
        emulator.start()
    emulator.stop()


def test_an_emulator_can_be_started_again() -> None:
    emulator = EmulatorServer()
    for _ in range(2):
        with emulator:
            connection = http.client.HTTPConnection(emulator.url.removeprefix("http://"))
            connection.request("GET", "/emulator/health")
            assert connection.getresponse().read() == b'{"status":"ok"}'
            connection.close()


def test_stopping_does_not_wait_for_open_or_delayed_connections(run: Run, connect: Connect) -> None:
    emulator = run()
    arm = connect(emulator)
    arm.fault(delay=60)
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as idle:
        assert connect(emulator).send("GET", "/emulator/health").status == 200  # idle is accepted
        with ThreadPoolExecutor(1) as pool:
            pool.submit(pytest.raises, Exception, arm.service, "GET")
            while not arm_is_waiting(emulator):
                threading.Event().wait(0.005)
            before = time.monotonic()
            emulator.stop()
            assert time.monotonic() - before < 2
        assert idle.recv(1) == b""


def arm_is_waiting(emulator: EmulatorServer) -> bool:
    """Tell whether the only fault has struck."""
    running = emulator._running
    assert running is not None
    return any(armed.seen for armed in running.listener.app.faults._armed)


def test_many_clients_at_once_get_what_they_asked_for(run: Run, connect: Connect) -> None:
    emulator = run()
    connect(emulator).group()

    def work(number: int) -> list[int]:
        arm = connect(emulator)
        name = f"acs-{number}"
        codes = [arm.create_service(name).status]
        codes += [arm.service("PATCH", name, {"tags": {"n": str(i)}}).status for i in range(5)]
        assert arm.service("GET", name).content["tags"] == {"n": "4"}
        codes.append(arm.service("DELETE", name).status)
        return codes

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(work, range(32)))

    assert results == [[201, 200, 200, 200, 200, 200, 202]] * 32


def test_only_one_of_many_creators_of_a_global_name_succeeds(run: Run, connect: Connect) -> None:
    emulator = run()
    setup = connect(emulator)
    for number in range(8):
        setup.group(f"g{number}")

    def create(number: int) -> int:
        arm = connect(emulator)
        path = arm.service_path("same").replace("/Rg1/", f"/g{number}/")
        content = {"location": "global", "properties": {"dataLocation": "Europe"}}
        return int(arm.send("PUT", path, content).status)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [201] + [400] * 7


def test_the_emulator_is_a_witness_and_imports_only_itself_and_what_speaks_dns() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                own = name == "reconciler.emulator" or name.startswith("reconciler.emulator.")
                speaks_dns = path.name == "look_up.py" and name.split(".")[0] == "dns"
                certifies = (path.name, name.split(".")[0]) == ("certificates.py", "cryptography")
                known = name.split(".")[0] in sys.stdlib_module_names
                assert own or speaks_dns or certifies or known, (path.name, name)


def test_the_document_lists_exactly_the_invented_behaviours(golden: Golden) -> None:
    head = "| slug | what the emulator does |\n|---|---|\n"
    before, _, after = DOCUMENT.read_text(encoding="utf-8").partition(head)
    rows = "".join(f"| `{slug}` | {behaviour} |\n" for slug, behaviour in register().items())

    golden(DOCUMENT, before + head + rows + re.sub(r"\A(\|.*\|\n)*", "", after))


def test_the_document_says_what_every_part_holds() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Where what is\n")[2]
    rows = section.partition("\n## ")[0].partition("|---|---|")[2].splitlines()
    named = [name for row in rows if row for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    there = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    there |= {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}

    assert sorted(named) == sorted(there)


def test_no_two_invented_behaviours_share_a_slug() -> None:
    slug = next(iter(register()))

    with pytest.raises(ValueError, match="registered twice"):
        invented(slug, "something else")
