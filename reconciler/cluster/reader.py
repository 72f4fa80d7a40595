"""A reader whose questions are asked by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.cluster.lanes import Lanes
from reconciler.cluster.wire import Told
from reconciler.engine.ports import Inquiry, Reader, RequestFailedError
from reconciler.kinds import KINDS
from reconciler.kinds.kind import Kind
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.value import Body


class ClusterReader:
    """Implements `reconciler.engine.ports.Reader` and `Foresight`.

    The same questions are asked as by one machine, and the same code makes the plan of the answers,
    so that it is the same plan. Addresses of people are read by this machine alone.
    """

    def __init__(self, lanes: Lanes, own: Reader) -> None:
        """Ask nothing yet.

        Args:
            lanes: has questions answered.
            own: reads what nobody else is to see.

        """
        self._lanes = lanes
        self._own = own
        self._told: dict[Inquiry, Told] = {}

    def foresee(self, inquiries: Sequence[Inquiry]) -> None:
        """Have questions answered side by side."""
        wanted = [one for one in inquiries if not KINDS[one.kind].private]
        self._told.update(self._lanes.ask(wanted))

    def get(self, kind: Kind, resource: ResourceId) -> Body | None:
        """Return a body, or None if Azure says that there is no such resource."""
        if kind.private:
            return self._own.get(kind, resource)
        told = self._answer(Inquiry(kind.name, resource.text))
        assert not isinstance(told, list)
        return told

    def list_in(self, kind: Kind, scope: str, *, below: bool = False) -> Mapping[ResourceId, Body]:
        """Return every resource of a kind in a scope, all pages or none."""
        if kind.private:
            return self._own.list_in(kind, scope, below=below)
        told = self._answer(Inquiry(kind.name, scope, is_list=True, below=below))
        assert isinstance(told, list)
        return {ResourceId(str(body["id"])): body for body in told}

    def _answer(self, inquiry: Inquiry) -> Body | list[Body] | None:
        """Return an answer, which serves once: who asks again wants to know it anew.

        Raises:
            RequestFailedError: nothing is known.

        """
        if inquiry not in self._told:
            self._told.update(self._lanes.ask([inquiry]))
        told = self._told.pop(inquiry)
        if isinstance(told, Failure):
            raise RequestFailedError(told)
        return told
