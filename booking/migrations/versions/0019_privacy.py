"""privacy: the policy by version, consents, requests to be erased"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('privacy_policy',
    sa.Column('id', big, nullable=False),
    sa.Column('version', big, nullable=False),
    sa.Column('text_zh', sa.Text(), nullable=False),
    sa.Column('text_en', sa.Text(), nullable=False),
    sa.Column('set_at', big, nullable=False),
    sa.Column('set_by_id', big, nullable=True),
    sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_privacy_policy_set_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_policy')),
    sa.UniqueConstraint('version', name=op.f('uq_privacy_policy_version'))
    )
    op.create_table('privacy_consent',
    sa.Column('user_id', big, nullable=False),
    sa.Column('version', big, nullable=False),
    sa.Column('agreed_at', big, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_privacy_consent_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'version', name=op.f('pk_privacy_consent'))
    )
    op.create_table('erasure',
    sa.Column('id', big, nullable=False),
    sa.Column('user_id', big, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('asked_at', big, nullable=False),
    sa.Column('due_at', big, nullable=True),
    sa.Column('done_at', big, nullable=True),
    sa.CheckConstraint("state IN ('asked','withdrawn','done')", name=op.f('ck_erasure_state')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_erasure_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    asked = sa.text("state = 'asked'")
    op.create_index('uq_erasure_open', 'erasure', ['user_id'], unique=True, sqlite_where=asked, postgresql_where=asked)
    op.create_index('ix_erasure_due', 'erasure', ['due_at'], unique=False, sqlite_where=asked, postgresql_where=asked)


def downgrade():
    op.drop_table('erasure')
    op.drop_table('privacy_consent')
    op.drop_table('privacy_policy')
