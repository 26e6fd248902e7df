"""Forms of sites, buildings and rooms."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from booking.companies.rules.register import BuildingFields, RoomFields, SiteFields, time_zones
from booking.core.text import LINE
from booking.web.fields import options


class SiteForm(FlaskForm):
    """A park or campus."""

    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])
    time_zone = SelectField(
        _l("Time zone"), [InputRequired()], default="Asia/Shanghai",
        choices=options({zone: zone for zone in time_zones()}),
        description=_l("Days and opening hours of everything here follow it."),
    )  # fmt: skip
    address = StringField(_l("Address"), [Length(max=LINE)])

    def fields(self) -> SiteFields:
        """Return what was typed."""
        return SiteFields(
            self.name_zh.data or "", self.name_en.data or "", self.time_zone.data or "",
            self.address.data or "",
        )  # fmt: skip


class BuildingForm(FlaskForm):
    """A building of a site."""

    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])

    def fields(self, site_id: int) -> BuildingFields:
        """Return what was typed."""
        return BuildingFields(site_id, self.name_zh.data or "", self.name_en.data or "")


class RoomForm(FlaskForm):
    """A room of a building."""

    name = StringField(_l("Room number or name"), [InputRequired(), Length(max=LINE)])
    floor = StringField(_l("Floor"), [Length(max=LINE)])

    def fields(self, building_id: int) -> RoomFields:
        """Return what was typed."""
        return RoomFields(building_id, self.name.data or "", self.floor.data or "")
