"""Situations of the demo park in which somebody has something to decide, answer or look at."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import user_by_email
from booking.approvals.services.deciding import approve
from booking.companies.models import CompanyDomain, CompanyInvitation, Lab, LabMember, Membership
from booking.companies.queries.duties import duties_of
from booking.companies.services.absences import set_absence
from booking.companies.services.deciders import create_decider_group, join_decider_group
from booking.core.actor import Actor, Party
from booking.core.period import Period
from booking.demo.services.stock import Stock
from booking.infra.secret import new_token, token_hash
from booking.inventory.models import Pool, Unit
from booking.inventory.rules.reading import Options
from booking.inventory.services.batches import upload_batch
from booking.inventory.services.bundles import add_to_bundle
from booking.notices.rules import Wording
from booking.notices.services import draft_notice, publish_notice
from booking.policies.rules.settings import Change
from booking.policies.services.quotas import QuotaWanted, set_quota
from booking.policies.services.settings import change_rules
from booking.privacy.services.consenting import publish
from booking.privacy.services.erasing import ask_erasure
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.entering import enter
from booking.reservations.services.requesting import request_reservation

ZONE = ZoneInfo("Asia/Shanghai")
# Positions of Mei's pools. The first is the one that the README books: it keeps plain rules.
DRAWN, STEPPED = 1, 2
OPEN_DAYS = 21
KEEP_IMPORT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cast:
    """The named people as who acts, and the lab that Mei runs."""

    people: dict[str, Actor]
    lab_id: int
    company_id: int

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]


def build_situations(
    session: Session, stock: Stock, password_hash: str, now: datetime
) -> None:  # fmt: skip
    """Set up what waits for somebody in the pools of Mei's lab and in Ada's company.

    Before the reservations are loaded: those give way to what is booked here.
    """
    lab_id = session.get_one(Pool, stock.pools[0]).lab_id
    lan = _newcomer(session, "lan@demo.example", "沈岚 Shen Lan", password_hash, now)
    session.add(LabMember(user_id=lan, lab_id=lab_id, role="deputy"))
    session.flush()
    cast = _cast(session, lab_id, now)
    _absences(session, cast, now)
    _steps(session, cast, stock.pools[STEPPED], now)
    _draw(session, cast, stock.pools[DRAWN], now)
    _quotas(session, cast, now)
    he = _newcomer(session, "he@anhe.example", "何平 He Ping", password_hash, now)
    _arrivals(session, cast, he, now)
    _import(session, cast, stock, now)
    _notices(session, cast, stock, now)
    add_to_bundle(session, cast["ada"], stock.pools[: DRAWN + 2], now)
    leaver = _newcomer(session, "wu@demo.example", "吴文 Wu Wen", password_hash, now)
    ask_erasure(session, Actor(leaver, "Wu Wen"), 14, now - timedelta(days=3))


def _notices(session: Session, cast: Cast, stock: Stock, now: datetime) -> None:
    """One of the park, one of Mei's lab that must be read where it draws, a draft, a past one."""
    today, ops, mei = _at(now, 0, 0), cast["ops"], cast["mei"]
    told: tuple[tuple[Actor, tuple[int | None, int | None], Wording], ...] = (
        (ops, (None, None), Wording(
            "园区夜间配电检修", "周六 22:00 至周日 06:00 园区配电检修，"
            "不间断电源供电的仪器不受影响。\n详见 https://park.example/power 。",
            today - timedelta(days=1),
            today + timedelta(days=12), "Power works in the park at night",
            "Saturday 22:00 to Sunday 06:00. Instruments on uninterruptible power keep running.\n"
            "More: https://park.example/power",
        )),
        (mei, (None, stock.pools[DRAWN]), Wording(
            "激光安全须知（更新）",
            "上机前请确认激光联锁，佩戴防护眼镜；样品仓未关闭时不得开启激光。",
            today - timedelta(days=3), None, "Laser safety, renewed",
            "Check the interlock and wear goggles; never switch the laser on with the stage open.",
            must_read=True,
        )),
        (mei, (cast.lab_id, None), Wording(
            "上月培训场次已结束", "感谢参加。下一期报名见各仪器页面。", today - timedelta(days=40),
            today - timedelta(days=20),
        )),
    )  # fmt: skip
    for who, place, wording in told:
        publish_notice(session, who, draft_notice(session, who, place, wording, now), 1, now)
    draft = Wording("春节期间开放安排（草稿）", "待园区确认。", today + timedelta(days=30))
    draft_notice(session, mei, (cast.lab_id, None), draft, now)


def publish_policy(session: Session, text_zh: str, text_en: str, now: datetime) -> None:
    """Put a privacy policy in force: everybody agrees to it at the first sign-in."""
    ops = session.execute(select(User.id).where(User.park_role == "operator")).scalars().first()
    if ops is not None:
        publish(session, Actor(ops, park_role="operator"), text_zh, text_en, now)


def _cast(session: Session, lab_id: int, now: datetime) -> Cast:
    query = select(Membership).join(User, User.id == Membership.user_id)
    memberships = session.scalars(query.where(User.email.in_(("ada@demo.example", "bo@demo.example",
                                                              "cy@demo.example"))))  # fmt: skip
    parties = {m.user_id: Party(m.company_id, None, frozenset(m.roles.split()))
               for m in memberships}  # fmt: skip
    roles = {"mei": "manager", "lan": "deputy"}
    people = {}
    for name in ("ada", "bo", "cy", "mei", "lan", "inst", "ops"):
        row = user_by_email(session, f"{name}@demo.example")
        assert row is not None  # noqa: S101 - written a moment ago
        people[name] = Actor(
            row.id, row.name, row.park_role,
            (parties[row.id],) if row.id in parties else (),
            {lab_id: roles[name]} if name in roles else {},
            duties=duties_of(session, row.id, now),
        )  # fmt: skip
    company_id = people["ada"].parties[0].company_id
    assert company_id is not None  # noqa: S101 - Ada is of a company
    return Cast(people, lab_id, company_id)


def _newcomer(
    session: Session, email: str, name: str, password_hash: str, now: datetime
) -> int:  # fmt: skip
    row = User(
        email=email, name=name, phone="", password_hash=password_hash, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def _absences(session: Session, cast: Cast, now: datetime) -> None:
    """The deputy is away now and Mei decides; the other way round in two weeks."""
    weekend = Period(now - timedelta(hours=1), _at(now, 4, 0))
    set_absence(session, cast["lan"], weekend, "mei@demo.example", "参加学术会议 conference", now)
    later = Period(_at(now, 14, 0), _at(now, 19, 0))
    set_absence(session, cast["mei"], later, "lan@demo.example", "年假 annual leave", now)


def _steps(session: Session, cast: Cast, pool_id: int, now: datetime) -> None:
    """Requests that wait for the company, the lab, and the biosafety group."""
    ops, mei = cast["ops"], cast["mei"]
    group = create_decider_group(session, ops, None, "生物安全委员会", "Biosafety committee", now)
    for member in ("inst", "lan"):
        join_decider_group(session, ops, group, f"{member}@demo.example", now)
    create_decider_group(session, mei, cast.lab_id, "贵重样品小组", "Precious samples group", now)
    steps = (Change("company_decides", value=True), Change("group_decides", value=group))
    change_rules(session, mei, ("pool", str(pool_id)), steps, now)
    deciders = (cast["bo"], mei)
    for days, taken in ((9, 0), (10, 1), (11, 2)):
        asked = BookingRequest(
            _at(now, days, 19), _at(now, days, 21), pool_id=pool_id, company_id=cast.company_id,
            note="慢病毒转导细胞，二级生物安全 lentiviral cells, BSL-2",
        )  # fmt: skip
        booked = request_reservation(session, cast["ada"], asked, now)
        for decider in deciders[:taken]:
            approve(session, decider, booked.reservation_id, now)


def _draw(session: Session, cast: Cast, pool_id: int, now: datetime) -> None:
    """Two companies want the same hours of a day that opens fairly."""
    # Collected for a whole day, so that at any time of day there is one.
    fair = (Change("horizon_days", value=OPEN_DAYS), Change("fair_opening_minutes", value=24 * 60))
    change_rules(session, cast["mei"], ("pool", str(pool_id)), fair, now)
    for name, hour in (("ada", 10), ("cy", 11)):
        start = _at(now, OPEN_DAYS, hour)
        company_id = cast[name].parties[0].company_id
        wanted = BookingRequest(
            start, start + timedelta(hours=2), pool_id=pool_id, company_id=company_id
        )
        enter(session, cast[name], wanted, now)


def _quotas(session: Session, cast: Cast, now: datetime) -> None:
    """Limits wide enough for everybody to book what the README books."""
    for wanted in (
        QuotaWanted("person", "minutes", "week", 48 * 60),
        QuotaWanted("company", "minutes", "month", 400 * 60),
    ):
        set_quota(session, cast["mei"], ("lab", str(cast.lab_id)), wanted, now)
    several = QuotaWanted("person", "count", "future", 200)
    set_quota(session, cast["ops"], ("park", ""), several, now)


def _arrivals(session: Session, cast: Cast, asking: int, now: datetime) -> None:
    """Somebody is invited to Ada's company, somebody else waits for its admin's yes."""
    until, bo = now + timedelta(days=14), cast["bo"].user_id
    session.add(
        CompanyDomain(
            company_id=cast.company_id, domain="anhe.example", mode="ask", set_at=now, set_by_id=bo
        )
    )
    common: dict[str, Any] = {
        "company_id": cast.company_id, "created_at": now, "sent_at": now, "expires_at": until,
    }  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"email": "zhao@anhe.example", "name": "赵敏 Zhao Min", "roles": "member booker",
         "created_by_id": bo, "needs_yes": 0, "source": "admin", "asked_at": None,
         "person_id": None, "made_person": 0},
        {"email": "he@anhe.example", "name": "何平 He Ping", "roles": "member",
         "created_by_id": None, "needs_yes": 1, "source": "domain", "asked_at": now,
         "person_id": asking, "made_person": 1},
    ]  # fmt: skip
    invited = [{**common, **row, "token_hash": token_hash(new_token())} for row in rows]
    session.execute(insert(CompanyInvitation), invited)


def _import(session: Session, cast: Cast, stock: Stock, now: datetime) -> None:
    """A file that would take units out of service that people have booked."""
    pool = session.get_one(Pool, stock.pools[0])
    lab = session.get_one(Lab, cast.lab_id)
    query = select(Unit.asset_no).where(Unit.id.in_(stock.units[0][:3])).order_by(Unit.id)
    name = f"{pool.name_zh},{pool.manufacturer},{pool.model}"
    lines = ["资产编号,仪器名称,生产厂商,型号,状态,实验室"]
    for number, asset in enumerate(session.scalars(query)):
        lines.append(f"{asset},{name},{'维修' if number < 2 else '在用'},{lab.name_zh}")
    lines.append(f"ZN-2026-001,{name},在用,{lab.name_zh}")
    lines.append(f",{name},待定,{lab.name_zh}")
    content = "\n".join(lines).encode()
    options = Options("终南医科大学", site="西安生命科学园")
    upload_batch(session, cast["ops"], "设备台账-2026.csv", content, options, KEEP_IMPORT, now)


def _at(now: datetime, days: int, hour: int) -> datetime:
    day: date = now.astimezone(ZONE).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), tzinfo=ZONE)
