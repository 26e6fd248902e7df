"""Every chart: what it draws, its table, its formula, and where each part leads."""

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext as _

from booking.core.period import Period
from booking.usage.queries import live
from booking.usage.rules import drawing, formulas
from booking.usage.rules.formulas import Figures
from booking.usage.rules.ranges import weeks
from booking.usage.views import words
from booking.usage.views.parts import (
    MOST_BARS,
    Bar,
    Chart,
    Curve,
    Row,
    bars_of,
    heat_map,
    units_url,
)
from booking.usage.views.sight import Sight, grid
from booking.web.formats import DAY_NAMES, day_text
from booking.web.locale import current, named

MOST_QUEUES = 10


def trend(sight: Sight) -> Chart:
    """Return the use of open time, week by week."""
    sums = []
    for week in weeks(sight.days):
        hours = grid(sight.by_day[day] for day in week if day in sight.by_day)
        sums.append((week, sum(u for u, _o in hours), sum(o for _u, o in hours)))
    shares = [used / opened if opened else None for _week, used, opened in sums]
    end = drawing.scale_end(shares)
    points = drawing.curve(shares, end)
    labels = [_week_text(week.first.isoformat(), week.last.isoformat()) for week, _u, _o in sums]
    said = [f"{label}: {words.percent(v)}" for label, v in zip(labels, shares, strict=True)]
    line, area = drawing.paths(points)
    curve = Curve(
        list(zip(points, said, strict=True)), line, area, words.percent(end),
        day_text(sight.days.first.isoformat()), day_text(sight.days.last.isoformat()),
    )  # fmt: skip
    rows = [
        Row([label, words.hours(used), words.hours(opened), words.percent(share)],
            url_for("usage.show", **sight.asked.query(
                **{"from": week.first.isoformat(), "until": week.last.isoformat(), "days": None})))
        for label, share, (week, used, opened) in zip(labels, shares, sums, strict=True)
    ]  # fmt: skip
    known = [share for share in shares if share is not None]
    text = ""
    if known:
        text = _("Between %(least)s and %(most)s of open time was used a week.",
                 least=words.percent(min(known)), most=words.percent(max(known)))  # fmt: skip
    return Chart(
        "trend", _("Use week by week"), text, words.formula("occupancy"),
        [_("Week"), _("Hours used in opening hours"), _("Open hours"), _("Use of open time")],
        rows, curve=curve if any(known) else None,
    )  # fmt: skip


def by_hour(sight: Sight) -> Chart:
    """Return the heat map of the week: a lane a weekday, a cell an hour."""
    days: dict[int, list[tuple[int, int]]] = {n: [] for n in range(1, 8)}
    for day, hours in sight.by_day.items():
        days[day.isoweekday()].append(hours)
    lanes = {DAY_NAMES["en" if current() == "en" else "zh"][n - 1]: grid(parts)
             for n, parts in days.items()}  # fmt: skip

    def url(lane: int, hour: int) -> str:
        return url_for("usage.hour", **sight.asked.query(weekday=lane + 1, hour=hour))

    return heat_map("hours", _("When instruments are used"), _("Weekday"), lanes, url)


def by_class(sight: Sight) -> Chart | None:
    """Return the heat map of instrument classes: a lane a class, a cell an hour of the day."""
    found = sight.classes()
    if not found:
        return None
    busiest = sorted(found, key=lambda code: (-sum(u for u, _o in found[code]), code))
    shown = busiest[:MOST_BARS]
    lanes = {sight.name("category", code): found[code] for code in shown}

    def url(lane: int, hour: int) -> str:
        return url_for("usage.hour", **sight.asked.query(category=shown[lane], hour=hour))

    return heat_map("classes", _("When which class is used"), _("Instrument class"), lanes, url)


def of_kind(kind: str, title: str) -> Callable[[Sight], Chart | None]:
    """Return what draws the bars of a kind: sites, platforms …"""

    def bars(sight: Sight) -> Chart | None:
        found = sight.items(kind)
        if kind == "category":
            below = set(sight.names.below(sight.asked.filters.category))
            found = {item: sums for item, sums in found.items() if item in below}
        elif kind in dict(sight.asked.filters.items):
            return None  # there is but one
        if not found:
            return None
        return bars_of(sight, kind, str(title), found)

    return bars


def by_company(sight: Sight) -> Chart | None:
    """Return the hours each company used; what is open is nobody's."""
    found = sight.companies
    if found is None:
        return None
    used = {item: sums for item, sums in found.items() if sums.used}
    return bars_of(sight, "company", _("By company"), used, "hours")


def missed(sight: Sight) -> Chart | None:
    """Return the reservations to which nobody came, by company."""
    found = sight.companies
    if found is None:
        return None
    ranked = sorted(
        ((item, sums) for item, sums in found.items() if sums.no_shows),
        key=lambda entry: (-entry[1].no_shows, entry[0]),
    )
    most = max((sums.no_shows for _item, sums in ranked), default=0)

    def said(sums: Figures) -> str:
        rate = words.percent(formulas.no_show_rate(sums))
        return _("%(count)s of %(all)s (%(rate)s)", count=words.count(sums.no_shows),
                 all=words.count(sums.reservations), rate=rate)  # fmt: skip

    bars = [
        Bar(sight.name("company", item), said(sums), drawing.width(sums.no_shows, most),
            units_url(sight, company=item))
        for item, sums in ranked[:MOST_BARS]
    ]  # fmt: skip
    rows = [
        Row([sight.name("company", item), words.count(sums.no_shows),
             words.count(sums.reservations), words.percent(formulas.no_show_rate(sums))],
            units_url(sight, company=item))
        for item, sums in ranked
    ]  # fmt: skip
    return Chart(
        "missed", _("No-shows"), _("Companies whose people did not come most often."),
        words.formula("missed"),
        [_("Company"), _("No-shows"), _("Reservations"), _("No-show rate")], rows, bars,
        nothing=_("Nobody missed a reservation."),
    )  # fmt: skip


def waiting(sight: Sight) -> Chart:
    """Return the pools most people wait for."""
    found = live.longest_queues(sight.session, sight.where, MOST_QUEUES)
    most = max((queue.entries for queue in found), default=0)
    urls = [url_for("catalogue.pool", pool_id=queue.pool_id) for queue in found]
    bars = [
        Bar(named(q.name_zh, q.name_en),
            _("%(count)s waiting, %(hours)s h", count=q.entries, hours=words.hours(q.minutes * 60)),
            drawing.width(q.entries, most), url)
        for q, url in zip(found, urls, strict=True)
    ]  # fmt: skip
    rows = [
        Row([named(q.name_zh, q.name_en), words.count(q.entries), words.hours(q.minutes * 60),
             _days_ago(sight, q)], url)
        for q, url in zip(found, urls, strict=True)
    ]  # fmt: skip
    return Chart(
        "waiting", _("Most waited for"), _("The instruments with the longest waitlists now."),
        words.formula("waiting"),
        [_("Instrument group"), _("Waiting"), _("Hours asked for"), _("Longest wait, days")],
        rows, bars, nothing=_("Nobody is waiting."),
    )  # fmt: skip


def approvals(sight: Sight) -> Chart:
    """Return the undecided requests by their age."""
    pools = {pool.id for pool in sight.pools} if sight.asked.filters.items else None
    found = live.pending_ages(sight.session, pools, sight.now)
    steps = [0, *live.AGES]
    labels = [
        _("%(first)s to %(last)s hours", first=first, last=last)
        for first, last in zip(steps, live.AGES, strict=False)
    ] + [_("longer than %(count)s hours", count=live.AGES[-1])]
    most = max(count for count, _since in found)
    bars = [
        Bar(label, words.count(count), drawing.width(count, most))
        for label, (count, _since) in zip(labels, found, strict=True)
    ]
    rows = [
        Row([label, words.count(count)])
        for label, (count, _since) in zip(labels, found, strict=True)
    ]
    return Chart(
        "approvals", _("Waiting for a decision"), _("Undecided requests by how long they wait."),
        words.formula("approvals"), [_("Waiting for"), _("Requests")], rows,
        bars if most else [], nothing=_("No request waits for a decision."),
    )  # fmt: skip


def idle(sight: Sight) -> Chart:
    """Return how long units have not been used."""
    found = live.idle_units(sight.session, sight.where, sight.until)
    steps = live.IDLE_STEPS
    labels = [_("used within %(count)s days", count=steps[0])]
    labels += [
        _("not for %(first)s to %(last)s days", first=first, last=last)
        for first, last in zip(steps, steps[1:], strict=False)
    ]
    labels.append(_("not for %(count)s days, or never", count=steps[-1]))
    ends = [*steps[1:], None]
    urls = [None] + [
        units_url(sight, idle=least, idle_until=most)
        for least, most in zip(steps, ends, strict=True)
    ]
    most = max(found, default=0)
    lines = list(zip(labels, found, urls, strict=True))
    return Chart(
        "idle", _("Idle units"), _("Units by how long ago they were last used."),
        words.formula("idle"), [_("Last use"), _("Units")],
        [Row([label, words.count(n)], url) for label, n, url in lines],
        [Bar(label, words.count(n), drawing.width(n, most), url) for label, n, url in lines]
        if most else [],
        nothing=_("No units yet."),
    )  # fmt: skip


def _days_ago(sight: Sight, queue: live.Queue) -> str:
    waited = Period(queue.since, sight.now) if queue.since < sight.now else None
    return words.count(waited.length.days if waited else 0)


def _week_text(first: str, last: str) -> str:
    return day_text(first) if first == last else f"{day_text(first)} – {day_text(last)}"
