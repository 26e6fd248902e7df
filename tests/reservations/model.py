"""A model that knows who holds what: requests, moves, decisions, cancels, closures at random."""

import contextlib
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select

from booking.approvals.services.deciding import approve, reject
from booking.core.errors import Conflict, WrongState
from booking.core.period import Period, merge
from booking.infra.db import db, write
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.reservations import open_change
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.dealing import Dealing
from booking.reservations.rules.life import Move
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.closing import close_unit
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import request_reservation
from tests import apps, databases
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import at

WARMUP = 30  # minutes; clean-up is none, so blocks are [start − 30, end)
HOURS = st.integers(0, 12)
LENGTHS = st.integers(1, 4)
KEEP = Dealing(rest="keep")


class Truth(RuleBasedStateMachine):
    """The model: what each unit holds, as blocks by owner; written down without the database."""

    template: Path
    steps = 0  # of all stories

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="booking-model-"))
        self.app = apps.lend(self.url(), {}, self.folder)
        self.context = self.app.app_context()
        self.context.push()
        people = cast(db.session())
        people.confocal.warmup_minutes = WARMUP
        db.session.commit()
        self.pool = people.confocal.id
        self.units = [unit.id for unit in people.confocal_units]
        self.ada, self.mei = actor(people.ada), actor(people.mei)
        self.held = {unit: {} for unit in self.units}  # unit -> owner -> blocks
        self.live = {}  # reservation -> (period, quantity, status)

    def url(self):
        """Return where an empty migrated database is."""
        return databases.sqlite_copy(self.template, self.folder)

    def teardown(self):
        db.session.remove()
        self.context.pop()
        apps.give_back(self.app)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what the model says --------------------------------------------------------

    def free(self, period, apart_from=()):
        block = period.widened(WARMUP, 0)
        return [
            unit
            for unit in self.units
            if not any(
                taken.overlaps(block)
                for owner, blocks in self.held[unit].items()
                if owner not in apart_from
                for taken in blocks
            )
        ]

    def write_down(self, owner, column):
        """Note what the service says it holds for `owner`."""
        for blocks in self.held.values():
            blocks.pop(owner, None)
        rows = db.session.execute(
            select(Allocation.unit_id, Allocation.block_start, Allocation.block_end).where(
                column == owner[1], Allocation.active == 1
            )
        ).all()
        for unit, start, end in rows:
            self.held[unit].setdefault(owner, []).append(Period(start, end))
        db.session.rollback()

    def make_room(self, newcomer):
        """Note that others were moved to let `newcomer` in; only what is provisional may move."""
        rows = db.session.execute(
            select(
                Allocation.unit_id, Allocation.kind, Allocation.pinned, Allocation.block_start,
                Allocation.block_end, Allocation.reservation_id, Allocation.hold_id,
                Allocation.closure_id,
            ).where(Allocation.active == 1)
        ).all()  # fmt: skip
        db.session.rollback()
        before, self.held = self.held, {unit: {} for unit in self.units}
        known = {owner for blocks in before.values() for owner in blocks}
        fixed = set()
        for row in rows:
            owner = (row.kind, row.reservation_id or row.hold_id or row.closure_id)
            block = Period(row.block_start, row.block_end)
            self.held[row.unit_id].setdefault(owner, []).append(block)
            if row.pinned or row.kind != "reservation":
                fixed.add(owner)
        for unit in self.units:
            for owner in (fixed & known) - set(newcomer):
                assert self.held[unit].get(owner) == before[unit].get(owner), f"{owner} was moved"

    def catch_up(self):
        """Note what the service did by itself in the last step."""

    def forget(self, *owners):
        for blocks in self.held.values():
            for owner in owners:
                blocks.pop(owner, None)

    def covered(self, period, reservation, hold):
        """Return on how many units the reservation and its hold together cover `period`."""
        owners = (("reservation", reservation), ("hold", hold))
        return sum(
            any(
                part.contains(period.widened(WARMUP, 0))
                for part in merge(b for owner in owners for b in self.held[unit].get(owner, ()))
            )
            for unit in self.units
        )

    # --- what people do -------------------------------------------------------------

    @initialize(starts=st.lists(HOURS, min_size=2, max_size=2), named=st.booleans())
    def begin_with_what_was_approved(self, starts, named):
        """Changes of approved times are the tangled part: let every story have some."""
        for start in starts:
            period = Period(at(start), at(start + 2))
            if self.units[0] in self.free(period):
                self._book(
                    self.ada, period, expected=True, unit_id=self.units[0] if named else None
                )
                made = max(self.live)
                write(lambda s, made=made: approve(s, self.mei, made, NOW))
                self.live[made] = (period, 1, "approved")

    @rule(start=HOURS, hours=LENGTHS, quantity=st.integers(1, 3), by_manager=st.booleans())
    def book_any(self, start, hours, quantity, by_manager):
        period = Period(at(start), at(start + hours))
        expected = len(self.free(period)) >= quantity
        self._book(self.mei if by_manager else self.ada, period, expected, quantity=quantity)

    @rule(start=HOURS, hours=LENGTHS, unit=st.integers(0, 2))
    def book_named(self, start, hours, unit):
        period = Period(at(start), at(start + hours))
        expected = self.units[unit] in self.free(period)
        self._book(self.ada, period, expected, unit_id=self.units[unit])

    def _book(self, who, period, expected, quantity=1, unit_id=None):
        pool_id = None if unit_id else self.pool
        request = BookingRequest(
            period.start, period.end, pool_id=pool_id, unit_id=unit_id, quantity=quantity
        )
        try:
            made = write(lambda s: request_reservation(s, who, request, NOW)).reservation_id
        except Conflict:
            assert not expected, f"{period} was free"
            return
        status = "approved" if who is self.mei else "pending"
        self.live[made] = (period, quantity, status)
        if expected:
            self.write_down(("reservation", made), Allocation.reservation_id)
        else:
            self.make_room([("reservation", made)])

    @precondition(lambda self: self.live)
    @rule(data=st.data(), start=HOURS, hours=LENGTHS)
    def move_one(self, data, start, hours):
        chosen = data.draw(st.sampled_from(sorted(self.live)))
        row = db.session.get(Reservation, chosen)
        named = bool(row.named_unit)
        hold = open_change(db.session(), chosen)
        own = [("reservation", chosen), *([("hold", hold.id)] if hold else [])]
        db.session.rollback()
        period = Period(at(start), at(start + hours))
        old, quantity, status = self.live[chosen]
        free = self.free(period, own)
        if named:
            free = [u for u in free if ("reservation", chosen) in self.held[u]]
        expected = len(free) >= quantity or period == old
        change = Change(start=period.start, end=period.end)
        try:
            how = write(lambda s: move(s, self.ada_or_mei(chosen), chosen, None, change, NOW))
        except Conflict:
            assert not expected, f"{period} was free"
            return
        if how is None:
            return
        if not expected:
            self.make_room(own)
        self.forget(*own)
        self.write_down(("reservation", chosen), Allocation.reservation_id)
        if how is Move.REQUEST:
            hold = open_change(db.session(), chosen)
            self.write_down(("hold", hold.id), Allocation.hold_id)
            assert self.covered(period, chosen, hold.id) >= quantity
        else:
            self.live[chosen] = (period, quantity, status)

    def ada_or_mei(self, chosen):
        owner = db.session.get(Reservation, chosen).user_id
        db.session.rollback()
        return self.ada if owner == self.ada.user_id else self.mei

    @precondition(lambda self: self.live)
    @rule(data=st.data(), yes=st.booleans())
    def decide(self, data, yes):
        chosen = data.draw(st.sampled_from(sorted(self.live)))
        period, quantity, status = self.live[chosen]
        hold = open_change(db.session(), chosen)
        wanted = Period(hold.start_at, hold.end_at) if hold else None
        db.session.rollback()
        with contextlib.ExitStack() as stack:
            if status == "approved" and hold is None:
                stack.enter_context(pytest.raises(WrongState))
            if yes:
                write(lambda s: approve(s, self.mei, chosen, NOW))
            else:
                write(lambda s: reject(s, self.mei, chosen, "no", NOW))
        if hold:
            self.forget(("hold", hold.id))
        if status == "pending" and not yes:
            del self.live[chosen]
            self.forget(("reservation", chosen))
        elif status == "pending":
            self.live[chosen] = (period, quantity, "approved")
        elif hold and yes:
            self.live[chosen] = (wanted, quantity, "approved")
            self.write_down(("reservation", chosen), Allocation.reservation_id)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def cancel_one(self, data):
        chosen = data.draw(st.sampled_from(sorted(self.live)))
        hold = open_change(db.session(), chosen)
        db.session.rollback()
        write(lambda s: cancel(s, self.mei, chosen, "model", NOW))
        del self.live[chosen]
        self.forget(("reservation", chosen), *([("hold", hold.id)] if hold else []))

    @rule(start=HOURS, hours=LENGTHS, unit=st.integers(0, 2))
    def close(self, start, hours, unit):
        period = Period(at(start), at(start + hours))
        unit = self.units[unit]
        taken = [b for blocks in self.held[unit].values() for b in blocks if b.overlaps(period)]
        covered = sum((min(b.end, period.end) - max(b.start, period.start) for b in taken),
                      start=timedelta())  # fmt: skip
        try:
            closed = write(lambda s: close_unit(s, self.mei, unit, period, "fault", "", NOW, KEEP))
        except Conflict:
            assert covered == period.length, "there was something left to close"
            return
        assert covered < period.length
        self.write_down(("closure", closed.closure_id), Allocation.closure_id)

    # --- what must always hold ------------------------------------------------------

    @invariant()
    def nothing_is_broken(self):
        assert broken(db.session(), NOW) == {}
        db.session.rollback()

    @invariant()
    def the_database_holds_what_the_model_holds(self):
        type(self).steps += 1
        self.catch_up()
        rows = db.session.execute(
            select(Allocation.unit_id, Allocation.block_start, Allocation.block_end).where(
                Allocation.active == 1
            )
        ).all()
        db.session.rollback()
        known = [
            (unit, block.start, block.end)
            for unit in self.units
            for blocks in self.held[unit].values()
            for block in blocks
        ]
        assert sorted(map(tuple, rows)) == sorted(known)
        for reservation, (period, quantity, _) in self.live.items():
            owner = ("reservation", reservation)
            blocks = [self.held[unit][owner] for unit in self.units if owner in self.held[unit]]
            assert blocks == [[period.widened(WARMUP, 0)]] * quantity
