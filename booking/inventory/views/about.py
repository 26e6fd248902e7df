"""The facts listed on the pages of a pool and a unit, and the way up from them."""

from flask import url_for
from flask_babel import gettext

from booking.inventory.queries.cards import Named, PoolCard
from booking.inventory.queries.pools import UnitNow
from booking.web.locale import named

Pairs = list[tuple[str, str]]


def pool_facts(card: PoolCard) -> Pairs:
    """Return whose the pool is and where, without what is not known."""
    return _known(
        [
            (gettext("Institution"), _text(card.institution)),
            (gettext("Lab"), _text(card.lab)),
            (gettext("Site"), _text(card.site)),
            (gettext("Platform"), _text(card.platform)),
            (gettext("Class"), _text(card.category)),
            (gettext("Maker"), card.manufacturer),
            (gettext("Model"), card.model),
        ]
    )


def unit_facts(unit: UnitNow, card: PoolCard) -> Pairs:
    """Return what tells the unit from others and where it stands."""
    return _known(
        [
            (gettext("Asset number"), unit.asset_no),
            (gettext("Serial number"), unit.serial),
            (gettext("Building"), _text(unit.building)),
            (gettext("Room"), unit.room),
            (gettext("Place"), unit.place),
            (gettext("Site"), _text(card.site)),
            (gettext("Lab"), _text(card.lab)),
            (gettext("Institution"), _text(card.institution)),
            (gettext("In use since"), unit.commissioned_on or ""),
            (gettext("Customs"), gettext("under customs supervision"))
            if unit.customs_supervised
            else ("", ""),
        ]
    )


def crumbs_of_pool(card: PoolCard) -> Pairs:
    """Return the pages above a pool's: the catalogue, its class."""
    crumbs = [(gettext("Catalogue"), url_for("catalogue.pools"))]
    if card.category is not None and card.category_code is not None:
        url = url_for("catalogue.pools", category=card.category_code)
        crumbs.append((_text(card.category), url))
    return crumbs


def crumbs_of_unit(card: PoolCard) -> Pairs:
    """Return the pages above a unit's: those above its pool's, and its pool's."""
    return [
        *crumbs_of_pool(card),
        (_text(card.name), url_for("catalogue.pool", pool_id=card.pool_id)),
    ]


def _known(pairs: Pairs) -> Pairs:
    return [(what, text) for what, text in pairs if text]


def _text(name: Named | None) -> str:
    return named(name.zh, name.en) if name else ""
