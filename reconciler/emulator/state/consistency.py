"""When what was written is seen: at once, as late as on record, or as late as a client can bear.

A read goes to one of several copies, and a new resource is not on all of them yet. On record is
that identities and their credentials are missing for a while after their creation, from reads and
as the parents of others: https://github.com/hashicorp/terraform-provider-azurerm/pull/32935,
https://github.com/openshift/cloud-credential-operator/issues/878.
"""

import random
import threading
from collections.abc import Iterable

from reconciler.emulator.state.rows import Record
from reconciler.emulator.wire.errors import EmulatorError
from reconciler.emulator.wire.invented import invented

IMMEDIATE = "immediate"
RECORDED = "recorded"
ADVERSARIAL = "adversarial"

RECORDED_SECONDS = 5.0
"""How long a new identity or credential is missing in the recorded model."""

ADVERSARIAL_SECONDS = 10.0
"""How long any new resource may be missing in the adversarial model."""

LATE = "microsoft.managedidentity/"
"""How the folded types begin that are late on record."""


class Consistency:
    """Which new resources a read does not see yet; every method may be called from any thread."""

    def __init__(self, text: str = IMMEDIATE) -> None:
        """Read ``immediate``, ``recorded`` or ``adversarial:SEED``.

        Raises:
            EmulatorError: The text is none of the three.

        """
        word, _, seed = text.partition(":")
        known = (word in (IMMEDIATE, RECORDED) and text == word) or (
            word == ADVERSARIAL and seed.isdecimal()
        )
        if not known:
            message = (
                f"consistency={text!r} is not known; write 'immediate', 'recorded' or "
                "'adversarial:7' with any number"
            )
            raise EmulatorError(message)
        self.text = text
        self._word = word
        self._chance = random.Random(int(seed or 0))  # noqa: S311 - to be the same in each run
        self._born: dict[str, float] = {}
        self._lock = threading.Lock()

    def changed(self, time: float, pairs: Iterable[tuple[Record | None, Record | None]]) -> None:
        """Hear of what was written: a resource is new when there was none before."""
        if self._word == IMMEDIATE:
            return
        with self._lock:
            self._born = {k: t for k, t in self._born.items() if time - t < ADVERSARIAL_SECONDS}
            for before, after in pairs:
                if before is None and after is not None and not after.type.startswith("emulator/"):
                    self._born[after.key] = time

    @invented(
        "consistency",
        "`recorded`: a new identity or credential is missing for 5 seconds, from reads, from lists "
        "and as a parent or principal (that it is missing is on record, for how long is not). "
        "`adversarial:SEED`: every new resource is, for 10 seconds, from half of the reads, by "
        "chance.",
    )
    def hides(self, record: Record, now: float) -> bool:
        """Tell whether a read at this moment misses a resource."""
        if self._word == IMMEDIATE:
            return False
        with self._lock:
            age = now - self._born.get(record.key, float("-inf"))
            if self._word == RECORDED:
                return age < RECORDED_SECONDS and record.type.startswith(LATE)
            return age < ADVERSARIAL_SECONDS and self._chance.random() < 0.5
