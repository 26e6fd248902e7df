"""Between the booking form's fields and the request they mean."""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectField

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.reservations.forms.booking import ReserveForm
from booking.reservations.forms.parts import choice
from booking.reservations.queries.people import parties_for, party_names, people_found
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.views.desk import Desk
from booking.web.acting import acting, value_of
from booking.web.arguments import id_of
from booking.web.messages import message
from booking.web.wording import party_text, unit_text

KEY = re.compile(r"[0-9a-f]{32}")


def new_key() -> str:
    """Return a fresh key: one drawn form makes one reservation."""
    return secrets.token_hex(16)


def offer_choices(
    session: Session, form: ReserveForm, actor: Actor, person_id: int, desk: Desk, now: datetime
) -> None:
    """Give the form its choices of unit and party, those of the person it is for."""
    form.unit_id.choices = [choice("", _("Any free unit"))] + [
        choice(str(unit.unit_id), _unit_choice(unit.state, unit_text(unit), unit.place))
        for unit in desk.units.values()
    ]
    own = parties_for(session, actor, person_id, desk.pool, now)
    if person_id != actor.user_id and desk.only_of_companies is not None:
        # Where else a colleague belongs is nobody's business.
        own = tuple(party for party in own if party.company_id in desk.only_of_companies)
    parties = party_names(session, own)
    blank = [choice("", _("Choose …"))] if len(parties) > 1 else []
    form.party.choices = blank + [choice(value_of(p), party_text(p.names)) for p in parties]
    if person_id == actor.user_id:
        choose_own(form.party, actor)


def choose_own(field: SelectField, actor: Actor) -> None:
    """Choose the party the actor acts for, unless another was sent."""
    now_for = acting(actor)
    if now_for is not None and not field.raw_data:
        field.data = value_of(now_for)


def person_of(session: Session, form: ReserveForm, actor: Actor, desk: Desk) -> int | None:
    """Return for whom the form books; None, with the error on the field, when nobody is meant.

    A part of a name is not enough: then those it could be are offered to choose from.
    """
    text = form.for_whom.data
    if not text:
        return actor.user_id
    if not desk.for_others:
        form.form_errors.append(message("not_for_others", {}))
        return None
    lab = desk.pool if desk.leads and not may(actor, "park.read") else None
    found = people_found(session, text, desk.only_of_companies, lab)
    exact = [p for p in found if text.lower() in (p.email, p.name.lower())]
    if len(exact) == 1:
        return exact[0].user_id
    form.person_id.choices = [choice(str(p.user_id), f"{p.name} · {p.email}") for p in found]
    chosen = id_of(form.person_id.data)
    if chosen in {p.user_id for p in found}:
        return chosen
    code = "several_people" if found else "unknown_name"
    form.for_whom.errors = [*form.for_whom.errors, message(code, {})]
    return None


def request_of(
    form: ReserveForm,
    desk: Desk,
    actor: Actor,
    person_id: int,
    times: tuple[datetime, datetime],
    answers: Mapping[str, Any] = MappingProxyType({}),
) -> BookingRequest:
    """Return the request the form means; its key makes a second sending harmless."""
    unit_id = id_of(form.unit_id.data) or desk.only_unit()
    preferred: tuple[int, ...] = ()
    if form.flexible.data and unit_id is not None and desk.only_unit() is None:
        preferred, unit_id = (unit_id,), None
    kind, _sep, party_id = (form.party.data or "").partition(":")
    asked = BookingRequest(
        *times,
        pool_id=None if unit_id else desk.pool.pool_id,
        unit_id=unit_id,
        quantity=form.quantity.data or 0,
        preferred_unit_ids=preferred,
        purpose=form.purpose.data or "",
        note=form.note.data or "",
        company_id=id_of(party_id) if kind == "company" else None,
        institution_id=id_of(party_id) if kind == "institution" else None,
        on_behalf_of=person_id if person_id != actor.user_id else None,
        override_reason=form.override_reason.data or "",
        answers=dict(answers),
        idempotency_key=form.key.data,
    )
    body = {k: str(v) for k, v in asdict(asked).items() if k != "idempotency_key"}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return replace(asked, body_hash=digest)


def has_choice(field: SelectField) -> bool:
    """Return whether there is more than one way to fill the field."""
    return len(list(field.iter_choices())) > 1


def _unit_choice(state: str, text: str, place: str) -> str:
    shown = f"{text} · {place}" if place else text
    if state == "limited":
        return _("%(unit)s (limited)", unit=shown)
    return _("%(unit)s (out of service)", unit=shown) if state == "down" else shown
