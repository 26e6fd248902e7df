"""A person's ways to sign in beside the password: who they are elsewhere, and their mobile."""

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.queries.identities import visible_identities
from booking.accounts.queries.mobiles import mobile_of_person
from booking.accounts.rules.numbers import masked
from booking.accounts.services.identities import disconnect
from booking.accounts.views.elsewhere import ways
from booking.companies.queries.zones import home_zone
from booking.infra.db import db
from booking.web.access import signed_in
from booking.web.login import actor
from booking.web.proof import freshly_proven
from booking.web.saving import told

blueprint = Blueprint("ways", __name__, url_prefix="/account/ways")


@blueprint.get("")
@signed_in
def mine() -> str:
    """Show what is connected to the account, and what may be."""
    rows = visible_identities(db.session(), actor())
    known = {way.issuer: way.name for way in ways()}
    taken = {row.issuer for row in rows}
    number = mobile_of_person(db.session(), actor().user_id)
    return render_template(
        "accounts/ways.html",
        identities=[(row, known.get(row.issuer, row.issuer)) for row in rows],
        offered=[way for way in ways() if way.issuer not in taken],
        mobile=masked(number) if number else None,
        zone=home_zone(db.session()),
    )


@blueprint.post("/<int:identity_id>/disconnect")
@freshly_proven
def disconnect_one(identity_id: int) -> Response:
    """Take one identity from the account."""
    return told(
        lambda s, who, now: disconnect(s, who, identity_id, now),
        _("It is no longer connected."), url_for("ways.mine"),
    )  # fmt: skip
