"""people keep instruments as favourites"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table(
        'favourite',
        sa.Column('user_id', big, nullable=False),
        sa.Column('pool_id', big, nullable=False),
        sa.Column('created_at', big, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_favourite_user_id_user_account')),
        sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_favourite_pool_id_pool')),
        sa.PrimaryKeyConstraint('user_id', 'pool_id', name=op.f('pk_favourite')),
        sqlite_strict=True,
    )


def downgrade():
    op.drop_table('favourite')
