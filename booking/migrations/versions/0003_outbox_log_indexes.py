"""indexes of the operator's delivery log"""

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_outbox_state', 'outbox', ['state', 'id'])
    op.create_index('ix_outbox_recipient', 'outbox', ['recipient_id', 'id'])


def downgrade():
    op.drop_index('ix_outbox_recipient', 'outbox')
    op.drop_index('ix_outbox_state', 'outbox')
