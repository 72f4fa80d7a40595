"""An emulator of the Azure Resource Manager control plane over loopback HTTP.

It is a witness, not an echo: it imports nothing from the rest of the package, and it is written
from recordings of real Azure. ``docs/emulator.md`` says what is emulated, from which evidence,
and what is invented.
"""

from reconciler.emulator.server import EmulatorServer
from reconciler.emulator.wire.errors import EmulatorError

__all__ = ["EmulatorError", "EmulatorServer"]
