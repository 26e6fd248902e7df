"""What erasing a person does to each table that names people. Pure."""

from collections.abc import Mapping

# Of one person, by page and API together.
EXPORTS, EXPORTS_SECONDS = 5, 3600

# Rows that go with the person.
DELETED: tuple[tuple[str, str], ...] = (
    ("user_session", "user_id"),
    ("known_device", "user_id"),
    ("api_token", "user_id"),
    ("one_time_link", "user_id"),
    ("identity", "user_id"),
    ("mobile", "user_id"),
    ("sms_code", "user_id"),
    ("authenticator", "user_id"),
    ("passkey", "user_id"),
    ("recovery_code", "user_id"),
    ("begun_step", "user_id"),
    ("idempotency", "user_id"),
    ("person_tag", "user_id"),
    ("lab_member", "user_id"),
    ("decider_group_member", "user_id"),
    ("favourite", "user_id"),
    ("calendar_feed", "user_id"),
    ("bundle_item", "user_id"),
    ("busy_time", "user_id"),
    ("busy_calendar", "user_id"),
    ("tour_done", "user_id"),
)
# Rows that stay, as history of the park, with what was written by or about the person emptied.
# (table, column of the person) → column → what stands there instead.
EMPTIED: Mapping[tuple[str, str], Mapping[str, str | None]] = {
    ("reservation", "user_id"): {"note": "", "override_reason": "", "reason": ""},
    ("reservation_group", "user_id"): {"title": ""},
    ("waitlist_entry", "user_id"): {"note": ""},
    ("draw_entry", "user_id"): {"note": "", "form": "{}"},
    ("qualification", "user_id"): {"note": "", "suspension_reason": None},
    ("training_record", "user_id"): {"request_note": "", "decision_note": ""},
    ("absence", "user_id"): {"note": ""},
    ("hold", "user_id"): {"override_reason": ""},
    ("erasure", "user_id"): {"reason": None},
    ("unit_report", "user_id"): {"note": ""},
    ("outbox", "recipient_id"): {"parameters": "{}", "error": None},
}
# Rows that stay as they are: they name the person by number only, and the number names nobody.
KEPT: tuple[tuple[str, str], ...] = (
    ("membership", "user_id"),
    ("agreement_acceptance", "user_id"),
    ("notice_read", "user_id"),
    ("privacy_consent", "user_id"),
    ("import_batch", "user_id"),
    ("training_signup", "user_id"),
    ("audit", "actor_id"),
)
# Dealt with by themselves: files leave the store, answers go with their reservations.
APART: tuple[tuple[str, str], ...] = (("stored_file", "user_id"), ("answer_file", "user_id"))


def decided() -> frozenset[tuple[str, str]]:
    """Return every (table, column) of which it is said what erasing does."""
    return frozenset({*DELETED, *EMPTIED, *KEPT, *APART})


def erased_email(user_id: int) -> str:
    """Return the address of an erased person: none that mail could reach (RFC 2606)."""
    return f"erased-{user_id}@erased.invalid"


def erased_name(user_id: int) -> str:
    """Return the name of an erased person."""
    return f"已注销 erased #{user_id}"
