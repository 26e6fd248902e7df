"""Second factors, sessions, forgotten passwords, the address: each person's own."""

from typing import Any

from sqlalchemy.orm import Session

from booking.accounts.models import (
    Authenticator,
    KnownDevice,
    OneTimeLink,
    Passkey,
    User,
    UserSession,
)
from booking.accounts.services.factors import SEALED_FOR
from booking.infra.secret import seal, token_hash
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import ALL, ROLES, action, page

SESSION, KEY, LINK = {"session_id": "adas_session"}, {"passkey_id": "adas_key"}, {"token": "adas"}
PERSON, ABOVE = {"user_id": "factor_owner"}, {"user_id": "factor_desk"}
WITHOUT = " ".join(role for role in ROLES if role != "ada")

ACCESS = {
    "GET accounts.forgotten": [page(ALL, anonymous=200)],
    "POST accounts.forgotten": [page(ALL, status=422, anonymous=422)],
    "GET accounts.second_factor": [page(ALL, status=302)],
    "POST accounts.second_factor": [action(ALL)],
    "POST accounts.passkey_options": [
        page(ALL, anonymous=200, form={"purpose": "passkey_sign_in"}),
        page(ALL, anonymous=404, form={"purpose": "passkey_add"}),
    ],
    "POST accounts.passkey_sign_in": [action(ALL)],
    "POST accounts.passkey_second": [action(ALL)],
    "POST accounts.passkey_again": [action(ALL)],
    "GET accounts.confirm": [page(ALL)],
    "POST accounts.confirm": [page(ALL, status=422)],
    "GET park_factors.edit_policy": [page("ops adm")],
    "POST park_factors.edit_policy": [page("ops adm", status=422)],
    "GET accounts.security": [page(ALL)],
    "POST accounts.alerts": [action(ALL)],
    "GET accounts.sessions": [page(ALL)],
    "POST accounts.end_one": [action("ada", params=SESSION)],
    "POST accounts.end_others": [action(ALL)],
    "POST accounts.forget_known": [action("ada", params={"device_id": "adas_device"})],
    "POST accounts.begin_app": [action(ALL)],
    "GET accounts.app_code": [page("bo", otherwise=302)],
    "POST accounts.app_code": [page("bo", status=422, otherwise=302)],
    "POST accounts.remove_app": [action("ada")],
    "POST accounts.new_codes": [action(WITHOUT, also={"ada": 200})],
    "POST accounts.add_key": [action(ALL)],
    "POST accounts.remove_key": [action("ada", params=KEY)],
    "POST accounts.rename_key": [action("ada", params=KEY, form={"name": "office"})],
    "GET accounts.desk_reset": [
        page("ops adm", params=PERSON),
        page("adm", params=ABOVE, also={"aud": 404}),
    ],
    "POST accounts.desk_reset": [action("ops adm", params=PERSON), action("adm", params=ABOVE)],
    "GET accounts.email": [page(ALL)],
    "POST accounts.email": [page(ALL, status=422)],
    "GET accounts.new_email": [page("ada", params=LINK)],
    "POST accounts.new_email": [action("ada", params=LINK)],
}


def prepare(session: Session, people: Cast) -> dict[str, Any]:
    """Give Ada an app, a passkey, another session and a link; have Bo begin with an app."""
    ada, bo = people.ada, people.bo
    ada.factor_since = NOW
    secret = seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", SEALED_FOR)
    key = Passkey(
        user_id=ada.id, name="laptop", credential_id="YWRh", public_key="YWRh", created_at=NOW
    )
    other = UserSession(token_hash="other", user_id=ada.id, created_at=NOW, last_seen_at=NOW)
    known = KnownDevice(user_id=ada.id, token_hash="known", created_at=NOW, last_used_at=NOW)
    above = User(email="above@test.example", name="A", park_role="administrator", created_at=NOW)
    session.add_all([
        above,
        Authenticator(user_id=ada.id, secret=secret, created_at=NOW, confirmed_at=NOW),
        Authenticator(user_id=bo.id, secret=secret, created_at=NOW),
        key,
        other,
        known,
        OneTimeLink(
            token_hash=token_hash("adas"), user_id=ada.id, purpose="change_email",
            detail="new@test.example", created_at=NOW, expires_at=NOW.replace(year=2027),
        ),
    ])  # fmt: skip
    session.commit()
    return {
        "adas_session": other.id,
        "adas_device": known.id,
        "adas_key": key.id,
        "factor_owner": ada.id,
        "factor_desk": above.id,
    }
