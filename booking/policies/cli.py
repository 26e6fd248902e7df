"""Commands about the calendar."""

import click
from flask.cli import AppGroup

from booking.infra import clock
from booking.infra.db import write
from booking.infra.holidays_cn import FIRST_YEAR, LAST_YEAR, days_of, source
from booking.policies.services.calendar import DayFields, put_days
from booking.web.terminal import by_command

calendar = AppGroup("calendar", help="Holidays and make-up workdays.")


@calendar.command("load")
@click.argument("years", nargs=-1, type=click.IntRange(FIRST_YEAR, LAST_YEAR))
def load(years: tuple[int, ...]) -> None:
    """Load what the holidays package knows of China for YEARS (default: this one and two more).

    Days that people typed or imported stay; the same years again change nothing.
    """
    now = clock.now()
    by_command()
    for year in years or range(now.year, now.year + 3):
        days = [DayFields(d.day, d.kind, d.name_zh, d.name_en, source()) for d in days_of(year)]
        changed = write(
            lambda s, days=days: put_days(s, None, None, days, now, keeps_typed=True)  # type: ignore[misc]
        )
        made_up = sum(1 for day in days if day.kind == "workday")
        note = "" if made_up else "; make-up workdays are not known yet"
        click.echo(f"{year}: {len(days) - made_up} holidays, {made_up} make-up workdays{note}; "
                   f"{changed} changed")  # fmt: skip
