"""browsers a person has signed in from"""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('known_device',
        sa.Column('id', big, nullable=False),
        sa.Column('user_id', big, nullable=False),
        sa.Column('token_hash', sa.Text(), nullable=False),
        sa.Column('user_agent', sa.Text(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('created_at', big, nullable=False),
        sa.Column('last_used_at', big, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_known_device_user_id_user_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_known_device')),
        sa.UniqueConstraint('user_id', 'token_hash', name=op.f('uq_known_device_user_id_token_hash')),
        sqlite_strict=True,
    )
    op.add_column('user_session', sa.Column('device_hash', sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade():
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.drop_column('device_hash')
    op.drop_table('known_device')
