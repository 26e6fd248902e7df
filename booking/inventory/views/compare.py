"""Two to four instruments side by side; which, stands in the address."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for
from flask_babel import gettext as _

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.cards import Named, PoolCard, cards
from booking.inventory.queries.comparing import Further, compared
from booking.inventory.rules.sharing import is_insider
from booking.inventory.views.catalogue import blueprint
from booking.policies.rules.values import PoolRules
from booking.reservations.queries.asking import Booker, rules_for_all
from booking.reservations.queries.choosing import chosen_pools
from booking.reservations.queries.facts import PoolFacts, pool_facts
from booking.reservations.queries.person import PersonFacts
from booking.web import login
from booking.web.access import signed_in
from booking.web.acting import acting
from booking.web.arguments import id_of
from booking.web.level_words import level_text
from booking.web.locale import named
from booking.web.wording import approval_text, rule_lines

FEWEST, MOST = 2, 4
NONE = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """One pool with all it is compared by; `level`: what the reader may operate it at."""

    card: PoolCard
    facts: PoolFacts
    further: Further
    rules: PoolRules
    lines: dict[str, str]
    approval: str
    level: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; `differs`: its cells do not all say the same."""

    label: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Return whether any cell says something else."""
        return len(set(self.cells)) > 1


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that belong together, under a heading."""

    title: str
    rows: tuple[Row, ...]


@blueprint.get("/compare")
@signed_in
def compare() -> str:
    """Show pools side by side: `?pools=1,2,3`. The same queries whatever the park's size."""
    who, now, session = login.actor(), clock.now(), db.session()
    asked = _asked()
    seen = chosen_pools(session, who, asked, now)
    ids = [key for key in asked if key in seen][:MOST]
    columns = _columns(who, ids, now)
    return render_template(
        "inventory/compare.html", columns=columns, now=now,
        parts=_parts(columns) if len(columns) >= FEWEST else [],
        left_out=len(asked) - len([key for key in asked if key in seen]),
        too_many=max(0, len(seen) - MOST), most=MOST,
        without=[_address(key for key in ids if key != column.card.pool_id) for column in columns],
    )  # fmt: skip


def _asked() -> list[int]:
    """Return the ids in the address, each once: after commas, or a `pools` each."""
    texts = ",".join(request.args.getlist("pools")).split(",")[:20]
    return list(dict.fromkeys(key for text in texts if (key := id_of(text.strip()))))


def _address(ids: Iterable[int]) -> str:
    return url_for("catalogue.compare", pools=",".join(map(str, ids)))


def _columns(who: Actor, ids: list[int], now: datetime) -> list[Column]:
    session = db.session()
    facts, further = pool_facts(session, ids), compared(session, ids)
    person = PersonFacts(session, who.user_id, now)
    booker = Booker(who.user_id, acting(who))
    rules = rules_for_all(session, person, [facts[key] for key in ids], booker)
    return [
        _column(who, card, facts[card.pool_id], further[card.pool_id], rules[card.pool_id], person)
        for card in cards(session, who, ids, now)
    ]


def _column(
    who: Actor,
    card: PoolCard,
    facts: PoolFacts,
    further: Further,
    rules: PoolRules,
    person: PersonFacts,
) -> Column:
    insider = is_insider(who, facts.institution_id, facts.lab_id)
    lines = rule_lines(facts, insider=insider, units=card.units, rules=rules)
    decides = may(who, "reservation.decide", facts.subject())
    held = person.qualified(facts.place) if _needed(rules) else ()
    return Column(
        card, facts, further, rules, dict(lines), approval_text(facts, [], decides=decides),
        max((one.level for one in held), default=0),
    )  # fmt: skip


def _needed(rules: PoolRules) -> int:
    return max(rules.level.value, rules.off_hours_level.value)


def _parts(columns: Sequence[Column]) -> list[Part]:
    def row(label: str, cell: Callable[[Column], str]) -> Row:
        return Row(label, tuple(cell(column) or NONE for column in columns))

    what = [
        row(_("Class"), lambda c: _text(c.card.category)),
        row(_("Maker"), lambda c: c.card.manufacturer),
        row(_("Model"), lambda c: c.card.model),
        row(_("Platform"), lambda c: _text(c.card.platform)),
        row(_("Institution"), lambda c: _text(c.card.institution)),
        row(_("Lab"), lambda c: _text(c.card.lab)),
        row(_("Site"), lambda c: _text(c.card.site)),
        row(_("Room"), _rooms),
        row(_("Units in service"), lambda c: f"{c.card.in_service} / {c.card.units}"),
        row(_("Contact"), lambda c: _(", ").join(c.further.people)),
    ]
    rules = [
        row(_("Qualification"), _qualification),
        row(_("Approval"), lambda c: c.approval),
        *(row(label, lambda c, name=label: c.lines.get(name, ""))  # type: ignore[misc]
          for label in _names(c.lines for c in columns)),
    ]  # fmt: skip
    specifications = [
        row(name or _("Further"), lambda c, name=name: c.further.specifications.get(name, ""))  # type: ignore[misc]
        for name in _names(c.further.specifications for c in columns)
    ]
    parts = [
        Part(_("What it is"), tuple(what)), Part(_("Booking rules"), tuple(rules)),
        Part(_("Specifications"), tuple(specifications)),
    ]  # fmt: skip
    return [part for part in parts if part.rows]


def _names(tables: Iterable[dict[str, str]]) -> list[str]:
    """Return the keys of all tables, each once, in the order they first come."""
    return list(dict.fromkeys(key for table in tables for key in table))


def _rooms(column: Column) -> str:
    return _(", ").join(f"{_text(building)} {room}" for building, room in column.further.rooms)


def _qualification(column: Column) -> str:
    needed = _needed(column.rules)
    if not needed:
        return _("not needed")
    if column.level >= needed:
        return _("needed: %(level)s; you have it", level=level_text(needed))
    return _(
        "needed: %(level)s; you have %(own)s", level=level_text(needed),
        own=level_text(column.level),
    )  # fmt: skip


def _text(name: Named | None) -> str:
    return named(name.zh, name.en) if name else ""
