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
    DEAD,
    MISSED,
    STATES,
    STRANGER,
    VOID,
    Outbox,
)
from booking.reminders.queries.log import (
    LogFilter,
    dead_count,
    references,
    visible_message,
    visible_messages,
)
from booking.reminders.rules import KINDS, LETS_IN
from booking.reminders.services import send_again as send_again_service
from booking.reminders.views.labels import (
    KIND_LABELS,
    SENT_THEN_VOID,
    STATE_LABELS,
    STATE_TONES,
)
from booking.web import login
from booking.web.access import park_permission
from booking.web.messages import text_of
from booking.web.paging import page_of
from booking.web.shell import NavItem, nav_item

blueprint = Blueprint("messages", __name__, url_prefix="/messages")
LONGEST_SEARCH = 100
operator = park_permission("messages.send")


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
    content = _content(line)
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
    content = _content(_found(message_id))
    if content is None:
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


def _content(line: Line) -> bytes | None:
    """Return the message where it was written to a file, unless it lets in who only reads."""
    if line.row.kind in LETS_IN and not may(login.actor(), "messages.send"):
        return None
    return transports.stored(current_app.instance_path, line.id)


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
