"""wrong passwords until they are on record; tokens of programs of the park's"""

import sqlalchemy as sa
from alembic import op

from booking.infra import ddl

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('wrong_password',
        sa.Column('email', sa.Text(), nullable=False),
        sa.Column('tries', big, nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('first_at', big, nullable=False),
        sa.Column('last_at', big, nullable=False),
        sa.PrimaryKeyConstraint('email', name=op.f('pk_wrong_password')),
        sqlite_strict=True,
    )
    op.add_column('api_token', sa.Column('for_park', big, nullable=False, server_default='0'))
    # Tokens made on the command line are those whose making names nobody.
    op.execute(
        "UPDATE api_token SET for_park = 1 WHERE EXISTS (SELECT 1 FROM audit"
        " WHERE audit.subject_type = 'user' AND audit.subject_id = api_token.user_id"
        " AND audit.action = 'token.create' AND audit.actor_id IS NULL"
        " AND audit.at = api_token.created_at)"
    )
    ddl.create(op.get_bind())


def downgrade():
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.drop_column('for_park')
    op.drop_table('wrong_password')
    ddl.create(op.get_bind())
