"""Forms of people: asking for a signature, appealing, suspending, accepting others' training."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from booking.policies.forms.people import LEVELS
from booking.reservations.forms.parts import line, text
from booking.web.fields import IdField, options

MOST = 2000


class RequestForm(FlaskForm):
    """A request to sign off, with evidence."""

    note = TextAreaField(
        _l("What the lab should know"), [Length(max=MOST)], filters=[text],
        description=_l("Such as what you have worked with before."),
    )  # fmt: skip
    file = MultipleFileField(
        _l("Evidence"), description=_l("PDF, PNG, JPEG or WebP, at most 5 MB each."),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.webp"},
    )  # fmt: skip


class DecideForm(FlaskForm):
    """What is said about a request to sign off."""

    note = TextAreaField(
        _l("Note"), [Length(max=MOST)], filters=[text],
        description=_l("The person reads it. Needed to refuse."),
    )  # fmt: skip


class SuspendForm(FlaskForm):
    """Why a qualification is suspended."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(), Length(max=MOST)], filters=[text],
        description=_l("The person reads it and can answer."),
    )  # fmt: skip


class AppealForm(FlaskForm):
    """What a person says against a suspension."""

    text = TextAreaField(_l("Your appeal"), [InputRequired(), Length(max=MOST)], filters=[text])


class AnswerForm(FlaskForm):
    """What the lab answers."""

    answer = TextAreaField(_l("Answer"), [InputRequired(), Length(max=MOST)], filters=[text])
    lift = BooleanField(_l("Lift the suspension"))


class EquivalenceForm(FlaskForm):
    """Whose qualification a lab accepts, and up to which level."""

    pool = StringField(
        _l("Qualification for the instrument"), [Length(max=200)], filters=[line],
        description=_l("Its name as in the catalogue, or its number."),
    )  # fmt: skip
    category_code = SelectField(
        _l("Or for the class"), choices=[], validate_choice=False
    )  # fmt: skip
    for_pool_id = IdField(_l("Counts at"))
    most_level = SelectField(_l("Up to the level"), choices=options(LEVELS), default="2")
