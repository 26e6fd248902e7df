"""what is used of quotas, added up"""

import sqlalchemy as sa
from alembic import op

from booking.infra import ddl, quota_use

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

LONG = 'end_at - start_at > 86400'
WHOSE = ('user', 'company')


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('quota_use',
    sa.Column('quota_id', big, autoincrement=False, nullable=False),
    sa.Column('who', big, autoincrement=False, nullable=False),
    sa.Column('cell', big, autoincrement=False, nullable=False),
    sa.Column('entry', big, autoincrement=False, nullable=False),
    sa.Column('n', big, nullable=False),
    sa.Column('seconds', big, nullable=False),
    sa.Column('rate', big, nullable=False),
    sa.Column('moment', big, nullable=False),
    sa.PrimaryKeyConstraint('quota_id', 'who', 'cell', 'entry', name=op.f('pk_quota_use')),
    sqlite_with_rowid=False
    )
    new = sa.text('entry > 0')
    op.create_index('ix_quota_use_new', 'quota_use', ['quota_id', 'who', 'cell'],
                    sqlite_where=new, postgresql_where=new)
    op.add_column('quota', sa.Column('counted_from', big, nullable=True))
    op.add_column('quota', sa.Column('codes', sa.Text(), nullable=True))
    op.create_index('ix_quota_live', 'quota', ['scope_kind', 'scope_key'],
                    sqlite_where=sa.text('retired_at IS NULL'),
                    postgresql_where=sa.text('retired_at IS NULL'))
    for who in WHOSE:
        op.create_index(f'ix_reservation_long_{who}', 'reservation', [f'{who}_id', 'end_at'],
                        sqlite_where=sa.text(LONG), postgresql_where=sa.text(LONG))
    ddl.create(op.get_bind())


def downgrade():
    connection = op.get_bind()
    for name in quota_use.TRIGGERS:
        ddl.drop(connection, name)
    for who in WHOSE:
        op.drop_index(f'ix_reservation_long_{who}', 'reservation')
    op.drop_index('ix_quota_live', 'quota')
    op.drop_column('quota', 'codes')
    op.drop_column('quota', 'counted_from')
    op.drop_table('quota_use')
    if connection.dialect.name == 'postgresql':
        op.execute('DROP SEQUENCE quota_use_entry')
