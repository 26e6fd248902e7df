"""The operator's delivery log: what was sent to whom, what failed, and sending it again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from booking.accounts.rules.permissions import may
from booking.companies.queries.strangers import strangers
from booking.companies.queries.zones import home_zone
from booking.core.actor import Actor
from booking.core.errors import NotFound, WrongState
from booking.infra import clock, mail, transports
from booking.infra.db import db, write
from booking.infra.outbox import (
    CLAIMED,
    DEAD,
    MISSED,
    PENDING,
    SENT,
    STATES,
    STRANGER,
    VOID,
    Outbox,
)
from booking.reminders.queries import (
    LogFilter,
    dead_count,
    references,
    visible_message,
    visible_messages,
)
from booking.reminders.rules import KINDS, LETS_IN
from booking.reminders.services import send_again as send_again_service
from booking.web import login
from booking.web.access import park_permission
from booking.web.messages import text_of
from booking.web.paging import page_of
from booking.web.rule_texts import N_
from booking.web.shell import NavItem, nav_item

blueprint = Blueprint("messages", __name__, url_prefix="/messages")
LONGEST_SEARCH = 100
operator = park_permission("messages.send")

STATE_LABELS = {
    PENDING: N_("Waiting to be sent"),
    CLAIMED: N_("Being sent"),
    SENT: N_("Sent"),
    VOID: N_("Void"),
    MISSED: N_("Too late"),
    DEAD: N_("Delivery failed"),
}
SENT_THEN_VOID = N_("Sent, then void")
STATE_TONES = {
    PENDING: "info",
    CLAIMED: "info",
    SENT: "good",
    VOID: "",
    MISSED: "warn",
    DEAD: "bad",
}
KIND_LABELS = {
    "request_received": N_("Request to decide"),
    "change_requested": N_("Change to decide"),
    "request_waiting": N_("Reminder to decide"),
    "request_escalated": N_("Handed up to the operators"),
    "standing_in": N_("Decides while somebody is away"),
    "standing_in_ended": N_("Need not decide any more"),
    "approved": N_("Request approved"),
    "rejected": N_("Request rejected"),
    "cancelled": N_("Reservation cancelled"),
    "moved": N_("Reservation changed"),
    "unit_changed": N_("Another unit"),
    "unit_trouble": N_("Unit out of service"),
    "change_rejected": N_("Change rejected"),
    "expired": N_("Request expired"),
    "change_expired": N_("Change expired"),
    "booked_for_you": N_("Booked by another person"),
    "restored": N_("Cancellation taken back"),
    "handed_to_you": N_("Handed to a colleague"),
    "handed_on": N_("Handed on"),
    "joined": N_("Joined"),
    "missed": N_("Nobody came"),
    "reminder": N_("Reminder"),
    "invitation": N_("Invitation"),
    "token_made": N_("New API token"),
    "sms_code": N_("Code by SMS"),
    "application_received": N_("Company application"),
    "application_rejected": N_("Company application rejected"),
    "company_invitation": N_("Invitation to a company"),
    "join_asked": N_("Wants to join a company"),
    "join_accepted": N_("Joined a company"),
    "place_ended": N_("Place in a company ended"),
    "new_sign_in": N_("New sign-in"),
    "password_changed": N_("Password changed"),
    "reset_password": N_("Password forgotten"),
    "confirm_email": N_("New e-mail to confirm"),
    "email_changed": N_("E-mail changed"),
    "factors_changed": N_("Second factor changed"),
    "ways_changed": N_("Ways to sign in changed"),
    "wrong_factors": N_("Wrong second factors"),
    "waitlist_offer": N_("Waiting list: offer"),
    "waitlist_expired": N_("Waiting list: offer ended"),
    "waitlist_lapsed": N_("Waiting list: no time became free"),
    "time_freed": N_("Time became free"),
    "draw_won": N_("Fair opening: yours"),
    "draw_lost": N_("Fair opening: not yours"),
    "calibration_due": N_("Calibration due"),
    "training_seat": N_("Training: a seat"),
    "training_cancelled": N_("Training cancelled"),
    "signoff_requested": N_("Sign-off requested"),
    "signoff_refused": N_("Not signed off"),
    "qualified": N_("Qualified"),
    "qualification_ends": N_("Qualification ends soon"),
    "suspended": N_("Qualification suspended"),
    "reinstated": N_("Suspension lifted"),
    "appeal_received": N_("Appeal received"),
    "appeal_answered": N_("Appeal answered"),
    "group_request_received": N_("Group: requests to decide"),
    "group_change_requested": N_("Group: changes to decide"),
    "group_approved": N_("Group approved"),
    "group_rejected": N_("Group rejected"),
    "group_cancelled": N_("Group cancelled"),
    "group_moved": N_("Group changed"),
    "group_change_rejected": N_("Group: changes rejected"),
    "group_expired": N_("Group expired"),
    "group_booked_for_you": N_("Group booked by another person"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the log shows it; `about_url` leads to its reservation, None for others."""

    id: int
    kind: str
    state: str
    tone: str
    name: str
    email: str
    about: str
    about_url: str | None
    row: Outbox

    @property
    def failed(self) -> bool:
        """Return whether it may be sent again."""
        return self.row.state in (DEAD, MISSED)


def nav(actor: Actor) -> list[NavItem]:
    """Return the operator's entry, with the number of messages given up."""
    if not may(actor, "messages.read"):
        return []
    return [nav_item(_("Messages"), "messages.log", "envelope", dead_count(db.session()))]


@blueprint.get("")
@operator
def log() -> str:
    """Show the messages, newest first, by state, kind and recipient."""
    wanted = LogFilter(
        _one_of(request.args.get("state"), STATES),
        _one_of(request.args.get("kind"), KINDS),
        request.args.get("recipient", "").strip()[:LONGEST_SEARCH],
    )
    number = request.args.get("page", 1, type=int)
    page = page_of(db.session(), visible_messages(login.actor(), wanted), number)
    return render_template(
        "reminders/log.html",
        lines=_lines(page.items),
        page=page,
        wanted=wanted,
        states=_options(STATES, STATE_LABELS, wanted.state),
        kinds=_options(KINDS, KIND_LABELS, wanted.kind),
        zone=home_zone(db.session()),
        page_url=lambda n: url_for("messages.log", page=n, **_given(wanted)),
    )


@blueprint.get("/<int:message_id>")
@operator
def one(message_id: int) -> str:
    """Show one message: its fate, and its text where it was written to a file."""
    line = _found(message_id)
    content = transports.stored(current_app.instance_path, message_id)
    if line.row.kind in LETS_IN and not may(login.actor(), "messages.send"):
        content = None
    stored = mail.read_back(content) if content else None
    return render_template(
        "reminders/message.html",
        line=line,
        stored=stored,
        headers=_headers(stored) if stored else [],
        zone=home_zone(db.session()),
    )


@blueprint.get("/<int:message_id>.eml")
@operator
def file(message_id: int) -> Response:
    """Hand out a message as the file it was written to."""
    line = _found(message_id)
    content = transports.stored(current_app.instance_path, message_id)
    hidden = line.row.kind in LETS_IN and not may(login.actor(), "messages.send")
    if content is None or hidden:
        raise NotFound("message")
    answer = Response(content, mimetype="message/rfc822")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{message_id}.eml")
    return answer


@blueprint.post("/<int:message_id>/send-again")
@operator
def send_again(message_id: int) -> AnyResponse:
    """Have a message that failed tried again at once; an invitation gets a new link."""
    who, now = login.actor(), clock.now()
    try:
        renewed = write(lambda s: send_again_service(s, who, message_id, _set_password_path, now))
    except WrongState as refusal:
        flash(text_of(refusal), "error")
    else:
        if renewed:
            flash(_("A new message with a new link goes out within seconds."), "success")
        else:
            flash(_("The message is sent again within seconds."), "success")
    return redirect(url_for("messages.one", message_id=message_id))


def _set_password_path(token: str) -> str:
    return url_for("accounts.set_password", token=token)


def _found(message_id: int) -> Line:
    found = visible_message(db.session(), login.actor(), message_id)
    if found is None:
        raise NotFound("message")
    return _lines([found])[0]


def _lines(rows: Sequence[tuple[Outbox, str | None, str | None]]) -> list[Line]:
    about = [_reservation(row) for row, _name, _email in rows]
    called = references(db.session(), (number for number in about if number is not None))
    known = strangers(db.session(), [row.subject_ref for row, name, _email in rows if name is None])
    return [
        _line(row, *(known.get(row.subject_ref) or (name, email)), number, called)
        if row.recipient_id == STRANGER
        else _line(row, name, email, number, called)
        for (row, name, email), number in zip(rows, about, strict=True)
    ]


def _reservation(row: Outbox) -> int | None:
    """Return the id of the reservation a message is about, None for others."""
    what, _colon, number = row.subject_ref.partition(":")
    return int(number) if what == "reservation" and number.isdecimal() else None


def _line(
    row: Outbox, name: str | None, email: str | None, about: int | None, called: dict[int, str]
) -> Line:
    reservation = about if about in called else None
    kind = KIND_LABELS.get(row.kind)
    too_late = row.state == VOID and row.sent_at is not None
    return Line(
        id=row.id,
        kind=_(kind) if kind else row.kind,
        state=_(SENT_THEN_VOID if too_late else STATE_LABELS[row.state]),
        tone=STATE_TONES[row.state],
        name=name or "",
        email=email or "",
        about=_("Reservation %(number)s", number=called[reservation]) if reservation else "",
        about_url=url_for("reservations.show", reservation_id=reservation) if reservation else None,
        row=row,
    )


def _headers(stored: mail.StoredMail) -> list[tuple[str, str]]:
    labels = {
        "From": _("Sender"),
        "To": _("Recipient"),
        "Subject": _("Subject line"),
        "Message-ID": "Message-ID",
    }
    return [(labels[name], value) for name, value in stored.headers if name in labels]


def _options(values: tuple[str, ...], labels: dict[str, str], chosen: str) -> list[dict[str, Any]]:
    every = {"value": "", "label": _("All"), "count": None, "on": not chosen}
    return [
        every,
        *(
            {"value": value, "label": _(labels[value]), "count": None, "on": value == chosen}
            for value in values
        ),
    ]


def _one_of(value: str | None, known: tuple[str, ...]) -> str:
    return value if value is not None and value in known else ""


def _given(wanted: LogFilter) -> dict[str, Any]:
    return {name: value for name, value in asdict(wanted).items() if value}
