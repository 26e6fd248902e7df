"""Pages of rules, of tags and of the calendar. Forms are sent empty."""

from sqlalchemy.orm import Session

from booking.policies.models import Agreement, CalendarDay, PersonTag, Qualification, QuotaRow
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import keep
from tests.matrix import action, page, table

WEST = "mei ops"  # West's lab manager, the operator


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a tag of West's lab and a day of the calendar; name the lab and the class."""
    lab = people.west_lab.id
    tag = PersonTag(user_id=people.ada.id, lab_id=lab, lab_key=lab, tag="night", given_at=NOW)
    day = CalendarDay(day="2026-10-01", kind="holiday", name_zh="国庆节", source="typed")
    quota = QuotaRow(
        scope_kind="lab", scope_key=str(lab), subject="person", measure="count", period="week",
        amount=99, set_at=NOW,
    )  # fmt: skip
    skilled = Qualification(user_id=people.ada.id, pool_id=people.confocal.id, level=1,
                            granted_at=NOW)  # fmt: skip
    agreed = Agreement(
        scope_kind="park", version=1, title="x", text="x", set_at=NOW, retired_at=NOW
    )
    return {
        "agreement": keep(session, agreed).id,
        "quota": keep(session, quota).id,
        "skill": keep(session, skilled).id,
        "tag": keep(session, tag).id,
        "day": keep(session, day).id,
        "west": lab,
        "class": people.category.code,  # type: ignore[dict-item]
    }


ACCESS = {
    **table(
        "ops adm",
        """
        # endpoint            ids           GET  POST
        rules.park            -             200  422
        rules.site            site_id=site  200  422
        rules.category        code=class    200  422
        tags.park             -             200  422
        quotas.park           -             200  422
        questions.park_agreement  -         200  302
        quotas.site           site_id=site  200  422
        quotas.category       code=class    200  422
        qualifications.category  code=class  200  422
        calendar.park         -             200  422
        calendar.site         site_id=site  200  422
        calendar.import_days  -             200  422
        calendar.load         -             -    302
        """,
    ),
    **table(
        WEST,
        """
        rules.lab   lab_id=west          200  422
        rules.pool  pool_id=shared_pool  200  422
        tags.lab    lab_id=west          200  422
        quotas.lab  lab_id=west          200  422
        questions.lab_agreement  lab_id=west  200  302
        questions.pool  pool_id=shared_pool  200  302
        questions.pool_agreement  pool_id=shared_pool  200  302
        quotas.pool  pool_id=shared_pool  200  422
        qualifications.pool  pool_id=shared_pool  200  422
        """,
    ),
    "GET explain.pool": [
        page(params={"pool_id": "shared_pool"}),
        page("mei sta rep sub ops", params={"pool_id": "unshared_pool"}),
    ],
    # One that was replaced is nowhere any more.
    "GET questions.show": [page("", params={"agreement_id": "agreement"})],
    "POST questions.show": [action("", params={"agreement_id": "agreement"})],
    "POST quotas.end": [action(WEST, params={"quota_id": "quota"})],
    "POST qualifications.take": [action(WEST, params={"qualification_id": "skill"})],
    "POST tags.take": [action(WEST, params={"tag_id": "tag"})],
    "POST calendar.remove": [action("ops adm", params={"day_id": "day"})],
}
