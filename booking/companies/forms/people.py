"""Forms of people and of what they are where."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from booking.companies.rules.register import COMPANY_ROLES, INSTITUTION_ROLES
from booking.companies.services.memberships import LabPlace, PartyPlace
from booking.companies.services.people import Invitation
from booking.core.text import LINE
from booking.web.arguments import id_of
from booking.web.fields import CheckboxesField, IdField, options

LAB_ROLES = {
    "manager": _l("Manager"),
    "deputy": _l("Deputy"),
    "staff": _l("Staff"),
}
PARK_ROLES = {
    "operator": _l("Operator of the park"),
    "administrator": _l("Administrator of the park"),
    "auditor": _l("Auditor of the park"),
}
# company: member, booker, finance, admin; institution: member, representative
PARTY_ROLES = {
    "member": _l("Member"),
    "booker": _l("Books for others"),
    "finance": _l("Finance"),
    "admin": _l("Company admin"),
    "representative": _l("Representative"),
}


class PartyForm(FlaskForm):
    """A place in a company or institution; `party` is company-<id> or institution-<id>."""

    party = SelectField(_l("Company or institution"), validate_choice=False)
    lead = CheckboxesField(
        _l("Also"),
        choices=options(
            {
                "booker": _l("Books for others of the company"),
                "finance": _l("Finance: sees the company's reservations, not their notes"),
                "admin": _l("Company admin: sees all reservations of the company"),
                "representative": _l("Representative: sees how the institution's units are used"),
            }
        ),
    )

    def place(self) -> PartyPlace | None:
        """Return the place chosen, None when none is. Roles of the other kind of party are left."""
        kind, _dash, number = (self.party.data or "").partition("-")
        key = id_of(number)
        if key is None or kind not in ("company", "institution"):
            return None
        allowed = COMPANY_ROLES if kind == "company" else INSTITUTION_ROLES
        also = (role for role in self.lead.data or () if role in allowed)
        roles = ("member", *also)
        if kind == "company":
            return PartyPlace(key, None, roles)
        return PartyPlace(None, key, roles)


class InviteForm(PartyForm):
    """A person to invite, and where they start."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])
    name = StringField(_l("Full name"), [InputRequired(), Length(max=LINE)])
    phone = StringField(_l("Telephone"), [Length(max=40)])
    lab_id = IdField(_l("Lab"))
    # Counts only with a lab; the service knows the roles.
    lab_role = SelectField(_l("Role in the lab"), choices=options(LAB_ROLES), validate_choice=False)

    def invitation(self) -> Invitation:
        """Return what was typed."""
        lab = LabPlace(self.lab_id.data, self.lab_role.data or "") if self.lab_id.data else None
        return Invitation(
            self.email.data or "", self.name.data or "", self.phone.data or "", self.place(), lab
        )


class PersonForm(FlaskForm):
    """What may be changed of a person."""

    name = StringField(_l("Full name"), [InputRequired(), Length(max=LINE)])
    phone = StringField(_l("Telephone"), [Length(max=40)])


class ParkRoleForm(FlaskForm):
    """What a person is in the park as a whole."""

    role = RadioField(
        _l("Role in the park"),
        choices=options(
            {
                "": _l("None"),
                "operator": _l("Operator: runs the park"),
                "administrator": _l("Administrator: settings of the park and roles of its people"),
                "auditor": _l("Auditor: reads everything, changes nothing"),
            }
        ),
    )


class LabMemberForm(FlaskForm):
    """A person of the park to take into a lab."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])
    role = SelectField(_l("Role in the lab"), choices=options(LAB_ROLES))
