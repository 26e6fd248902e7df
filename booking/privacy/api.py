"""/api/v1/me/export: everything kept about the token's person."""

import json
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response, current_app

from booking.audit.services import record
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.privacy.queries import data_of
from booking.privacy.rules import EXPORTS, EXPORTS_SECONDS
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Nothing
from booking.web.login import actor
from booking.web.problem import instant

blueprint = Blueprint("api_me", __name__, "One's own data.")


class PersonalData(ma.Schema):
    """Everything kept about a person, but secrets and the bytes of files."""

    made_at = ma.fields.DateTime()
    person_id = ma.fields.Integer()
    tables = ma.fields.Dict(
        metadata={"description": "table → its rows of this person, each column → value"}
    )


@blueprint.operation("/me/export", method="POST", scope="export", errors=(400, 413, 415))
@blueprint.arguments(Nothing(), required=False)
@blueprint.response(200, PersonalData)
def export(_body: dict[str, Any]) -> Response:
    """Hand out everything kept about yourself; on record, at most five times an hour.

    The files you gave are listed; their bytes are in the archive of the page "My data".
    """
    who, now = actor(), clock.now()
    rate.hit("privacy-export", str(who.user_id), EXPORTS, EXPORTS_SECONDS)
    write(lambda s: record(s, who, "privacy.export", ("user", who.user_id), now))
    tables = data_of(db.session(), who.user_id)
    body = {"made_at": instant(now), "person_id": who.user_id, "tables": tables}
    text = json.dumps(body, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return current_app.response_class(text, mimetype="application/json")


def _plain(value: Any) -> str:
    return instant(value) if isinstance(value, datetime) else str(value)
