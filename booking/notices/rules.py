"""What a notice says and when it stands. Pure."""

from dataclasses import dataclass
from datetime import datetime

STATES = ("draft", "coming", "current", "past", "withdrawn")


@dataclass(frozen=True, slots=True)
class Wording:
    """What a notice says, and when it stands: from an instant until another, None for good."""

    title_zh: str
    text_zh: str
    from_at: datetime
    until_at: datetime | None = None
    title_en: str = ""
    text_en: str = ""
    must_read: bool = False

    @property
    def said(self) -> tuple[str, str, str, str, bool]:
        """Return what readers have read when they have read it; its days are no part of that."""
        return (self.title_zh, self.title_en, self.text_zh, self.text_en, self.must_read)


def state(
    published: datetime | None,
    withdrawn: datetime | None,
    from_at: datetime,
    until_at: datetime | None,
    now: datetime,
) -> str:
    """Return which of STATES a notice is in."""
    if withdrawn is not None:
        return "withdrawn"
    if published is None:
        return "draft"
    if from_at > now:
        return "coming"
    return "past" if until_at is not None and until_at <= now else "current"
