"""steps of approval, decider groups, absences"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db
from booking.infra import ddl

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = booking.infra.db.Instant()
LIVE = sa.text('ended_at IS NULL')
WAITING = sa.text("state = 'waiting'")
OF_GROUP = sa.text('group_id IS NOT NULL')


def upgrade():
    op.add_column('user_account', sa.Column('has_duties', BIG, nullable=False, server_default='0'))
    op.create_table('decider_group',
    sa.Column('id', BIG, nullable=False),
    sa.Column('lab_id', BIG, nullable=True),
    sa.Column('name_zh', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['lab_id'], ['lab.id'], name=op.f('fk_decider_group_lab_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decider_group'))
    )
    op.create_index('ix_decider_group_lab', 'decider_group', ['lab_id'])
    op.create_table('decider_group_member',
    sa.Column('id', BIG, nullable=False),
    sa.Column('group_id', BIG, nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['decider_group.id'], name=op.f('fk_decider_group_member_group_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_decider_group_member_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decider_group_member')),
    sa.UniqueConstraint('group_id', 'user_id', name=op.f('uq_decider_group_member_group_id_user_id'))
    )
    op.create_index('ix_decider_group_member_user', 'decider_group_member', ['user_id'])
    op.create_table('absence',
    sa.Column('id', BIG, nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('deputy_id', BIG, nullable=False),
    sa.Column('from_at', INSTANT, nullable=False),
    sa.Column('until_at', INSTANT, nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('set_at', INSTANT, nullable=False),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.CheckConstraint('until_at > from_at AND user_id <> deputy_id', name=op.f('ck_absence_not_empty')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_absence_user_id')),
    sa.ForeignKeyConstraint(['deputy_id'], ['user_account.id'], name=op.f('fk_absence_deputy_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    op.create_index('uq_absence_live', 'absence', ['user_id'], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index('ix_absence_deputy', 'absence', ['deputy_id'], sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_table('approval_step',
    sa.Column('id', BIG, nullable=False),
    sa.Column('reservation_id', BIG, nullable=False),
    sa.Column('hold_id', BIG, nullable=True),
    sa.Column('position', BIG, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('group_id', BIG, nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('began_at', INSTANT, nullable=True),
    sa.Column('decide_by', INSTANT, nullable=True),
    sa.Column('level', BIG, nullable=False),
    sa.Column('decided_at', INSTANT, nullable=True),
    sa.Column('decided_by_id', BIG, nullable=True),
    sa.Column('for_id', BIG, nullable=True),
    sa.CheckConstraint("kind IN ('company','lab','group')", name=op.f('ck_approval_step_kind')),
    sa.CheckConstraint("(kind = 'group') = (group_id IS NOT NULL)", name=op.f('ck_approval_step_group')),
    sa.CheckConstraint("state IN ('queued','waiting','approved','rejected','dropped')", name=op.f('ck_approval_step_state')),
    sa.CheckConstraint("CASE WHEN state IN ('approved','rejected') THEN decided_at IS NOT NULL WHEN state IN ('queued','waiting') THEN decided_at IS NULL ELSE 1 = 1 END", name=op.f('ck_approval_step_decided')),
    sa.ForeignKeyConstraint(['reservation_id'], ['reservation.id'], name=op.f('fk_approval_step_reservation_id')),
    sa.ForeignKeyConstraint(['hold_id'], ['hold.id'], name=op.f('fk_approval_step_hold_id')),
    sa.ForeignKeyConstraint(['group_id'], ['decider_group.id'], name=op.f('fk_approval_step_group_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_approval_step_decided_by_id')),
    sa.ForeignKeyConstraint(['for_id'], ['user_account.id'], name=op.f('fk_approval_step_for_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval_step'))
    )
    op.create_index('uq_approval_step_waiting', 'approval_step', ['reservation_id'], unique=True, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index('ix_approval_step_reservation', 'approval_step', ['reservation_id', 'position'])
    op.create_index('ix_approval_step_group', 'approval_step', ['group_id', 'reservation_id'], sqlite_where=OF_GROUP, postgresql_where=OF_GROUP)
    ddl.create(op.get_bind())


def downgrade():
    op.drop_table('approval_step')
    op.drop_table('absence')
    op.drop_table('decider_group_member')
    op.drop_table('decider_group')
    with op.batch_alter_table('user_account') as batch:
        batch.drop_column('has_duties')
