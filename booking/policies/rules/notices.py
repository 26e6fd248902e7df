"""Notices that are read before one books what they cover, as the book of rules knows them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MustRead:
    """A version of a published notice that asks for a tick while it stands: [begins, ends)."""

    notice_id: int
    version: int
    scope: tuple[str, str]
    title_zh: str
    title_en: str
    begins: datetime
    ends: datetime | None

    def stands(self, now: datetime) -> bool:
        """Return whether it asks for its tick now."""
        return self.begins <= now and (self.ends is None or now < self.ends)


def notice_scope(lab_id: int | None, pool_id: int | None) -> tuple[str, str]:
    """Return where a notice holds, as the tree of rules names places."""
    if pool_id is not None:
        return ("pool", str(pool_id))
    return ("lab", str(lab_id)) if lab_id is not None else ("park", "")
