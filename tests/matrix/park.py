"""The operator's pages of places, parties, people, platforms, sharing. Forms are sent empty."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Building, Membership, Room
from booking.inventory.models import Contribution
from tests import factories
from tests.cast import Cast
from tests.matrix import table


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a building with a room; name the rest."""
    building = factories.keep(session, Building(site_id=people.site.id, name_zh="A"))
    room = factories.keep(session, Room(building_id=building.id, name="1"))
    shared = select(Contribution.id).where(Contribution.pool_id == people.confocal.id)
    of_cy = select(Membership.id).where(Membership.user_id == people.cy.id)
    return {
        "site": people.site.id,
        "building": building.id,
        "room": room.id,
        "west": people.west.id,
        "company_a": people.company_a.id,
        "west_lab": people.west_lab.id,
        "cy": people.cy.id,
        "mei": people.mei.id,
        "cys_place": session.scalars(of_cy).one(),
        "platform": people.platform.id,
        "contribution": session.scalars(shared).one(),
    }


ACCESS = {
    **table(
        "ops adm",
        """
    # endpoint                    ids                               GET  POST
    park.start                    -                                 200  -
    places.list_sites             -                                 200  -
    places.new_site               -                                 200  422
    places.site                   site_id=site                      200  422
    places.retire_site            site_id=site                      200  409
    places.restore_site           site_id=site                      -    302
    places.new_building           site_id=site                      200  422
    places.building               building_id=building              200  422
    places.retire_building        building_id=building              200  409
    places.restore_building       building_id=building              -    302
    places.new_room               building_id=building              200  422
    places.room                   room_id=room                      200  422
    places.retire_room            room_id=room                      200  302
    places.restore_room           room_id=room                      -    302
    parties.list_institutions     -                                 200  -
    parties.new_institution       -                                 200  422
    parties.institution           institution_id=west               200  422
    parties.retire_an_institution institution_id=west               200  409
    parties.restore_institution   institution_id=west               -    302
    parties.list_companies        -                                 200  -
    parties.new_company           -                                 200  422
    parties.company               company_id=company_a              200  422
    parties.retire_a_company      company_id=company_a              200  422
    parties.restore_company       company_id=company_a              -    302
    labs.list_labs                -                                 200  -
    labs.new_lab                  -                                 200  422
    labs.lab                      lab_id=west_lab                   200  422
    labs.retire                   lab_id=west_lab                   200  409
    labs.restore                  lab_id=west_lab                   -    302
    labs.join                     lab_id=west_lab                   -    422
    labs.leave                    lab_id=west_lab,user_id=mei       -    302
    people.list_people            -                                 200  -
    people.invite                 -                                 200  422
    people.person                 user_id=cy                        200  422
    people.link                   user_id=cy                        -    200
    people.place                  user_id=cy                        -    422
    people.end_tokens             user_id=cy                        -    302
    people.end_place              user_id=cy,membership_id=cys_place -   302
    people.retire                 user_id=leaving                      200  302
    people.restore                user_id=cy                        -    302
    people.grant                  user_id=cy                        200  302
    people.take                   user_id=cy                        200  302
    platforms.list_platforms      -                                 200  -
    platforms.new_platform        -                                 200  422
    platforms.platform            platform_id=platform              200  422
    platforms.retire              platform_id=platform              200  409
    platforms.restore             platform_id=platform              -    302
    sharing.list_contributions    -                                 200  -
    sharing.share                 -                                 -    422
    sharing.contribution          contribution_id=contribution      200  422
    sharing.end                   contribution_id=contribution      200  409
    """,
    ),
    **table("adm", "people.park_role user_id=cy 200 302"),
}
