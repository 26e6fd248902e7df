"""What a chart is narrowed by."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Filters:
    """Ids, or a class's code, of what is looked at; None: all."""

    site: str | None = None
    platform: str | None = None
    category: str | None = None
    institution: str | None = None
    lab: str | None = None

    @property
    def items(self) -> tuple[tuple[str, str], ...]:
        """Return (kind, item) of those that are set."""
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return tuple((kind, item) for kind, item in found if item is not None)

    @property
    def single(self) -> tuple[str, str] | None:
        """Return what its sums are kept of: the park's, or one thing's; None when several meet."""
        if len(self.items) > 1:
            return None
        return self.items[0] if self.items else ("park", "")
