"""applications, invitations and mail domains of companies"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    instant = booking.infra.db.Instant()
    op.create_table('company_application',
    sa.Column('id', big, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('credit_code', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=True),
    sa.Column('licence_type', sa.Text(), nullable=False),
    sa.Column('licence', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', instant, nullable=False),
    sa.Column('decided_at', instant, nullable=True),
    sa.Column('decided_by_id', big, nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('company_id', big, nullable=True),
    sa.CheckConstraint("state IN ('open','approved','rejected')", name=op.f('ck_company_application_state')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_company_application_company_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_company_application_decided_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company_application'))
    )
    op.create_index('ix_company_application_state', 'company_application', ['state', 'id'], unique=False)
    op.create_index('ix_company_application_code', 'company_application', ['credit_code'], unique=False)
    op.create_table('company_invitation',
    sa.Column('id', big, nullable=False),
    sa.Column('company_id', big, nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=True),
    sa.Column('roles', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('needs_yes', big, nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('created_at', instant, nullable=False),
    sa.Column('created_by_id', big, nullable=True),
    sa.Column('sent_at', instant, nullable=False),
    sa.Column('expires_at', instant, nullable=False),
    sa.Column('asked_at', instant, nullable=True),
    sa.Column('accepted_at', instant, nullable=True),
    sa.Column('person_id', big, nullable=True),
    sa.Column('made_person', big, nullable=False),
    sa.Column('withdrawn_at', instant, nullable=True),
    sa.CheckConstraint("source IN ('admin','application','domain')", name=op.f('ck_company_invitation_source')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_company_invitation_company_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_company_invitation_created_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['user_account.id'], name=op.f('fk_company_invitation_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_company_invitation_token_hash'))
    )
    op.create_index('ix_company_invitation_company', 'company_invitation', ['company_id', 'email'], unique=False)
    op.create_index('ix_company_invitation_email', 'company_invitation', ['email'], unique=False)
    op.create_table('company_domain',
    sa.Column('id', big, nullable=False),
    sa.Column('company_id', big, nullable=False),
    sa.Column('domain', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('set_at', instant, nullable=False),
    sa.Column('set_by_id', big, nullable=True),
    sa.CheckConstraint("mode IN ('ask','auto')", name=op.f('ck_company_domain_mode')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_company_domain_company_id')),
    sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_company_domain_set_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company_domain')),
    sa.UniqueConstraint('company_id', 'domain', name=op.f('uq_company_domain_company_id_domain'))
    )
    op.create_index('ix_company_domain_domain', 'company_domain', ['domain'], unique=False)


def downgrade():
    for table in ('company_domain', 'company_invitation', 'company_application'):
        op.drop_table(table)
