"""who people are elsewhere, and mobile numbers proven by a code"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = booking.infra.db.Instant()


def upgrade():
    op.create_table('identity',
    sa.Column('id', BIG, nullable=False),
    sa.Column('issuer', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('last_used_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_identity_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_identity_issuer_subject'))
    )
    op.create_index('ix_identity_user', 'identity', ['user_id'])
    op.create_table('spent_state',
    sa.Column('state_hash', sa.Text(), nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('state_hash', name=op.f('pk_spent_state'))
    )
    op.create_index(op.f('ix_spent_state_expires_at'), 'spent_state', ['expires_at'])
    op.create_table('mobile',
    sa.Column('id', BIG, nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('verified_at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_mobile_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mobile')),
    sa.UniqueConstraint('number', name=op.f('uq_mobile_number')),
    sa.UniqueConstraint('user_id', name=op.f('uq_mobile_user_id'))
    )
    op.create_table('sms_code',
    sa.Column('id', BIG, nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('user_id', BIG, nullable=True),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.Column('tries', BIG, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_sms_code_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sms_code'))
    )
    op.create_index('ix_sms_code_account', 'sms_code', ['account', 'purpose'])
    op.create_index('ix_sms_code_expires', 'sms_code', ['expires_at'])


def downgrade():
    for table in ('sms_code', 'mobile', 'spent_state', 'identity'):
        op.drop_table(table)
