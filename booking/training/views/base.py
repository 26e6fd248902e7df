"""The blueprint of training, and what its pages share."""

from flask import Blueprint, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from booking.training.queries.courses import CourseFacts
from booking.web.access import sees_park_pages
from booking.web.locale import named
from booking.web.login import actor
from booking.web.saving import form_page

blueprint = Blueprint("training", __name__)
Answer = Response | str | tuple[str, int]


def course_form_page(form: FlaskForm, title: str, facts: CourseFacts) -> tuple[str, int]:
    """Return the page of a form about a course, below its lab and its people."""
    course = facts.course
    back = url_for("training.people_of_course", course_id=course.id)
    return form_page(
        "park/form.html", form, title=title, section="labs",
        above=[
            (named(*facts.lab), url_for("training.lab", lab_id=course.lab_id)),
            (named(course.name_zh, course.name_en), back),
        ],
        back=back, plain=not sees_park_pages(actor()),
    )  # fmt: skip
