"""an Idempotency-Key keeps the request for a draw that it made"""

from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade():
    # Added as it stands, as 0005 did: no table is copied.
    big = 'INTEGER' if op.get_bind().dialect.name == 'sqlite' else 'BIGINT'
    op.execute(
        f'ALTER TABLE idempotency ADD COLUMN draw_entry_id {big} '
        'CONSTRAINT fk_idempotency_draw_entry_id REFERENCES draw_entry (id)'
    )


def downgrade():
    # Without it such a key would make a reservation the next time.
    op.execute('DELETE FROM idempotency WHERE draw_entry_id IS NOT NULL')
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.drop_column('draw_entry_id')
