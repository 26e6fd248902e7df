"""Forms of platforms, pools and their rules."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from booking.core.text import LINE, TEXT
from booking.inventory.forms.hours import HoursForm
from booking.inventory.models import Pool
from booking.inventory.rules.pools import MOST_UNITS, RANGES, PoolFields, PoolRuleFields
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


def _number(label: Any, name: str, description: Any = "") -> IntegerField:
    least, most = RANGES[name]
    return IntegerField(label, [Optional(), NumberRange(least, most)], description=description)


class RulesForm(HoursForm):
    """How a pool is booked; what is left empty follows the park."""

    approval = RadioField(
        _l("Approval"),
        choices=options(
            {
                "manual": _l("The lab decides on each request"),
                "auto": _l("Approved by itself when the rules are kept"),
            }
        ),
    )
    hours = RadioField(_l("Opening hours"), choices=[])  # the view words them
    granularity_minutes = _number(
        _l("Grid, in minutes"), "granularity_minutes",
        _l("Reservations start and end on it."),
    )  # fmt: skip
    min_minutes = _number(_l("Shortest, in minutes"), "min_minutes")
    max_minutes = _number(_l("Longest, in minutes"), "max_minutes")
    horizon_days = _number(_l("How many days ahead"), "horizon_days")
    warmup_minutes = _number(_l("Warm-up before, in minutes"), "warmup_minutes")
    cleanup_minutes = _number(_l("Clean-up after, in minutes"), "cleanup_minutes")
    max_units = _number(_l("Most units in one reservation"), "max_units")
    decide_within_hours = _number(
        _l("Decide within, in hours"), "decide_within_hours",
        _l("A request nobody decided on expires."),
    )  # fmt: skip

    def hours_count(self) -> bool:
        """Return whether the pool has hours of its own."""
        return bool(self.hours.data == "own")

    def fields(self) -> PoolRuleFields:
        """Return what was typed. Call it after `validate`."""
        numbers = {name: self[name].data for name in RANGES}
        return PoolRuleFields(
            approval=self.approval.data or "",
            opening_hours=self.weekly() if self.hours_count() else None,
            **numbers,
        )

    @staticmethod
    def present(pool: Pool) -> dict[str, object]:
        """Return what the pool has now, by field."""
        names = ("approval", *RANGES)
        return {name: getattr(pool, name) for name in names}
