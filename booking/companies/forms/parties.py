"""Forms of institutions, companies and labs."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from booking.companies.rules.codes import plain_code
from booking.companies.rules.register import CompanyFields, InstitutionFields, LabFields
from booking.core.text import LINE
from booking.web.fields import IdField, options

INSTITUTION_KINDS = {
    "hospital": _l("Hospital"),
    "university": _l("University or institute"),
    "company": _l("Company"),
    "other": _l("Other"),
}
PRICE_TIERS = {
    "resident": _l("Resident company"),
    "partner": _l("Partner institution"),
    "outside": _l("From outside the park"),
}


class InstitutionForm(FlaskForm):
    """A hospital, university or company that contributes units."""

    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])
    kind = SelectField(_l("Kind"), [InputRequired()], choices=options(INSTITUTION_KINDS))

    def fields(self) -> InstitutionFields:
        """Return what was typed."""
        return InstitutionFields(
            self.name_zh.data or "", self.name_en.data or "", self.kind.data or ""
        )


class CompanyForm(FlaskForm):
    """A resident company."""

    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])
    credit_code = StringField(_l("Credit code"), [Length(max=30)])
    price_tier = SelectField(_l("Price tier"), [InputRequired()], choices=options(PRICE_TIERS))
    home_site_id = IdField(
        _l("Home site"), description=_l("Its days count where several sites are concerned.")
    )

    def fields(self) -> CompanyFields:
        """Return what was typed."""
        return CompanyFields(
            self.name_zh.data or "", self.name_en.data or "",
            plain_code(self.credit_code.data or ""), self.price_tier.data or "",
            self.home_site_id.data,
        )  # fmt: skip


class LabForm(FlaskForm):
    """A lab of an institution; it does not move to another one later."""

    institution_id = IdField(_l("Institution"), [InputRequired()])
    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])
    staff_may_approve = BooleanField(
        _l("Staff may approve requests too"),
        description=_l("Otherwise only the manager and deputies do."),
    )

    def fields(self) -> LabFields:
        """Return what was typed."""
        return LabFields(
            self.institution_id.data or 0, self.name_zh.data or "", self.name_en.data or "",
            int(self.staff_may_approve.data),
        )  # fmt: skip
