"""notices of the park, its labs and pools"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db
from booking.infra import ddl

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    instant = booking.infra.db.Instant
    op.create_table('notice',
        sa.Column('id', big, nullable=False),
        sa.Column('lab_id', big, nullable=True),
        sa.Column('pool_id', big, nullable=True),
        sa.Column('title_zh', sa.Text(), nullable=False),
        sa.Column('title_en', sa.Text(), nullable=False),
        sa.Column('text_zh', sa.Text(), nullable=False),
        sa.Column('text_en', sa.Text(), nullable=False),
        sa.Column('must_read', big, nullable=False),
        sa.Column('from_at', instant(), nullable=False),
        sa.Column('until_at', instant(), nullable=True),
        sa.Column('version', big, nullable=False),
        sa.Column('revision', big, nullable=False),
        sa.Column('created_at', instant(), nullable=False),
        sa.Column('created_by_id', big, nullable=True),
        sa.Column('published_at', instant(), nullable=True),
        sa.Column('withdrawn_at', instant(), nullable=True),
        sa.CheckConstraint('lab_id IS NULL OR pool_id IS NULL', name=op.f('ck_notice_one_place')),
        sa.CheckConstraint('until_at IS NULL OR until_at > from_at', name=op.f('ck_notice_not_empty')),
        sa.CheckConstraint('must_read IN (0, 1)', name=op.f('ck_notice_must_read')),
        sa.CheckConstraint('(published_at IS NULL) = (version = 0)', name=op.f('ck_notice_version')),
        sa.ForeignKeyConstraint(['lab_id'], ['lab.id'], name=op.f('fk_notice_lab_id')),
        sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_notice_pool_id')),
        sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_notice_created_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    )
    live = sa.text('withdrawn_at IS NULL')
    op.create_index('ix_notice_live', 'notice', ['from_at'], sqlite_where=live, postgresql_where=live)
    op.create_index('ix_notice_lab', 'notice', ['lab_id'])
    op.create_index('ix_notice_pool', 'notice', ['pool_id'])
    op.create_table('notice_version',
        sa.Column('notice_id', big, nullable=False),
        sa.Column('version', big, nullable=False),
        sa.Column('title_zh', sa.Text(), nullable=False),
        sa.Column('title_en', sa.Text(), nullable=False),
        sa.Column('text_zh', sa.Text(), nullable=False),
        sa.Column('text_en', sa.Text(), nullable=False),
        sa.Column('must_read', big, nullable=False),
        sa.Column('set_at', instant(), nullable=False),
        sa.Column('set_by_id', big, nullable=True),
        sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_version_notice_id')),
        sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_notice_version_set_by_id')),
        sa.PrimaryKeyConstraint('notice_id', 'version', name=op.f('pk_notice_version')),
    )
    op.create_table('notice_read',
        sa.Column('user_id', big, nullable=False),
        sa.Column('notice_id', big, nullable=False),
        sa.Column('version', big, nullable=False),
        sa.Column('read_at', instant(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_notice_read_user_id')),
        sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_read_notice_id')),
        sa.PrimaryKeyConstraint('user_id', 'notice_id', 'version', name=op.f('pk_notice_read')),
    )
    ddl.create(op.get_bind())


def downgrade():
    op.drop_table('notice_read')
    op.drop_table('notice_version')
    op.drop_table('notice')
