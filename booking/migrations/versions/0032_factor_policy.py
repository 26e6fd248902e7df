"""of which roles a second factor is asked, from when on"""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('factor_policy',
        sa.Column('id', big, nullable=False),
        sa.Column('roles', sa.Text(), nullable=False),
        sa.Column('from_at', big, nullable=False),
        sa.Column('grace_days', big, nullable=False),
        sa.Column('set_at', big, nullable=False),
        sa.Column('set_by_id', big, nullable=True),
        sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_factor_policy_set_by_id_user_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_factor_policy')),
        sqlite_strict=True,
    )


def downgrade():
    op.drop_table('factor_policy')
