"""series, bundles and chains"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db
from booking.infra import ddl

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
# Added as they stand: Alembic's batch mode would copy a table of millions and lose its CHECKs.
LINKS = (('reservation', 'group_id'), ('idempotency', 'group_id'))


def upgrade():
    op.create_table('reservation_group',
    sa.Column('id', BIG, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('exceptions', sa.Text(), nullable=False),
    sa.Column('zone', sa.Text(), nullable=False),
    sa.Column('starts_local', sa.Text(), nullable=False),
    sa.Column('length_minutes', BIG, nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('company_id', BIG, nullable=True),
    sa.Column('institution_id', BIG, nullable=True),
    sa.Column('version', BIG, nullable=False),
    sa.Column('created_at', booking.infra.db.Instant(), nullable=False),
    sa.Column('created_by_id', BIG, nullable=True),
    sa.Column('split_from_id', BIG, nullable=True),
    sa.Column('ended_at', booking.infra.db.Instant(), nullable=True),
    sa.CheckConstraint("kind IN ('series','bundle','chain')", name=op.f('ck_reservation_group_kind')),
    sa.CheckConstraint("kind <> 'series' OR (rule <> '' AND starts_local <> '')", name=op.f('ck_reservation_group_rule')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_reservation_group_company_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_reservation_group_created_by_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['institution.id'], name=op.f('fk_reservation_group_institution_id')),
    sa.ForeignKeyConstraint(['split_from_id'], ['reservation_group.id'], name=op.f('fk_reservation_group_split_from_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_reservation_group_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reservation_group'))
    )
    big = 'INTEGER' if op.get_bind().dialect.name == 'sqlite' else 'BIGINT'
    for table, column in LINKS:
        op.execute(
            f'ALTER TABLE {table} ADD COLUMN {column} {big} '
            f'CONSTRAINT fk_{table}_{column} REFERENCES reservation_group (id)'
        )
    op.execute(f'ALTER TABLE reservation ADD COLUMN group_position {big}')
    op.execute('ALTER TABLE reservation ADD COLUMN occurrence_day TEXT')
    op.create_index('ix_reservation_group', 'reservation', ['group_id', 'group_position'],
    sqlite_where=sa.text('group_id IS NOT NULL'), postgresql_where=sa.text('group_id IS NOT NULL'))
    ddl.create(op.get_bind())


def downgrade():
    op.drop_index('ix_reservation_group', 'reservation')
    with op.batch_alter_table('reservation', schema=None) as batch_op:
        for column in ('occurrence_day', 'group_position', 'group_id'):
            batch_op.drop_column(column)
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.drop_column('group_id')
    op.drop_table('reservation_group')
    ddl.create(op.get_bind())
