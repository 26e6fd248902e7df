"""hints that people have put away"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('tour_done',
        sa.Column('user_id', big, nullable=False),
        sa.Column('tour', sa.Text(), nullable=False),
        sa.Column('done_at', booking.infra.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_tour_done_user_id')),
        sa.PrimaryKeyConstraint('user_id', 'tour', name=op.f('pk_tour_done')),
    )


def downgrade():
    op.drop_table('tour_done')
