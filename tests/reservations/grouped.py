"""Short verbs for tests of groups: repeat, look, change, end."""

from booking.infra.db import write
from booking.reservations.queries.groups import visible_group
from booking.reservations.rules.groups import OnProblem, Scope, SeriesWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.services.group_changes import GroupChange, cancel_group, change_group
from booking.reservations.services.series import make_series, preview_series
from tests.conftest import NOW
from tests.reservations.steps import at


def wanted(rule, start=9, end=10, *, exceptions=(), zone=None, title="", how="refuse", **more):
    """Return a series whose first time is those hours of Tuesday."""
    request = BookingRequest(start=at(start), end=at(end), **more)
    return SeriesWanted(request, parse_rule(rule, exceptions), zone, title, OnProblem(how))


def repeat(actor, rule, start=9, end=10, *, now=NOW, **more):
    """Return the series made."""
    asked = wanted(rule, start, end, **more)
    return write(lambda s: make_series(s, actor, asked, now))


def preview(actor, rule, start=9, end=10, *, now=NOW, **more):
    """Return the preview of the series."""
    asked = wanted(rule, start, end, **more)
    return write(lambda s: preview_series(s, actor, asked, now))


def change(actor, group_id, scope, *, now=NOW, version=None, how="refuse", **more):
    """Return what a change of a group came to."""
    asked = GroupChange(Scope(scope), on_problem=OnProblem(how), **more)
    return write(lambda s: change_group(s, actor, group_id, version, asked, now))


def end(actor, group_id, scope="all", *, of=None, reason="", now=NOW, version=None):
    """Return how many were cancelled."""
    return write(lambda s: cancel_group(s, actor, group_id, version, Scope(scope), reason, now, of))


def members(session, actor, group_id):
    """Return the group's reservations in order."""
    session.rollback()
    return [found.row for found in visible_group(session, actor, group_id).members]


def times(session, actor, group_id):
    """Return (day after Tuesday, hour, status) of each."""
    found = []
    for row in members(session, actor, group_id):
        days, seconds = divmod(int((row.start_at - at(0)).total_seconds()), 86_400)
        found.append((days, seconds / 3600, row.status))
    return found
