"""seals of the audit, and from where what was done"""

import sqlalchemy as sa
from alembic import op

from booking.infra import ddl

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('audit_seal',
    sa.Column('seal_no', big, autoincrement=False, nullable=False),
    sa.Column('audit_id', big, nullable=False),
    sa.Column('prev_hash', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('seal_no', name=op.f('pk_audit_seal')),
    sa.UniqueConstraint('audit_id', name=op.f('uq_audit_seal_audit_id'))
    )
    # Not in batch mode: SQLite adds columns in place, and the guards stay.
    op.add_column('audit', sa.Column('via', sa.Text(), nullable=True))
    op.add_column('audit', sa.Column('address', sa.Text(), nullable=True))
    op.create_index('ix_audit_at', 'audit', ['at', 'id'], unique=False)
    op.create_index('ix_audit_actor', 'audit', ['actor_id', 'at', 'id'], unique=False)
    ddl.create(op.get_bind())


def downgrade():
    op.drop_index('ix_audit_actor', 'audit')
    op.drop_index('ix_audit_at', 'audit')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_column('address')
        batch_op.drop_column('via')
    op.drop_table('audit_seal')
    ddl.create(op.get_bind())
