"""Migrations lead from nothing to the models' tables and back, on both engines, guards included."""

from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import CheckConstraint, Column, Integer, Table, inspect, text

from booking import create_app
from booking.audit.services import record
from booking.core.period import Period
from booking.infra import ddl
from booking.infra.db import Base, db, write
from booking.infra.storage.stores import FolderStore, StoreDown
from tests import databases, factories
from tests.conftest import NOW

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def database(request, tmp_path_factory):
    """Return the URL of a database that was migrated from nothing, once on each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('migrated') / 'migrated.sqlite'}"
    else:
        url = request.getfixturevalue("empty_postgresql")
    databases.migrate(url)
    return url


@pytest.fixture
def migrated_app(database):
    """Return an app on the migrated database, its context pushed."""
    app = create_app("testing", {"DATABASE_URL": database})
    with app.app_context():
        yield app
    databases.close(app)


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def _drift(app: Flask) -> list:
    options = {**app.extensions["migrate"].configure_args, "compare_server_default": True}
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, Base.metadata)


def _missing() -> list[str]:
    with db.engine.connect() as connection:
        return ddl.missing(connection)


def test_from_nothing_to_the_models_tables(migrated_app):
    assert _tables() == set(Base.metadata.tables)


def test_models_and_migrations_agree(migrated_app):
    assert _drift(migrated_app) == []


def test_a_column_without_a_migration_is_noticed(migrated_app, monkeypatch):
    monkeypatch.setattr(Base, "metadata", _copy_with_another_column())

    [(what, _schema, table, column)] = _drift(migrated_app)

    assert (what, table, column.name) == ("add_column", "site", "forgotten")


def _copy_with_another_column():
    copy = type(Base.metadata)(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(copy)
    Table("site", copy, Column("forgotten", Integer), extend_existing=True)
    return copy


def test_every_guard_stands_after_the_migrations(migrated_app):
    assert _missing() == []


def test_down_to_nothing_and_up_again(migrated_app):
    flask_migrate.downgrade(revision="base")
    assert _tables() == set()
    flask_migrate.upgrade()

    assert _tables() == set(Base.metadata.tables)
    assert _missing() == []


# Bytes that left their tables for a store, and what they were.
MOVED = {"photo", "photo_type", "content", "licence", "licence_type"}


def test_rows_outlive_each_step_down_to_the_first_tables_and_up_again(migrated_app):
    _furnish()
    steps = len(list((ROOT / "booking/migrations/versions").glob("0*.py"))) - 1
    first = _rows()

    for _step in range(steps):
        flask_migrate.downgrade(revision="-1")
    kept = _rows()
    for _step in range(steps):
        flask_migrate.upgrade(revision="+1")
    again = _rows()

    assert set(kept) >= {"allocation", "audit", "company", "pool", "reservation", "unit"}
    for table, rows in kept.items():
        stayed = _only(rows, rows)
        assert stayed == _only(first[table], rows), table
        assert _only(again[table], rows) == stayed, table
    assert _missing() == []


def _furnish() -> None:
    """Book a unit and leave a word of it in each of the first tables that reservations need."""
    session = db.session()
    pool = factories.create_pool(session, units=2)
    ada = factories.create_user(session, email="ada@example.test")
    company = factories.create_company(session)
    factories.create_membership(session, ada, company)
    factories.create_contribution(session, pool)
    period = Period(NOW, NOW + timedelta(hours=1))
    booked = {"company_id": company.id, "user_id": ada.id}
    factories.create_reservation(session, pool, period, **booked)
    write(lambda s: record(s, None, "pool.edit", ("pool", pool.id), NOW, reason="a word"))


def _rows() -> dict[str, list[dict]]:
    """Return every row of every table that has any, by table; rows by primary key."""
    db.session.remove()
    inspector, found = inspect(db.engine), {}
    with db.engine.connect() as connection:
        for name in sorted(_tables()):
            key = ", ".join(inspector.get_pk_constraint(name)["constrained_columns"])
            rows = connection.execute(text(f"SELECT * FROM {name} ORDER BY {key}"))  # noqa: S608 - own names
            if all_rows := [dict(row) for row in rows.mappings()]:
                found[name] = all_rows
    return found


def _only(rows: list[dict], like: list[dict]) -> list[dict]:
    """Return the rows with the columns that those of an earlier revision have, and still have."""
    return [{name: row[name] for name in like[0] if name not in MOVED} for row in rows]


def test_a_licence_outlives_a_move_to_the_store_that_dies_in_the_middle(
    migrated_app, tmp_path, monkeypatch
):
    monkeypatch.setitem(migrated_app.config, "UPLOAD_FOLDER", str(tmp_path))
    [file] = (ROOT / "booking/migrations/versions").glob("*_licences_in_the_store.py")
    moves = file.name[:4]
    flask_migrate.downgrade(revision=f"{int(moves) - 1:04d}")
    given = {1: b"%PDF- one %%EOF", 2: b"%PDF- two %%EOF"}
    with db.engine.begin() as connection:
        for number, licence in given.items():
            _applied(connection, number, licence)
    put = FolderStore.put

    def dies_at_the_second(store, key, content):
        if content == given[2]:
            raise StoreDown("killed")
        put(store, key, content)

    with monkeypatch.context() as dying:
        dying.setattr(FolderStore, "put", dies_at_the_second)
        with pytest.raises(StoreDown):
            flask_migrate.upgrade(revision=moves)
    with db.engine.begin() as connection:  # as it was
        kept = connection.execute(text("SELECT id, licence FROM company_application")).all()
        assert {number: bytes(licence) for number, licence in kept} == given
    flask_migrate.upgrade()

    query = (
        "SELECT a.id, s.key FROM company_application a "
        "JOIN stored_file s ON s.id = a.licence_file_id"
    )
    with db.engine.begin() as connection:
        keys = dict(connection.execute(text(query)).all())
    assert {number: FolderStore(tmp_path).get(key) for number, key in keys.items()} == given
    assert len(list(tmp_path.glob("*/*"))) == len(given)  # the first try left nothing else behind
    assert _missing() == []
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM company_application"))


def _applied(connection, number: int, licence: bytes) -> None:
    row = {
        "id": number, "state": "open", "name_zh": "丙", "name_en": "", "credit_code": "x",
        "contact": "x", "email": "x", "phone": "1", "note": "", "reason": "",
        "licence_type": "application/pdf", "licence": licence, "created_at": 1,
    }  # fmt: skip
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO company_application ({names}) VALUES ({marks})"), row)  # noqa: S608 - own names


def test_a_dropped_guard_is_named_and_made_again(migrated_app):
    guard = (
        "allocation_no_overlap_insert"
        if db.engine.dialect.name == "sqlite"
        else "allocation_no_overlap"
    )
    with db.engine.begin() as connection:
        ddl.drop(connection, guard)
    assert _missing() == [guard]

    with db.engine.begin() as connection:
        ddl.create(connection)

    assert _missing() == []


def test_every_check_of_the_models_stands_after_the_migrations(migrated_app):
    inspector = inspect(db.engine)

    for table in Base.metadata.sorted_tables:
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        found = {c["name"] for c in inspector.get_check_constraints(table.name)}
        assert wanted == found, table.name


def test_batch_mode_drops_triggers_and_create_makes_them_again(session):
    """Alembic's batch mode copies an SQLite table; of its guards only the triggers are lost."""
    triggers = [
        f"allocation_{guard}_{verb}"
        for guard in ("change", "no_overlap")
        for verb in ("insert", "update")
    ]
    with db.engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("allocation", recreate="always") as batch:
            batch.add_column(Column("later", Integer))
    assert _missing() == triggers

    with db.engine.begin() as connection:
        ddl.create(connection)

    assert _missing() == []


def test_allocations_are_a_strict_table(session):
    written = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'allocation'"))

    assert written.rstrip().endswith("STRICT")
