"""What quotas count, kept by the database itself: each change of a reservation is written down.

A ledger is kept for each quota and each person or company: `quota_use`, in cells of a quarter of
an hour of UTC, so that local days of any zone can be read from it (`rules.quota_cells`). A
reservation writes up to six entries, which are added up:

    n, seconds      at its start: one reservation, and all it uses
    rate, moment    at its start +quantity and +quantity * start, at its end the same with minus;
                    midnight of UTC parts it, so that nothing runs into a day from the one before

and the same once more for the whole day, in the cell `-day`, so that a month is 31 numbers.

What lasts longer than a day has no rate: such are few, and have an index of their own. SQLite
adds to the sum (entry 0) at once. On PostgreSQL that would make bookings wait for one another, so
each change is an entry of its own, and a job adds them up.
"""

from booking.core.period import CELL_SECONDS

LONGEST = 86_400  # seconds; what lasts longer has no rate
COUNTED = ("pending", "approved", "in_use", "completed")
_COUNTED = "('" + "','".join(COUNTED) + "')"

_MIDNIGHT = "(({r}.start_at / 86400 + 1) * 86400)"
_SHORT = f"{{r}}.end_at - {{r}}.start_at <= {LONGEST}"
# Which reservations a quota counts: of its subject, within its scope, of a status that counts.
WHO = "(CASE q.subject WHEN 'person' THEN {r}.user_id ELSE {r}.company_id END)"
COUNTS = f"({{r}}.status IN {_COUNTED} OR ({{r}}.status = 'no_show' AND q.counts_no_show = 1))"
IN_SCOPE = (
    "(q.scope_kind = 'park'"
    " OR (q.scope_kind = 'pool' AND q.scope_key = CAST(p.id AS TEXT))"
    " OR (q.scope_kind = 'lab' AND q.scope_key = CAST(p.lab_id AS TEXT))"
    " OR (q.scope_kind = 'site' AND q.scope_key = CAST(p.site_id AS TEXT))"
    " OR (q.scope_kind = 'category'"
    " AND replace(q.codes, ' ' || p.category_code || ' ', '') <> q.codes))"
)
# Of how many reservations fall within hours the entries cannot tell.
KEPT = "(q.hours IS NULL OR (q.measure = 'minutes' AND q.period <> 'future'))"
EVENTS = "(SELECT 0 AS k" + "".join(f" UNION ALL SELECT {k}" for k in range(1, 6)) + ")"
# The start; the end; midnight as an end and as a start, of what runs over it; its two days.
HAPPENS = f"(e.k IN (0, 4) OR ({_SHORT} AND (e.k = 1 OR {_MIDNIGHT} < {{r}}.end_at)))"
_RATE = f"(CASE WHEN NOT ({_SHORT}) OR e.k > 3 THEN 0 WHEN e.k IN (0, 3) THEN 1 ELSE -1 END)"
_AT = f"(CASE e.k WHEN 0 THEN {{r}}.start_at WHEN 1 THEN {{r}}.end_at ELSE {_MIDNIGHT} END)"
_ENDS = f"(CASE WHEN {_MIDNIGHT} < {{r}}.end_at THEN {_MIDNIGHT} ELSE {{r}}.end_at END)"
_OF_DAY = (
    f"(CASE WHEN NOT ({_SHORT}) THEN 0 WHEN e.k = 4 THEN {{r}}.start_at - {_ENDS}"
    f" ELSE {_MIDNIGHT} - {{r}}.end_at END)"
)
# An end belongs to the cell before it.
CELL_OF = (
    f"(CASE e.k WHEN 4 THEN -({{r}}.start_at / 86400) WHEN 5 THEN -({_MIDNIGHT} / 86400)"
    f" ELSE ({_AT} - (CASE WHEN e.k IN (1, 2) THEN 1 ELSE 0 END)) / {CELL_SECONDS} END)"
)
FIGURES = (
    "(CASE WHEN e.k IN (0, 4) THEN 1 ELSE 0 END)",
    "(CASE WHEN e.k IN (0, 4) THEN {r}.quantity * ({r}.end_at - {r}.start_at) ELSE 0 END)",
    f"({_RATE} * {{r}}.quantity)",
    f"((CASE WHEN e.k > 3 THEN {_OF_DAY} ELSE {_RATE} * {_AT} END) * {{r}}.quantity)",
)
NAMES = ("n", "seconds", "rate", "moment")

_WRITE = (
    f"INSERT INTO quota_use (quota_id, who, cell, entry, {', '.join(NAMES)}) "  # noqa: S608
    f"SELECT q.id, {WHO}, {CELL_OF}, {{entry}}, {', '.join(f'{{sign}}{f}' for f in FIGURES)} "
    f"FROM quota AS q JOIN pool AS p ON p.id = {{r}}.pool_id CROSS JOIN {EVENTS} AS e "
    f"WHERE q.retired_at IS NULL AND {KEPT} AND {IN_SCOPE} AND {COUNTS} "
    f"AND {WHO} IS NOT NULL AND {HAPPENS}{{once}};"
)
ADD = " ON CONFLICT (quota_id, who, cell, entry) DO UPDATE SET " + ", ".join(
    f"{name} = {name} + excluded.{name}" for name in NAMES
)
_KIND = (
    f"(CASE WHEN {{r}}.status IN {_COUNTED} THEN 0 WHEN {{r}}.status = 'no_show' THEN 1 ELSE 2 END)"
)
_COLUMNS = ("start_at", "end_at", "quantity", "pool_id", "user_id", "company_id")
_CHANGED = " OR ".join(
    [
        f"{_KIND.format(r='OLD')} <> {_KIND.format(r='NEW')}",
        *(f"coalesce(OLD.{name}, 0) <> coalesce(NEW.{name}, 0)" for name in _COLUMNS),
    ]
)
# A pool that moves takes its reservations out of one scope and into another: counted anew.
_UNCOUNT = "UPDATE quota SET counted_from = NULL WHERE scope_kind IN ({});"
_MOVED = ("lab_id", "site_id", "category_code")
_HAS_MOVED = " OR ".join(f"coalesce(OLD.{c}, {z}) <> coalesce(NEW.{c}, {z})" for c, z in (
    ("lab_id", "0"), ("site_id", "0"), ("category_code", "''"),
))  # fmt: skip

# trigger -> table, what sets it off, when
TRIGGERS = {
    "quota_use_insert": ("reservation", "INSERT", ""),
    "quota_use_update": (
        "reservation", f"UPDATE OF status, {', '.join(_COLUMNS)}", f"WHEN ({_CHANGED}) ",
    ),
    "quota_use_delete": ("reservation", "DELETE", ""),
    "quota_pool_moved": ("pool", f"UPDATE OF {', '.join(_MOVED)}", f"WHEN ({_HAS_MOVED}) "),
    "quota_category_insert": ("category", "INSERT", ""),
    "quota_category_update": ("category", "UPDATE OF code, parent_code", ""),
    "quota_category_delete": ("category", "DELETE", ""),
}  # fmt: skip


def _entry(row: str, sign: str, *, sqlite: bool) -> str:
    entry, once = ("0", ADD) if sqlite else ("nextval('quota_use_entry')", "")
    return _WRITE.format(r=row, sign=sign, entry=entry, once=once)


def _body(name: str, *, sqlite: bool) -> str:
    """Return what a trigger does."""
    if name == "quota_pool_moved":
        return _UNCOUNT.format("'lab','site','category'")
    if name.startswith("quota_category"):
        return _UNCOUNT.format("'category'")
    had, has = _entry("OLD", "-", sqlite=sqlite), _entry("NEW", "", sqlite=sqlite)
    bodies = {"insert": has, "delete": had, "update": f"{had} {has}"}
    return bodies[name.rpartition("_")[2]]


SQLITE = {
    name: f"CREATE TRIGGER {name} AFTER {when} ON {table} {only}"
    f"BEGIN {_body(name, sqlite=True)} END"
    for name, (table, when, only) in TRIGGERS.items()
}
POSTGRESQL = {
    name: f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW {only}"
    f"EXECUTE FUNCTION {name}()"
    for name, (table, when, only) in TRIGGERS.items()
}
SEQUENCE = "CREATE SEQUENCE IF NOT EXISTS quota_use_entry"
# function -> what it does
FUNCTIONS = {name: f"{_body(name, sqlite=False)} RETURN NULL;" for name in TRIGGERS}
