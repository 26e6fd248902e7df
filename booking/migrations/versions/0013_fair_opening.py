"""requests collected while a day opens fairly"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db
from booking.infra import ddl

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = booking.infra.db.Instant()
UNDECIDED = sa.text("state <> 'done'")


def upgrade():
    op.create_table('draw',
    sa.Column('id', BIG, nullable=False),
    sa.Column('pool_id', BIG, nullable=False),
    sa.Column('day_start', INSTANT, nullable=False),
    sa.Column('day_end', INSTANT, nullable=False),
    sa.Column('draws_at', INSTANT, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('seal', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('drawn_at', INSTANT, nullable=True),
    sa.CheckConstraint("state IN ('open','ranked','done')", name=op.f('ck_draw_state')),
    sa.CheckConstraint('day_end > day_start', name=op.f('ck_draw_not_empty')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_draw_pool_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw')),
    sa.UniqueConstraint('pool_id', 'day_start', 'draws_at', name=op.f('uq_draw_pool_id_day_start_draws_at'))
    )
    op.create_index('ix_draw_undecided', 'draw', ['draws_at', 'pool_id'], sqlite_where=UNDECIDED, postgresql_where=UNDECIDED)
    op.create_table('draw_entry',
    sa.Column('id', BIG, nullable=False),
    sa.Column('draw_id', BIG, nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('made_by_id', BIG, nullable=False),
    sa.Column('company_id', BIG, nullable=True),
    sa.Column('institution_id', BIG, nullable=True),
    sa.Column('unit_id', BIG, nullable=True),
    sa.Column('quantity', BIG, nullable=False),
    sa.Column('start_at', INSTANT, nullable=False),
    sa.Column('end_at', INSTANT, nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('form', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('rank', BIG, nullable=True),
    sa.Column('turn', BIG, nullable=True),
    sa.Column('person_minutes', BIG, nullable=True),
    sa.Column('party_minutes', BIG, nullable=True),
    sa.Column('lot', sa.Text(), nullable=True),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('reservation_id', BIG, nullable=True),
    sa.CheckConstraint("state IN ('waiting','withdrawn','won','lost')", name=op.f('ck_draw_entry_state')),
    sa.CheckConstraint('end_at > start_at AND quantity > 0', name=op.f('ck_draw_entry_not_empty')),
    sa.CheckConstraint("(state = 'won') = (reservation_id IS NOT NULL)", name=op.f('ck_draw_entry_won')),
    sa.ForeignKeyConstraint(['draw_id'], ['draw.id'], name=op.f('fk_draw_entry_draw_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_draw_entry_user_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_draw_entry_made_by_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_draw_entry_company_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['institution.id'], name=op.f('fk_draw_entry_institution_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_draw_entry_unit_id')),
    sa.ForeignKeyConstraint(['reservation_id'], ['reservation.id'], name=op.f('fk_draw_entry_reservation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw_entry'))
    )
    op.create_index('ix_draw_entry_draw', 'draw_entry', ['draw_id', 'rank'])
    op.create_index('ix_draw_entry_user', 'draw_entry', ['user_id', 'id'])
    ddl.create(op.get_bind())


def downgrade():
    op.drop_table('draw_entry')
    op.drop_table('draw')
