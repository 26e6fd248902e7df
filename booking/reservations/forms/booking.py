"""Forms of booking, waiting and moving."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from booking.reservations.forms.parts import LocalTimeField, PeriodForm, choice, line, text
from booking.reservations.rules.proposal import MAX_NOTE

PURPOSES = [
    choice("research", _l("Research")),
    choice("development", _l("Development")),
    choice("teaching", _l("Teaching")),
    choice("other", _l("Other")),
]


class ReserveForm(PeriodForm):
    """A booking. Fields that offer no choice are taken out by the view."""

    key = HiddenField()
    hold_id = HiddenField()  # what a script keeps meanwhile
    unit_id = SelectField(_l("Unit"), validate_choice=False)
    flexible = BooleanField(_l("If it is taken, another of the same kind will do"))
    quantity = IntegerField(_l("How many"), default=1)
    for_whom = StringField(_l("Book for someone else"), [Length(max=254)], filters=[line])
    person_id = RadioField(_l("Which person"), [Optional()], choices=[], validate_choice=False)
    party = SelectField(_l("On behalf of"), validate_choice=False)
    purpose = SelectField(_l("Purpose"), choices=PURPOSES, validate_choice=False)
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])
    override_reason = TextAreaField(
        _l("Reason for the exception"), [Length(max=MAX_NOTE)], filters=[text]
    )


class WaitForm(ReserveForm):
    """A wish for a slot within a time; who it is for is always who asks."""

    kind = RadioField(
        _l("What happens when time becomes free"),
        choices=[
            choice("offer", _l("Keep it for me in my turn")),
            choice("notice", _l("Only tell me by mail")),
        ],
        default="offer",
    )
    start = LocalTimeField(_l("Not before"))
    end = LocalTimeField(_l("Not after"))
    minutes = IntegerField(_l("How many minutes"))


class MoveForm(PeriodForm):
    """New times and quantity; `version` is that of the reservation as it was shown."""

    version = HiddenField()
    quantity = IntegerField(_l("How many"))
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])
    override_reason = TextAreaField(
        _l("Reason for the exception"), [Length(max=MAX_NOTE)], filters=[text]
    )


class ReasonForm(FlaskForm):
    """A reason, and the version of the reservation it is about."""

    version = HiddenField()
    reason = TextAreaField(_l("Reason"), [Length(max=MAX_NOTE)], filters=[text])
