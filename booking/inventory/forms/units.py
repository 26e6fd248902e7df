"""The form of one unit."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from booking.core.text import LINE
from booking.inventory.forms.pools import UNIT_KINDS
from booking.inventory.rules.pools import MOST_BUFFER_MINUTES, UnitFields
from booking.web.fields import CheckboxesField, IdField, options, row_id

STATES = {
    "in_service": _l("In service"),
    "limited": _l("Limited: can be booked, with a warning"),
    "down": _l("Down: takes no new reservations"),
}


class UnitForm(FlaskForm):
    """One unit."""

    asset_no = StringField(_l("Asset number"), [Length(max=LINE)])
    serial = StringField(_l("Serial number"), [Length(max=LINE)])
    name = StringField(
        _l("Name"), [Length(max=LINE)],
        description=_l("To tell it from its siblings, such as “No. 2, by the window”."),
    )  # fmt: skip
    kind = SelectField(_l("Kind of unit"), choices=options(UNIT_KINDS))
    room_id = IdField(_l("Room"))
    place = StringField(_l("Place"), [Length(max=LINE)])
    state = RadioField(_l("State"), choices=options(STATES), default="in_service")
    state_note = StringField(
        _l("Note on its state"), [Length(max=LINE)], description=_l("Shown to those who book.")
    )
    warmup_minutes = IntegerField(
        _l("Warm-up before, in minutes"), [Optional(), NumberRange(0, MOST_BUFFER_MINUTES)]
    )
    cleanup_minutes = IntegerField(
        _l("Clean-up after, in minutes"), [Optional(), NumberRange(0, MOST_BUFFER_MINUTES)]
    )
    customs_supervised = BooleanField(_l("Under customs supervision"))

    def fields(self) -> UnitFields:
        """Return what was typed."""
        return UnitFields(
            kind=self.kind.data or "",
            state=self.state.data or "",
            state_note=self.state_note.data or "",
            asset_no=self.asset_no.data or "",
            serial=self.serial.data or "",
            name=self.name.data or "",
            room_id=self.room_id.data,
            place=self.place.data or "",
            warmup_minutes=self.warmup_minutes.data,
            cleanup_minutes=self.cleanup_minutes.data,
            customs_supervised=int(self.customs_supervised.data),
        )


class SplitForm(FlaskForm):
    """The units that get a group of their own, and how it is called."""

    unit_ids = CheckboxesField(_l("Units that leave"), [InputRequired()], coerce=row_id)
    name_zh = StringField(_l("Name of the new group"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("Its English name"), [Length(max=LINE)])
