"""qualifications that are suspended, appealed against, and accepted elsewhere"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = booking.infra.db.Instant()
UNANSWERED = sa.text('answered_at IS NULL')
ADDED = ('suspended_at', 'suspended_by_id', 'suspension_reason', 'course_id')


def upgrade():
    op.add_column('qualification', sa.Column('suspended_at', INSTANT, nullable=True))
    op.add_column('qualification', sa.Column('suspended_by_id', BIG, nullable=True))
    op.add_column('qualification', sa.Column('suspension_reason', sa.Text(), nullable=True))
    op.add_column('qualification', sa.Column('course_id', BIG, nullable=True))
    op.create_index('ix_qualification_until', 'qualification', ['valid_until'])
    op.create_table('qualification_equivalence',
    sa.Column('id', BIG, nullable=False),
    sa.Column('lab_id', BIG, nullable=False),
    sa.Column('for_pool_id', BIG, nullable=True),
    sa.Column('pool_id', BIG, nullable=True),
    sa.Column('category_code', sa.Text(), nullable=True),
    sa.Column('most_level', BIG, nullable=False),
    sa.Column('set_at', INSTANT, nullable=False),
    sa.Column('set_by_id', BIG, nullable=True),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.CheckConstraint('(pool_id IS NULL) <> (category_code IS NULL)', name=op.f('ck_qualification_equivalence_one_scope')),
    sa.CheckConstraint('most_level BETWEEN 1 AND 9', name=op.f('ck_qualification_equivalence_level')),
    sa.ForeignKeyConstraint(['lab_id'], ['lab.id'], name=op.f('fk_qualification_equivalence_lab_id')),
    sa.ForeignKeyConstraint(['for_pool_id'], ['pool.id'], name=op.f('fk_qualification_equivalence_for_pool_id')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_qualification_equivalence_pool_id')),
    sa.ForeignKeyConstraint(['category_code'], ['category.code'], name=op.f('fk_qualification_equivalence_category_code')),
    sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_qualification_equivalence_set_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification_equivalence'))
    )
    op.create_table('qualification_appeal',
    sa.Column('id', BIG, nullable=False),
    sa.Column('qualification_id', BIG, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('lifted', BIG, nullable=False),
    sa.Column('answered_at', INSTANT, nullable=True),
    sa.Column('answered_by_id', BIG, nullable=True),
    sa.ForeignKeyConstraint(['qualification_id'], ['qualification.id'], name=op.f('fk_qualification_appeal_qualification_id')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_qualification_appeal_answered_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification_appeal'))
    )
    op.create_index('uq_qualification_appeal_open', 'qualification_appeal', ['qualification_id'], unique=True,
                    sqlite_where=UNANSWERED, postgresql_where=UNANSWERED)


def downgrade():
    op.drop_table('qualification_appeal')
    op.drop_table('qualification_equivalence')
    op.drop_index('ix_qualification_until', 'qualification')
    with op.batch_alter_table('qualification') as batch_op:
        for column in ADDED:
            batch_op.drop_column(column)
