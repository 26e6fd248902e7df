"""closures that repeat, calibration and what units depend on"""

import sqlalchemy as sa
from alembic import op

from booking.infra import ddl

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('unit_dependency',
    sa.Column('unit_id', WHOLE, nullable=False),
    sa.Column('needs_unit_id', WHOLE, nullable=False),
    sa.Column('effect', sa.Text(), nullable=False),
    sa.CheckConstraint("effect IN ('close','warn')", name=op.f('ck_unit_dependency_effect')),
    sa.CheckConstraint('unit_id <> needs_unit_id', name=op.f('ck_unit_dependency_not_itself')),
    sa.ForeignKeyConstraint(['needs_unit_id'], ['unit.id'], name=op.f('fk_unit_dependency_needs_unit_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_unit_dependency_unit_id')),
    sa.PrimaryKeyConstraint('unit_id', 'needs_unit_id', name=op.f('pk_unit_dependency'))
    )
    op.create_index('ix_unit_dependency_needs', 'unit_dependency', ['needs_unit_id'])
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.add_column(sa.Column('planned', WHOLE, server_default='1', nullable=False))
        batch_op.add_column(sa.Column('series_key', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('rule', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('cause_id', WHOLE, nullable=True))
        batch_op.add_column(sa.Column('cause_unit_id', WHOLE, nullable=True))
        batch_op.create_index(batch_op.f('ix_closure_series_key'), ['series_key'])
        batch_op.create_index(batch_op.f('ix_closure_cause_id'), ['cause_id'])
        batch_op.create_index(batch_op.f('ix_closure_cause_unit_id'), ['cause_unit_id'])
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('calibration_due_on', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('calibration_every_days', WHOLE, nullable=True))
        batch_op.add_column(sa.Column('calibration_warn_days', WHOLE, server_default='30', nullable=False))
    ddl.create(op.get_bind())


def downgrade():
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.drop_column('calibration_warn_days')
        batch_op.drop_column('calibration_every_days')
        batch_op.drop_column('calibration_due_on')
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_closure_cause_unit_id'))
        batch_op.drop_index(batch_op.f('ix_closure_cause_id'))
        batch_op.drop_index(batch_op.f('ix_closure_series_key'))
        batch_op.drop_column('cause_unit_id')
        batch_op.drop_column('cause_id')
        batch_op.drop_column('rule')
        batch_op.drop_column('series_key')
        batch_op.drop_column('planned')
    op.drop_table('unit_dependency')
