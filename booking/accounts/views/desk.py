"""What the park's service desk does for who lost every second factor."""

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.models import User
from booking.accounts.rules.permissions import may_look
from booking.accounts.services.factors import reset_factors
from booking.accounts.services.people import ADMINISTRATOR, AUDITOR
from booking.accounts.views.signing_in import blueprint
from booking.core.errors import NotFound
from booking.infra.db import db
from booking.web import login
from booking.web.access import park_permission
from booking.web.proof import freshly_proven
from booking.web.saving import Question, confirmed


@blueprint.route("/of/<int:user_id>/factors", methods=["GET", "POST"])
@park_permission("park.edit")
@freshly_proven
def desk_reset(user_id: int) -> Response | tuple[str, int]:
    """Ask, then take every second factor off a person."""
    person = db.session.get(User, user_id)
    # Who could take the factors off an administrator could become one.
    above = person is not None and person.park_role in (ADMINISTRATOR, AUDITOR)
    if person is None or (above and not may_look(login.actor(), "park.roles")):
        raise NotFound("person")
    back = url_for("people.person", user_id=user_id)
    question = Question(
        title=_("Take the second factors off %(name)s?", name=person.name),
        text=_(
            "First make sure who is asking, not by mail alone. Passkeys, authenticator app and "
            "recovery codes end, the person is signed out everywhere, and a letter says so."
        ),
        button=_("Take them off"), back=back, after=back, section="people",
        done=_("%(name)s signs in without a second factor now.", name=person.name),
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: reset_factors(s, who, user_id, now))
