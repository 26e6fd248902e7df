"""instruments put together, to be booked as one"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('bundle_item',
        sa.Column('user_id', big, nullable=False),
        sa.Column('pool_id', big, nullable=False),
        sa.Column('added_at', booking.infra.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_bundle_item_user_id')),
        sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_bundle_item_pool_id')),
        sa.PrimaryKeyConstraint('user_id', 'pool_id', name=op.f('pk_bundle_item')),
    )


def downgrade():
    op.drop_table('bundle_item')
