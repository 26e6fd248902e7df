"""The operator's pages: the text of the policy, requests to be erased."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.queries.zones import home_zone
from booking.core.errors import NotFound, WrongState
from booking.infra.db import db
from booking.privacy.forms import PolicyForm, RefuseForm
from booking.privacy.queries import open_request, policy_in_force, requests
from booking.privacy.services.consenting import publish
from booking.privacy.services.erasing import erase, refuse_erasure
from booking.privacy.views.policy import draft
from booking.web.access import park_permission
from booking.web.messages import text_of
from booking.web.saving import Question, confirmed, form_page, run, saved

blueprint = Blueprint("park_privacy", __name__, url_prefix="/park")
Answer = Response | str | tuple[str, int]


@blueprint.route("/privacy", methods=["GET", "POST"])
@park_permission("privacy.handle")
def edit_policy() -> Answer:
    """Show the policy in force and publish another; with it, the requests to be erased."""
    row = policy_in_force(db.session())
    form = PolicyForm(obj=row)
    if row is None and not form.is_submitted():
        form.text_zh.data, form.text_en.data = draft("zh_Hans_CN"), draft("en")
    if form.validate_on_submit():
        zh, en = form.text_zh.data or "", form.text_en.data or ""
        if saved(form, lambda s, who, now: publish(s, who, zh, en, now)):
            flash(_("Published. Everybody is asked to agree before their next page."), "success")
            return redirect(url_for("park_privacy.edit_policy"))
    return form_page("park/privacy.html", form, policy=row)


@blueprint.get("/erasures")
@park_permission("privacy.handle")
def erasures() -> str:
    """List the requests to be erased."""
    session = db.session()
    return render_template(
        "park/erasures.html", requests=requests(session), zone=home_zone(session)
    )


@blueprint.post("/erasures/<int:user_id>")
@park_permission("privacy.handle")
def erase_person(user_id: int) -> Response:
    """Erase a person who asked for it, now."""
    try:
        run(lambda s, who, now: erase(s, who, user_id, now))
    except WrongState as refusal:
        flash(text_of(refusal), "error")
    else:
        flash(_("The person was erased."), "success")
    return redirect(url_for("park_privacy.erasures"))


@blueprint.route("/erasures/<int:user_id>/refuse", methods=["GET", "POST"])
@park_permission("privacy.handle")
def refuse(user_id: int) -> Response | tuple[str, int]:
    """Ask for the reason, then refuse a person's request to be erased."""
    if open_request(db.session(), user_id) is None:
        raise NotFound("erasure")
    form = RefuseForm()
    back = url_for("park_privacy.erasures")
    question = Question(
        title=_("Refuse this request to be erased?"),
        text=_("Only where the law demands that data be kept, or a dispute is open."),
        button=_("Refuse"), back=back, done=_("Refused. The person gets a mail with the reason."),
        after=back, section="privacy",
    )  # fmt: skip
    return confirmed(
        question, lambda s, who, now: refuse_erasure(s, who, user_id, form.reason.data or "", now),
        form,
    )  # fmt: skip
