"""Migrations lead from nothing to the models' tables and back, on both engines, guards included."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import CheckConstraint, Column, Integer, Table, inspect, text

from booking import create_app
from booking.infra import ddl
from booking.infra.db import Base, db
from tests import databases


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
