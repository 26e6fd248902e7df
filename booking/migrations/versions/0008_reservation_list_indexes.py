"""indexes of lists over all pools: of rare states, of what is to come, and of what began long ago"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

LIVE = sa.text("status IN ('approved','in_use')")
FEW = sa.text("status IN ('pending','rejected','cancelled','expired','no_show')")
LONG = sa.text('end_at - start_at > 86400')


def upgrade():
    op.create_index(
        'ix_reservation_few_start', 'reservation', ['status', 'start_at', 'id'],
        sqlite_where=FEW, postgresql_where=FEW,
    )  # fmt: skip
    op.create_index(
        'ix_reservation_long', 'reservation', ['end_at', 'start_at'],
        sqlite_where=LONG, postgresql_where=LONG,
    )
    op.create_index(
        'ix_reservation_live_start', 'reservation', ['start_at', 'id'],
        sqlite_where=LIVE, postgresql_where=LIVE,
    )  # fmt: skip
    op.drop_index('ix_reservation_live_end', 'reservation')


def downgrade():
    op.create_index(
        'ix_reservation_live_end', 'reservation', ['end_at'],
        sqlite_where=LIVE, postgresql_where=LIVE,
    )  # fmt: skip
    op.drop_index('ix_reservation_live_start', 'reservation')
    op.drop_index('ix_reservation_long', 'reservation')
    op.drop_index('ix_reservation_few_start', 'reservation')
