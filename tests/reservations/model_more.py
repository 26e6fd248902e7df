"""The model with series, bundles, short holds and waiting: what it adds to who holds what."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select

from booking.core.errors import Conflict, WrongState
from booking.core.period import Period
from booking.infra.db import db, write
from booking.reservations.models import Allocation, Hold, Reservation, WaitlistEntry
from booking.reservations.rules.groups import BundleWanted, Scope, SeriesWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.rules.waiting import MOST_WAITING, Wish
from booking.reservations.services.bundles import make_bundle
from booking.reservations.services.group_changes import cancel_group
from booking.reservations.services.kept import give_back
from booking.reservations.services.requesting import request_reservation
from booking.reservations.services.series import make_series
from booking.reservations.services.short_holds import MOST_HOLDS, keep_slot
from booking.reservations.services.waiting import accept, decline, join, leave
from tests.conftest import NOW
from tests.reservations.model import HOURS, LENGTHS, Truth
from tests.reservations.steps import at

TWO_DAYS = parse_rule("FREQ=DAILY;COUNT=2")
A_DAY = timedelta(days=1)
UNITS = st.integers(0, 2)


class WholeTruth(Truth):
    """Groups, short holds and the queue too. Whoever waits, waits for one slot exactly."""

    def __init__(self):
        super().__init__()
        self.kept = {}  # short hold -> period, of Ada's
        self.waiting = {}  # entry -> period, of Ada's
        self.offered = {}  # entry -> (period, hold)
        self.groups = {}  # group -> its reservations

    # --- series and bundles ---------------------------------------------------------

    @rule(start=HOURS, hours=LENGTHS, by_manager=st.booleans())
    def book_series(self, start, hours, by_manager):
        first = Period(at(start), at(start + hours))
        parts = [first, first.shifted(A_DAY)]
        who = self.mei if by_manager else self.ada
        request = BookingRequest(first.start, first.end, pool_id=self.pool)
        wanted = SeriesWanted(request, TWO_DAYS)
        expected = all(self.free(part) for part in parts)
        self._book_group(who, parts, expected, lambda s: make_series(s, who, wanted, NOW))

    @rule(start=HOURS, hours=LENGTHS, one=UNITS, other=UNITS)
    def book_bundle(self, start, hours, one, other):
        period = Period(at(start), at(start + hours))
        units = [self.units[one], self.units[other]]
        free = self.free(period)
        requests = tuple(BookingRequest(period.start, period.end, unit_id=unit) for unit in units)
        expected = one != other and all(unit in free for unit in units)
        self._book_group(
            self.mei, [period, period], expected,
            lambda s: make_bundle(s, self.mei, BundleWanted(requests), NOW),
        )  # fmt: skip

    def _book_group(self, who, periods, expected, make):
        try:
            made = write(make).group_id
        except Conflict:
            assert not expected, f"{periods} were free"
            return
        ids = db.session.scalars(
            select(Reservation.id)
            .where(Reservation.group_id == made)
            .order_by(Reservation.group_position)
        ).all()
        db.session.rollback()
        assert len(ids) == len(periods)
        self.groups[made] = list(ids)
        status = "approved" if who is self.mei else "pending"
        self.live |= {one: (part, 1, status) for one, part in zip(ids, periods, strict=True)}
        if expected:
            for one in ids:
                self.write_down(("reservation", one), Allocation.reservation_id)
        else:
            self.make_room([("reservation", one) for one in ids])

    @precondition(lambda self: self.groups)
    @rule(data=st.data())
    def cancel_all(self, data):
        chosen = data.draw(st.sampled_from(sorted(self.groups)))
        members = [one for one in self.groups.pop(chosen) if one in self.live]
        holds = db.session.scalars(
            select(Hold.id).where(Hold.reservation_id.in_(members), Hold.released_at.is_(None))
        ).all()
        db.session.rollback()
        if not members:
            return
        ended = write(lambda s: cancel_group(s, self.mei, chosen, None, Scope.ALL, "model", NOW))
        assert ended == len(members)
        for one in members:
            del self.live[one]
        self.forget(*(("reservation", one) for one in members), *(("hold", one) for one in holds))

    # --- short holds ----------------------------------------------------------------

    @rule(start=HOURS, hours=LENGTHS)
    def keep(self, start, hours):
        period = Period(at(start), at(start + hours))
        request = BookingRequest(period.start, period.end, pool_id=self.pool)
        try:
            made = write(lambda s: keep_slot(s, self.ada, request, NOW))
        except Conflict:
            assert not self.free(period), f"{period} was free"
            return
        except WrongState as refusal:
            assert (refusal.code, len(self.kept)) == ("too_many_holds", MOST_HOLDS)  # noqa: PT017
            return
        assert len(self.kept) < MOST_HOLDS
        assert set(made.unit_ids) <= set(self.free(period))
        self.kept[made.hold_id] = period
        self.write_down(("hold", made.hold_id), Allocation.hold_id)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def let_go(self, data):
        chosen = data.draw(st.sampled_from(sorted(self.kept)))
        write(lambda s: give_back(s, self.ada, chosen, NOW))
        del self.kept[chosen]
        self.forget(("hold", chosen))

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def book_what_is_kept(self, data):
        chosen = data.draw(st.sampled_from(sorted(self.kept)))
        period = self.kept.pop(chosen)
        request = BookingRequest(period.start, period.end, pool_id=self.pool, hold_id=chosen)
        made = write(lambda s: request_reservation(s, self.ada, request, NOW)).reservation_id
        self.forget(("hold", chosen))
        self.live[made] = (period, 1, "pending")
        self.write_down(("reservation", made), Allocation.reservation_id)

    # --- waiting --------------------------------------------------------------------

    @rule(start=HOURS, hours=LENGTHS)
    def wait(self, start, hours):
        period = Period(at(start), at(start + hours))
        wish = Wish("offer", period.start, period.end, period.minutes, pool_id=self.pool)
        same = period in self.waiting.values() or period in (p for p, _ in self.offered.values())
        full = len(self.waiting) + len(self.offered) >= MOST_WAITING
        try:
            entry = write(lambda s: join(s, self.ada, wish, NOW))
        except WrongState as refusal:
            assert same or full, refusal  # noqa: PT017
            return
        assert not same
        assert not full
        self.waiting[entry] = period

    @precondition(lambda self: self.offered)
    @rule(data=st.data())
    def take(self, data):
        chosen = data.draw(st.sampled_from(sorted(self.offered)))
        period, hold = self.offered.pop(chosen)
        made = write(lambda s: accept(s, self.ada, chosen, NOW))
        self.forget(("hold", hold))
        self.live[made] = (period, 1, "pending")
        self.write_down(("reservation", made), Allocation.reservation_id)

    @precondition(lambda self: self.offered)
    @rule(data=st.data())
    def turn_down(self, data):
        chosen = data.draw(st.sampled_from(sorted(self.offered)))
        _, hold = self.offered.pop(chosen)
        write(lambda s: decline(s, self.ada, chosen, NOW))
        self.forget(("hold", hold))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def wait_no_more(self, data):
        chosen = data.draw(st.sampled_from(sorted(self.waiting)))
        write(lambda s: leave(s, self.ada, chosen, NOW))
        del self.waiting[chosen]

    def catch_up(self):
        """Note the offers made in the last step, each of time that was free."""
        rows = db.session.execute(
            select(WaitlistEntry.id, WaitlistEntry.hold_id)
            .where(WaitlistEntry.state == "offered")
            .order_by(WaitlistEntry.id)
        ).all()
        db.session.rollback()
        for entry, hold in rows:
            if entry in self.offered:
                continue
            period = self.waiting.pop(entry)
            owner = ("hold", hold)
            if not any(owner in blocks for blocks in self.held.values()):
                assert self.free(period), f"{period} was offered and is taken"
                self.write_down(owner, Allocation.hold_id)
            self.offered[entry] = (period, hold)
        assert {entry for entry, _ in rows} == set(self.offered)

    @invariant()
    def whoever_waits_waits_for_what_is_taken(self):
        self.catch_up()
        for period in self.waiting.values():
            assert not self.free(period), f"{period} is free, and somebody waits for it"
