"""Late changes of days whose use is added up already: written down in the same transaction.

A reservation or closure that changes before `usage_state.until_at` leaves its span in
`usage_late`, had and has; a job adds those days up again. Bookings of days to come write nothing.
Each change is a row of its own: on PostgreSQL a shared one would make writers wait for another.
"""

USED = ("approved", "in_use", "completed")
_USED = "('" + "','".join(USED) + "')"
_KIND = (
    f"(CASE WHEN {{r}}.status IN {_USED} THEN 0 WHEN {{r}}.status = 'no_show' THEN 1 ELSE 2 END)"
)
_COLUMNS = ("start_at", "end_at", "pool_id", "company_id", "institution_id")
_LATE = "{r}.start_at < (SELECT until_at FROM usage_state WHERE id = 1)"
_NOTE = "INSERT INTO usage_late (start_at, end_at) SELECT {r}.start_at, {r}.end_at WHERE " + _LATE
_CHANGED = " OR ".join(
    [
        f"{_KIND.format(r='OLD')} <> {_KIND.format(r='NEW')}",
        *(f"coalesce(OLD.{name}, 0) <> coalesce(NEW.{name}, 0)" for name in _COLUMNS),
    ]
)
_CLOSED = "start_at, end_at, cancelled_at"

# trigger -> table, what sets it off, when
TRIGGERS = {
    "usage_late_insert": ("reservation", "INSERT", ""),
    "usage_late_update": (
        "reservation", f"UPDATE OF status, {', '.join(_COLUMNS)}", f"WHEN ({_CHANGED}) ",
    ),
    "usage_late_closed": ("closure", "INSERT", ""),
    "usage_late_reopened": ("closure", f"UPDATE OF {_CLOSED}", ""),
}  # fmt: skip


def _body(when: str) -> str:
    had, has = _NOTE.format(r="OLD"), _NOTE.format(r="NEW")
    return f"{has};" if when == "INSERT" else f"{had}; {has};"


SQLITE = {
    name: f"CREATE TRIGGER {name} AFTER {when} ON {table} {only}BEGIN {_body(when)} END"
    for name, (table, when, only) in TRIGGERS.items()
}
POSTGRESQL = {
    name: f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW {only}"
    f"EXECUTE FUNCTION {name}()"
    for name, (table, when, only) in TRIGGERS.items()
}
# function -> what it does
FUNCTIONS = {
    name: f"{_body(when)} RETURN NULL;" for name, (_table, when, _only) in TRIGGERS.items()
}
