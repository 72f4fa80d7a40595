"""ARM resource ids, which ignore case."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class ResourceId:
    """An ARM id: two spellings that differ only in case are one id.

    Azure answers with ``resourcegroups`` and ``CommunicationServices`` where it was asked for
    ``resourceGroups`` and ``communicationServices``, so equality, order and hash use the folded
    form, while ``text`` keeps the spelling for people and for requests.
    https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    """

    text: str = field(compare=False)
    folded: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no ARM id, and fold the case once."""
        if not self.text.startswith("/subscriptions/") or self.text.endswith("/"):
            msg = f"not an ARM resource id: {self.text!r}"
            raise ValueError(msg)
        object.__setattr__(self, "folded", self.text.lower())

    def __hash__(self) -> int:
        """Return the hash of the folded form, which spares a tuple for each look into a dict."""
        return hash(self.folded)

    @classmethod
    def of_group(cls, subscription: str, group: str) -> ResourceId:
        """Return the id of a resource group."""
        return cls(f"/subscriptions/{subscription}/resourceGroups/{group}")

    def child(self, arm_type: str, *names: str) -> ResourceId:
        """Return the id of a resource of ``arm_type`` in this group, a name for each segment."""
        namespace, *segments = arm_type.split("/")
        pairs = "/".join(f"{s}/{n}" for s, n in zip(segments, names, strict=True))
        return ResourceId(f"{self.text}/providers/{namespace}/{pairs}")

    def renamed(self, name: str) -> ResourceId:
        """Return the id with another last segment."""
        return ResourceId(f"{self.text.rsplit('/', 1)[0]}/{name}")

    @property
    def parent(self) -> ResourceId | None:
        """The resource that this one is nested in, or None for what lies in a group."""
        above = self.text.rsplit("/", 2)[0]
        _, separator, tail = above.rpartition("/providers/")
        return ResourceId(above) if separator and tail.count("/") >= 2 else None

    @property
    def scope(self) -> ResourceId | None:
        """What an extension resource, such as a role assignment, is attached to."""
        text, separator, _ = self.text.rpartition("/providers/")
        return ResourceId(text) if separator else None

    @property
    def subscription(self) -> str:
        """The subscription's id, as spelt."""
        return self.text.split("/")[2]

    @property
    def group(self) -> ResourceId | None:
        """The resource group it is in, or None for what lies in none."""
        parts = self.text.split("/")
        if len(parts) >= 5 and parts[3].lower() == "resourcegroups":
            return ResourceId("/".join(parts[:5]))
        return None

    @property
    def arm_type(self) -> str:
        """The resource type, such as ``Microsoft.Communication/communicationServices``."""
        _, separator, tail = self.text.rpartition("/providers/")
        if not separator:
            return "Microsoft.Resources/resourceGroups"
        namespace, *rest = tail.split("/")
        return "/".join([namespace, *rest[0::2]])

    @property
    def names(self) -> tuple[str, ...]:
        """The names along the type, outermost first: one for each type segment."""
        _, separator, tail = self.text.rpartition("/providers/")
        return tuple(tail.split("/")[2::2]) if separator else (self.name,)

    @property
    def name(self) -> str:
        """The last segment: the resource's own name."""
        return self.text.rsplit("/", 1)[1]

    def __str__(self) -> str:
        """Return the id as spelt."""
        return self.text
