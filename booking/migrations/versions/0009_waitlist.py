"""waitlist, and holds without a reservation"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db
from booking.infra import ddl

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = booking.infra.db.Instant()
QUEUED = sa.text("state IN ('waiting','offered')")
LIVE = sa.text('released_at IS NULL')
NOT_EMPTY = sa.CheckConstraint(
    'end_at > start_at AND quantity > 0', name=op.f('ck_hold_not_empty')
)
OF_KIND = "(kind = 'pending_move') = (reservation_id IS NOT NULL)"


def upgrade():
    _holds(nullable=True, checks=(NOT_EMPTY, sa.CheckConstraint(OF_KIND, name=op.f('ck_hold_kind'))))
    if op.get_bind().dialect.name != 'sqlite':
        op.create_check_constraint(op.f('ck_hold_kind'), 'hold', OF_KIND)
    op.create_index('ix_hold_user', 'hold', ['user_id'], sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_table('waitlist_entry',
    sa.Column('id', BIG, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('pool_id', BIG, nullable=False),
    sa.Column('unit_id', BIG, nullable=True),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('company_id', BIG, nullable=True),
    sa.Column('institution_id', BIG, nullable=True),
    sa.Column('quantity', BIG, nullable=False),
    sa.Column('minutes', BIG, nullable=False),
    sa.Column('first_at', INSTANT, nullable=False),
    sa.Column('last_at', INSTANT, nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('reservation_id', BIG, nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('priority', BIG, nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('hold_id', BIG, nullable=True),
    sa.Column('offered_at', INSTANT, nullable=True),
    sa.Column('offer_until', INSTANT, nullable=True),
    sa.CheckConstraint("kind IN ('offer','notice','move_up')", name=op.f('ck_waitlist_entry_kind')),
    sa.CheckConstraint("state IN ('waiting','offered','taken','declined','expired','left','lapsed')", name=op.f('ck_waitlist_entry_state')),
    sa.CheckConstraint('last_at > first_at AND quantity > 0 AND minutes > 0', name=op.f('ck_waitlist_entry_not_empty')),
    sa.CheckConstraint("(kind = 'move_up') = (reservation_id IS NOT NULL)", name=op.f('ck_waitlist_entry_move_up')),
    sa.CheckConstraint("state <> 'offered' OR hold_id IS NOT NULL", name=op.f('ck_waitlist_entry_offer_holds')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_waitlist_entry_pool_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_waitlist_entry_unit_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_waitlist_entry_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_waitlist_entry_company_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['institution.id'], name=op.f('fk_waitlist_entry_institution_id')),
    sa.ForeignKeyConstraint(['reservation_id'], ['reservation.id'], name=op.f('fk_waitlist_entry_reservation_id')),
    sa.ForeignKeyConstraint(['hold_id'], ['hold.id'], name=op.f('fk_waitlist_entry_hold_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waitlist_entry'))
    )
    op.create_index('ix_waitlist_queue', 'waitlist_entry', ['pool_id', 'state'], sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.create_index('ix_waitlist_user', 'waitlist_entry', ['user_id', 'id'])
    op.create_index('ix_waitlist_last', 'waitlist_entry', ['last_at'], sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.create_index('uq_waitlist_move_up', 'waitlist_entry', ['reservation_id'], unique=True, sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.create_index('uq_waitlist_hold', 'waitlist_entry', ['hold_id'], unique=True)
    op.create_table('waitlist_event',
    sa.Column('id', BIG, nullable=False),
    sa.Column('entry_id', BIG, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['waitlist_entry.id'], name=op.f('fk_waitlist_event_entry_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waitlist_event'))
    )
    op.create_index('ix_waitlist_event_entry', 'waitlist_event', ['entry_id', 'id'])
    ddl.create(op.get_bind())


def downgrade():
    op.drop_table('waitlist_event')
    op.drop_table('waitlist_entry')
    op.execute('DELETE FROM allocation WHERE hold_id IN (SELECT id FROM hold WHERE reservation_id IS NULL)')
    op.execute('DELETE FROM hold WHERE reservation_id IS NULL')
    op.drop_index('ix_hold_user', 'hold')
    if op.get_bind().dialect.name != 'sqlite':
        op.drop_constraint(op.f('ck_hold_kind'), 'hold')
    _holds(nullable=False, checks=(NOT_EMPTY,))
    ddl.create(op.get_bind())


def _holds(nullable, checks):
    # The copy on SQLite would lose the CHECKs: they are named again. The table is small.
    with op.batch_alter_table('hold', schema=None, table_args=checks) as batch_op:
        batch_op.alter_column('reservation_id', existing_type=BIG, nullable=nullable)
