"""what a wish for another time replaces"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
QUEUED = sa.text("state IN ('waiting','offered')")


def upgrade():
    op.add_column('waitlist_entry', sa.Column('replaces_id', BIG, nullable=True))
    op.create_index(
        'uq_waitlist_replaces', 'waitlist_entry', ['replaces_id'], unique=True,
        sqlite_where=QUEUED, postgresql_where=QUEUED,
    )


def downgrade():
    op.drop_index('uq_waitlist_replaces', 'waitlist_entry')
    with op.batch_alter_table('waitlist_entry') as batch_op:
        batch_op.drop_column('replaces_id')
