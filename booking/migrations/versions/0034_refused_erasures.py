"""a request to be erased may be refused, with a reason"""

import sqlalchemy as sa
from alembic import op

from booking.infra import ddl

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

STATE = op.f('ck_erasure_state')
BEFORE = "state IN ('asked','withdrawn','done')"
NOW = "state IN ('asked','withdrawn','refused','done')"


def upgrade():
    op.add_column('erasure', sa.Column('reason', sa.Text(), nullable=True))
    _allow(NOW)


def downgrade():
    op.execute("UPDATE erasure SET state = 'withdrawn' WHERE state = 'refused'")
    _allow(BEFORE)
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.drop_column('reason')
    ddl.create(op.get_bind())


def _allow(states):
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.drop_constraint(STATE, type_='check')
        batch_op.create_check_constraint(STATE, states)
    ddl.create(op.get_bind())
