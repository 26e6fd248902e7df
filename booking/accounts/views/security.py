"""Sign-in and security of who is signed in: what proves them, where they are signed in, alerts."""

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.forms.factors import AlertsForm
from booking.accounts.models import User
from booking.accounts.queries.factors import live_sessions, ways_of
from booking.accounts.rules.devices import device_of
from booking.accounts.services.passkeys import passkeys_of
from booking.accounts.services.people import set_alerts
from booking.accounts.services.sessions import end_other_sessions, end_session
from booking.accounts.views.signing_in import blueprint
from booking.companies.queries.zones import home_zone
from booking.infra import clock
from booking.infra.db import db
from booking.web import login
from booking.web.access import signed_in
from booking.web.proof import is_barred, open_without_factor
from booking.web.saving import run, told


@blueprint.get("/security")
@signed_in
@open_without_factor
def security() -> str:
    """Show what proves the person, with ways to change each."""
    session, user_id = db.session(), login.actor().user_id
    person = session.get_one(User, user_id)
    return render_template(
        "accounts/security.html",
        person=person,
        ways=ways_of(session, user_id),
        passkeys=passkeys_of(session, user_id),
        alerts=AlertsForm(formdata=None, obj=person),
        barred=is_barred(),
        zone=home_zone(session),
    )


@blueprint.post("/security/alerts")
@signed_in
def alerts() -> Response:
    """Choose whether to be told of sign-ins from new devices and places."""
    wanted = bool(AlertsForm().sign_in_alerts.data)
    return told(
        lambda s, who, now: set_alerts(s, who, now, wanted=wanted),
        _("Saved."), url_for("accounts.security"),
    )  # fmt: skip


@blueprint.get("/sessions")
@signed_in
def sessions() -> str:
    """Show where the person is signed in."""
    session, now, config = db.session(), clock.now(), current_app.config
    idle, most = config["SESSION_IDLE_DAYS"], config["SESSION_MAX_DAYS"]
    rows = live_sessions(session, login.actor().user_id, now, idle, most)
    return render_template(
        "accounts/sessions.html",
        rows=[(row, device_of(row.user_agent) or _("Unknown device")) for row in rows],
        here=login.session_id(),
        zone=home_zone(session),
        idle_days=idle,
        max_days=most,
    )


@blueprint.post("/sessions/<int:session_id>/end")
@signed_in
def end_one(session_id: int) -> Response:
    """Sign one device out, on the server; this one too."""
    own = session_id == login.session_id()
    run(lambda s, who, now: end_session(s, who, session_id, now))
    if own:
        login.sign_out()
        return redirect(url_for("accounts.sign_in"))
    flash(_("The device was signed out."), "success")
    return redirect(url_for("accounts.sessions"))


@blueprint.post("/sessions/end-others")
@signed_in
def end_others() -> Response:
    """Sign every other device out."""
    kept = login.session_id()
    return told(
        lambda s, who, now: end_other_sessions(s, who, kept, now),
        _("All other devices were signed out."), url_for("accounts.sessions"),
    )  # fmt: skip
