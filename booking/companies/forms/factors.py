"""The form by which the operator asks second factors of roles."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from booking.accounts.rules.factors import MOST_GRACE_DAYS
from booking.web.fields import CheckboxesField, in_our_years, options

ROLE_LABELS = {
    "operator": _l("Operators"),
    "administrator": _l("Administrators of the park"),
    "auditor": _l("Auditors"),
    "lab_manager": _l("Lab managers and deputies"),
    "company_admin": _l("Company admins"),
    "finance": _l("Finance of companies"),
    "representative": _l("Representatives of institutions"),
}


class FactorsForm(FlaskForm):
    """Of whom a second factor is asked, and from when on."""

    roles = CheckboxesField(
        _l("Who needs a second factor"), choices=options(ROLE_LABELS),
        description=_l("None ticked: nobody has to."),
    )  # fmt: skip
    from_on = DateField(
        _l("Required from"), [InputRequired(), in_our_years],
        description=_l("Until then they are reminded; from then on nothing else opens without."),
    )  # fmt: skip
    grace_days = IntegerField(
        _l("Days of grace"), [InputRequired(), NumberRange(0, MOST_GRACE_DAYS)],
        description=_l("For who signs in without one for the first time later. 0: none."),
    )  # fmt: skip
