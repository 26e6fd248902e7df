"""courses, sessions with seats, records with evidence, quizzes"""

import sqlalchemy as sa
from alembic import op

import booking.infra.db
from booking.infra import ddl

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = booking.infra.db.Instant()
SEATED = "'seated','passed','failed','absent'"
LIVE = sa.text("state <> 'cancelled'")
OPEN = sa.text("state = 'open'")


def upgrade():
    op.create_table('training_course',
    sa.Column('id', BIG, nullable=False),
    sa.Column('lab_id', BIG, nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('category_code', sa.Text(), nullable=True),
    sa.Column('level', BIG, nullable=False),
    sa.Column('valid_days', BIG, nullable=False),
    sa.Column('needs_session', BIG, nullable=False),
    sa.Column('needs_quiz', BIG, nullable=False),
    sa.Column('needs_signoff', BIG, nullable=False),
    sa.Column('needs_evidence', BIG, nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('created_by_id', BIG, nullable=True),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.CheckConstraint('level BETWEEN 1 AND 9 AND valid_days >= 0', name=op.f('ck_training_course_gives')),
    sa.CheckConstraint('needs_session + needs_quiz + needs_signoff > 0', name=op.f('ck_training_course_asks')),
    sa.ForeignKeyConstraint(['lab_id'], ['lab.id'], name=op.f('fk_training_course_lab_id')),
    sa.ForeignKeyConstraint(['category_code'], ['category.code'], name=op.f('fk_training_course_category_code')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_training_course_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_course'))
    )
    op.create_index('ix_training_course_lab', 'training_course', ['lab_id'])
    op.create_index('ix_training_course_category', 'training_course', ['category_code'])
    op.create_table('training_course_pool',
    sa.Column('course_id', BIG, nullable=False),
    sa.Column('pool_id', BIG, nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['training_course.id'], name=op.f('fk_training_course_pool_course_id')),
    sa.ForeignKeyConstraint(['pool_id'], ['pool.id'], name=op.f('fk_training_course_pool_pool_id')),
    sa.PrimaryKeyConstraint('course_id', 'pool_id', name=op.f('pk_training_course_pool'))
    )
    op.create_index('ix_training_course_pool_pool', 'training_course_pool', ['pool_id'])
    op.create_table('training_session',
    sa.Column('id', BIG, nullable=False),
    sa.Column('course_id', BIG, nullable=False),
    sa.Column('start_at', INSTANT, nullable=False),
    sa.Column('end_at', INSTANT, nullable=False),
    sa.Column('seats', BIG, nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('trainer', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('created_by_id', BIG, nullable=True),
    sa.Column('cancelled_at', INSTANT, nullable=True),
    sa.CheckConstraint('end_at > start_at AND seats > 0', name=op.f('ck_training_session_not_empty')),
    sa.ForeignKeyConstraint(['course_id'], ['training_course.id'], name=op.f('fk_training_session_course_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_training_session_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_session'))
    )
    op.create_index('ix_training_session_course', 'training_session', ['course_id', 'start_at'])
    op.create_table('training_seat',
    sa.Column('session_id', BIG, nullable=False),
    sa.Column('number', BIG, nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['training_session.id'], name=op.f('fk_training_seat_session_id')),
    sa.PrimaryKeyConstraint('session_id', 'number', name=op.f('pk_training_seat'))
    )
    op.create_table('training_signup',
    sa.Column('id', BIG, nullable=False),
    sa.Column('session_id', BIG, nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('seat_no', BIG, nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('changed_at', INSTANT, nullable=True),
    sa.Column('changed_by_id', BIG, nullable=True),
    sa.CheckConstraint(f"state IN ({SEATED},'waiting','cancelled')", name=op.f('ck_training_signup_state')),
    sa.CheckConstraint(f'(seat_no IS NOT NULL) = (state IN ({SEATED}))', name=op.f('ck_training_signup_seat')),
    sa.ForeignKeyConstraint(['session_id', 'seat_no'], ['training_seat.session_id', 'training_seat.number'], name=op.f('fk_training_signup_seat')),
    sa.ForeignKeyConstraint(['session_id'], ['training_session.id'], name=op.f('fk_training_signup_session_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_training_signup_user_id')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user_account.id'], name=op.f('fk_training_signup_changed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_signup')),
    sa.UniqueConstraint('session_id', 'seat_no', name=op.f('uq_training_signup_session_id_seat_no'))
    )
    op.create_index('uq_training_signup_person', 'training_signup', ['session_id', 'user_id'], unique=True,
                    sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index('ix_training_signup_user', 'training_signup', ['user_id'])
    op.create_table('training_hold',
    sa.Column('session_id', BIG, nullable=False),
    sa.Column('closure_id', BIG, nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['training_session.id'], name=op.f('fk_training_hold_session_id')),
    sa.ForeignKeyConstraint(['closure_id'], ['closure.id'], name=op.f('fk_training_hold_closure_id')),
    sa.PrimaryKeyConstraint('session_id', 'closure_id', name=op.f('pk_training_hold'))
    )
    op.create_table('training_record',
    sa.Column('id', BIG, nullable=False),
    sa.Column('course_id', BIG, nullable=False),
    sa.Column('user_id', BIG, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('opened_at', INSTANT, nullable=False),
    sa.Column('attended_at', INSTANT, nullable=True),
    sa.Column('quiz_passed_at', INSTANT, nullable=True),
    sa.Column('requested_at', INSTANT, nullable=True),
    sa.Column('request_note', sa.Text(), nullable=False),
    sa.Column('extra_attempts', BIG, nullable=False),
    sa.Column('decided_at', INSTANT, nullable=True),
    sa.Column('decided_by_id', BIG, nullable=True),
    sa.Column('decision_note', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('open','done','refused')", name=op.f('ck_training_record_state')),
    sa.ForeignKeyConstraint(['course_id'], ['training_course.id'], name=op.f('fk_training_record_course_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_training_record_user_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_training_record_decided_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_record'))
    )
    op.create_index('uq_training_record_open', 'training_record', ['course_id', 'user_id'], unique=True,
                    sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_training_record_user', 'training_record', ['user_id'])
    op.create_table('training_evidence',
    sa.Column('id', BIG, nullable=False),
    sa.Column('record_id', BIG, nullable=False),
    sa.Column('file_id', BIG, nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_training_evidence_file_id')),
    sa.ForeignKeyConstraint(['record_id'], ['training_record.id'], name=op.f('fk_training_evidence_record_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_evidence'))
    )
    op.create_index('ix_training_evidence_record', 'training_evidence', ['record_id'])
    op.create_table('training_quiz',
    sa.Column('id', BIG, nullable=False),
    sa.Column('course_id', BIG, nullable=False),
    sa.Column('version', BIG, nullable=False),
    sa.Column('questions', sa.Text(), nullable=False),
    sa.Column('asked', BIG, nullable=False),
    sa.Column('pass_percent', BIG, nullable=False),
    sa.Column('attempts', BIG, nullable=False),
    sa.Column('set_at', INSTANT, nullable=False),
    sa.Column('set_by_id', BIG, nullable=True),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.CheckConstraint('pass_percent BETWEEN 1 AND 100 AND asked > 0 AND attempts > 0', name=op.f('ck_training_quiz_asks')),
    sa.ForeignKeyConstraint(['course_id'], ['training_course.id'], name=op.f('fk_training_quiz_course_id')),
    sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_training_quiz_set_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_quiz')),
    sa.UniqueConstraint('course_id', 'version', name=op.f('uq_training_quiz_course_id_version'))
    )
    op.create_table('training_attempt',
    sa.Column('id', BIG, nullable=False),
    sa.Column('record_id', BIG, nullable=False),
    sa.Column('quiz_id', BIG, nullable=False),
    sa.Column('number', BIG, nullable=False),
    sa.Column('drawn', sa.Text(), nullable=False),
    sa.Column('answers', sa.Text(), nullable=True),
    sa.Column('percent', BIG, nullable=True),
    sa.Column('passed', BIG, nullable=True),
    sa.Column('started_at', INSTANT, nullable=False),
    sa.Column('finished_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['record_id'], ['training_record.id'], name=op.f('fk_training_attempt_record_id')),
    sa.ForeignKeyConstraint(['quiz_id'], ['training_quiz.id'], name=op.f('fk_training_attempt_quiz_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_attempt')),
    sa.UniqueConstraint('record_id', 'number', name=op.f('uq_training_attempt_record_id_number'))
    )
    op.create_index('ix_training_attempt_quiz', 'training_attempt', ['quiz_id'])
    ddl.create(op.get_bind())


TABLES = (
    'training_attempt', 'training_quiz', 'training_evidence', 'training_record', 'training_hold',
    'training_signup', 'training_seat', 'training_session', 'training_course_pool',
    'training_course',
)


def downgrade():
    for table in TABLES:
        op.drop_table(table)
