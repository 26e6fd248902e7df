"""How to qualify for an instrument: the level it needs, one's own, and the courses to it."""

from flask import render_template, url_for
from flask_babel import gettext as _

from booking.infra import clock
from booking.infra.db import db
from booking.policies.rules.levels import staffed_hours
from booking.reservations.queries.asking import Booker, rules_for
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.people import manager_addresses
from booking.reservations.queries.person import PersonFacts
from booking.training.queries.courses import courses_for
from booking.training.queries.sessions import session_lines
from booking.training.views.base import blueprint
from booking.training.views.lines import asks_text, gives_text, training_line
from booking.web.access import signed_in
from booking.web.formats import hours_text
from booking.web.level_words import level_text
from booking.web.locale import named
from booking.web.login import actor


@blueprint.get("/pools/<int:pool_id>/training")
@signed_in
def ways(pool_id: int) -> str:
    """Show which level an instrument needs and how to get it."""
    session, who, now = db.session(), actor(), clock.now()
    pool = visible_pool(session, who, pool_id, now)
    rules = rules_for(session, pool, Booker(who.user_id, None), now)
    held = PersonFacts(session, who.user_id, now).qualified(pool.place)
    own = max((one.level for one in held), default=0)
    courses = courses_for(session, pool.place)
    coming = session_lines(session, [course.id for course in courses], who.user_id, now)
    facts = [
        (_("Needed to book"), level_text(rules.level.value)),
        (_("You have"), level_text(own)),
    ]
    if rules.off_hours_level.value > rules.level.value:
        hours = hours_text(staffed_hours(rules))
        facts.insert(1, (_("Outside %(hours)s", hours=hours),
                         level_text(rules.off_hours_level.value)))  # fmt: skip
    return render_template(
        "training/ways.html",
        name=named(pool.name_zh, pool.name_en),
        pool_url=url_for("catalogue.pool", pool_id=pool_id),
        facts=facts,
        enough=own >= max(rules.level.value, rules.off_hours_level.value),
        courses=[
            (
                course, gives_text(course), asks_text(course), course.level > own,
                [training_line(one, pool.zone, now) for one in coming
                 if one.training.course_id == course.id],
            )
            for course in courses
        ],
        addresses=manager_addresses(session, pool),
    )  # fmt: skip
