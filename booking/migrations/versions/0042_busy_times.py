"""when people are busy by calendars of their own"""

import sqlalchemy as sa
from alembic import op

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table(
        'busy_calendar',
        sa.Column('user_id', big, autoincrement=False, nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('read_at', big, nullable=False),
        sa.Column('until_at', big, nullable=False),
        sa.Column('times', big, nullable=False),
        sa.Column('left_out', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_busy_calendar_user_id_user_account')),
        sa.PrimaryKeyConstraint('user_id', name=op.f('pk_busy_calendar')),
        sqlite_strict=True,
    )
    op.create_table(
        'busy_time',
        sa.Column('user_id', big, autoincrement=False, nullable=False),
        sa.Column('start_at', big, autoincrement=False, nullable=False),
        sa.Column('end_at', big, nullable=False),
        sa.CheckConstraint('end_at > start_at', name=op.f('ck_busy_time_not_empty')),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_busy_time_user_id_user_account')),
        sa.PrimaryKeyConstraint('user_id', 'start_at', name=op.f('pk_busy_time')),
        sqlite_strict=True,
    )


def downgrade():
    op.drop_table('busy_time')
    op.drop_table('busy_calendar')
