"""the product's own table of instrument classes: what a new park starts with"""

import sqlalchemy as sa
from alembic import op

from booking.inventory.rules.classes import CLASSES

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

category = sa.table(
    "category",
    sa.column("code", sa.Text()),
    sa.column("parent_code", sa.Text()),
    sa.column("level", sa.Integer()),
    sa.column("name_zh", sa.Text()),
    sa.column("name_en", sa.Text()),
)


def upgrade():
    present = set(op.get_bind().scalars(sa.select(category.c.code)))
    op.bulk_insert(
        category,
        [
            {"code": c.code, "parent_code": c.parent_code, "level": c.level,
             "name_zh": c.name_zh, "name_en": c.name_en}
            for c in CLASSES
            if c.code not in present
        ],
    )


def downgrade():
    """Leave the rows: pools may name them, and 0001 drops the table."""
