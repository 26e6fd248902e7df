"""Sign-in and security of who is signed in: what proves them, where they are signed in, alerts."""

from datetime import datetime

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.forms.factors import AlertsForm
from booking.accounts.models import User
from booking.accounts.queries.factors import live_sessions, other_devices, ways_of
from booking.accounts.queries.wrong_passwords import wrong_tries
from booking.accounts.rules.devices import device_of
from booking.accounts.services.devices import (
    forget_device,
    forget_device_of,
    forget_other_devices,
)
from booking.accounts.services.passkeys import passkeys_of
from booking.accounts.services.people import set_alerts
from booking.accounts.services.sessions import end_other_sessions, end_session
from booking.accounts.views.signing_in import blueprint
from booking.companies.queries.zones import home_zone
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db
from booking.web import login
from booking.web.access import signed_in
from booking.web.proof import freshly_proven, is_barred, open_without_factor
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
        wrong=wrong_tries(session, user_id, person.email, clock.now()),
        zone=home_zone(session),
    )


@blueprint.post("/security/alerts")
@signed_in
def alerts() -> Response:
    """Choose whether to be told of sign-ins from new devices."""
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
    user_id = login.actor().user_id
    rows = live_sessions(session, user_id, now, idle, most)
    known = other_devices(session, user_id, [row.device_hash for row in rows])
    return render_template(
        "accounts/sessions.html",
        rows=[(row, _words(row.user_agent)) for row in rows],
        known=[(row, _words(row.user_agent)) for row in known],
        here=login.session_id(),
        zone=home_zone(session),
        idle_days=idle,
        max_days=most,
    )


@blueprint.post("/sessions/<int:session_id>/end")
@freshly_proven
def end_one(session_id: int) -> Response:
    """Sign one device out, on the server; this one too. Another one is forgotten with it."""
    if session_id == login.session_id():
        run(lambda s, who, now: end_session(s, who, session_id, now))
        login.sign_out()
        return redirect(url_for("accounts.sign_in"))

    def work(session: Session, who: Actor, now: datetime) -> None:
        end_session(session, who, session_id, now)
        forget_device_of(session, who, session_id, now)

    run(work)
    flash(_("The device was signed out."), "success")
    return redirect(url_for("accounts.sessions"))


@blueprint.post("/sessions/end-others")
@freshly_proven
def end_others() -> Response:
    """Sign every other device out, and forget it."""
    kept = login.session_id()

    def work(session: Session, who: Actor, now: datetime) -> None:
        end_other_sessions(session, who, kept, now)
        forget_other_devices(session, who, kept, now)

    return told(work, _("All other devices were signed out."), url_for("accounts.sessions"))


@blueprint.post("/devices/<int:device_id>/forget")
@signed_in
def forget_known(device_id: int) -> Response:
    """Forget a device: the next sign-in from there is told of again."""
    return told(
        lambda s, who, now: forget_device(s, who, device_id, now),
        _("The device was forgotten."), url_for("accounts.sessions"),
    )  # fmt: skip


def _words(user_agent: str) -> str:
    return device_of(user_agent) or _("Unknown device")
