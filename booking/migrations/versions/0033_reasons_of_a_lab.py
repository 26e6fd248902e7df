"""a lab's reasons for rejecting and cancelling"""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('lab_reason',
        sa.Column('lab_id', big, nullable=False),
        sa.Column('position', big, nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 19 AND text <> ''", name=op.f('ck_lab_reason_bounds')),
        sa.ForeignKeyConstraint(['lab_id'], ['lab.id'], name=op.f('fk_lab_reason_lab_id_lab')),
        sa.PrimaryKeyConstraint('lab_id', 'position', name=op.f('pk_lab_reason')),
    )


def downgrade():
    op.drop_table('lab_reason')
