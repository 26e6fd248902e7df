"""licences of companies leave the database for the store of files"""

import hashlib

import sqlalchemy as sa
from alembic import op
from flask import current_app

from booking.infra import clock, ddl
from booking.infra.storage.stores import open_store

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
ENDINGS = {'application/pdf': 'pdf', 'image/webp': 'webp'}


def upgrade():
    op.add_column('company_application', sa.Column('licence_file_id', BIG, nullable=True))
    _move_out()
    with op.batch_alter_table('company_application', schema=None) as batch_op:
        batch_op.drop_column('licence')
        batch_op.drop_column('licence_type')
        batch_op.alter_column('licence_file_id', existing_type=BIG, nullable=False)
        batch_op.create_foreign_key(
            op.f('fk_company_application_licence_file_id'),
            'stored_file', ['licence_file_id'], ['id'],
        )
    ddl.create(op.get_bind())


def _move_out():
    """Write the bytes to the store, one file in memory at a time.

    Bytes first, then the row that speaks of them, all rows in one transaction: a process that dies
    leaves the old table whole. The key is made of what it holds, so that the next try writes the
    same files again and leaves none behind that nobody knows.
    """
    connection = op.get_bind()
    store = open_store(current_app.config, current_app.instance_path)
    now = int(clock.now().timestamp())
    ids = connection.exec_driver_sql('SELECT id FROM company_application ORDER BY id')
    for (number,) in ids.all():
        given, kind, code = connection.execute(
            sa.text('SELECT licence, licence_type, credit_code FROM company_application '
                    'WHERE id = :id'),
            {'id': number},
        ).one()
        content = bytes(given)
        digest = hashlib.sha256(content).hexdigest()
        key = hashlib.sha256(f'company_application:{number}:{digest}'.encode()).hexdigest()[:40]
        store.put(key, content)
        kept = connection.execute(
            sa.text('INSERT INTO stored_file (key, name, content_type, size_bytes, sha256, '
                    'created_at) VALUES (:key, :name, :kind, :size, :sha, :at) RETURNING id'),
            {'key': key, 'name': f"licence-{code}.{ENDINGS.get(kind, 'bin')}", 'kind': kind,
             'size': len(content), 'sha': digest, 'at': now},
        ).scalar_one()
        connection.execute(
            sa.text('UPDATE company_application SET licence_file_id = :kept WHERE id = :id'),
            {'kept': kept, 'id': number},
        )


def downgrade():
    connection = op.get_bind()
    store = open_store(current_app.config, current_app.instance_path)
    op.add_column('company_application', sa.Column('licence', sa.LargeBinary(), nullable=True))
    op.add_column('company_application', sa.Column('licence_type', sa.Text(), nullable=True))
    kept = connection.exec_driver_sql(
        'SELECT a.id, s.id, s.key, s.content_type FROM company_application a '
        'JOIN stored_file s ON s.id = a.licence_file_id'
    ).all()
    for number, _file_id, key, kind in kept:
        connection.execute(
            sa.text('UPDATE company_application SET licence = :given, licence_type = :kind '
                    'WHERE id = :id'),
            {'given': store.get(key) or b'', 'kind': kind, 'id': number},
        )
    with op.batch_alter_table('company_application', schema=None) as batch_op:
        batch_op.drop_constraint(
            op.f('fk_company_application_licence_file_id'), type_='foreignkey'
        )
        batch_op.drop_column('licence_file_id')
        batch_op.alter_column('licence', existing_type=sa.LargeBinary(), nullable=False)
        batch_op.alter_column('licence_type', existing_type=sa.Text(), nullable=False)
    for _number, file_id, *_more in kept:  # a job removes what the store holds
        connection.execute(
            sa.text('UPDATE stored_file SET goes_at = :now WHERE id = :id'),
            {'now': int(clock.now().timestamp()), 'id': file_id},
        )
    ddl.create(connection)
