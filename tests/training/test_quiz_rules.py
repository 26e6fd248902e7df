"""Banks of questions, draws and marks; courses and their steps; reminders by days left."""

from datetime import timedelta
from random import Random

import pytest

from booking.core.errors import Invalid
from booking.training.rules.courses import CourseWanted, Steps, checked_course, reminder_days
from booking.training.rules.quizzes import (
    QuizWanted,
    checked_quiz,
    draw,
    graded,
    parse_bank,
)

BANK = """Which gas cools the laser?
[x] Nitrogen
[ ] Oxygen
[ ] Argon
> It stands in the manual.

Goggles are needed.
[x] True
[ ] False

Which are solvents?
[x] Water
[ ] Glass
[X] Ethanol
"""


def test_a_bank_is_read_with_kinds_and_explanations():
    found = parse_bank(BANK)
    assert [one.kind for one in found] == ["single", "truefalse", "multiple"]
    assert found[0].why == "It stands in the manual."
    assert found[2].right == {0, 2}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "required", None),
        ("Q\nno box", "question_line", 2),
        ("Q\n[x] a", "question_choices", 1),  # one choice is none
        ("Q\n[ ] a\n[ ] b", "question_choices", 1),  # nothing is right
        ("Q\n[x] a\n[ ] a", "question_choices", 1),
        (BANK + "\n\nR\n[x] a\nb", "question_line", 19),
    ],
)
def test_what_cannot_be_read_names_its_line(text, code, line):
    with pytest.raises(Invalid) as refused:
        parse_bank(text)
    assert (refused.value.code, refused.value.parameters.get("line")) == (code, line)


def test_no_more_is_asked_than_there_is():
    with pytest.raises(Invalid) as refused:
        checked_quiz(QuizWanted(BANK, 4, 80, 3))
    assert (refused.value.code, refused.value.field) == ("out_of_range", "asked")


def test_a_draw_repeats_no_question():
    drawn = draw(10, 6, Random(1))
    assert len(set(drawn)) == 6
    assert draw(10, 6, Random(2)) != drawn


@pytest.mark.parametrize(
    ("answers", "percent", "passed", "wrong"),
    [
        ({0: {0}, 1: {0}, 2: {0, 2}}, 100, True, ()),
        ({0: {0}, 1: {0}, 2: {0}}, 66, False, (2,)),  # half of several is nothing
        ({0: {0}, 1: {0}, 2: {0, 1, 2}}, 66, False, (2,)),  # nor is everything
        ({}, 0, False, (0, 1, 2)),
    ],
)
def test_a_question_counts_whole_or_not_at_all(answers, percent, passed, wrong):
    given = {place: frozenset(ticks) for place, ticks in answers.items()}
    found = graded(parse_bank(BANK), [0, 1, 2], given, 70)
    assert (found.percent, found.passed, found.wrong) == (percent, passed, wrong)


def test_two_of_three_pass_at_66_percent():
    answers = {0: frozenset({0}), 1: frozenset({0})}
    assert graded(parse_bank(BANK), [0, 1, 2], answers, 66).passed
    assert not graded(parse_bank(BANK), [0, 1, 2], answers, 67).passed


@pytest.mark.parametrize(
    ("left", "day"), [(31, None), (30, 30), (8, 30), (7, 7), (0.5, 7)]
)  # fmt: skip
def test_the_last_reminder_reached_is_due(left, day):
    assert reminder_days(timedelta(days=left), (7, 30)) == day


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_zh": " "}, "name_zh"), ({"level": 0}, "level"), ({"valid_days": -1}, "valid_days"),
        ({"steps": frozenset()}, "steps"), ({"steps": frozenset({"tea"})}, "steps"),
        ({"pool_ids": ()}, "pool_ids"), ({"category_code": "03"}, "pool_ids"),
    ],
)  # fmt: skip
def test_an_unfit_course_names_its_field(changes, field):
    fit = {"name_zh": "x", "level": 2, "steps": frozenset({"quiz"}), "pool_ids": (1,)}
    assert checked_course(CourseWanted(**fit)).name_zh == "x"
    with pytest.raises(Invalid) as refused:
        checked_course(CourseWanted(**fit | changes))
    assert refused.value.field == field


def test_who_needs_no_signature_is_qualified_by_the_last_step():
    both = frozenset({"session", "quiz"})
    assert Steps(both, attended=True).missing == ("quiz",)
    assert Steps(both, attended=True, quiz_passed=True).complete
    assert not Steps(both | {"signoff"}, attended=True, quiz_passed=True).complete
