"""Planted defects of calendars that programs fetch."""

from tests.mutant import Mutant

FEEDS = "tests/feeds/test_feeds.py"
READING = "booking/feeds/views/reading.py"
ICS = "tests/infra/test_ics.py"

FED = (
    Mutant(
        name="a feed outlives the membership",
        file=READING,
        old="    names = require_scope(session, actor, scope, now)\n",
        new='    names = ("", "")\n',
        tests=(f"{FEEDS}::test_a_feed_stops_with_the_membership",),
        promise="a feed tells what its owner may read at that moment",
    ),
    Mutant(
        name="a feed's entries are not scoped to its owner",
        file="booking/feeds/queries/entries.py",
        old="where(_of(actor, scope, during), seen_by(actor), *meets, part)",
        new="where(_of(actor, scope, during), *meets, part)",
        tests=(f"{FEEDS}::test_a_unit_says_occupied_of_what_is_hidden_from_the_reader",),
        promise="no tenant sees another's",
    ),
    Mutant(
        name="a revoked feed goes on",
        file="booking/feeds/queries/feeds.py",
        old="        .where(CalendarFeed.revoked_at.is_(None), User.retired_at.is_(None))\n",
        new="        .where(User.retired_at.is_(None))\n",
        tests=(f"{FEEDS}::test_a_feed_stops_when_it_is_renewed_revoked_or_its_owner_leaves",),
        promise="a revoked address answers no more",
    ),
    Mutant(
        name="a feed's secret is stored as it is",
        file="booking/feeds/services/feeds.py",
        old="        token_hash=token_hash(token), created_at=now, renewed_at=now,\n",
        new="        token_hash=token, created_at=now, renewed_at=now,\n",
        tests=(f"{FEEDS}::test_the_secret_is_kept_as_a_hash_alone",),
        promise="who reads the database learns no address",
    ),
    Mutant(
        name="a feed is fetched without bound",
        file=READING,
        old="    limits.count_feed(row.id)\n",
        new="",
        tests=(f"{FEEDS}::test_a_feed_is_fetched_so_often_and_no_more",),
        promise="one address cannot keep the server busy",
    ),
    Mutant(
        name="finance reads who has booked",
        file="booking/feeds/views/words.py",
        old='may(reader, "reservation.read_note", found.subject)',
        new='may(reader, "reservation.read", found.subject)',
        tests=(f"{FEEDS}::test_a_company_feed_names_people_to_who_may_know",),
        promise="people are named to who may read the details",
    ),
    Mutant(
        name="a name breaks out of its line",
        file="booking/infra/ics.py",
        old='    return "".join(c for c in text if c.isprintable())\n',
        new="    return text\n",
        tests=(f"{ICS}::test_whatever_a_name_holds_it_stays_a_name",),
        promise="names cannot write calendar lines",
    ),
    Mutant(
        name="the onset of summer time is told by the new clock",
        file="booking/infra/zones_ics.py",
        old="        onset = (moment + before).replace(tzinfo=None)\n",
        new="        onset = moment.astimezone(zone).replace(tzinfo=None)\n",
        tests=(f"{ICS}::test_local_times_are_read_back_as_the_same_instants",),
        promise="feeds read back give the same times",
    ),
    Mutant(
        name="a rule that means no day is looked for without end",
        file="booking/infra/repeats_ics.py",
        old="        if self.left < 0:\n",
        new="        if self.left is None:\n",
        tests=("tests/infra/test_calendar_read.py::test_no_entry_keeps_a_process_busy",),
        promise="no file keeps a process busy",
    ),
    Mutant(
        name="others are told when somebody is busy",
        file="booking/feeds/queries/busy.py",
        old="        .where(BusyTime.user_id == actor.user_id)\n",
        new="        .where(BusyTime.user_id > 0)\n",
        tests=("tests/feeds/test_busy.py::test_busy_times_are_a_hint_where_one_books",),
        promise="busy times are their owner's alone",
    ),
    Mutant(
        name="any token opens the calendars of any address",
        file="booking/feeds/views/dav.py",
        old=' and person.email == (given.username or "").strip().lower()\n',
        new="\n",
        tests=("tests/feeds/test_dav.py::test_whoever_is_not_proven_is_told_nothing",),
        promise="a token is its person's",
    ),
    Mutant(
        name="a calendar of CalDAV is anybody's",
        file="booking/feeds/views/dav.py",
        old="    if scope is None or scope not in scopes_of(reader.actor):\n",
        new="    if scope is None:\n",
        tests=(
            "tests/feeds/test_dav.py::test_a_calendar_is_there_for_who_may_read_it_and_as_long",
        ),
        promise="foreign looks like missing",
        also=(
            (
                "booking/feeds/queries/feeds.py",
                "    if not may_read(actor, scope):\n",
                "    if not scope:\n",
            ),
        ),
    ),
    Mutant(
        name="a document type is read",
        file="booking/infra/xml_read.py",
        old='        raise NotXml("a document type")\n',
        new="        return\n",
        tests=("tests/feeds/test_dav.py::test_hostile_documents_are_refused",),
        promise="no entity of a stranger is expanded",
    ),
)
