"""an institution may pause what it shares"""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.add_column('contribution', sa.Column('paused_from', big, nullable=True))
    op.add_column('contribution', sa.Column('paused_until', big, nullable=True))


def downgrade():
    with op.batch_alter_table('contribution', schema=None) as batch_op:
        batch_op.drop_column('paused_until')
        batch_op.drop_column('paused_from')
