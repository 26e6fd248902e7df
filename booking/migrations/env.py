"""How migrations run: batch mode on SQLite, foreign keys off meanwhile and checked afterwards."""

from alembic import context
from flask import current_app

from booking.infra.db import Base, db


def run() -> None:
    """Run the migrations asked for, in one transaction."""
    engine = db.engine
    with current_app.app_context(), engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Batch mode copies tables; a running transaction would ignore this pragma.
            connection.connection.driver_connection.execute("pragma foreign_keys=off")
            # Else putting the copy in the old table's place fails on triggers that name the table.
            connection.connection.driver_connection.execute("pragma legacy_alter_table=on")
        connection = connection.execution_options(write=True)
        configure = current_app.extensions["migrate"].configure_args
        context.configure(connection=connection, target_metadata=Base.metadata, **configure)
        with connection.begin():
            with context.begin_transaction():
                context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("pragma foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"migration broke foreign keys: {broken[:5]}")
        if sqlite:
            connection.connection.driver_connection.execute("pragma legacy_alter_table=off")
            connection.connection.driver_connection.execute("pragma foreign_keys=on")


run()
