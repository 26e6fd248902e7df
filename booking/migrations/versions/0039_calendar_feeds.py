"""private calendar feeds"""

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table(
        'calendar_feed',
        sa.Column('id', big, nullable=False),
        sa.Column('user_id', big, nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('subject_id', big, nullable=True),
        sa.Column('detail', sa.Text(), nullable=False),
        sa.Column('token_hash', sa.Text(), nullable=False),
        sa.Column('created_at', big, nullable=False),
        sa.Column('renewed_at', big, nullable=False),
        sa.Column('revoked_at', big, nullable=True),
        sa.CheckConstraint(
            "(kind = 'own' AND subject_id IS NULL) OR "
            "(kind IN ('company','lab','unit') AND subject_id IS NOT NULL)",
            name=op.f('ck_calendar_feed_subject'),
        ),
        sa.CheckConstraint("detail IN ('full','busy')", name=op.f('ck_calendar_feed_detail')),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_calendar_feed_user_id_user_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feed_token_hash')),
        sqlite_strict=True,
    )
    op.create_index('ix_calendar_feed_user', 'calendar_feed', ['user_id'])


def downgrade():
    op.drop_table('calendar_feed')
