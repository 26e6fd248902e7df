"""A person's own API tokens."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken
from booking.accounts.services.tokens import create_token
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import action, page


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Give Ada a token."""
    create_token(session, None, people.ada.id, ("read",), NOW, name="ours")
    session.commit()
    found = select(ApiToken.id).where(ApiToken.user_id == people.ada.id)
    return {"adas_token": session.scalars(found).one()}


ACCESS = {
    "GET tokens.mine": [page()],
    "POST tokens.mine": [page(status=422)],
    "POST tokens.end": [action("ada", params={"token_id": "adas_token"})],
}
