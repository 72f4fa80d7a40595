"""A full run with secrets planted wherever there is room for one, and then a search for them."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reconciler.arm.target import Target
from reconciler.arm.transport import READS, GuardedTransport
from reconciler.engine.clock import SystemClock
from reconciler.render.forms import DRIFT_FORMS, PLAN_FORMS
from tests.conftest import GROUP, SUBSCRIPTION, Lab, service
from tests.telemetry.collector import Collector

PLANTED = {
    "HUB": "Endpoint=sb://ns/;SharedAccessKeyName=root;SharedAccessKey=planted-hub-key",
    "RECONCILER_PRIVACY_KEY": "planted-privacy-key",
    "AZURE_CLIENT_SECRET": "planted-client-secret",
    "AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000",
    "GITHUB_TOKEN": "planted-github-token",
    "GITLAB_TOKEN": "planted-gitlab-token",
    "SYSTEM_ACCESSTOKEN": "planted-devops-token",
    "HTTPS_PROXY": "http://somebody:planted-proxy-word@127.0.0.1:9",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=planted-collector-token",
}
"""Secrets in the environment, each with the same word in it."""

WORD = "planted-"
ADDRESS = "zq-person@xw-example.com"
HUB = f"{GROUP}/providers/Microsoft.NotificationHubs/namespaces/ns/notificationHubs/hub"


def planted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment, and write specs that need it."""
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    (lab.folder / "specs").mkdir(exist_ok=True)
    (lab.folder / "specs" / "people.txt").write_text(f"{ADDRESS}\n", encoding="utf-8")
    hub = {"id": HUB, "connectionStringFrom": {"env": "HUB"}}
    lists = {"list-a": {"sender": "news", "addresses": {"file": "people.txt", "exact": True}}}
    domain = {
        "management": "CustomerManaged",
        "senderUsernames": {"news": {}},
        "suppressionLists": lists,
    }
    acs: Any = {"dataLocation": "Europe", "notificationHub": hub}
    mail: Any = {"mail": {"dataLocation": "Europe", "domains": {"a.test": domain}}}
    lab.spec(communicationServices={"acs-a": acs}, emailServices=mail)


COMMANDS: tuple[tuple[str, ...], ...] = (
    *(("plan", "-o", form) for form in PLAN_FORMS),
    ("plan", "--requests"),
    ("plan", "--rehearse"),
    ("plan", "--out", "plan.json"),
    ("observe", "--out", "snapshot.json"),
    ("doctor",),
    ("doctor", "-o", "json"),
    ("rbac", "check"),
    *(("drift", "-o", form) for form in DRIFT_FORMS),
    ("drift", "--unmanaged", "--history", "drift.jsonl", "--report", "html=drift.html"),
    ("accept", "--diff"),
    ("export", "--subscription", SUBSCRIPTION),
)
"""What talks to Azure and writes nothing there."""


@pytest.mark.parametrize("debug", ["", "1"])
def test_no_output_log_or_file_of_a_full_run_has_a_secret_in_it(
    lab: Lab, collector: Collector, monkeypatch: pytest.MonkeyPatch, debug: str
) -> None:
    monkeypatch.setenv("RECONCILER_DEBUG", debug)
    planted(lab, monkeypatch)
    target = ("--target", lab.arm.url)
    outputs = [lab.run("validate"), lab.run("addresses", "check"), lab.run("render")]
    for method, path, what in (
        ("POST", "linkNotificationHub", {"connectionString": PLANTED["HUB"]}),
        ("PUT", "suppressionListAddresses", {"email": ADDRESS}),
    ):
        quoting = {"code": "BadRequest", "message": json.dumps({"you": "sent", **what})}
        lab.arm.fault(method=method, path=path, times=1, status=400, **quoting)
    outputs += [lab.run(*words, *target) for words in COMMANDS]
    failed, applied = lab.apply(), lab.apply("-o", "json")
    assert (failed.code, applied.code) == (1, 0), failed.out + applied.out
    assert "BadRequest" in failed.out
    outputs += [failed, applied, *(lab.run(*words, *target) for words in COMMANDS[:4])]
    outputs.append(lab.apply())
    outputs += [lab.run("journal"), lab.run("journal", "-o", "json"), lab.run("lock", "show")]
    status, keys = lab.arm.send("POST", f"{service('acs-a')}/listKeys")
    assert status == 200
    for ran in outputs:
        assert_silent(ran.out + ran.err, keys["primaryKey"])
    assert {"reconciler plan", "reconciler drift", "reconciler apply"} <= {
        span.name for span in collector.spans
    }
    assert "/suppressionListAddresses/(withheld)" in collector.text
    assert_silent(collector.text, keys["primaryKey"])
    written = [p for p in lab.folder.rglob("*") if p.is_file() and p.name != "people.txt"]
    assert {"plan.json", "snapshot.json", "drift.jsonl", "drift.html"} <= {p.name for p in written}
    for file in written:
        assert_silent(file.read_text(encoding="utf-8", errors="replace"), keys["primaryKey"])


def assert_silent(text: str, key: str) -> None:
    """Fail if a secret, or a part of an address, is in a text."""
    found = [w for w in (WORD, key, "zq-person", "xw-example") if w in text]
    assert found == [], text[max(0, text.find(found[0]) - 300) :][:600]


@contextmanager
def https(folder: Path) -> Iterator[int]:
    """Listen on a port with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    chain = folder / "chain.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    wire, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(wire, server_side=True) as safe:
                        heard.append(safe.recv(4096))
                except OSError:
                    wire.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            assert heard == [], "a request was sent to a server that nobody vouches for"


OFF = {"": "", "PYTHONHTTPSVERIFY": "0", "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION": "1"}
"""What turns verification off in other programs."""


@pytest.mark.parametrize("setting", OFF)
def test_a_server_that_nobody_vouches_for_is_not_talked_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str
) -> None:
    if setting:
        monkeypatch.setenv(setting, OFF[setting])
    with https(tmp_path) as port:
        target = Target(f"https://127.0.0.1:{port}")
        with GuardedTransport(target, READS, 1, SystemClock().sleep) as transport:
            request = HttpRequest("GET", f"{target.endpoint}/subscriptions")
            with pytest.raises(ServiceRequestError, match="certificate verify failed"):
                transport.send(request)
