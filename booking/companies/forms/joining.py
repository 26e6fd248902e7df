"""Forms by which companies and people come in, and of what a company's admins decide."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from booking.companies.forms.parties import PRICE_TIERS
from booking.companies.rules.joining import MOST_NOTE, ApplicationFields
from booking.companies.services.applications import MOST_REASON, Terms
from booking.companies.services.invitations import InvitationWanted
from booking.companies.services.members import MOST_HOURS
from booking.core.text import LINE
from booking.web.fields import CheckboxesField, IdField, options

ROLE_LABELS = {
    "booker": _l("Books for others: may book for colleagues"),
    "admin": _l("Company admin: people, limits, all reservations of the company"),
    "finance": _l("Finance: sees what the company has booked, without notes"),
}


class ApplicationForm(FlaskForm):
    """A company that registers itself."""

    name_zh = StringField(
        _l("Company name"), [InputRequired(), Length(max=LINE)],
        description=_l("As on the licence."),
    )  # fmt: skip
    name_en = StringField(_l("English name"), [Length(max=LINE)])
    credit_code = StringField(
        _l("Unified social credit code"), [InputRequired(), Length(max=30)],
        description=_l("18 characters, on the licence."),
    )  # fmt: skip
    licence = FileField(
        _l("Business licence"), [FileRequired(_l("Choose a file."))],
        description=_l("A photograph, a scan or a PDF, at most 5 MB. Only the park sees it."),
    )  # fmt: skip
    contact = StringField(_l("Contact person"), [InputRequired(), Length(max=LINE)])
    email = StringField(
        _l("E-mail"), [InputRequired(), Length(max=254)],
        description=_l("The answer goes here, and who reads it becomes the company's admin."),
    )  # fmt: skip
    phone = StringField(_l("Telephone"), [InputRequired(), Length(max=40)])
    note = TextAreaField(
        _l("Note"), [Length(max=MOST_NOTE)],
        description=_l("What you plan to use, where in the park you are."),
    )  # fmt: skip

    def fields(self) -> ApplicationFields:
        """Return what was typed."""
        return ApplicationFields(
            self.name_zh.data or "", self.credit_code.data or "", self.contact.data or "",
            self.email.data or "", self.phone.data or "", self.name_en.data or "",
            self.note.data or "",
        )  # fmt: skip


class ApproveForm(FlaskForm):
    """What the operator adds to an application."""

    price_tier = SelectField(_l("Price tier"), [InputRequired()], choices=options(PRICE_TIERS))
    home_site_id = IdField(
        _l("Home site"), description=_l("Its days count where several sites are concerned.")
    )

    def terms(self) -> Terms:
        """Return what was chosen."""
        return Terms(self.price_tier.data or "", self.home_site_id.data)


class RejectForm(FlaskForm):
    """Why an application is not accepted."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(), Length(max=MOST_REASON)],
        description=_l("The applicant reads it in a mail."),
    )  # fmt: skip


class RolesForm(FlaskForm):
    """What somebody is in a company, beside a member."""

    roles = CheckboxesField(_l("Also"), choices=options(ROLE_LABELS))

    def chosen(self) -> tuple[str, ...]:
        """Return the roles, member included."""
        return ("member", *(self.roles.data or ()))


class MemberForm(RolesForm):
    """What a member is, and how much they may book."""

    month_hours = IntegerField(
        _l("Hours a month"), [Optional(), NumberRange(0, MOST_HOURS)],
        description=_l("Most that may be booked for the company, all units together. Empty: any."),
    )  # fmt: skip


class InviteForm(RolesForm):
    """A person a company invites."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])

    def wanted(self) -> InvitationWanted:
        """Return what was typed."""
        return InvitationWanted(self.email.data or "", self.chosen())


class NewPersonForm(FlaskForm):
    """What is asked of somebody without an account who accepts an invitation."""

    name = StringField(_l("Full name"), [InputRequired(), Length(max=LINE)])
    phone = StringField(_l("Telephone"), [Length(max=40)])


class AddressForm(FlaskForm):
    """The address of somebody who wants to join their company."""

    email = StringField(_l("E-mail at your company"), [InputRequired(), Length(max=254)])


class DomainForm(FlaskForm):
    """A mail domain whose people may join a company."""

    domain = StringField(
        _l("Mail domain"), [InputRequired(), Length(max=254)],
        description=_l("What stands after the @ in your own address."),
    )  # fmt: skip
    mode = SelectField(
        _l("Who has an address there"),
        choices=options(
            {
                "ask": _l("may ask to join; an admin says yes"),
                "auto": _l("joins at once"),
            }
        ),
    )


class LeaveForm(FlaskForm):
    """What becomes of what somebody who leaves still has to come."""

    rest = SelectField(_l("What becomes of them"))
    reason = TextAreaField(
        _l("Reason"), [Length(max=MOST_REASON)],
        description=_l("Needed for each cancellation; people read it."),
    )  # fmt: skip


class CloseForm(FlaskForm):
    """Why a company is closed down."""

    reason = TextAreaField(
        _l("Reason"), [Length(max=MOST_REASON)],
        description=_l("Needed where reservations are still to come: they are cancelled with it."),
    )  # fmt: skip
