"""tags of people, and which edition's buffers the pools hold"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('person_tag',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lab_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('lab_key', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tag', sa.Text(), nullable=False),
    sa.Column('given_at', booking.infra.db.Instant(), nullable=False),
    sa.Column('given_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['given_by_id'], ['user_account.id'], name=op.f('fk_person_tag_given_by_id')),
    sa.ForeignKeyConstraint(['lab_id'], ['lab.id'], name=op.f('fk_person_tag_lab_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_person_tag_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_tag')),
    sa.UniqueConstraint('user_id', 'lab_key', 'tag', name=op.f('uq_person_tag_user_id_lab_key_tag'))
    )
    op.create_index('ix_person_tag_lab', 'person_tag', ['lab_key', 'tag'], unique=False)
    with op.batch_alter_table('rule_edition', schema=None) as batch_op:
        batch_op.add_column(sa.Column('buffers_number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))


def downgrade():
    with op.batch_alter_table('rule_edition', schema=None) as batch_op:
        batch_op.drop_column('buffers_number')
    op.drop_index('ix_person_tag_lab', table_name='person_tag')
    op.drop_table('person_tag')
