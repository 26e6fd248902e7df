"""Guards the database enforces by itself, in each engine's own words. Defined only here.

So is the log by which maps of time in memory stay fresh: whoever changes what units are held, or
which units a pool has, writes it down by these triggers, or the maps would offer what is taken.

Alembic sees none of these and its batch mode drops SQLite triggers, so `create` is called after
every migration that touches a guarded table, and `missing` is asked at start and by `doctor`.
"""

from sqlalchemy import Connection

from booking.infra import quota_use, usage_log

# The neighbour decides: among active rows of a unit, none of which overlap, only the last one
# that starts before my end can reach past my start. One index step, whatever the table's size.
_NEIGHBOUR = """
  SELECT RAISE(ABORT, 'allocation_overlap') WHERE (
    SELECT a.block_end FROM allocation AS a
    WHERE a.unit_id = NEW.unit_id AND a.active = 1 AND a.block_start < NEW.block_end{other}
    ORDER BY a.block_start DESC LIMIT 1) > NEW.block_start;
"""
_APPEND_ONLY = ("audit", "audit_personal", "audit_seal")

_SQLITE: dict[str, str] = {
    "allocation_no_overlap_insert": (
        "CREATE TRIGGER allocation_no_overlap_insert BEFORE INSERT ON allocation "
        "WHEN NEW.active = 1 BEGIN" + _NEIGHBOUR.format(other="") + "END"
    ),
    "allocation_no_overlap_update": (
        "CREATE TRIGGER allocation_no_overlap_update BEFORE UPDATE ON allocation "
        "WHEN NEW.active = 1 BEGIN" + _NEIGHBOUR.format(other=" AND a.id <> OLD.id") + "END"
    ),
}
_POSTGRESQL: dict[str, str] = {
    "allocation_no_overlap": (
        "ALTER TABLE allocation ADD CONSTRAINT allocation_no_overlap EXCLUDE USING gist "
        "(unit_id WITH =, int8range(block_start, block_end) WITH &&) WHERE (active = 1)"
    ),
}
for _table in _APPEND_ONLY:
    for _verb in ("update", "delete"):
        if (_table, _verb) == ("audit_personal", "delete"):
            continue  # erasing a person deletes the text; the audit row keeps its hash
        _name = f"{_table}_no_{_verb}"
        _SQLITE[_name] = (
            f"CREATE TRIGGER {_name} BEFORE {_verb.upper()} ON {_table} "
            "BEGIN SELECT RAISE(ABORT, 'append_only'); END"
        )
        _POSTGRESQL[_name] = (
            f"CREATE TRIGGER {_name} BEFORE {_verb.upper()} ON {_table} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )

# What changes which units are held writes down the span they had and the span they have;
# PostgreSQL also its transaction, as those that begin first need not be the first to be seen.
LOG = "allocation_change"
_BUFFERS = "warmup_minutes, cleanup_minutes"
# trigger -> table, what sets it off
LOGGED = {
    "allocation_change_insert": ("allocation", "INSERT"),
    "allocation_change_update": ("allocation", "UPDATE OF active, unit_id, block_start, block_end"),
    "unit_change_insert": ("unit", "INSERT"),
    "unit_change_update": ("unit", f"UPDATE OF pool_id, {_BUFFERS}"),
    "pool_change_update": (
        "pool", f"UPDATE OF {_BUFFERS}, inherited_warmup_minutes, inherited_cleanup_minutes",
    ),
}  # fmt: skip
_ON_SQLITE = "INSERT INTO allocation_change (unit_id, block_start, block_end) SELECT "
_ON_POSTGRESQL = (
    "INSERT INTO allocation_change (mark, unit_id, block_start, block_end) "
    "SELECT pg_current_xact_id()::text::bigint, "
)
_HAD = "OLD.unit_id, OLD.block_start, OLD.block_end WHERE OLD.active = 1;"
_HAS = "NEW.unit_id, NEW.block_start, NEW.block_end WHERE NEW.active = 1;"
_FUNCTION = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
_FUNCTIONS = (
    _FUNCTION.format("append_only", "RAISE EXCEPTION 'append_only';"),
    _FUNCTION.format("fleet_changed", f"{_ON_POSTGRESQL} 0, 0, 0; RETURN NULL;"),
    _FUNCTION.format(
        "allocation_changed",
        f"IF TG_OP = 'UPDATE' THEN {_ON_POSTGRESQL} {_HAD} END IF; "
        f"{_ON_POSTGRESQL} {_HAS} RETURN NULL;",
    ),
    quota_use.SEQUENCE,
    *(_FUNCTION.format(*each) for each in quota_use.FUNCTIONS.items()),
    *(_FUNCTION.format(*each) for each in usage_log.FUNCTIONS.items()),
)
for _name, (_table, _when) in LOGGED.items():
    _trigger = f"CREATE TRIGGER {_name} AFTER {_when} ON {_table} "
    if _table == "allocation":
        _body = f"{_ON_SQLITE} {_HAS}" if _when == "INSERT" else (
            f"{_ON_SQLITE} {_HAD} {_ON_SQLITE} {_HAS}"
        )  # fmt: skip
        _row = "FOR EACH ROW EXECUTE FUNCTION allocation_changed()"
    else:
        _body = f"{_ON_SQLITE} 0, 0, 0;"
        _row = "FOR EACH STATEMENT EXECUTE FUNCTION fleet_changed()"
    _SQLITE[_name], _POSTGRESQL[_name] = f"{_trigger} BEGIN {_body} END", f"{_trigger} {_row}"
_SQLITE |= quota_use.SQLITE | usage_log.SQLITE
_POSTGRESQL |= quota_use.POSTGRESQL | usage_log.POSTGRESQL
# trigger -> table it is on; and what it writes to, which came with a later migration
_ALL = LOGGED | quota_use.TRIGGERS | usage_log.TRIGGERS
ON = {name: table for name, (table, *_) in _ALL.items()}
WRITES = dict.fromkeys(LOGGED, LOG) | dict.fromkeys(quota_use.TRIGGERS, "quota_use")
WRITES |= dict.fromkeys(usage_log.TRIGGERS, "usage_late")

# CHECKs and partial unique indexes are written in the models (named), created by the migration,
# and only verified here: table -> names.
CHECKS = {
    "allocation": ("ck_allocation_one_owner", "ck_allocation_not_empty", "ck_allocation_active"),
    "reservation": (
        "ck_reservation_one_party",
        "ck_reservation_not_empty",
        "ck_reservation_status",
    ),
    "membership": ("ck_membership_one_party",),
    "hold": ("ck_hold_kind", "ck_hold_not_empty"),
    "waitlist_entry": ("ck_waitlist_entry_move_up", "ck_waitlist_entry_offer_holds"),
    "draw_entry": ("ck_draw_entry_won",),
    "erasure": ("ck_erasure_state",),
    "training_signup": ("ck_training_signup_seat", "uq_training_signup_session_id_seat_no"),
    "approval_step": ("ck_approval_step_decided", "ck_approval_step_state"),
    "absence": ("ck_absence_not_empty",),
    "notice": ("ck_notice_one_place", "ck_notice_not_empty", "ck_notice_version"),
    "busy_time": ("ck_busy_time_not_empty",),
    "calendar_feed": ("ck_calendar_feed_subject", "ck_calendar_feed_detail"),
}
INDEXES = (
    "ix_allocation_live",
    "uq_absence_live",
    "uq_approval_step_waiting",
    "uq_contribution_live",
    "uq_hold_pending_move",
    "uq_waitlist_hold",
    "uq_waitlist_move_up",
    "uq_waitlist_replaces",
    "uq_unit_asset_no",
    "uq_erasure_open",
    "uq_training_signup_person",
)


def create(connection: Connection) -> None:
    """Create the guards that are missing, of the tables that this migration has already."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        for function in _FUNCTIONS:
            connection.exec_driver_sql(function)
    present = _present(connection)
    for name, statement in (_SQLITE if sqlite else _POSTGRESQL).items():
        if _needs(name) not in present:
            continue  # a migration from before there was such a table
        if name not in present:
            connection.exec_driver_sql(statement)


def drop(connection: Connection, name: str) -> None:
    """Drop one guard; only migrations and the proof that tests notice (`make mutants`) do."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    elif name == "allocation_no_overlap":
        connection.exec_driver_sql(f"ALTER TABLE allocation DROP CONSTRAINT {name}")
    else:
        table = ON.get(name) or _needs(name)
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")


def _needs(name: str) -> str:
    """Return the table without which a guard cannot be."""
    return WRITES.get(name) or name.rpartition("_no_")[0]


def missing(connection: Connection) -> list[str]:
    """Return the names of guards that should exist and do not, in order. Three queries at most."""
    sqlite = connection.dialect.name == "sqlite"
    wanted = [*(_SQLITE if sqlite else _POSTGRESQL), *INDEXES]
    wanted += [name for names in CHECKS.values() for name in names]
    present = _present(connection)
    return sorted(name for name in wanted if name not in present)


def _present(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
        bodies = " ".join(sql or "" for _, sql in rows)
        checks = {n for names in CHECKS.values() for n in names if n in bodies}
        return {name for name, _ in rows} | checks
    rows = connection.exec_driver_sql(
        "SELECT conname FROM pg_constraint WHERE convalidated UNION ALL "
        "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' UNION ALL "
        "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() UNION ALL "
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    ).all()
    return {row[0] for row in rows}
