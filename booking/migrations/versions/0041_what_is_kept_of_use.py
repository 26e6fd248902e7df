"""what is kept of use, and of late changes"""

import sqlalchemy as sa
from alembic import op

from booking.infra import ddl, usage_log

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

FIGURES = ('unit_days', 'open', 'used_open', 'used', 'external', 'reservations', 'no_shows')


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('usage_sum',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('whole_month', big, autoincrement=False, nullable=False),
    sa.Column('first_day', sa.Text(), nullable=False),
    sa.Column('item', sa.Text(), nullable=False),
    sa.Column('company_id', big, autoincrement=False, nullable=False),
    *(sa.Column(name, big, nullable=False) for name in FIGURES),
    sa.PrimaryKeyConstraint('kind', 'whole_month', 'first_day', 'item', 'company_id',
                            name=op.f('pk_usage_sum')),
    sqlite_with_rowid=False
    )
    op.create_table('usage_hours',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('item', sa.Text(), nullable=False),
    sa.Column('day', sa.Text(), nullable=False),
    sa.Column('used', sa.LargeBinary(), nullable=False),
    sa.Column('open', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'item', 'day', name=op.f('pk_usage_hours')),
    sqlite_with_rowid=False
    )
    op.create_table('usage_unit',
    sa.Column('unit_id', big, autoincrement=False, nullable=False),
    sa.Column('day', sa.Text(), nullable=False),
    sa.Column('company_id', big, autoincrement=False, nullable=False),
    sa.Column('used', big, nullable=False),
    sa.PrimaryKeyConstraint('unit_id', 'day', 'company_id', name=op.f('pk_usage_unit')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_usage_unit_day', 'usage_unit', ['day'])
    op.create_index('ix_usage_unit_company', 'usage_unit', ['company_id', 'day'])
    op.create_table('usage_state',
    sa.Column('id', big, nullable=False),
    sa.Column('first_day', sa.Text(), nullable=False),
    sa.Column('last_day', sa.Text(), nullable=False),
    sa.Column('until_at', big, nullable=False),
    sa.Column('built_at', big, nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_usage_state_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_usage_state'))
    )
    op.create_table('usage_late',
    sa.Column('id', big, nullable=False),
    sa.Column('start_at', big, nullable=False),
    sa.Column('end_at', big, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_usage_late'))
    )
    ddl.create(op.get_bind())


def downgrade():
    connection = op.get_bind()
    for name in usage_log.TRIGGERS:
        ddl.drop(connection, name)
    for table in ('usage_late', 'usage_state', 'usage_unit', 'usage_hours', 'usage_sum'):
        op.drop_table(table)
