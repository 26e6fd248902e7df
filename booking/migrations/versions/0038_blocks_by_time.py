"""all that is held about a time, by one index; and what of it is long, by another"""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

BY_END = 'ix_allocation_live_end'
LONG = 'ix_allocation_live_long'
COLUMNS = ['block_end', 'block_start', 'unit_id']
LIVE = sa.text('active = 1')
LIVE_LONG = sa.text('active = 1 AND block_end - block_start > 86400')


def upgrade():
    op.drop_index(BY_END, 'allocation')
    op.create_index(BY_END, 'allocation', COLUMNS, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index(LONG, 'allocation', COLUMNS, sqlite_where=LIVE_LONG, postgresql_where=LIVE_LONG)


def downgrade():
    op.drop_index(LONG, 'allocation')
    op.drop_index(BY_END, 'allocation')
    op.create_index(BY_END, 'allocation', ['block_end'], sqlite_where=LIVE, postgresql_where=LIVE)
