"""Services that add, change and retire sites, parties, labs and people."""

import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.accounts.models import OneTimeLink, User, UserSession
from booking.accounts.services.sessions import start_session
from booking.audit.models import Audit
from booking.companies.models import (
    Building,
    Company,
    Institution,
    Lab,
    LabMember,
    Membership,
    Room,
    Site,
)
from booking.companies.queries.memberships import parties_of
from booking.companies.rules.register import (
    BuildingFields,
    CompanyFields,
    InstitutionFields,
    LabFields,
    RoomFields,
    SiteFields,
)
from booking.companies.services import people
from booking.companies.services.memberships import (
    LabPlace,
    PartyPlace,
    end_membership,
    leave_lab,
    place_in_lab_by_email,
    place_in_party,
)
from booking.companies.services.register import create_thing, edit_thing, restore_thing
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.inventory.models import Platform, Pool
from booking.inventory.services.register import (
    PlatformFields,
    create_platform,
    edit_platform,
    rename_thing,
    retire_place,
    retire_platform,
)
from tests import factories
from tests.cast import Cast, cast

SITE = SiteFields("成都园区", "Chengdu", "Asia/Shanghai")


@pytest.fixture
def park(any_session: Session) -> Cast:
    """Return the cast."""
    return cast(any_session)


@pytest.fixture
def ops(park: Cast):
    """Return the operator as an actor."""
    return factories.actor(park.ops)


def path_of(token: str) -> str:
    """Return a path as the page would make it."""
    return f"/set/{token}"


def test_what_is_created_is_kept_tidied_and_audited(any_session: Session, ops, now) -> None:
    fields = SiteFields("  成都\n园区 ", "Chengdu")
    site_id = write(lambda s: create_thing(s, ops, fields, now))
    assert any_session.get_one(Site, site_id).name_zh == "成都 园区"
    row = any_session.scalars(select(Audit).where(Audit.action == "site.create")).one()
    assert (row.actor_id, row.subject_id) == (ops.user_id, site_id)
    assert json.loads(row.after)["name_zh"] == "成都 园区"


def test_an_edit_is_audited_with_what_differed_only(any_session: Session, park, ops, now) -> None:
    fields = SiteFields("西安园区", "Xi'an", "Asia/Urumqi")
    write(lambda s: edit_thing(s, ops, park.site.id, fields, now))
    row = any_session.scalars(select(Audit).where(Audit.action == "site.edit")).one()
    assert json.loads(row.before) == {"name_en": "Xi'an park", "time_zone": "Asia/Shanghai"}
    assert json.loads(row.after) == {"name_en": "Xi'an", "time_zone": "Asia/Urumqi"}
    write(lambda s: edit_thing(s, ops, park.site.id, fields, now))
    assert any_session.scalar(select(func.count()).where(Audit.action == "site.edit")) == 1


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        (SiteFields(""), "required", "name_zh"),
        (SiteFields("西安园区"), "name_taken", "name_zh"),
        (SiteFields("x" * 201), "too_long_text", "name_zh"),
        (SiteFields("新", time_zone="Asia/Nowhere"), "unknown_zone", "time_zone"),
        (SiteFields("新", time_zone="../../etc/passwd"), "unknown_zone", "time_zone"),
        (InstitutionFields("新", kind="bank"), "unknown_choice", "kind"),
        (CompanyFields("新", credit_code="123"), "not_a_credit_code", "credit_code"),
        (CompanyFields("新", price_tier="free"), "unknown_choice", "price_tier"),
    ],
)
def test_unfit_fields_are_refused_by_name(any_session, ops, now, fields, code, field) -> None:
    with pytest.raises(Invalid) as refused:
        write(lambda s: create_thing(s, ops, fields, now))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_name_may_repeat_under_another_parent(any_session, park, ops, now) -> None:
    for institution in (park.west, park.east):
        fields = LabFields(institution.id, "公共实验室")
        write(lambda s, fields=fields: create_thing(s, ops, fields, now))
    with pytest.raises(Invalid, match="name_taken"):
        write(lambda s: create_thing(s, ops, LabFields(park.west.id, "公共实验室"), now))


@pytest.mark.parametrize("who", ["ada", "bo", "mei", "rep"])
def test_only_operators_edit_the_park(any_session, park, now, who) -> None:
    actor = factories.actor(getattr(park, who))
    for work in (
        lambda s: create_thing(s, actor, SITE, now),
        lambda s: edit_thing(s, actor, park.site.id, SITE, now),
        lambda s: restore_thing(s, actor, Site, park.site.id, now),
        lambda s: retire_place(s, actor, Site, park.site.id, now),
        lambda s: create_platform(s, actor, PlatformFields("新"), now),
        lambda s: people.invite_person(s, actor, people.Invitation("x@test.example"), path_of, now),
        lambda s: people.edit_person(s, actor, park.cy.id, "X", "", now),
        lambda s: people.end_access(s, actor, park.cy.id, now),
        lambda s: place_in_party(s, actor, park.cy.id, PartyPlace(park.company_a.id, None), now),
        lambda s: place_in_lab_by_email(
            s, actor, "cy@test.example", LabPlace(park.west_lab.id, "manager"), now
        ),
        lambda s: leave_lab(s, actor, park.west_lab.id, park.mei.id, now),
    ):
        with pytest.raises(NotFound):
            write(work)


def test_a_place_with_something_in_it_stays(any_session, park, ops, now) -> None:
    site = write(lambda s: create_thing(s, ops, SITE, now))
    building = write(lambda s: create_thing(s, ops, BuildingFields(site, "A座"), now))
    room = write(lambda s: create_thing(s, ops, RoomFields(building, "101"), now))
    pool = factories.create_pool(any_session, units=0, site_id=site)
    unit = factories.create_unit(any_session, pool, room_id=room)

    def refused(table, thing_id) -> str:
        with pytest.raises(WrongState) as found:
            write(lambda s: retire_place(s, ops, table, thing_id, now))
        return found.value.code

    from_inside_out = [refused(Room, room), refused(Building, building)]
    assert from_inside_out == ["has_units", "has_rooms"]
    assert refused(Site, site) == "has_buildings"
    assert refused(Lab, pool.lab_id) == "has_pools"
    unit.retired_at = pool.retired_at = now
    any_session.commit()
    for table, thing_id in ((Room, room), (Building, building), (Site, site)):
        write(lambda s, t=table, i=thing_id: retire_place(s, ops, t, i, now))
    with pytest.raises(WrongState, match="retired"):
        write(lambda s: create_thing(s, ops, RoomFields(building, "102"), now))
    with pytest.raises(WrongState, match="retired"):
        write(lambda s: restore_thing(s, ops, Room, room, now))
    write(lambda s: restore_thing(s, ops, Site, site, now))
    assert any_session.get_one(Site, site).retired_at is None


def test_a_new_name_is_found_at_once(any_session, park, ops, now) -> None:
    fields = LabFields(park.west.id, "超分辨成像中心")
    write(lambda s: rename_thing(s, ops, park.west_lab.id, fields, now))
    texts = any_session.scalars(
        select(Pool.search_text).where(Pool.lab_id == park.west_lab.id)
    ).all()
    assert all("超分辨成像中心" in text for text in texts)
    write(lambda s: edit_platform(s, ops, park.platform.id, PlatformFields("战略资源库"), now))
    confocal = any_session.get_one(Pool, park.confocal.id, populate_existing=True)
    assert "战略资源库" in confocal.search_text


def test_a_platform_in_use_stays(any_session, park, ops, now) -> None:
    with pytest.raises(WrongState, match="has_pools"):
        write(lambda s: retire_platform(s, ops, park.platform.id, now))
    empty = write(lambda s: create_platform(s, ops, PlatformFields("空"), now))
    write(lambda s: retire_platform(s, ops, empty, now))
    assert any_session.get_one(Platform, empty).retired_at == now


def test_an_invitation_makes_a_person_a_link_and_a_message(any_session, park, ops, now) -> None:
    invitation = people.Invitation(
        "New@Test.example", "新同事", "029-1", PartyPlace(park.company_a.id, None, ("admin",)),
        LabPlace(park.west_lab.id, "deputy"),
    )  # fmt: skip
    invited = write(lambda s: people.invite_person(s, ops, invitation, path_of, now))
    user = any_session.get_one(User, invited.user_id)
    assert (user.email, user.name, user.password_hash) == ("new@test.example", "新同事", None)
    message = any_session.scalars(select(Outbox)).one()
    assert (message.kind, message.recipient_id) == ("invitation", user.id)
    assert message.subject_ref == f"user:{user.id}"
    assert json.loads(message.parameters) == {"path": invited.path}
    membership = any_session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
    assert membership.roles == "member admin"
    assert any_session.scalars(
        select(LabMember.role).where(LabMember.user_id == user.id)
    ).one() == "deputy"  # fmt: skip


def test_a_second_invitation_replaces_the_first(any_session, park, ops, now) -> None:
    first = write(lambda s: people.send_invitation(s, ops, park.cy.id, path_of, now))
    second = write(lambda s: people.send_invitation(s, ops, park.cy.id, path_of, now))
    assert first.path != second.path
    states = any_session.scalars(select(Outbox.state).order_by(Outbox.id)).all()
    assert states == ["void", "pending"]
    assert any_session.scalar(select(func.count()).select_from(OneTimeLink)) == 1


def test_an_unfit_invitation_leaves_nothing_behind(any_session, park, ops, now) -> None:
    before = any_session.scalar(select(func.count()).select_from(User))
    for email, place in (
        ("ada@test.example", None),
        ("nobody", None),
        ("new@test.example", PartyPlace(park.company_a.id, None, ("boss",))),
        ("new@test.example", PartyPlace(None, None)),
    ):
        with pytest.raises(Invalid):
            write(
                lambda s, e=email, p=place: people.invite_person(
                    s, ops, people.Invitation(e, party=p), path_of, now
                )
            )
    assert any_session.scalar(select(func.count()).select_from(User)) == before


def test_a_person_without_access_has_no_session_link_or_message(
    any_session, park, ops, now
) -> None:
    write(lambda s: start_session(s, park.cy.id, "::1", "test", now))
    write(lambda s: people.send_invitation(s, ops, park.cy.id, path_of, now))
    write(lambda s: people.end_access(s, ops, park.cy.id, now))
    assert any_session.scalars(select(UserSession.ended_at)).one() == now
    assert any_session.scalars(select(OneTimeLink.used_at)).one() == now
    assert any_session.scalars(select(Outbox.state)).one() == "void"
    with pytest.raises(WrongState, match="yourself"):
        write(lambda s: people.end_access(s, ops, park.ops.id, now))
    write(lambda s: people.restore_person(s, ops, park.cy.id, now))
    assert any_session.get_one(User, park.cy.id).retired_at is None


def test_personal_text_is_not_in_the_audit_row(any_session, park, ops, now) -> None:
    write(lambda s: people.edit_person(s, ops, park.cy.id, "赛雨", "13800000000", now))
    row = any_session.scalars(select(Audit).where(Audit.action == "user.edit")).one()
    assert row.before is None
    assert row.after is None
    assert row.personal_hash


def test_a_place_can_be_changed_ended_and_opened_again(any_session, park, ops, now) -> None:
    def roles() -> list[str]:
        parties = parties_of(any_session, park.ada.id, now)
        return [" ".join(sorted(p.roles)) for p in parties]

    place = PartyPlace(park.company_a.id, None, ("admin",))
    write(lambda s: place_in_party(s, ops, park.ada.id, place, now))
    assert roles() == ["admin member"]
    membership = any_session.scalars(
        select(Membership).where(Membership.user_id == park.ada.id)
    ).one()
    with pytest.raises(NotFound):
        write(lambda s: end_membership(s, ops, park.cy.id, membership.id, now))
    write(lambda s: end_membership(s, ops, park.ada.id, membership.id, now))
    assert roles() == []
    write(lambda s: place_in_party(s, ops, park.ada.id, place, now))
    assert roles() == ["admin member"]


def test_a_lab_takes_people_by_their_address(any_session, park, ops, now) -> None:
    place = LabPlace(park.west_lab.id, "staff")
    write(lambda s: place_in_lab_by_email(s, ops, " Cy@test.example ", place, now))
    write(lambda s: leave_lab(s, ops, park.west_lab.id, park.cy.id, now))
    for email, role in (("who@test.example", "staff"), ("cy@test.example", "boss")):
        with pytest.raises(Invalid):
            write(
                lambda s, e=email, r=role: place_in_lab_by_email(
                    s, ops, e, LabPlace(park.west_lab.id, r), now
                )
            )


def test_a_retired_party_takes_nobody(any_session, park, ops, now) -> None:
    any_session.get_one(Company, park.company_b.id).retired_at = now
    any_session.get_one(Institution, park.east.id).retired_at = now
    any_session.commit()
    for place in (PartyPlace(park.company_b.id, None), PartyPlace(None, park.east.id)):
        with pytest.raises(WrongState, match="retired"):
            write(lambda s, p=place: place_in_party(s, ops, park.ada.id, p, now))
