"""the log of allocation changes"""

import sqlalchemy as sa
from alembic import op

from booking.infra import ddl

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('allocation_change',
    sa.Column('id', big, nullable=False),
    sa.Column('unit_id', big, nullable=False),
    sa.Column('block_start', big, nullable=False),
    sa.Column('block_end', big, nullable=False),
    sa.Column('mark', big, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocation_change'))
    )
    marked = sa.text('mark IS NOT NULL')
    op.create_index('ix_allocation_change_mark', 'allocation_change', ['mark'], unique=False,
                    sqlite_where=marked, postgresql_where=marked)
    ddl.create(op.get_bind())


def downgrade():
    connection = op.get_bind()
    for name in ddl.LOGGED:
        ddl.drop(connection, name)
    op.drop_table('allocation_change')
