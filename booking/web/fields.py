"""Form fields that several features use."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import Field, Form, SelectField, SelectMultipleField

# types-WTForms 3.2 does not know it yet; WTForms 3.3 warns about every other form of choices.
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from booking.companies.queries.lists import Choice
from booking.core.errors import Invalid
from booking.core.local import YEARS
from booking.web.arguments import id_of
from booking.web.locale import named
from booking.web.messages import text_of


def options(labels: Mapping[str, Any], group: str | None = None) -> list[SelectChoice]:
    """Return value → label as choices of a field, under the heading `group` if it is given."""
    return [SelectChoice(value, label, optgroup=group) for value, label in labels.items()]


def in_our_years(_form: Form, field: Field) -> None:
    """Refuse a day so far off that it begins at no instant we count."""
    if field.data is not None and field.data.year not in YEARS:
        bounds = {"least": YEARS[0], "most": YEARS[-1]}
        raise ValidationError(text_of(Invalid("not_in_our_years", field=field.name, **bounds)))


class CheckboxesField(SelectMultipleField):
    """Several of a list, as tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class IdField(SelectField):
    """One of some rows by id, or None for the empty first choice."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, coerce=optional_id, choices=[], **more)
        self.type = "SelectField"  # macros/form.html dresses fields by their type

    def offer(self, rows: Iterable[Choice], nothing: str | None = None) -> None:
        """Offer rows; `nothing` is the label of the empty choice, None: there is no such."""
        first = [SelectChoice("", nothing)] if nothing is not None else []
        self.choices = [*first, *(_choice(row) for row in rows)]


def _choice(row: Choice) -> SelectChoice:
    above = named(row.above_zh, row.above_en)
    return SelectChoice(str(row.id), named(row.name_zh, row.name_en), optgroup=above or None)


def optional_id(value: Any) -> int | None:
    """Return the id a choice stands for, None for the empty one. Raises ValueError."""
    return row_id(value) if value not in (None, "", "None") else None


def row_id(value: Any) -> int:
    """Return the id in a form's value. Raises ValueError for what can be no row's."""
    found = id_of(str(value))
    if found is None:
        raise ValueError(value)
    return found
