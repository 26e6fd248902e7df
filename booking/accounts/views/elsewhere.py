"""Signing in by a single sign-on provider or WeCom: leaving for it, coming back, connecting.

Leaving and coming back are GETs, as the protocols want, and change nothing: what was begun is in
this browser's cookie, and the page one comes back to sends the rest as a form.
"""

import hmac
from dataclasses import asdict, dataclass
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.services.identities import (
    STATE_MINUTES,
    Proven,
    connect,
    refused,
    spend_state,
    user_of,
)
from booking.accounts.views.entering import entered
from booking.core.errors import Forbidden, NotFound, Refusal, WrongState
from booking.infra import clock, oidc, rate, wecom
from booking.infra.db import write
from booking.infra.oidc import Flow, Unproven
from booking.infra.outbound import Unreachable
from booking.infra.secret import new_token
from booking.web import login
from booking.web.limits import address_limits
from booking.web.links import public_url, safe_next
from booking.web.login import PENDING
from booking.web.messages import status_of, text_of
from booking.web.proof import freshly_proven, is_fresh
from booking.web.saving import told

blueprint = Blueprint("elsewhere", __name__, url_prefix="/account")
BEGUN = "begun"  # in the cookie: what was begun in this browser
LONGEST = 4000  # characters of what a provider sends back
Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to sign in beside the password, as a button."""

    key: str
    name: str
    issuer: str


def ways() -> list[Way]:
    """Return the ways the settings open."""
    found = [
        Way(one.key, one.name or _("single sign-on"), one.issuer)
        for one in oidc.providers().values()
    ]
    ours = wecom.application()
    return [*found, Way(wecom.KEY, _("WeCom"), ours.issuer)] if ours else found


@blueprint.app_context_processor
def _offer() -> dict[str, Any]:
    return {"sign_in_ways": ways}


@blueprint.get("/with/<key>")
def start(key: str) -> Answer:
    """Lead to the provider; `?connect=1` to add it to the account one is signed in to."""
    way, who = _way(key), login.optional_actor()
    target = safe_next(request.args.get("next"), url_for("shell.home"))
    connects = request.args.get("connect") == "1" and who is not None
    if who is not None and not connects:
        return redirect(target)
    if connects and not is_fresh(login.here(), clock.now()):
        return redirect(url_for("accounts.confirm", next=url_for("ways.mine")))
    flow = Flow(new_token(), new_token(), new_token())
    try:
        address = _address(key, flow)
    except Unreachable as error:
        return _unreachable(way, error)
    session[BEGUN] = {
        "key": key, "next": target, "user": who.user_id if who else None,
        "at": int(clock.now().timestamp()), **asdict(flow),
    }  # fmt: skip
    return redirect(address)


@blueprint.get("/with/<key>/back")
def back(key: str) -> Answer:
    """Take what the provider sends along, and send it on as a form."""
    way = _way(key)
    code, state = (request.args.get(name, "")[:LONGEST] for name in ("code", "state"))
    try:
        _begun(key, state)
    except Forbidden as refusal:
        return _refused(way, text_of(refusal), status_of(refusal))
    if not code:
        return _refused(way, text_of(Forbidden("sign_in_elsewhere_refused")), 403)
    return render_template("accounts/coming_back.html", way=way, code=code, state=state)


@blueprint.post("/with/<key>/finish")
def finish(key: str) -> Answer:
    """Sign in, or connect, whoever the provider says came back."""
    way, now = _way(key), clock.now()
    code, state = (request.form.get(name, "")[:LONGEST] for name in ("code", "state"))
    try:
        begun = _begun(key, state)
        session.pop(BEGUN)
        rate.hit_all(address_limits())
        write(lambda s: spend_state(s, state, now))
        proven = _proven(key, begun, code)
        return _connected(proven) if begun["user"] else _entered(key, proven, begun["next"])
    except Unreachable as error:
        return _unreachable(way, error)
    except Unproven as error:
        why = str(error)[:200]
        current_app.logger.info("sign-in by %s: %s", key, why)
        write(lambda s: refused(s, way.issuer, why, now))
        return _refused(way, text_of(Forbidden("sign_in_elsewhere_refused")), 403)
    except Refusal as refusal:
        return _refused(way, text_of(refusal), status_of(refusal))


@blueprint.route("/connect", methods=["GET", "POST"])
@freshly_proven
def connect_pending() -> Answer:
    """Ask, then connect who was proven elsewhere to the account one is signed in to."""
    pending = session.get(PENDING)
    if pending is None or clock.now().timestamp() > pending["until"]:
        session.pop(PENDING, None)
        return redirect(url_for("ways.mine"))
    proven = Proven(pending["issuer"], pending["subject"], pending["email"], pending["name"])
    if request.method == "POST":
        session.pop(PENDING)
        return _connected(proven)
    found = [way for way in ways() if way.issuer == proven.issuer]
    return render_template("accounts/connect.html", way=found[0] if found else None, proven=proven)


def _way(key: str) -> Way:
    for way in ways():
        if way.key == key:
            return way
    raise NotFound("way")


def _back_to(key: str) -> str:
    return public_url(url_for("elsewhere.back", key=key))


def _address(key: str, flow: Flow) -> str:
    ours = wecom.application()
    if key == wecom.KEY and ours is not None:
        return wecom.address(ours, flow.state, _back_to(key), request.user_agent.string)
    return oidc.address(oidc.providers()[key], flow, _back_to(key))


def _begun(key: str, state: str) -> dict[str, Any]:
    """Return what was begun in this browser, not long ago, with this state.

    Raises Forbidden: somebody else's answer, which would sign them in here, ends at this point.
    """
    begun = session.get(BEGUN)
    if (
        begun is None
        or begun["key"] != key
        or not hmac.compare_digest(begun["state"].encode(), state.encode("utf-8", "replace"))
        or clock.now().timestamp() - begun["at"] > STATE_MINUTES * 60
    ):
        raise Forbidden("sign_in_elsewhere_over")
    who = login.optional_actor()
    if begun["user"] != (who.user_id if who else None):
        raise Forbidden("sign_in_elsewhere_over")
    found: dict[str, Any] = begun
    return found


def _proven(key: str, begun: dict[str, Any], code: str) -> Proven:
    ours = wecom.application()
    if key == wecom.KEY and ours is not None:
        member = wecom.user_id(ours, code)
        return Proven(ours.issuer, member, None, member)
    flow = Flow(begun["state"], begun["nonce"], begun["verifier"])
    said = oidc.claims(oidc.providers()[key], flow, code, _back_to(key))
    return Proven(said.issuer, said.subject, said.email, said.name, said.two_factors)


def _entered(key: str, proven: Proven, target: str) -> Response:
    provider, now = oidc.providers().get(key), clock.now()
    creates = provider is not None and provider.creates
    how = "oidc" if provider is not None else wecom.KEY
    try:
        return entered(
            lambda s: user_of(s, proven, now, creates=creates), target, how=how,
            strong=proven.two_factors,
        )  # fmt: skip
    except WrongState as refusal:
        if refusal.code != "not_connected":
            raise
    session[PENDING] = {
        "issuer": proven.issuer, "subject": proven.subject, "email": proven.email,
        "name": proven.label, "until": int(now.timestamp()) + STATE_MINUTES * 60,
    }  # fmt: skip
    words = _(
        "No account here is connected to %(name)s yet. Sign in once as you do otherwise, and you "
        "can connect it.", name=proven.label,
    )  # fmt: skip
    flash(words, "info")
    return redirect(url_for("accounts.sign_in", next=url_for("elsewhere.connect_pending")))


def _connected(proven: Proven) -> Response:
    return told(
        lambda s, who, now: connect(s, who, proven, now),
        _("%(name)s is connected: you can sign in with it now.", name=proven.label),
        url_for("ways.mine"),
    )


def _unreachable(way: Way, error: Unreachable) -> Answer:
    current_app.logger.warning("sign-in by %s: %s", way.key, error)
    return _refused(way, _("%(name)s cannot be reached at present.", name=way.name), 503)


def _refused(way: Way, text: str, status: int) -> tuple[str, int]:
    return render_template("accounts/not_in.html", way=way, text=text), status
