"""The register of behaviours for which there is no evidence from real Azure.

Most of what the emulator does was recorded from Azure or is documented by Microsoft, and the code
says where. What is left had to be decided. Every such decision carries the :func:`invented`
marker, and ``docs/emulator.md`` lists exactly the registered ones (a test compares the two), so
nobody takes a guess for a fact.
"""

from collections.abc import Callable
from typing import TypeVar

_Function = TypeVar("_Function", bound=Callable[..., object])

_REGISTER: dict[str, str] = {}


def invented(slug: str, behaviour: str) -> Callable[[_Function], _Function]:
    """Mark the decorated function as deciding something Azure is not on record for.

    Args:
        slug: Short unique name, used in ``docs/emulator.md``.
        behaviour: One sentence: what the emulator does.

    Raises:
        ValueError: The slug is used twice.

    """
    if slug in _REGISTER:
        message = f"the invented behaviour {slug!r} is registered twice"
        raise ValueError(message)
    _REGISTER[slug] = behaviour

    def unchanged(function: _Function) -> _Function:
        return function

    return unchanged


def register() -> dict[str, str]:
    """Return every invented behaviour of the modules imported so far, by slug, sorted."""
    return dict(sorted(_REGISTER.items()))
