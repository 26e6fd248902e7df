"""What the catalogue offers for narrowing: tick boxes, the way through the classes, chips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from booking.inventory.forms.criteria import Search, kept
from booking.inventory.queries.cards import Named
from booking.inventory.queries.catalogue import FacetNames, Found
from booking.web.formats import period_text
from booking.web.locale import named

K = TypeVar("K", int, str)
Changes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Option:
    """A tick box: what it sends, its label, how many pools it would leave, whether it is set."""

    value: str
    label: str
    count: int | None
    on: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another search."""

    label: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Classes:
    """The way through the classification: back up, where one is, the classes below."""

    above: list[Link]
    here: str | None
    below: list[Link]


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything the list can be narrowed by."""

    classes: Classes
    platforms: list[Option]
    sites: list[Option]
    institutions: list[Option]
    states: list[Option]
    favourites: list[Option]


def address(changes: Changes) -> str:
    """Return this search's address with some parts replaced; None drops a part, any the page."""
    args = kept(request.args)
    for name, value in changes.items():
        if value is None:
            args.poplist(name)
        else:
            args[name] = value
    return _url(args)


def choices(found: Found, names: FacetNames, search: Search) -> Choices:
    """Return what can be ticked, most frequent first, what is ticked even where it finds none."""
    facets, chosen = found.facets, search.criteria.chosen
    return Choices(
        classes=_classes(found, names.categories, search.category),
        platforms=_options(facets.platforms, names.platforms, chosen.platforms),
        sites=_options(facets.sites, names.sites, chosen.sites),
        institutions=_options(facets.institutions, names.institutions, chosen.institutions),
        states=[
            Option(
                "in_service", gettext("Has a unit in service"), facets.in_service, chosen.in_service
            ),
        ],
        favourites=[Option("1", gettext("My favourites"), None, search.criteria.favourites)],
    )


def chips(search: Search, choices: Choices) -> list[Link]:
    """Return a link for each part of the search but the words; each drops its part."""
    links = []
    if choices.classes.here is not None:
        links.append(Link(choices.classes.here, address({"category": None})))
    ticked = {
        "platform": choices.platforms,
        "site": choices.sites,
        "institution": choices.institutions,
        "state": choices.states,
        "favourite": choices.favourites,
    }
    for name, options in ticked.items():
        links += [Link(o.label, _without(name, o.value)) for o in options if o.on]
    if search.criteria.period is not None:
        text = gettext("Free %(when)s", when=period_text(search.criteria.period, search.zone))
        links.append(Link(text, address({"free_from": None, "free_to": None})))
    return links


def _classes(found: Found, names: Mapping[str, Named], category: str | None) -> Classes:
    path = found.category_paths.get(category or "", ())
    above = [Link(gettext("All classes"), address({"category": None}))] if path else []
    above += [Link(_name(names, code), address({"category": code})) for code in path[:-1]]
    counts = found.facets.categories
    below = [
        Link(_name(names, code), address({"category": code}), count)
        for code, count in _by_count(counts, names)
        if found.category_paths[code][:-1] == path
    ]
    return Classes(above, _name(names, path[-1]) if path else None, below)


def _options(
    counts: Mapping[int, int], names: Mapping[int, Named], ticked: frozenset[int]
) -> list[Option]:
    options = [
        Option(str(key), _name(names, key), count, key in ticked)
        for key, count in _by_count(counts, names)
    ]
    gone = sorted(key for key in ticked if key not in counts and key in names)
    return options + [Option(str(key), _name(names, key), 0, on=True) for key in gone]


def _by_count(counts: Mapping[K, int], names: Mapping[K, Named]) -> list[tuple[K, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], _name(names, item[0])))


def _name(names: Mapping[K, Named], key: K) -> str:
    found = names.get(key)
    return named(found.zh, found.en) if found else str(key)


def _without(name: str, value: str) -> str:
    args = kept(request.args)
    rest = [one for one in args.poplist(name) if one != value]
    for one in rest:
        args.add(name, one)
    return _url(args)


def _url(args: MultiDict[str, str]) -> str:
    return url_for("catalogue.pools", **args.to_dict(flat=False))  # type: ignore[arg-type]
