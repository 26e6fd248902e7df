"""Which unit a row means: by asset number, else model and serial, else name."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A unit that a row may mean, and the zone of its site."""

    unit_id: int
    pool_id: int
    zone: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A unit with all it may be called by."""

    target: Target
    asset_no: str | None
    serial: str
    model: str
    names: tuple[str, ...]


class Resources:
    """Finds units by what a row calls them: asset number, then model and serial, then name."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._ways: tuple[dict[str, list[Target]], ...] = ({}, {}, {})
        for resource in resources:
            by_serial = f"{resource.model} {resource.serial}" if resource.serial else ""
            called = ((resource.asset_no or "",), (by_serial,), resource.names)
            for way, texts in zip(self._ways, called, strict=True):
                for text in {fold(text) for text in texts} - {""}:
                    way.setdefault(text, []).append(resource.target)

    def find(self, text: str) -> list[Target]:
        """Return the units the text means by the first way that knows it; none if no way does."""
        wanted = fold(text)
        return next((way[wanted] for way in self._ways if wanted in way), [])


def fold(text: str) -> str:
    """Return a text as resources are compared: one width, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
