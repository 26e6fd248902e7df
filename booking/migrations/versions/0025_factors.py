"""second factors, resets of passwords, proof of sessions"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db
from booking.infra import ddl

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = booking.infra.db.Instant()


def _owner(table, nullable=False):
    return (
        sa.Column('user_id', BIG, nullable=nullable),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f(f'fk_{table}_user_id')),
        sa.Column('id', BIG, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.Column('created_at', INSTANT, nullable=False),
    )


def upgrade():
    op.create_table('authenticator', *_owner('authenticator'),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('confirmed_at', INSTANT, nullable=True),
    sa.Column('last_step', BIG, nullable=False),
    sa.UniqueConstraint('user_id', name=op.f('uq_authenticator_user_id'))
    )
    op.create_table('recovery_code', *_owner('recovery_code'),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('used_at', INSTANT, nullable=True),
    sa.UniqueConstraint('code_hash', name=op.f('uq_recovery_code_code_hash'))
    )
    op.create_index('ix_recovery_code_user', 'recovery_code', ['user_id'])
    op.create_table('passkey', *_owner('passkey'),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('credential_id', sa.Text(), nullable=False),
    sa.Column('public_key', sa.Text(), nullable=False),
    sa.Column('sign_count', BIG, nullable=False),
    sa.Column('last_used_at', INSTANT, nullable=True),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id'))
    )
    op.create_index('ix_passkey_user', 'passkey', ['user_id'])
    op.create_table('begun_step', *_owner('begun_step', nullable=True),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('challenge', sa.Text(), nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.UniqueConstraint('token_hash', name=op.f('uq_begun_step_token_hash'))
    )
    op.create_index('ix_begun_step_expires', 'begun_step', ['expires_at'])
    op.create_table('reset_request',
    sa.Column('id', BIG, nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reset_request'))
    )
    # Added in place: copying a table that others refer to would be slower and gain nothing.
    op.add_column('user_account', sa.Column('factor_since', INSTANT, nullable=True))
    op.add_column('user_account', sa.Column('factor_asked_at', INSTANT, nullable=True))
    op.add_column('user_account', sa.Column('sign_in_alerts', BIG, server_default='1', nullable=False))
    op.add_column('user_session', sa.Column('proven_at', INSTANT, nullable=True))
    op.add_column('one_time_link', sa.Column('detail', sa.Text(), nullable=True))
    ddl.create(op.get_bind())


def downgrade():
    for table, columns in (
        ('one_time_link', ('detail',)), ('user_session', ('proven_at',)),
        ('user_account', ('sign_in_alerts', 'factor_asked_at', 'factor_since')),
    ):
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
    for table in ('reset_request', 'begun_step', 'passkey', 'recovery_code', 'authenticator'):
        op.drop_table(table)
    ddl.create(op.get_bind())
