"""Forms of platforms, pools and their rules."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from booking.core.text import LINE, TEXT
from booking.inventory.rules.pools import MOST_UNITS, PoolFields
from booking.inventory.services.register import PlatformFields
from booking.web.fields import IdField, options

UNIT_KINDS = {
    "instrument": _l("Instrument"),
    "room": _l("Room"),
    "place": _l("Place"),
    "person": _l("A person's time"),
}


class PlatformForm(FlaskForm):
    """A catalogue grouping."""

    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])

    def fields(self) -> PlatformFields:
        """Return what was typed."""
        return PlatformFields(self.name_zh.data or "", self.name_en.data or "")


class PoolForm(FlaskForm):
    """What a pool is."""

    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])
    manufacturer = StringField(_l("Manufacturer"), [Length(max=LINE)])
    model = StringField(_l("Model"), [Length(max=LINE)])
    category_code = SelectField(_l("Category"), coerce=lambda code: code or None)
    platform_id = IdField(_l("Platform"))
    site_id = IdField(_l("Site"), [InputRequired()])
    description = TextAreaField(
        _l("What it is and does"), [Length(max=TEXT)], render_kw={"rows": 5}
    )
    specifications = TextAreaField(
        _l("Specifications"), [Length(max=TEXT)], render_kw={"rows": 6},
        description=_l("One a line, such as “Resolution: 120 nm”."),
    )  # fmt: skip

    def fields(self) -> PoolFields:
        """Return what was typed."""
        return PoolFields(
            site_id=self.site_id.data or 0,
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            manufacturer=self.manufacturer.data or "",
            model=self.model.data or "",
            platform_id=self.platform_id.data,
            category_code=self.category_code.data,
            description=self.description.data or "",
            specifications=self.specifications.data or "",
        )


class NewPoolForm(PoolForm):
    """A new pool of a lab, and its first units."""

    lab_id = IdField(_l("Lab"), [InputRequired()])
    kind = SelectField(_l("Kind of unit"), choices=options(UNIT_KINDS))
    units = IntegerField(
        _l("Number of units"), [InputRequired(), NumberRange(0, MOST_UNITS)], default=1,
        description=_l("Alike and interchangeable. Their numbers and places can be added later."),
    )  # fmt: skip


class LabForm(FlaskForm):
    """Who runs a pool."""

    lab_id = IdField(
        _l("Lab"), [InputRequired()],
        description=_l("Its managers decide on the requests, those that wait already included."),
    )  # fmt: skip


class UnitsForm(FlaskForm):
    """Several more units at once."""

    kind = SelectField(_l("Kind of unit"), choices=options(UNIT_KINDS))
    units = IntegerField(
        _l("Number to add"), [InputRequired(), NumberRange(1, MOST_UNITS)], default=1
    )


class PhotoForm(FlaskForm):
    """A picture of the pool."""

    photo = FileField(
        _l("Picture"), [FileRequired(_l("Please choose a file."))],
        description=_l("JPEG, PNG or WebP, at most 12 MB. It is shrunk to 1280 pixels."),
    )  # fmt: skip
