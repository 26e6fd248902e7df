"""files people give leave the database for a store"""

import hashlib

import sqlalchemy as sa
from alembic import op
from flask import current_app

from booking.infra import clock, ddl
from booking.infra.storage.stores import new_key, open_store

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
# table, column of the bytes, of the file, of the name, of the giver, content type
PLACES = (
    ('pool', 'photo', 'photo_file_id', "'photo.webp'", 'NULL', 'image/webp'),
    ('answer_file', 'content', 'file_id', 'filename', 'user_id', 'application/octet-stream'),
)


def upgrade():
    op.create_table('stored_file',
    sa.Column('id', BIG, nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('size_bytes', BIG, nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('user_id', BIG, nullable=True),
    sa.Column('created_at', BIG, nullable=False),
    sa.Column('goes_at', BIG, nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_stored_file_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file')),
    sa.UniqueConstraint('key', name=op.f('uq_stored_file_key'))
    )
    op.create_index('ix_stored_file_user', 'stored_file', ['user_id'], unique=False)
    op.create_index('ix_stored_file_goes', 'stored_file', ['goes_at'], unique=False)
    for table, _content, file_id, _name, _user, _kind in PLACES:
        op.add_column(table, sa.Column(file_id, BIG, nullable=True))
    _move_out()
    with op.batch_alter_table('pool', schema=None) as batch_op:
        batch_op.drop_column('photo')
        batch_op.drop_column('photo_type')
        batch_op.create_foreign_key(
            op.f('fk_pool_photo_file_id'), 'stored_file', ['photo_file_id'], ['id']
        )
    with op.batch_alter_table('answer_file', schema=None) as batch_op:
        batch_op.drop_column('content')
        batch_op.alter_column('file_id', existing_type=BIG, nullable=False)
        batch_op.create_foreign_key(
            op.f('fk_answer_file_file_id'), 'stored_file', ['file_id'], ['id']
        )
    ddl.create(op.get_bind())


def _move_out():
    """Write the bytes to the store, one file in memory at a time."""
    connection = op.get_bind()
    store = open_store(current_app.config, current_app.instance_path)
    now = int(clock.now().timestamp())
    for table, content, file_id, name, user, kind in PLACES:
        ids = connection.exec_driver_sql(f'SELECT id FROM {table} WHERE {content} IS NOT NULL')
        for (number,) in ids.all():
            given, called, whose = connection.execute(
                sa.text(f'SELECT {content}, {name}, {user} FROM {table} WHERE id = :id'),
                {'id': number},
            ).one()
            key = new_key()
            store.put(key, bytes(given))
            kept = connection.execute(
                sa.text('INSERT INTO stored_file (key, name, content_type, size_bytes, sha256, '
                        'user_id, created_at) VALUES (:key, :name, :kind, :size, :sha, :user, :at) '
                        'RETURNING id'),
                {'key': key, 'name': called, 'kind': kind, 'size': len(given), 'user': whose,
                 'sha': hashlib.sha256(bytes(given)).hexdigest(), 'at': now},
            ).scalar_one()
            connection.execute(
                sa.text(f'UPDATE {table} SET {file_id} = :kept WHERE id = :id'),
                {'kept': kept, 'id': number},
            )


def downgrade():
    connection = op.get_bind()
    store = open_store(current_app.config, current_app.instance_path)
    op.add_column('pool', sa.Column('photo_type', sa.Text(), nullable=True))
    for table, content, file_id, *_names in PLACES:
        op.add_column(table, sa.Column(content, sa.LargeBinary(), nullable=True))
        kept = connection.exec_driver_sql(
            f'SELECT t.id, s.key FROM {table} t JOIN stored_file s ON s.id = t.{file_id}'
        )
        for number, key in kept.all():
            connection.execute(
                sa.text(f'UPDATE {table} SET {content} = :given WHERE id = :id'),
                {'given': store.get(key) or b'', 'id': number},
            )
    op.execute("UPDATE pool SET photo_type = 'image/webp' WHERE photo IS NOT NULL")
    with op.batch_alter_table('pool', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('fk_pool_photo_file_id'), type_='foreignkey')
        batch_op.drop_column('photo_file_id')
    with op.batch_alter_table('answer_file', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('fk_answer_file_file_id'), type_='foreignkey')
        batch_op.drop_column('file_id')
        batch_op.alter_column('content', existing_type=sa.LargeBinary(), nullable=False)
    op.drop_table('stored_file')
    ddl.create(connection)
