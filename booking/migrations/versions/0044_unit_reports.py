"""reports about a unit: of faults, and certificates of its calibration"""

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('unit_report',
        sa.Column('id', big, nullable=False),
        sa.Column('unit_id', big, nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('file_id', big, nullable=False),
        sa.Column('user_id', big, nullable=False),
        sa.Column('created_at', big, nullable=False),
        sa.CheckConstraint("kind IN ('fault','calibration','maintenance')", name=op.f('ck_unit_report_kind')),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_unit_report_unit_id_unit')),
        sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_unit_report_file_id_stored_file')),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_unit_report_user_id_user_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_report')),
        sqlite_strict=True,
    )
    op.create_index('ix_unit_report_unit', 'unit_report', ['unit_id', 'id'])
    op.create_index('ix_unit_report_file', 'unit_report', ['file_id'])


def downgrade():
    op.drop_table('unit_report')
