"""Unmistakable words in what each tenant writes, each with the roles that may ever read it.

Planted in the matrix' world: whatever a page, list, search, error or API answer says is held
against them, as whoever asked. Company B books East only, company A West only, so neither lab nor
institution has anything to do with the other company.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken, Identity, Mobile, Passkey, User, UserSession
from booking.audit.services import record
from booking.companies.models import (
    Absence,
    Company,
    CompanyApplication,
    CompanyDomain,
    CompanyInvitation,
)
from booking.core.period import Period
from booking.infra.db import write
from booking.inventory.models import ImportBatch, Pool
from booking.inventory.rules.batches import options_text
from booking.inventory.rules.reading import Options
from booking.inventory.services.search import refresh_search
from booking.notices.models import Notice
from booking.policies.models import Agreement, PersonTag, Qualification, Questionnaire
from booking.reservations.models import (
    AnswerFile,
    Closure,
    Reservation,
    ReservationAnswer,
    ReservationGroup,
    WaitlistEntry,
)
from booking.training.models import Appeal, Course, CoursePool, Evidence, Record, Training
from booking.web.uploads import Received
from booking.web.uploads import keep as store
from tests import factories
from tests.cast import Cast
from tests.conftest import NOW

# Each planted word begins so; searches type only this much.
PREFIX = "zqxleak"
START = NOW + timedelta(days=6, hours=1)
PARK = "ops aud"
# What a person writes with a booking (`reservation.read_note`), and that it is (`…read`).
NOTES = {"ada": f"ada kim bo mei sta sub {PARK}", "cy": f"cy dee {PARK}"}
SEEN = {"ada": f"ada kim fin bo mei sta sub rep {PARK}", "cy": f"cy dee rae {PARK}"}
# What a lab keeps to itself and its institution.
INSIDE = {"west": f"mei sta rep sub {PARK}", "east": f"dee rae {PARK}"}
LAB = {"west": f"mei sta {PARK}", "east": f"dee {PARK}"}


@dataclass(frozen=True)
class Canaries:
    """Word -> roles that may read it, and the ids of what was planted."""

    readers: dict[str, frozenset[str]]
    ids: dict[str, int]

    def leaked(self, role: str, text: str) -> set[str]:
        """Return the words in `text` that are not for this role."""
        if PREFIX not in text:
            return set()
        return {w for w, readers in self.readers.items() if w in text and role not in readers}


class _Planter:
    def __init__(self, session: Session, people: Cast, dress: Callable[[str], str]) -> None:
        self.session, self.people, self.dress = session, people, dress
        self.readers: dict[str, frozenset[str]] = {}
        self.ids: dict[str, int] = {}

    def word(self, what: str, readers: str) -> str:
        """Return a new word for those, dressed; no word is the beginning of another."""
        return self.dress(self.bare(what, readers))

    def bare(self, what: str, readers: str) -> str:
        """Return a new word where nothing but a word can be, as in addresses."""
        made = f"{PREFIX}{what}zz"
        own = readers.split()
        self.readers[made] = frozenset([*own, *(("dep",) if "mei" in own else ())])
        return made

    def keep(self, name: str, row: Any) -> Any:
        """Return the row, its id kept by name."""
        factories.keep(self.session, row)
        self.ids[name] = row.id
        return row


def plant(
    session: Session, people: Cast, dress: Callable[[str], str] = lambda word: word
) -> Canaries:
    """Write of both companies, labs and institutions wherever their text is taken.

    `dress` returns what is written around a word: anything that may have got there some day.
    """
    to = _Planter(session, people, dress)
    east_hidden = factories.create_pool(
        session, lab_id=people.east_lab.id, site_id=people.site.id,
        category_code=people.category.code, platform_id=people.platform.id,
    )  # fmt: skip
    for who, pool, company in (
        ("ada", people.automatic, people.company_a), ("cy", people.east_pool, people.company_b),
    ):  # fmt: skip
        user = getattr(people, who)
        _person(to, who, user, company)
        _booking(to, who, user, company, pool)
        _training(to, who, user, pool)
    for side, pool in (("west", people.unshared), ("east", east_hidden)):
        _owned(to, side, pool)
    _company(to, people.company_b)
    to.ids |= {"company_b": people.company_b.id, "their_pool": people.east_pool.id}
    to.ids |= {"west_id": people.west.id, "east_id": people.east.id}
    _park(to)
    refresh_search(session, [people.unshared.id, east_hidden.id])
    session.commit()
    _told(to)
    to.ids["east_hidden"] = east_hidden.id
    return Canaries(to.readers, to.ids)


def _person(to: _Planter, who: str, user: User, company: Company) -> None:
    """Plant a name of who and whose, and what only the person sees."""
    ours = f"{SEEN[who]} adm"
    # Who trains them, and a group that decides on a booking of theirs, see who it is.
    user.name = to.word(f"{who}name", f"{ours} tra gro" if who == "ada" else ours)
    user.phone = to.word(f"{who}phone", ours)
    if who == "cy":  # Ada's address is how tests find her
        user.email = f"{to.bare('cymail', ours)}@test.example"
        # Whoever sets a lab's rules and quotas chooses from all companies.
        named = f"{ours} mei"
        company.name_zh, company.name_en = to.word("firmzh", named), to.word("firmen", named)
        company.credit_code = to.word("firmcode", ours)
    to.ids[f"{who}_id"] = user.id
    own = {"user_id": user.id, "created_at": NOW}
    to.keep(f"{who}_token", ApiToken(
        token_hash=f"{who}x", name=to.word(f"{who}token", who), scopes="read", **own,
    ))  # fmt: skip
    to.keep(f"{who}_passkey", Passkey(
        name=to.word(f"{who}passkey", who), credential_id=who, public_key="", **own,
    ))  # fmt: skip
    to.keep(f"{who}_identity", Identity(
        issuer="x", subject=who, label=to.word(f"{who}identity", who), **own,
    ))  # fmt: skip
    to.keep(f"{who}_session", UserSession(
        token_hash=f"{who}y", last_seen_at=NOW, address="192.0.2.7",
        user_agent=to.word(f"{who}agent", who), **own,
    ))  # fmt: skip
    to.keep(f"{who}_mobile", Mobile(
        user_id=user.id, number=to.word(f"{who}mobile", who), verified_at=NOW,
    ))  # fmt: skip


def _booking(to: _Planter, who: str, user: User, company: Company, pool: Pool) -> None:
    whose = {"user_id": user.id, "company_id": company.id}
    notes, seen = NOTES[who], SEEN[who]
    group = to.keep(f"{who}_group", ReservationGroup(
        kind="bundle", title=to.word(f"{who}title", seen), zone="Asia/Shanghai", created_at=NOW,
        **whose,
    ))  # fmt: skip
    row = factories.create_reservation(
        to.session, pool, Period(START, START + timedelta(hours=2)), group_id=group.id,
        group_position=0, note=to.word(f"{who}note", notes),
        override_reason=to.word(f"{who}override", notes), **whose,
    )  # fmt: skip
    to.ids[f"{who}_booking"] = row.id
    asked = to.keep(f"{who}_asked", Questionnaire(
        pool_id=pool.id, version=99, questions="[]", set_at=NOW, retired_at=NOW,
    ))  # fmt: skip
    answers = json.dumps({"q": to.word(f"{who}answer", notes)})
    to.session.add(
        ReservationAnswer(reservation_id=row.id, questionnaire_id=asked.id, answers=answers)
    )
    name = to.word(f"{who}file", notes)
    file_id = store(Received(name, "application/pdf", b"%PDF-"), user.id)
    to.keep(f"{who}_file", AnswerFile(
        user_id=user.id, reservation_id=row.id, filename=name, file_id=file_id, created_at=NOW,
    ))  # fmt: skip
    to.keep(f"{who}_wish", WaitlistEntry(
        kind="offer", pool_id=pool.id, minutes=60, first_at=START, purpose="other",
        last_at=START + timedelta(days=2), note=to.word(f"{who}wish", notes), state="waiting",
        created_at=NOW, **whose,
    ))  # fmt: skip
    day = Period(START + timedelta(days=3), START + timedelta(days=4))
    entry = factories.create_draw_entry(to.session, pool, user, day)
    entry.note, entry.company_id = to.word(f"{who}draw", notes), company.id
    to.ids[f"{who}_entry"] = entry.id


def _training(to: _Planter, who: str, user: User, pool: Pool) -> None:
    """Plant what a person tells the lab that trains them, and the lab of them."""
    told = f"{who} {LAB['west' if who == 'ada' else 'east']}"
    course = to.keep(f"{who}_course", Course(
        lab_id=pool.lab_id, name_zh="课程", level=1, needs_signoff=1, created_at=NOW,
    ))  # fmt: skip
    to.session.add(CoursePool(course_id=course.id, pool_id=pool.id))
    made = to.keep(f"{who}_record", Record(
        course_id=course.id, user_id=user.id, opened_at=NOW, requested_at=NOW,
        request_note=to.word(f"{who}request", told), decision_note=to.word(f"{who}decision", told),
    ))  # fmt: skip
    name = to.word(f"{who}proof", told)
    file_id = store(Received(name, "application/pdf", b"%PDF-"), user.id)
    evidence = Evidence(record_id=made.id, file_id=file_id, created_at=NOW)
    to.keep(f"{who}_evidence", evidence)
    barred = to.keep(f"{who}_barred", Qualification(
        user_id=user.id, pool_id=pool.id, level=1, granted_at=NOW, suspended_at=NOW,
        note=to.word(f"{who}grant", told), suspension_reason=to.word(f"{who}suspended", told),
    ))  # fmt: skip
    to.keep(f"{who}_appeal", Appeal(
        qualification_id=barred.id, text=to.word(f"{who}appeal", told), created_at=NOW,
    ))  # fmt: skip
    to.session.add(PersonTag(
        user_id=user.id, lab_id=pool.lab_id, lab_key=pool.lab_id,
        tag=to.word(f"{who}tag", f"{told} adm"), given_at=NOW,
    ))  # fmt: skip


def _owned(to: _Planter, side: str, pool: Pool) -> None:
    """Plant what an institution does not share: a pool, its unit, its closure and training."""
    inside = INSIDE[side]
    for column in ("description", "specifications", "name_en", "manufacturer", "model"):
        # The park's page of agreements names every pool.
        readers = f"{inside} adm" if column in ("name_en", "manufacturer", "model") else inside
        word = to.word(f"{side}{column.replace('_', '')}", readers)
        setattr(pool, column, f"{word}: 1" if column == "specifications" else word)
    unit = factories.units_of(to.session, pool)[0]
    to.ids[f"{side}_unit"] = unit.id
    for column in ("name", "serial", "asset_no", "place", "state_note"):
        setattr(unit, column, to.word(f"{side}unit{column.replace('_', '')}", inside))
    unit.state = "limited"
    to.keep(f"{side}_closure", Closure(
        pool_id=pool.id, unit_id=unit.id, kind="fault", note=to.word(f"{side}closure", inside),
        start_at=START, end_at=START + timedelta(hours=1), created_at=NOW,
    ))  # fmt: skip
    course = to.keep(f"{side}_course", Course(
        lab_id=pool.lab_id, name_zh=to.word(f"{side}course", inside), level=1,
        text=to.word(f"{side}coursetext", inside), needs_session=1, created_at=NOW,
    ))  # fmt: skip
    to.session.add(CoursePool(course_id=course.id, pool_id=pool.id))
    to.keep(f"{side}_training", Training(
        course_id=course.id, start_at=START + timedelta(days=9), seats=1, created_at=NOW,
        end_at=START + timedelta(days=9, hours=1), place=to.word(f"{side}place", inside),
        trainer=to.word(f"{side}trainer", inside), note=to.word(f"{side}sessionnote", inside),
    ))  # fmt: skip
    to.keep(f"{side}_agreement", Agreement(
        scope_kind="pool", scope_key=str(pool.id), version=1, set_at=NOW,
        title=to.word(f"{side}agreement", inside), text=to.word(f"{side}terms", inside),
    ))  # fmt: skip
    to.keep(f"{side}_notice", Notice(
        pool_id=pool.id, version=1, from_at=NOW, published_at=NOW, created_at=NOW,
        title_zh=to.word(f"{side}notice", inside), text_zh=to.word(f"{side}said", inside),
    ))  # fmt: skip
    question = {"key": "q", "kind": "text", "zh": to.word(f"{side}question", inside)}
    to.keep(f"{side}_asked", Questionnaire(
        pool_id=pool.id, version=98, questions=json.dumps([question]), set_at=NOW, retired_at=NOW,
    ))  # fmt: skip


def _company(to: _Planter, company: Company) -> None:
    """Plant whom company B, which has no admin, invited, and whence its people may come."""
    of_company = {"company_id": company.id, "created_at": NOW, "sent_at": NOW}
    to.keep("b_invited", CompanyInvitation(
        email=f"{to.bare('invitedmail', PARK)}@test.example", name=to.word("invitedname", PARK),
        phone=to.word("invitedphone", PARK), token_hash="z", expires_at=NOW + timedelta(days=9),
        **of_company,
    ))  # fmt: skip
    to.keep("b_domain", CompanyDomain(
        company_id=company.id, domain=f"{to.bare('domain', PARK)}.example", mode="ask", set_at=NOW,
    ))  # fmt: skip


def _park(to: _Planter) -> None:
    """Plant what only the park reads: a company's application, an import, somebody's absence."""
    park = f"{PARK} adm"
    to.keep("applied", CompanyApplication(
        name_zh=to.word("applied", park), credit_code=to.word("appliedcode", park),
        contact=to.word("appliedcontact", park), phone=to.word("appliedphone", park),
        email=f"{to.bare('appliedmail', park)}@x.example", note=to.word("appliednote", park),
        created_at=NOW, licence_file_id=store(Received("x.pdf", "application/pdf", b"%PDF-"), None),
    ))  # fmt: skip
    to.keep("their_import", ImportBatch(
        user_id=to.people.ops.id, filename=to.word("import", PARK), created_at=NOW,
        options=options_text(Options("西部医院")), expires_at=NOW + timedelta(days=1),
    ))  # fmt: skip
    # Mei's, whom Rep stands in for
    away = to.session.scalars(select(Absence).where(Absence.user_id == to.people.mei.id)).one()
    away.note = to.word("away", f"mei rep {PARK}")


def _told(to: _Planter) -> None:
    """Plant a reason in the audit of a booking of each company."""
    for who in ("ada", "cy"):
        user = to.session.scalars(select(User).where(User.id == getattr(to.people, who).id)).one()
        actor, text = factories.actor(user), to.word(f"{who}reason", NOTES[who])
        subject = ("reservation", to.ids[f"{who}_booking"])
        assert to.session.get(Reservation, subject[1]) is not None
        write(lambda s, a=actor, t=text, b=subject: record(
            s, a, "reservation.cancel", b, NOW, reason=t))  # fmt: skip
