"""A person's own API tokens: made, shown once, ended."""

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.forms.tokens import SCOPE_LABELS, TokenForm
from booking.accounts.queries.tokens import visible_tokens
from booking.accounts.services.tokens import end_token, issue_token
from booking.companies.queries.zones import home_zone
from booking.infra import clock
from booking.infra.db import db
from booking.web.access import signed_in
from booking.web.login import actor
from booking.web.proof import freshly_proven
from booking.web.saving import form_page, saved, told

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@blueprint.route("", methods=["GET", "POST"])
@freshly_proven
def mine() -> tuple[str, int]:
    """List the person's tokens and make a new one, which is shown in the answer, this once."""
    form = TokenForm()
    form.offer()
    made = None
    if form.validate_on_submit():
        made = saved(form, lambda s, who, now: issue_token(s, who, who.user_id, form.wish(), now))
        if made is not None:
            form = TokenForm(formdata=None)
            form.offer()
    rows = visible_tokens(db.session(), actor(), clock.now())
    return form_page("accounts/tokens.html", form, tokens=rows, made=made, scopes=SCOPE_LABELS,
                     zone=home_zone(db.session()))  # fmt: skip


@blueprint.post("/<int:token_id>/end")
@signed_in
def end(token_id: int) -> Response:
    """End one token: programs that use it stop working."""
    return told(
        lambda s, who, now: end_token(s, who, token_id, now),
        _("The token has ended."), url_for("tokens.mine"),
    )  # fmt: skip
