"""Subscriptions of several tenants in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from reconciler.arm.clients import Clients, TenantCredential
from reconciler.arm.target import Target
from reconciler.documents import project
from tests.conftest import SUBSCRIPTION

TENANT = "99999999-8888-7777-6666-555555555555"


class Recorded:
    """A credential that keeps what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked.append({"scopes": scopes, **options})
        return AccessToken("token", 0)


def test_a_token_is_asked_for_in_the_tenant_of_the_subscription() -> None:
    behind = Recorded()
    TenantCredential(behind, TENANT).get_token("scope", enable_cae=True)
    TenantCredential(behind, TENANT).get_token("scope", tenant_id="challenged")
    assert behind.asked == [
        {"scopes": ("scope",), "enable_cae": True, "tenant_id": TENANT},
        {"scopes": ("scope",), "tenant_id": "challenged"},
    ]


def test_each_subscription_has_a_client_in_its_own_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Clients(Target("https://arm.test"), tenants={SUBSCRIPTION: TENANT})
    behind = Recorded()
    monkeypatch.setattr(Clients, "_credential", behind)
    seen: list[tuple[Any, str]] = []

    def factory(credential: Any, subscription: str, **_: Any) -> object:
        seen.append((credential, subscription))
        return object()

    other = "00000000-0000-0000-0000-000000000001"
    for subscription in (SUBSCRIPTION, other):
        made._client(factory, subscription, "v")
    assert isinstance(seen[0][0], TenantCredential)
    assert seen[1][0] is behind


def test_the_project_names_tenants_by_alias_or_by_id(tmp_path: Path) -> None:
    other = "00000000-0000-0000-0000-00000000000A"
    file = tmp_path / "reconciler.yaml"
    file.write_text(
        "apiVersion: reconciler/v1\nkind: Project\nspec:\n"
        f"  subscriptions: {{prod: {SUBSCRIPTION}}}\n"
        f"  tenants: {{prod: {TENANT}, {other}: {TENANT}}}\n",
        encoding="utf-8",
    )
    loaded, problems = project.load(file, tmp_path)
    assert problems == []
    assert loaded.tenants == {SUBSCRIPTION: TENANT, other.lower(): TENANT}
