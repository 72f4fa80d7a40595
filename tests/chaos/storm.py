"""A storm of faults: every third request fails, and an apply of all kinds completes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.chaos.kills import Figures, empty
from tests.chaos.stories import stack
from tests.chaos.world import World

STREAK = 4
"""How often in a row one path may be struck: a request that always fails proves nothing."""

READ_FAULTS: tuple[tuple[float, Mapping[str, Any]], ...] = (
    (0.07, {"status": 503}),
    (0.06, {"status": 500}),
    (0.03, {"status": 408}),
    (0.05, {"throttle": None}),
    (0.03, {"throttle": 2}),
    (0.09, {"cut": True}),
)
WRITE_FAULTS: tuple[tuple[float, Mapping[str, Any]], ...] = (
    (0.04, {"status": 503}),
    (0.05, {"status": 500, "after": True}),
    (0.03, {"status": 408, "after": True}),
    (0.05, {"cut": True}),
    (0.06, {"cut": True, "after": True}),
    (0.03, {"throttle": None}),
    (0.02, {"throttle": 2}),
    (0.04, {"conflict": True}),
    (0.03, {"vanish": True}),
)
"""Shares of about 30 percent each, and what happens to them."""


def spec(scale: int) -> dict[str, Any]:
    """Return a stack of ten resources times ``scale``, of every kind that is made in numbers."""
    numbers = range(scale)
    return {
        "identities": {
            f"id-{n}": {
                "location": "westeurope",
                "federatedCredentials": {
                    "one": {"issuer": "https://issuer.test/1/", "subject": f"s-{n}"}
                },
            }
            for n in numbers
        },
        "emailServices": {
            f"mail-{n}": {
                "dataLocation": "Europe",
                "domains": {
                    f"d{n}.test": {
                        "management": "CustomerManaged",
                        "senderUsernames": {"billing": {"displayName": "B"}},
                        "suppressionLists": {"list-1": {"sender": "billing"}},
                    }
                },
            }
            for n in numbers
        },
        "communicationServices": {
            f"acs-{n}": {
                "dataLocation": "Europe",
                "identity": {"userAssigned": [f"ref:identities/id-{n}"]},
                "smtpUsernames": {
                    "smtp": {
                        "entraApplicationId": f"ref:identities/id-{n}#clientId",
                        "tenantId": f"ref:identities/id-{n}#tenantId",
                    }
                },
            }
            for n in numbers
        },
        "roleAssignments": {
            f"{role.lower()}-{n}": {
                "role": role,
                "principal": f"ref:identities/id-{n}",
                "scope": f"ref:communicationServices/acs-{n}",
            }
            for n in numbers
            for role in ("Reader", "Contributor")
        },
    }


def storm(world: World, figures: Figures, *, scale: int, seed: int) -> None:
    """Apply ten times ``scale`` resources while about every third request fails."""
    world.restore(empty(world.snapshot()))
    world.arm.group()
    world.write({"storm.yaml": stack("storm", "{existing: rg-test}", spec(scale))})
    world.arm.forget()
    for method, faults in (("GET", READ_FAULTS), ("PUT", WRITE_FAULTS)):
        for number, (share, fault) in enumerate(faults):
            # Each is asked only if those before it have let the request pass.
            world.arm.fault(
                method=method,
                path="providers",
                times=None,
                share=share,
                seed=seed + number,
                streak=STREAK,
                **fault,
            )
    ran = world.apply("--parallelism", "16")
    struck = world.arm.send("GET", "/emulator/faults")[1]["struck"]
    world.arm.mend()
    where = f"storm {seed} over {scale * 10} resources"
    figures.faults += struck
    figures.requests += len(world.arm.requests())
    figures.expect(where, holds=ran.code == 0, because=ran.output)
    share = struck / len(world.arm.requests())
    figures.expect(where, holds=0.2 < share < 0.4, because=f"{share:.0%} of requests were struck")
    twice = {key: count for key, count in world.effects().items() if count > 1}
    figures.expect(where, holds=not twice, because=f"done twice: {twice}")
    roles = [line for line in world.resources() if line.endswith("role assignments")]
    figures.expect(where, holds=roles == [f"{2 * scale} role assignments"], because=str(roles))
    plan = world.plan()
    figures.expect(where, holds=plan.code == 0, because=plan.output)
